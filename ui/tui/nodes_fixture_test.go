package tui

import (
	"context"
	"errors"
	"time"

	"kpadvisor/probe"
)

// fakeNodes decides on probes from pods as the real thing does, on made-up nodes.
type fakeNodes struct {
	prober *fakeProber
	denied string
	asked  []NodesRequest
	begun  int
}

func (f *fakeNodes) decide(_ context.Context, r NodesRequest) (NodesPlan, error) {
	f.asked = append(f.asked, r)
	if r.NodeA == "no-such-node" {
		return NodesPlan{}, errors.New("there is no node no-such-node; \"kubectl get nodes\" lists them")
	}
	plan := probe.DefaultPlan()
	return NodesPlan{
		Sides: []string{"A: worker-1 (iptables)", "B: worker-2 (nftables)"}, Why: "They differ in kube-proxy's mode and in nothing else that the cluster shows.",
		Load: "At most 100 connections/s to the Service at any moment", Lasts: 87 * time.Second, Deadline: 5 * time.Minute, Costs: []string{"The 16 Services have 2 endpoints each, 32 together."}, Denied: f.denied,
		Rights: []RightNeeded{
			{"create jobs.batch in default", "the pods run in Jobs", true},
			{"list events in default", "to say why a pod does not start", false},
		},
		Objects:   []string{"Job kpadvisor-abc123-a in namespace default", "Job kpadvisor-abc123-b in namespace default"},
		Count:     2,
		Manifests: "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: kpadvisor-abc123-a\n---\napiVersion: batch/v1\nkind: Job\n",
		Plan:      plan, Targets: twoTargets(), Labels: map[string]string{"modeA": "iptables", "modeB": "nftables"},
		Begin: func() (Prober, error) {
			f.begun++
			return f.prober, nil
		},
	}, nil
}

// withNodes is a screen on a cluster whose nodes can be measured from.
func withNodes(o Options, f *fakeNodes) Options {
	clusterOf(&o).nodes = f.decide
	return o
}

// nodesStates are the faces of a probe from pods.
func nodesStates() map[string]func(o Options, w, h int) app {
	planned := func(o Options, w, h int, f *fakeNodes, node string) app {
		r := withNodes(done(mixedFacts()), f)
		r.Style = o.Style
		engineOf(&r).prepare = func(probe.Plan, ...probe.Target) (Prober, error) { return &fakeProber{}, nil }
		a := start(r, w, h).read().press("4", "j", "j", "enter").typed("registry.example/kpadvisor:1")
		if node != "" {
			a.press("tab", "tab", "tab").typed(node).press("tab").typed(node)
		}
		for range nodesFields() {
			if a.pane() == "edit" {
				a.press("enter")
			}
		}
		return a
	}
	starting := func() probe.Snapshot {
		s := live(runOf(43e3, 31e3, 0))()
		s.State, s.Why, s.Turns = "waiting for pods", "0 of 2 measure: kpadvisor-abc123-b-0: pulling image", 40
		return s
	}
	return map[string]func(o Options, w, h int) app{
		"nodes-plan":   func(o Options, w, h int) app { return planned(o, w, h, &fakeNodes{}, "") },
		"nodes-failed": func(o Options, w, h int) app { return planned(o, w, h, &fakeNodes{}, "no-such-node") },
		"nodes-denied": func(o Options, w, h int) app {
			return planned(o, w, h, &fakeNodes{denied: "create jobs.batch in default. \"kpadvisor rbac --probe -n default\" prints the Role to ask for."}, "")
		},
		"nodes-review": func(o Options, w, h int) app { return planned(o, w, h, &fakeNodes{}, "").press("enter") },
		"nodes-starting": func(o Options, w, h int) app {
			f := &fakeNodes{prober: &fakeProber{snapshot: starting, result: runOf(43e3, 31e3, 20)}}
			a := planned(o, w, h, f, "").press("enter")
			a.Update(keyPress("Y"))
			return a.look()
		},
		"nodes-finished": func(o Options, w, h int) app {
			r := runOf(43e3, 31e3, 20)
			a := planned(o, w, h, &fakeNodes{prober: &fakeProber{snapshot: live(r), result: r}}, "").press("enter")
			a.Update(keyPress("Y"))
			return a.look().end()
		},
	}
}
