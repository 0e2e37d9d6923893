package evidence

import (
	"errors"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
)

// ofLab compares the modes of a lab. Of iptables' two backends it takes
// the cheaper: which one a node uses is not known, and iptables must not look
// dearer than it may be.
func ofLab(r probe.Result) ([]advisor.Comparison, error) {
	basis, at, backend := basisOf(r), map[advisor.Mode]int{}, ""
	for i, s := range r.Series {
		switch m := lab.Mode(s.Target.Name); m {
		case lab.IPTablesLegacy, lab.IPTablesNFT:
			old, known := at[advisor.IPTables]
			if !known || s.Phases[basis].MedianNs < r.Series[old].Phases[basis].MedianNs {
				at[advisor.IPTables], backend = i, string(m)
			}
		case lab.NFTables:
			at[advisor.NFTables] = i
		case lab.IPVS:
			at[advisor.IPVS] = i
		case lab.Direct:
		}
	}
	var out []advisor.Comparison
	for _, pair := range [][2]advisor.Mode{{advisor.IPTables, advisor.NFTables}, {advisor.IPTables, advisor.IPVS}, {advisor.IPVS, advisor.NFTables}} {
		i, a := at[pair[0]]
		j, b := at[pair[1]]
		if !a || !b {
			continue
		}
		c, err := difference(r, i, j)
		if err != nil {
			return nil, err
		}
		c.A, c.B, c.Single = pair[0], pair[1], true // a session builds each mode once
		if strings.HasPrefix(r.Labels[LabelLab], lab.InUML) {
			c.Kernel += ", " + lab.InUML // no node's kernel, whatever its number
		}
		c.Where = "lab on " + r.Labels[LabelLab] + " " + c.Where
		if backend != "" && c.A == advisor.IPTables {
			c.Where += ", " + backend
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, errors.New("fewer than two modes were measured")
	}
	return out, nil
}
