package autopsy

import (
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/probe/lab/rules"
)

// leftovers are what modes left behind that do not run there, and the modes whose
// leftovers would have been seen. Nothing is left over where no mode is proved.
func (e report) leftovers() (left []advisor.Leftover, looked []advisor.Mode) {
	mode, proved := e.Mode.Get()
	if !proved {
		return nil, nil
	}
	add := func(of advisor.Mode, what advisor.LeftoverKind, n int) {
		if n > 0 && of != mode {
			left = append(left, advisor.Leftover{Of: of, What: what, Count: n})
		}
	}
	saw := func(of advisor.Mode, all bool) {
		if all && of != mode {
			looked = append(looked, of)
		}
	}
	legacy, sawLegacy := e.backendChains("legacy")
	nft, sawNFT := e.backendChains("nft")
	for _, of := range []advisor.Mode{advisor.IPTables, advisor.IPVS} {
		add(of, advisor.LeftLegacyChains, count(legacy, madeBy(of, mode)))
		add(of, advisor.LeftNFTChains, count(nft, madeBy(of, mode)))
	}
	saw(advisor.IPTables, sawLegacy && sawNFT)
	for _, l := range e.ipvsLeft() {
		add(advisor.IPVS, l.What, l.Count)
	}
	_, hasServers := e.text("ipvs.services")
	saw(advisor.IPVS, hasServers || e.Whole && e.Backends.VirtualServers.State == advisor.Absent)
	tables, sawTables := e.tablesOfNFTables()
	add(advisor.NFTables, advisor.LeftTable, tables)
	saw(advisor.NFTables, sawTables)
	return left, looked
}

// madeBy tells the chains that only a mode makes while another one runs. What both modes
// have, or the kubelet of any version, is nobody's leftover.
func madeBy(of, running advisor.Mode) func(chain string) bool {
	if of == advisor.IPVS {
		return onlyIPVS
	}
	return func(chain string) bool {
		return ofService(chain) || strings.HasPrefix(chain, fw) || strings.HasPrefix(chain, "KUBE-XLB-") ||
			chain == "KUBE-NODEPORTS" || chain == "KUBE-EXTERNAL-SERVICES" ||
			chain == "KUBE-SERVICES" && running == advisor.NFTables
	}
}

func count(all []string, is func(string) bool) (n int) {
	for _, a := range all {
		if is(a) {
			n++
		}
	}
	return n
}

// backendChains are the chains of one backend of iptables, in the tables nat and filter;
// those of filter may be missing. saw reports that its nat table was read, or is none.
func (e report) backendChains(backend string) (names []string, saw bool) {
	for _, table := range []string{"nat", "filter"} {
		section := "iptables." + backend + "." + table
		text, read := e.text(section)
		if !read {
			text, read = e.text(section + ".inventory")
		}
		for line := range strings.Lines(text) {
			if name, is := strings.CutPrefix(line, ":"); is {
				name, _, _ = strings.Cut(strings.TrimSpace(name), " ")
				names = append(names, name)
			}
		}
		if table == "nat" {
			saw = read || e.noTable(backend)
		}
	}
	return names, saw
}

// noTable reports that a backend has no nat table: the kernel says so.
func (e report) noTable(backend string) bool {
	if backend == "legacy" {
		names, read := e.text("iptables.legacy.tables")
		return read && !slices.Contains(strings.Fields(names), "nat")
	}
	if e.notLoaded("iptables.nft.nat") || e.notLoaded("nft.tables") {
		return true
	}
	tables, read := e.text("nft.tables")
	return read && !slices.Contains(strings.Split(tables, "\n"), "table ip nat")
}

// notLoaded reports a section that was not read because the kernel does not have what it
// would be of.
func (e report) notLoaded(section string) bool {
	s, there := e.sections(section)
	return there && !s.Whole && strings.HasSuffix(s.Why, " is not loaded")
}

// tablesOfNFTables counts the tables of nftables mode.
func (e report) tablesOfNFTables() (n int, saw bool) {
	text, read := e.text("nft.tables")
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "table ip kube-proxy" || line == "table ip6 kube-proxy" {
			n++
		}
	}
	return n, read || e.notLoaded("nft.tables")
}

// ipvsLeft is what is there of IPVS mode. Its virtual servers are those in its ipsets or
// on its device: others may have some.
func (e report) ipvsLeft() []advisor.Leftover {
	sets := 0
	names, _ := e.text("ipset.names")
	for line := range strings.Lines(names) {
		if isKubeSet(strings.TrimSpace(line)) {
			sets++
		}
	}
	device := 0
	if e.hasDevice() {
		device = 1
	}
	servers := 0
	if t := e.readIPVS(); t != nil {
		for _, v := range t.servers {
			if t.kubeProxys(v) {
				servers++
			}
		}
	}
	return []advisor.Leftover{
		{What: advisor.LeftIPSets, Count: sets},
		{What: advisor.LeftVirtualServers, Count: servers},
		{What: advisor.LeftDevice, Count: device},
	}
}

// isKubeSet reports a set of kube-proxy, of either family. kube-router calls sets of its
// own KUBE-SRC- and KUBE-DST-.
func isKubeSet(name string) bool {
	return slices.ContainsFunc(rules.IPSets(), func(s rules.IPSet) bool { return s.Name == name || s.Name6() == name })
}

// device is the one that kube-proxy binds the addresses of Services to in IPVS mode.
const device = "kube-ipvs0"

func (e report) hasDevice() bool {
	text, _ := e.text("links")
	for line := range strings.Lines(text) {
		if name, _, _ := strings.Cut(strings.TrimSpace(line), ":"); name == device {
			return true
		}
	}
	_, read := e.text("ipvs.addresses")
	return read
}
