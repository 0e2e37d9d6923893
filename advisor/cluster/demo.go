package cluster

import (
	"embed"

	"kpadvisor/advisor"
)

//go:embed demo/*.json
var demoFiles embed.FS

// DemoNames are those of three made-up clusters of different character: a small shop
// in iptables mode, a mixed one of iptables and IPVS nodes, and a large one that stayed
// with IPVS.
func DemoNames() []string { return []string{"demo-short", "demo-mixed", "demo-ipvs-late"} }

// Demos returns their facts, in that order.
func Demos() []advisor.Facts {
	var demos []advisor.Facts
	for _, name := range DemoNames() {
		f, err := readDemo(name)
		if err != nil {
			continue // a test reads each of them; a broken one is left out of a release, not a crash
		}
		demos = append(demos, f)
	}
	return demos
}

func readDemo(name string) (advisor.Facts, error) {
	file, err := demoFiles.Open("demo/" + name + ".json")
	if err != nil {
		return advisor.Facts{}, err
	}
	defer file.Close()
	f, err := readSnapshot(file)
	f.Origin = advisor.FromDemo
	return f, err
}
