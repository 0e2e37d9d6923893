package agent

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"

	"golang.org/x/sys/unix"
)

// counted says in a report that rules were counted. Their text is for tools that the
// image has not.
const counted = "rules are counted here, not read"

// inventory counts the rules that each backend holds. It asks for nothing that would
// load a module or make a table.
func (a *agent) inventory() {
	for _, f := range []struct {
		family uint8
		tool   string
	}{{unix.AF_INET, "iptables"}, {unix.AF_INET6, "ip6tables"}} {
		a.legacy(f.family, f.tool)
	}
	a.nftables()
	a.ipsets()
}

// chain is one of a table, with how many rules it has.
type chain struct {
	name  string
	rules int
}

// declare writes chains as iptables-save declares them, and behind each how many rules it has.
func declare(table string, chains []chain) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n*%s\n", counted, table)
	for _, c := range chains {
		fmt.Fprintf(&b, ":%s - [0:0] %d\n", c.name, c.rules)
	}
	return b.Bytes()
}

// legacy counts the rules of the tables of iptables-legacy that are there: asking for
// another one would make it.
func (a *agent) legacy(family uint8, tool string) {
	names := "/proc/net/ip_tables_names"
	if family == unix.AF_INET6 {
		names = "/proc/net/ip6_tables_names"
	}
	text, err := a.read(names, 4<<10)
	if err != nil {
		return // told as the section of the names
	}
	there := strings.Fields(string(text))
	for _, table := range []string{"nat", "filter"} {
		for _, t := range there {
			if t == table {
				chains, err := legacyTable(family, table)
				a.w.Section(tool+".legacy."+table+".inventory", declare(table, chains), err)
			}
		}
	}
}

// nftables counts what nft holds: its tables, the chains of iptables-nft among them, and
// of the tables of kube-proxy everything.
func (a *agent) nftables() {
	if !a.loaded("nf_tables", "CONFIG_NF_TABLES") {
		for _, name := range []string{
			"nft.tables", "nft.inventory", "iptables.nft.nat.inventory", "iptables.nft.filter.inventory",
		} {
			a.w.Skipped(name, "nf_tables is not loaded")
		}
		return
	}
	rules, err := readRuleset()
	a.w.Section("nft.tables", rules.list(), err)
	a.w.Section("nft.inventory", rules.inventory(), err)
	for _, f := range []struct{ tool, family string }{{"iptables", "ip"}, {"ip6tables", "ip6"}} {
		for _, table := range []string{"nat", "filter"} {
			a.w.Section(f.tool+".nft."+table+".inventory", declare(table, rules.chains[f.family+" "+table]), err)
		}
	}
}

// ruleset is what nft holds, each in the order of the kernel.
type ruleset struct {
	tables []string // family and name
	chains map[string][]chain
	sets   map[string][]chain // with how many elements they have; of kube-proxy's tables alone
}

// What is asked of nft (nf_tables.h).
const (
	subsystemNFT   = unix.NFNL_SUBSYS_NFTABLES << 8
	nftTables      = subsystemNFT | 1
	nftChains      = subsystemNFT | 4
	nftRules       = subsystemNFT | 7
	nftSets        = subsystemNFT | 10
	nftSetElements = subsystemNFT | 13

	attrTable     = 1
	attrName      = 2 // of a set, and of a rule its chain
	attrChainName = 3

	mostRules  = 5_000_000
	proxyTable = "kube-proxy"
)

// readRuleset reads it again if it changed meanwhile, but not for ever.
func readRuleset() (ruleset, error) {
	var err error
	for range 5 {
		r := ruleset{chains: map[string][]chain{}, sets: map[string][]chain{}}
		if err = r.read(); !errors.Is(err, errChanged) {
			return r, err
		}
	}
	return ruleset{}, err
}

// family is what nft calls one.
func family(f uint8) string {
	switch f {
	case unix.NFPROTO_INET:
		return "inet"
	case unix.NFPROTO_IPV4:
		return "ip"
	case unix.NFPROTO_IPV6:
		return "ip6"
	case unix.NFPROTO_ARP:
		return "arp"
	case unix.NFPROTO_BRIDGE:
		return "bridge"
	case unix.NFPROTO_NETDEV:
		return "netdev"
	}
	return fmt.Sprint(f)
}

func (r *ruleset) read() error {
	rules, n := map[string]int{}, 0
	errTables := dump(nftTables, unix.AF_UNSPEC, nil, func(m message) {
		r.tables = append(r.tables, family(m.family)+" "+word(attribute(m.body, attrTable)))
	})
	errRules := dump(nftRules, unix.AF_UNSPEC, nil, func(m message) {
		if n++; n <= mostRules {
			rules[family(m.family)+" "+word(attribute(m.body, attrTable))+" "+word(attribute(m.body, attrName))]++
		}
	})
	errChains := dump(nftChains, unix.AF_UNSPEC, nil, func(m message) {
		table, name := family(m.family)+" "+word(attribute(m.body, attrTable)), word(attribute(m.body, attrChainName))
		r.chains[table] = append(r.chains[table], chain{name, rules[table+" "+name]})
	})
	errSets := dump(nftSets, unix.AF_UNSPEC, nil, func(m message) {
		table, name := word(attribute(m.body, attrTable)), word(attribute(m.body, attrName))
		if table == proxyTable {
			of := family(m.family) + " " + table
			r.sets[of] = append(r.sets[of], chain{name: name})
		}
	})
	if err := errors.Join(errTables, errRules, errChains, errSets); err != nil {
		return err
	}
	if n > mostRules {
		return errors.New("there are too many rules to count")
	}
	for of, sets := range r.sets {
		for i := range sets {
			var err error
			if sets[i].rules, err = elements(of, sets[i].name); err != nil {
				return err
			}
		}
	}
	return nil
}

// elements counts those of a set or map.
func elements(table, set string) (n int, err error) {
	of := uint8(unix.NFPROTO_IPV4)
	if strings.HasPrefix(table, "ip6 ") {
		of = unix.NFPROTO_IPV6
	}
	const list = 3 // NFTA_SET_ELEM_LIST_ELEMENTS
	err = dump(nftSetElements, of, append(named(attrTable, proxyTable), named(attrName, set)...), func(m message) {
		for range attributes(attribute(m.body, list)) {
			n++
		}
	})
	return n, err
}

// named is an attribute with a text.
func named(number uint16, text string) []byte {
	b := make([]byte, (unix.SizeofNlAttr+len(text)+1+unix.NLA_ALIGNTO-1)&^(unix.NLA_ALIGNTO-1))
	binary.NativeEndian.PutUint16(b, uint16(unix.SizeofNlAttr+len(text)+1))
	binary.NativeEndian.PutUint16(b[2:], number)
	copy(b[unix.SizeofNlAttr:], text)
	return b
}

// list is what "nft list tables" prints.
func (r ruleset) list() []byte {
	var b bytes.Buffer
	for _, t := range r.tables {
		fmt.Fprintf(&b, "table %s\n", t)
	}
	return b.Bytes()
}

// inventory is each table, and of kube-proxy's each chain with its rules and each set or
// map with its elements.
func (r ruleset) inventory() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", counted)
	for _, t := range r.tables {
		rules := 0
		for _, c := range r.chains[t] {
			rules += c.rules
		}
		fmt.Fprintf(&b, "table %s chains %d rules %d\n", t, len(r.chains[t]), rules)
		if !strings.HasSuffix(t, " "+proxyTable) {
			continue
		}
		for _, c := range r.chains[t] {
			fmt.Fprintf(&b, "chain %s %s rules %d\n", t, c.name, c.rules)
		}
		for _, s := range r.sets[t] {
			fmt.Fprintf(&b, "set %s %s elements %d\n", t, s.name, s.rules)
		}
	}
	return b.Bytes()
}

// ipsets are the names of sets.
func (a *agent) ipsets() {
	if !a.loaded("ip_set", "CONFIG_IP_SET") {
		a.w.Skipped("ipset.names", "ip_set is not loaded")
		return
	}
	const (
		listSets             = unix.NFNL_SUBSYS_IPSET<<8 | 7 // ip_set.h: IPSET_CMD_LIST
		protocol, name, flag = 1, 2, 6
	)
	request := []byte{5, 0, protocol, 0, 6, 0, 0, 0}
	binary.NativeEndian.PutUint16(request, 5)
	binary.NativeEndian.PutUint16(request[2:], protocol)
	flags := make([]byte, 8)
	binary.NativeEndian.PutUint16(flags, 8)
	binary.NativeEndian.PutUint16(flags[2:], flag|unix.NLA_F_NET_BYTEORDER)
	binary.BigEndian.PutUint32(flags[4:], 1<<1) // their names alone
	var b bytes.Buffer
	err := dump(listSets, unix.NFPROTO_IPV4, append(request, flags...), func(m message) {
		if s := word(attribute(m.body, name)); s != "" {
			b.WriteString(s + "\n")
		}
	})
	a.w.Section("ipset.names", b.Bytes(), err)
}

// addresses are those that kube-proxy binds Services to in IPVS mode, as "ip -o address"
// prints them.
func (a *agent) addresses() {
	const device = "kube-ipvs0"
	i, err := net.InterfaceByName(device)
	if err != nil {
		return // there is none in any other mode
	}
	all, err := i.Addrs()
	var b bytes.Buffer
	for _, address := range all {
		kind := "inet"
		if strings.Contains(address.String(), ":") {
			kind = "inet6"
		}
		fmt.Fprintf(&b, "%d: %s    %s %s scope global %s\n", i.Index, device, kind, address, device)
	}
	a.w.Section("ipvs.addresses", b.Bytes(), err)
}
