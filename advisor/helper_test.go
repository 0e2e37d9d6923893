package advisor

import "fmt"

// typed returns facts as typed on the command line: one node group, ClusterIP
// Services with one port, the mode unseen if it is empty.
func typed(services, endpoints int, kernel, version string, mode Mode) Facts {
	f := Facts{Origin: FromTyped}
	if version != "" {
		f.Version = KnownFrom(version, "--kubernetes-version")
	}
	f.Services = KnownFrom(ServiceCounts{Total: services, Counted: services, ClusterIP: services, Ports: services}, "--services")
	f.Endpoints = KnownFrom(EndpointCounts{Total: endpoints, Ready: endpoints, Serving: endpoints}, "--endpoints")
	f.Load = KnownFrom(Load{Family: "IPv4", Ports: services, Endpoints: endpoints}, "--services, --endpoints")
	f.Groups = []NodeGroup{{OS: "linux", Kernel: kernel, Nodes: 1}}
	if mode != "" {
		f.Groups[0].Proxy = proxyIn(mode)
	}
	return f
}

func proxyIn(mode Mode) Proxy {
	return Proxy{Implementation: KnownFrom(KubeProxy, "--proxy-mode"), Mode: KnownFrom(mode, "--proxy-mode")}
}

// habits sets answers from pairs of ID and value.
func habits(pairs ...string) Habits {
	var h Habits
	for i := 0; i+1 < len(pairs); i += 2 {
		var err error
		if h, err = h.Set(HabitID(pairs[i]), pairs[i+1], "answered"); err != nil {
			panic(fmt.Sprintf("test habits: %v", err))
		}
	}
	return h
}

// with is a situation of other facts and habits, and the same measurements. The
// rule table is shared: walks make many thousands.
func (s *situation) with(f Facts, h Habits) *situation {
	t := &situation{facts: f, habits: h, measured: s.measured, seen: HabitsMeasuredAt(f), told: &told{s.told.rules, map[RuleID]outcome{}}, load: newLoadView(f)}
	t.derive()
	return t
}
