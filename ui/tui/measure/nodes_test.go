package measure

import (
	"strings"
	"testing"

	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/measure/measuretest"
	"kpadvisor/ui/tui/measure/tools"
	"kpadvisor/ui/tui/screen/screentest"
)

func TestReadNodes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change map[int]string
		want   func(r tools.NodesRequest) bool
		err    string
	}{
		{"the defaults", nil, func(r tools.NodesRequest) bool {
			return r == tools.NodesRequest{Image: "registry/k:1", Rate: 100, Blocks: 20}
		}, ""},
		{"all of it", map[int]string{1: " shop/cart:http ", 2: "temporary", 3: "n1", 4: "n2", 6: "1,000", 5: "", 7: "6"}, func(r tools.NodesRequest) bool {
			return r.Service == "shop/cart:http" && r.Namespace == "temporary" && r.NodeB == "n2" && r.Rate == 1000 && r.Blocks == 6
		}, ""},
		{"no image", map[int]string{0: " "}, nil, "image:"},
		{"half a pair", map[int]string{3: "n1"}, nil, "name both, or neither"},
		{"named and counted", map[int]string{3: "n1", 4: "n2", 5: "3"}, nil, "nodes on each side"},
		{"no nodes", map[int]string{5: "0"}, nil, "nodes on each side"},
		{"no rate", map[int]string{6: "0"}, nil, "rate"},
		{"no blocks", map[int]string{7: "0"}, nil, "blocks"},
	} {
		fields := []string{"registry/k:1", "", "", "", "", "", "100", "20"}
		for i, v := range tt.change {
			fields[i] = v
		}
		r, err := readNodes(fields)
		switch {
		case tt.err == "" && (err != nil || !tt.want(r)):
			t.Errorf("%s: %+v, %v", tt.name, r, err)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
}

// TestNodesAreAskedFor: nothing is created before everything was shown and
// answered with a key of its own; enter is not enough.
func TestNodesAreAskedFor(t *testing.T) {
	t.Parallel()
	r := measuretest.RunOf(43e3, 31e3, 20)
	f := &measuretest.Nodes{Prober: &measuretest.Prober{Shows: measuretest.Live(r), Result: r}}
	o := with(&measuretest.Prober{})
	measuretest.ClusterOf(&o.Tools).Decides = f.Decide
	a := start(o, 80, 24).press("j", "j", "enter").typed("registry/k:1")
	for range nodesFields(say.Voice{}) {
		a.press("enter")
	}
	a.wants(t, "A: worker-1 (iptables)", "in nothing else", "about 1m27s once the", "enter review")
	if a.press("enter"); a.pane() != "review" || f.Begun != 0 {
		t.Fatalf("pane %s, begun %d", a.pane(), f.Begun)
	}
	a.wants(t, "Nothing of this exists yet", "Job kpadvisor-abc123-a in namespace default", "create jobs.batch in default", "denied: the run does without", "Y create 2 objects")
	a.press("enter", "space", "y")
	a.press("G").wants(t, "kind: Job")
	if a.press("esc"); f.Begun != 0 || a.pane() != "plan" {
		t.Fatalf("begun %d before it was answered", f.Begun)
	}
	a.press("enter")
	a.Update(screentest.Press("Y"))
	if a.look(); f.Begun != 1 || !a.inCluster() {
		t.Fatalf("begun %d", f.Begun)
	}
	a.wants(t, "A: worker-1 (iptables)   B: worker-2 (nftables)")
	a.end().wants(t, "finished", "B is 12.0 µs faster than A")
	if got := a.run.result.Labels; got["modeA"] != "iptables" {
		t.Errorf("labels %v", got)
	}
	asked := len(f.Asked)
	if a.press("enter").wants(t, "enter review"); f.Begun != 1 || len(f.Asked) != asked+1 {
		t.Errorf("again: begun %d, decided %d times", f.Begun, len(f.Asked)-asked)
	}
}

// TestNodesRefused: without the rights, or without a pair, there is nothing to review.
func TestNodesRefused(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"nodes-failed": "Not possible: there is no node no-such-node;",
		"nodes-denied": "Rights are missing: create jobs.batch in default.",
	} {
		a := nodesStates()[name](kit.Style{}, 120, 40)
		a.wants(t, want, "enter ask again")
		if a.press("enter"); a.pane() == "review" {
			t.Errorf("%s: reviewed all the same", name)
		}
	}
	if New(t.Context(), tools.Tools{}, kit.Palette{}, &beside{}).subjects != nil {
		t.Error("without a cluster there are nodes to measure from")
	}
}
