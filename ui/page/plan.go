package page

import (
	"strconv"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/say"
)

// Loop says how the hits of a plan follow each other: "open loop, 100/s".
func Loop(v say.Voice, p probe.Plan) string {
	if p.OpenLoop() {
		return v.Sprintf("open loop, %s/s", Rate(p.Rate))
	}
	return v.Sprintf("closed loop, %s at once", plain.Number(p.Concurrency))
}

// RunPlan is a plan for so many targets in a line.
func RunPlan(v say.Voice, p probe.Plan, targets int) string {
	out := []string{Loop(v, p)}
	if ab := probe.ABPlan(); p.Concurrency == ab.Concurrency && p.Blocks == ab.Blocks {
		out = []string{v.Sprintf("as ab -c %s -n %s, one target after the other", plain.Number(p.Concurrency), plain.Number(p.Requests)), out[0]}
	}
	switch {
	case targets == 1:
		return v.Clauses(append(out, v.Text("one target alone: no difference"))...)
	case p.Blocks < probe.MinBlocks:
		return v.Clauses(append(out, v.Sprintf("an interval for the difference needs %s", v.Count(probe.MinBlocks, "block")))...)
	}
	return v.Clauses(append(out, v.Sprintf("%s for each target", v.Count(p.Blocks, "alternating block")))...)
}

// LabPlan is a lab and the load on it in a line.
func LabPlan(v say.Voice, o lab.Options) string {
	load := v.Sprintf("hot: %s", Loop(v, o.Plan))
	if o.Plan.OpenLoop() {
		load = v.Sprintf("cold: %s/s, caches emptied meanwhile", Rate(o.Plan.Rate))
	}
	return v.Clauses(LabOf(v, o), v.Sprintf("%s, %s of each mode in turn", load, v.Count(o.Plan.Blocks, "block")))
}

// LabOf is what a lab holds.
func LabOf(v say.Voice, o lab.Options) string {
	services, where := v.Count(o.Shape.Services, "Service"), place(v, o.Position)
	if len(o.Shape.Distribution) > 0 {
		return v.Sprintf("%s, endpoints as in the cluster, target %s among the rules", services, where)
	}
	return v.Sprintf("%s of %s, target %s among the rules", services, v.Count(o.Shape.Endpoints, "endpoint"), where)
}

// StageLine is what a lab builds: "nftables, 1,000 Services".
func StageLine(v say.Voice, s lab.Stage) string {
	if s.Mode == "" {
		return v.Count(s.Services, "Service")
	}
	return v.Sprintf("%s, %s", Lane(s.Mode), v.Count(s.Services, "Service"))
}

// Objects counts what a mode holds in the kernel.
func Objects(v say.Voice, c lab.Counts) string {
	var parts []string
	for _, o := range []struct {
		n    int
		said string
	}{
		{c.VirtualServers, v.Count(c.VirtualServers, "virtual server")},
		{c.RealServers, v.Count(c.RealServers, "real server")},
		{c.Rules, v.Count(c.Rules, "rule")},
		{c.Chains, v.Count(c.Chains, "chain")},
		{c.Elements, v.Count(c.Elements, "element")},
	} {
		if o.n > 0 {
			parts = append(parts, o.said)
		}
	}
	return v.List(parts...)
}

// PodsPlan is a probe from pods in a line; without a Service they have one of their own.
func PodsPlan(v say.Voice, service string, blocks int, perSecond float64) string {
	to := v.Text("an echo server of its own")
	if service != "" {
		to = service
	}
	return v.Sprintf("to %s; %s of each side in turn, at most %s/s", to, v.Count(blocks, "block"), Rate(perSecond))
}

// DrillPlan is a drill in a line.
func DrillPlan(v say.Voice, p drill.Plan) string {
	return v.Sprintf("%s at once, %s/s to each from %s, so that each comes round every %s s; about %.0f s in all",
		v.Count(len(p.Configs), "configuration"), Rate(p.Rate), v.Count(p.Ports, "source port"), strconv.FormatFloat(p.Round().Seconds(), 'g', 3, 64), p.Length().Seconds())
}

// DrillWorth is what a plan can show: how likely reuse is, and what its speed changes.
func DrillWorth(v say.Voice, p drill.Plan) (shows, speed string) {
	shows = v.Sprintf("%.0f %% of the connections find the entry of an earlier one, which IPVS keeps for %.0f s. With the usual %s ports that takes %.0f/s from one client.",
		100*p.ReuseShare(), drill.EntryLife.Seconds(), plain.Number(drill.DefaultPorts), drill.SameReuseRate())
	if p.Speed > 1 {
		speed = v.Sprintf("Speed %s: kubelet and kube-proxy wait that much less; the kernel's times stay.", Rate(p.Speed))
	}
	return shows, speed
}

// Scale writes the top of a scale, which is a round number of something.
func Scale(v say.Voice, ns float64) string {
	switch {
	case ns >= 1e9:
		return v.Sprintf("%.0f s", ns/1e9)
	case ns >= 1e6:
		return v.Sprintf("%.0f ms", ns/1e6)
	case ns >= 1e3:
		return v.Sprintf("%.0f µs", ns/1e3)
	}
	return v.Sprintf("%.0f ns", ns)
}
