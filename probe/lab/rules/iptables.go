package rules

import (
	"bytes"
	"strings"
)

// LargeCluster is the number of endpoints above which kube-proxy leaves the
// comments of per-endpoint rules out.
const LargeCluster = 1000

// masqueradeMark is bit 14, kube-proxy's default.
const masqueradeMark = "0x00004000"

// IPTables writes iptables-restore input (for --noflush --counters) that turns
// what is programmed into what is wanted.
//
// It is what kube-proxy writes, with three differences: the jumps from the
// built-in chains are part of the first input, where kube-proxy inserts them
// one command at a time; stale chains are removed without asking iptables-save
// for them; KUBE-SERVICES keeps the order of the Services, where kube-proxy's
// is random at every sync. rulesPerPort 2 gives the layout of kube-proxy up to
// 1.21: the masquerade rule sits in KUBE-SERVICES, so every packet passes it.
func IPTables(c Change, rulesPerPort int) []byte {
	w := &restore{large: totalEndpoints(c.All) > LargeCluster, twoRules: rulesPerPort == 2}
	if c.First {
		w.mangle.WriteString("*mangle\n:KUBE-PROXY-CANARY - [0:0]\nCOMMIT\n")
	}
	w.fixedChains(c.First)
	w.natRules.Grow(120 * (len(c.All) + 3*totalEndpoints(c.Changed))) // one allocation, not twenty
	changed := make(map[string]bool, len(c.Changed))
	for _, s := range c.Changed {
		changed[s.key()] = true
	}
	for _, s := range c.All {
		r := s.reach()
		w.service(s, r)
		if changed[s.key()] && len(s.Endpoints) > 0 {
			w.serviceChains(s, r)
		}
	}
	w.removeStale(c)
	w.nat("-A KUBE-SERVICES", comment("kubernetes service nodeports; NOTE: this must be the last rule in this chain"),
		"-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS")
	w.forward()
	return w.bytes()
}

// restore collects the two tables: chain lines must come before rule lines.
type restore struct {
	large, twoRules        bool
	mangle                 bytes.Buffer
	filterChains, natChain bytes.Buffer
	filterRules, natRules  bytes.Buffer
}

func (w *restore) nat(parts ...string)    { line(&w.natRules, parts) }
func (w *restore) filter(parts ...string) { line(&w.filterRules, parts) }

func line(b *bytes.Buffer, parts []string) {
	for i, p := range parts {
		if p == "" {
			continue
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(p)
	}
	b.WriteByte('\n')
}

func chain(b *bytes.Buffer, name string) {
	b.WriteByte(':')
	b.WriteString(name)
	b.WriteString(" - [0:0]\n")
}

func comment(text string) string { return `-m comment --comment "` + text + `"` }

// bytes is the whole input. The jumps from built-in chains were written first.
func (w *restore) bytes() []byte {
	var out bytes.Buffer
	out.Grow(w.natRules.Len() + w.natChain.Len() + w.filterRules.Len() + 4096)
	out.Write(w.mangle.Bytes())
	for _, part := range []struct {
		table         string
		chains, rules *bytes.Buffer
	}{{"*filter\n", &w.filterChains, &w.filterRules}, {"*nat\n", &w.natChain, &w.natRules}} {
		out.WriteString(part.table)
		out.Write(part.chains.Bytes())
		out.Write(part.rules.Bytes())
		out.WriteString("COMMIT\n")
	}
	return out.Bytes()
}

// fixedChains writes what does not depend on any Service.
func (w *restore) fixedChains(first bool) {
	for _, name := range []string{"KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-FORWARD", "KUBE-NODEPORTS", "KUBE-PROXY-FIREWALL", "KUBE-FIREWALL"} {
		chain(&w.filterChains, name)
	}
	for _, name := range []string{"KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ"} {
		chain(&w.natChain, name)
	}
	if first {
		chain(&w.filterChains, "KUBE-PROXY-CANARY")
		chain(&w.natChain, "KUBE-PROXY-CANARY")
		for _, jump := range filterJumps() {
			w.filter(jump)
		}
		for _, jump := range natJumps() {
			w.nat(jump)
		}
	}
	w.masquerading()
	// Closes the hole route_localnet opens (Kubernetes issue 90259).
	w.filter("-A KUBE-FIREWALL", comment("block incoming localnet connections"),
		"-d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP")
}

// masquerading is common to iptables and IPVS mode.
func (w *restore) masquerading() {
	mark := masqueradeMark + "/" + masqueradeMark
	w.nat("-A KUBE-POSTROUTING -m mark ! --mark", mark, "-j RETURN")
	w.nat("-A KUBE-POSTROUTING -j MARK --xor-mark", masqueradeMark)
	w.nat("-A KUBE-POSTROUTING", comment("kubernetes service traffic requiring SNAT"), "-j MASQUERADE --random-fully")
	w.nat("-A KUBE-MARK-MASQ -j MARK --or-mark", masqueradeMark)
}

// filterJumps and natJumps end in this order because kube-proxy inserts each at
// the head of its chain.
func filterJumps() []string {
	return []string{
		"-A INPUT -j KUBE-FIREWALL",
		`-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL`,
		`-A INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS`,
		`-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES`,
		`-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL`,
		`-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD`,
		`-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES`,
		`-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES`,
		"-A OUTPUT -j KUBE-FIREWALL",
		`-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL`,
		`-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES`,
	}
}

func natJumps() []string {
	return []string{
		`-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES`,
		`-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES`,
		`-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING`,
	}
}

// endpointComment is left out in large clusters, where it would be 40 % of the input.
func (w *restore) endpointComment(text ...string) string {
	if w.large {
		return ""
	}
	return comment(strings.Join(text, ""))
}

// removeStale deletes the chains of Services and endpoints that are gone. The
// chain line before the delete empties the chain.
func (w *restore) removeStale(c Change) {
	if len(c.Gone) == 0 {
		return
	}
	wanted := make(map[string]bool)
	for _, s := range c.Changed {
		for _, name := range chainsOf(s) {
			wanted[name] = true
		}
	}
	for _, s := range c.Gone {
		for _, name := range chainsOf(s) {
			if !wanted[name] {
				chain(&w.natChain, name)
				w.nat("-X", name)
			}
		}
	}
}

// forward is the end of the filter table.
func (w *restore) forward() {
	w.filter("-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP")
	w.acceptMarked()
}

// acceptMarked is common to iptables and IPVS mode.
func (w *restore) acceptMarked() {
	w.filter("-A KUBE-FORWARD", comment("kubernetes forwarding rules"), "-m mark --mark", masqueradeMark+"/"+masqueradeMark, "-j ACCEPT")
	w.filter("-A KUBE-FORWARD", comment("kubernetes forwarding conntrack rule"), "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")
}

// MaxUnprivileged is what fits a netlink socket's buffer where a tool may not
// raise it (net.core.wmem_default is 208 KiB): in a user namespace. What does
// not fit has to be loaded in pieces there, which is no longer atomic.
const MaxUnprivileged = 150_000

// Pieces cuts iptables-restore input into several to be loaded in turn, of at
// most so many chain and rule lines each. Loaded one after the other with
// --noflush they do what the whole does.
func Pieces(input []byte, lines int) [][]byte {
	var pieces [][]byte
	var piece bytes.Buffer
	table, held, kind := "", 0, byte(0)
	flush := func() {
		if held > 0 {
			piece.WriteString("COMMIT\n")
			pieces = append(pieces, bytes.Clone(piece.Bytes()))
		}
		piece.Reset()
		held = 0
	}
	for l := range bytes.Lines(input) {
		switch {
		case l[0] == '*':
			table = string(l)
		case bytes.HasPrefix(l, []byte("COMMIT")):
			flush()
		default:
			if held == lines || l[0] != kind {
				flush()
			}
			kind = l[0]
			if held == 0 {
				piece.WriteString(table)
			}
			piece.Write(l)
			held++
		}
	}
	return pieces
}

// CountLines counts the rules and the chains in iptables-restore input.
func CountLines(input []byte) (rules, chains int) {
	for l := range bytes.Lines(input) {
		switch {
		case bytes.HasPrefix(l, []byte("-A ")):
			rules++
		case l[0] == ':':
			chains++
		}
	}
	return rules, chains
}
