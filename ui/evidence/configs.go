package evidence

import (
	"errors"

	"kpadvisor/advisor"
	"kpadvisor/probe/lab/drill"
)

// Configs lists what the node groups run, each once. Its error is one sentence.
func Configs(f advisor.Facts) ([]drill.Config, error) {
	all, _ := ConfigsOf(f)
	if len(all) == 0 {
		return nil, errors.New("no node group is known to run a mode of kube-proxy")
	}
	return all, nil
}

// ConfigsOf lists what the node groups run, each once, and whose each is.
func ConfigsOf(facts advisor.Facts) ([]drill.Config, map[string][]string) {
	var all []drill.Config
	of := make(map[string][]string)
	for _, g := range advisor.ReuseConfigs(facts) {
		configs := []drill.Config{{Mode: g.Mode}}
		switch advisor.Mode(g.Mode) {
		case advisor.IPTables: // which backend a node has is not in the API
			configs = []drill.Config{{Mode: drill.IPTablesLegacy}, {Mode: drill.IPTablesNFT}}
		case advisor.IPVS:
			configs = []drill.Config{drill.InIPVS(g.ConnReuseMode, g.ExpireNodestConn, g.Conntrack)}
		case advisor.NFTables:
		default: // userspace and kernelspace: nothing the lab can build
			continue
		}
		for _, c := range configs {
			all = append(all, c)
			of[c.String()] = append(of[c.String()], g.Of...)
		}
	}
	return all, of
}
