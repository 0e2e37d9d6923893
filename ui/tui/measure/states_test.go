package measure

import (
	"context"
	"errors"
	"maps"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/measure/measuretest"
	"kpadvisor/ui/tui/screen/screentest"
)

// state is a face of the screen, reached as a user would.
type state = func(s kit.Style, w, h int) app

// states are those worth a picture.
func states() map[string]state {
	all := map[string]state{}
	for _, some := range []map[string]state{probeStates(), labStates(), drillStates(), nodesStates()} {
		maps.Copy(all, some)
	}
	return all
}

// probeStates are the faces of the Probe screen, each reached as a user would.
func probeStates() map[string]state {
	screen := func(s kit.Style, w, h int, f *measuretest.Prober) app { return start(with(f).in(s), w, h) }
	planned := func(s kit.Style, w, h int, f *measuretest.Prober) app {
		return screen(s, w, h, f).plan("10.96.0.10:80", "10.96.0.11:80")
	}
	running := func(r probe.Result) state {
		return func(s kit.Style, w, h int) app {
			return planned(s, w, h, &measuretest.Prober{Shows: measuretest.Live(r), Result: r}).begin().look()
		}
	}
	finished := func(r probe.Result) state {
		return func(s kit.Style, w, h int) app { return running(r)(s, w, h).end() }
	}
	failed := func(err error) state {
		return func(s kit.Style, w, h int) app {
			none := func() probe.Snapshot { return probe.Snapshot{} }
			return planned(s, w, h, &measuretest.Prober{Shows: none, Err: err}).begin().end()
		}
	}
	stopped := measuretest.RunOf(43e3, 31e3, 4)
	stopped.Partial = true
	return map[string]state{
		"probe": func(s kit.Style, w, h int) app { return screen(s, w, h, &measuretest.Prober{}) },
		"probe-typing": func(s kit.Style, w, h int) app {
			return screen(s, w, h, &measuretest.Prober{}).press("j", "enter", "enter").typed("10.96.0.10:80").press("tab").typed("ftp://x:1")
		},
		"probe-invalid": func(s kit.Style, w, h int) app {
			a := screen(s, w, h, &measuretest.Prober{}).press("j", "enter", "enter").typed("10.96.0.10:80").press("tab").typed("ftp://x:1")
			return a.press("enter", "enter", "enter", "enter", "enter", "enter", "enter", "enter")
		},
		"probe-offers": func(s kit.Style, w, h int) app {
			return screen(s, w, h, &measuretest.Prober{}).press("j", "enter", "v")
		},
		"probe-offer-failed": func(s kit.Style, w, h int) app {
			return screen(s, w, h, &measuretest.Prober{}).press("j", "enter", "v").typed("empty").press("enter")
		},
		"probe-ready": func(s kit.Style, w, h int) app { return planned(s, w, h, &measuretest.Prober{}) },
		"probe-ab":    func(s kit.Style, w, h int) app { return planned(s, w, h, &measuretest.Prober{}).press("a") },
		"probe-refused": func(s kit.Style, w, h int) app {
			o := with(&measuretest.Prober{}).in(s)
			measuretest.EngineOf(&o.Tools).Budgets = func(_ context.Context, plan probe.Plan, _ ...probe.Target) (probe.Budget, error) {
				return probe.Budget{
					Verdict: probe.Refuse, Ports: 100, Free: 3, Need: plan.Workers(),
					Why: "8 connections at once need as many source ports; 3 of 100 are free, and too few can become free: other connections to the target hold 97",
				}, nil
			}
			a := start(o, w, h).press("j", "enter", "enter").typed("10.96.0.10:80").press("shift+tab", "shift+tab", "shift+tab", "ctrl+u").typed("reuse 20000-20099").press("enter", "enter")
			return a.press("enter")
		},
		"probe-running":  running(measuretest.RunOf(43e3, 31e3, 14)),
		"probe-finished": finished(measuretest.RunOf(43e3, 31e3, 20)),
		"probe-same":     finished(measuretest.RunOf(31e3, 31.05e3, 20)),
		"probe-slow":     finished(measuretest.RunOf(21e6, 31e3, 20)),
		"probe-errors":   finished(measuretest.Troubled()),
		"probe-unusable": finished(measuretest.Unusable()),
		"probe-stopped":  finished(stopped),
		"probe-failed":   failed(&probe.BudgetError{Budget: probe.Budget{Why: "8 connections at once need as many source ports; 3 of 100 are free"}}),
		"probe-frozen": func(s kit.Style, w, h int) app {
			return running(measuretest.RunOf(43e3, 31e3, 14))(s, w, h).press("f", "m", "+", "c")
		},
		"probe-alone": func(s kit.Style, w, h int) app {
			r := measuretest.RunOf(43e3, 31e3, 20)
			r.Series = r.Series[:1]
			a := screen(s, w, h, &measuretest.Prober{Shows: measuretest.Live(r), Result: r}).plan("10.96.0.10:80", "")
			return a.begin().look().end()
		},
		"probe-rollout": func(s kit.Style, w, h int) app {
			r := measuretest.RunOf(43e3, 31e3, 14)
			f := &measuretest.Prober{Shows: measuretest.Live(r), Result: r, Changes: []time.Time{
				r.Started.Add(-time.Hour), r.Started.Add(900 * time.Millisecond), r.Started.Add(3 * time.Second),
			}, Gaps: map[string]string{"10.96.0.11:80": "rollout marks: endpointslices watch forbidden"}}
			a := planned(s, w, h, f).begin()
			m := a.run.trial.look()
			m.started = r.Started
			a.Update(m)
			return a
		},
	}
}

// labStates are the faces of the lab on the Probe screen.
func labStates() map[string]state {
	screen := func(s kit.Style, w, h int, f *measuretest.Lab) app {
		o := with(&measuretest.Prober{}).in(s)
		measuretest.SetLab(&o.Tools, f)
		return start(o, w, h)
	}
	planned := func(s kit.Style, w, h int, f *measuretest.Lab) app { return screen(s, w, h, f).press("enter") }
	return map[string]state{
		"lab-plan":    func(s kit.Style, w, h int) app { return planned(s, w, h, &measuretest.Lab{}) },
		"lab-cluster": func(s kit.Style, w, h int) app { return planned(s, w, h, &measuretest.Lab{}).press("a") },
		"lab-invalid": func(s kit.Style, w, h int) app {
			return planned(s, w, h, &measuretest.Lab{}).press("t", "tab", "tab").typed(", userspace").press("enter", "enter", "enter", "enter", "enter")
		},
		"lab-running": func(s kit.Style, w, h int) app {
			f := measuretest.HeldLab()
			a := planned(s, w, h, f).begin()
			<-f.Waiting
			return a.look()
		},
		"lab-building": func(s kit.Style, w, h int) app {
			f := measuretest.HeldLab()
			a := planned(s, w, h, f).begin()
			<-f.Waiting
			f.Set(func(s *lab.State) {
				s.Stage = lab.Stage{Mode: lab.NFTables, Services: 4871, What: "programming", Share: 0.6}
				s.Snapshot, s.Built = probe.Snapshot{}, s.Built[:3]
			})
			return a.look()
		},
		"lab-finished": func(s kit.Style, w, h int) app { return planned(s, w, h, &measuretest.Lab{}).begin().end() },
		"lab-failed": func(s kit.Style, w, h int) app {
			return planned(s, w, h, &measuretest.Lab{Err: errors.New("the lab ended without saying so: killed")}).begin().end()
		},
	}
}

// drillStates are the faces of the drill on the Probe screen.
func drillStates() map[string]state {
	planned := func(s kit.Style, w, h int, f *measuretest.Drill) app {
		o := with(&measuretest.Prober{}).in(s)
		measuretest.BenchOf(&o.Tools).Drills = f.Begin
		return start(o, w, h).press("G", "enter")
	}
	running := func(s kit.Style, w, h int) app {
		f := &measuretest.Drill{Hold: make(chan struct{}), Waiting: make(chan struct{}, 1)}
		a := planned(s, w, h, f).begin()
		<-f.Waiting
		return a.lookAtDrill()
	}
	return map[string]state{
		"drill-plan":    func(s kit.Style, w, h int) app { return planned(s, w, h, &measuretest.Drill{}) },
		"drill-running": running,
		"drill-building": func(s kit.Style, w, h int) app {
			f := &measuretest.Drill{Hold: make(chan struct{}), Waiting: make(chan struct{}, 1)}
			a := planned(s, w, h, f).begin()
			<-f.Waiting
			f.Set(func(s *lab.DrillState) {
				s.Rows, s.Elapsed = nil, 0
				s.Stage = lab.Stage{Mode: lab.IPVS, What: "building", Share: 0.36}
			})
			return a.lookAtDrill()
		},
		"drill-finished": func(s kit.Style, w, h int) app { return planned(s, w, h, &measuretest.Drill{}).begin().endDrill() },
		"drill-failed": func(s kit.Style, w, h int) app {
			return planned(s, w, h, &measuretest.Drill{Err: errors.New("this machine does not let you make user namespaces")}).begin().endDrill()
		},
	}
}

// nodesStates are the faces of a probe from pods.
func nodesStates() map[string]state {
	planned := func(s kit.Style, w, h int, f *measuretest.Nodes, node string) app {
		o := with(&measuretest.Prober{}).in(s)
		measuretest.ClusterOf(&o.Tools).Decides = f.Decide
		a := start(o, w, h).press("j", "j", "enter").typed("registry.example/kpadvisor:1")
		if node != "" {
			a.press("tab", "tab", "tab").typed(node).press("tab").typed(node)
		}
		for range nodesFields(say.Voice{}) {
			if a.pane() == "edit" {
				a.press("enter")
			}
		}
		return a
	}
	starting := func() probe.Snapshot {
		s := measuretest.Live(measuretest.RunOf(43e3, 31e3, 0))()
		s.State, s.Why, s.Turns = "waiting for pods", "0 of 2 measure: kpadvisor-abc123-b-0: pulling image", 40
		return s
	}
	return map[string]state{
		"nodes-plan":   func(s kit.Style, w, h int) app { return planned(s, w, h, &measuretest.Nodes{}, "") },
		"nodes-failed": func(s kit.Style, w, h int) app { return planned(s, w, h, &measuretest.Nodes{}, "no-such-node") },
		"nodes-denied": func(s kit.Style, w, h int) app {
			return planned(s, w, h, &measuretest.Nodes{Denied: "create jobs.batch in default. \"kpadvisor rbac --probe -n default\" prints the Role to ask for."}, "")
		},
		"nodes-review": func(s kit.Style, w, h int) app { return planned(s, w, h, &measuretest.Nodes{}, "").press("enter") },
		"nodes-starting": func(s kit.Style, w, h int) app {
			f := &measuretest.Nodes{Prober: &measuretest.Prober{Shows: starting, Result: measuretest.RunOf(43e3, 31e3, 20)}}
			a := planned(s, w, h, f, "").press("enter")
			a.Update(screentest.Press("Y"))
			return a.look()
		},
		"nodes-finished": func(s kit.Style, w, h int) app {
			r := measuretest.RunOf(43e3, 31e3, 20)
			a := planned(s, w, h, &measuretest.Nodes{Prober: &measuretest.Prober{Shows: measuretest.Live(r), Result: r}}, "").press("enter")
			a.Update(screentest.Press("Y"))
			return a.look().end()
		},
	}
}
