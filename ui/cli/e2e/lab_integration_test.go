package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"kpadvisor/probe/lab"
)

// TestLabLikeTheCluster replays the ports and endpoints of a real cluster, from
// the cluster itself and from a snapshot of it: the lab then holds as many chains
// and elements as there are ports.
func TestLabLikeTheCluster(t *testing.T) {
	c := shared.Small(t)
	c.Seed(t, "services")
	env := kubeconfig(t, c)
	file := filepath.Join(t.TempDir(), "facts.json")
	run(t, env, "snapshot", "-o", file)
	facts := parse(t, run(t, environment(t), "audit", "--facts", file, "-o", "json").stdout).Facts
	ports, endpoints := 0, 0
	for _, row := range facts.PortsByEndpoints {
		ports, endpoints = ports+row.Ports, endpoints+row.Ports*row.Endpoints
	}
	load, _ := facts.Load.Get()
	if ports == 0 || ports != load.Ports || endpoints != load.Endpoints {
		t.Fatalf("the snapshot spreads %d ports and %d endpoints, and its load is %+v", ports, endpoints, load)
	}
	for like, env := range map[string][]string{file: environment(t), "current": env} {
		got := run(t, env, "lab", "run", "--like-cluster", like, "--modes", "nftables", "-o", "json").expect(t, fine)
		var r lab.Result
		if err := json.Unmarshal([]byte(got.stdout), &r); err != nil {
			t.Fatal(err)
		}
		note := fmt.Sprintf("%d ports, %d endpoints, and as many ports with each number of endpoints", ports, endpoints)
		if !strings.Contains(strings.Join(r.Environment.Notes, "\n"), note) {
			t.Errorf("the notes %q lack %q", r.Environment.Notes, note)
		}
		for _, p := range r.Points {
			if p.Services != ports || p.Mode == lab.NFTables && p.Counts.Elements < 2*ports {
				t.Errorf("%+v is not of %d ports", p, ports)
			}
		}
	}
	run(t, environment(t), "lab", "run", "--like-cluster", "current").expect(t, failure)
}
