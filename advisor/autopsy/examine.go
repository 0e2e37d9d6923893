package autopsy

import (
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node"
	"kpadvisor/advisor/release"
)

// Parse reads the reports of a file as node.Parse does, each with its autopsy.
func Parse(file []byte) ([]advisor.NodeReport, error) {
	return node.ParseWith(file, func(r *advisor.NodeReport, s node.Sections) {
		a := examine(*r, s)
		r.Autopsy = &a
	})
}

// report is what an autopsy looks at.
type report struct {
	advisor.NodeReport
	sections node.Sections
}

func examine(r advisor.NodeReport, s node.Sections) advisor.NodeAutopsy {
	e := report{r, s}
	a := advisor.NodeAutopsy{Rules: e.rules(), IPVS: e.ipvs()}
	a.Leftovers, a.Looked = e.leftovers()
	return a
}

// text is a section that was read to its end.
func (e report) text(name string) (string, bool) {
	s, there := e.sections(name)
	return s.Text, there && s.Whole
}

// still reports that kube-proxy wrote nothing while the report was made: the time of its
// last sync, in its metrics, is the same before and after.
func (e report) still() bool {
	before, after := e.lastSync("kube-proxy.metrics"), e.lastSync("kube-proxy.metrics.after")
	return before != "" && before == after
}

func (e report) lastSync(section string) string {
	text, _ := e.text(section)
	var all strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "kubeproxy_sync_proxy_rules_last_timestamp_seconds") {
			all.WriteString(line)
		}
	}
	return all.String()
}

// The versions of kube-proxy of which the rules are known: from the first to the last of
// those that the generator was compared with, by its output or by reading their source.
const (
	oldestIPTables = 25
	oldestIPVS     = 31
	oldestNFTables = 37
	newest         = 37
)

// known reports a version of kube-proxy between 1.oldest and 1.newest. unsaid is for one
// that the report does not tell.
func (e report) known(oldest int) (known, unsaid bool) {
	v, err := release.ParseVersion(e.Version.Or(""))
	if err != nil {
		return false, true
	}
	return v.Minor >= oldest && v.Minor <= newest, false
}

// rules compares the rules of the mode that runs.
func (e report) rules() advisor.RuleComparison {
	c := newComparison()
	mode, proved := e.Mode.Get()
	switch {
	case proved && mode == advisor.NFTables:
		e.nftables(c)
	case proved && mode == advisor.IPVS:
		e.saved(c, oldestIPVS, e.inIPVS)
	case proved && mode == advisor.IPTables:
		e.saved(c, oldestIPTables, e.inIPTables)
	default:
		c.apart[advisor.ApartMode] = 0
	}
	return c.result()
}

// saved compares the tables of either backend of iptables that holds rules of kube-proxy.
func (e report) saved(c *comparison, oldest int, compare func(c *comparison, nat, filter chains) bool) {
	if known, unsaid := e.known(oldest); !known && !unsaid {
		c.apart[advisor.ApartVersion] = 0
		return
	}
	read, cut := false, false
	for _, backend := range []string{"legacy", "nft"} {
		s, there := e.sections("iptables." + backend + ".nat")
		if !there || !s.Whole {
			cut = cut || there && s.Text != ""
			continue
		}
		nat := parseSave(s.Text)["nat"]
		if len(nat["KUBE-SERVICES"]) == 0 {
			continue
		}
		var filter chains
		if text, ok := e.text("iptables." + backend + ".filter"); ok {
			filter = parseSave(text)["filter"]
		}
		read = compare(c, nat, filter) || read
	}
	switch {
	case cut:
		c.apart[advisor.ApartCut] = 0
	case !read && len(c.apart) == 0:
		c.apart[advisor.ApartNotRead] = 0
	}
}

// inIPTables compares the tables of one backend. The layout before 1.25 is not the
// generator's: it had no firewall of its own in the filter table.
func (e report) inIPTables(c *comparison, nat, filter chains) bool {
	if _, unsaid := e.known(oldestIPTables); unsaid {
		if _, has := filter["KUBE-PROXY-FIREWALL"]; !has {
			c.apart[advisor.ApartVersion] = 0
			return false
		}
	}
	c.iptables(nat, filter, e.still())
	return true
}
