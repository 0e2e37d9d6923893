package page

import (
	"fmt"
	"strconv"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
)

// Loop says how the hits of a plan follow each other: "open loop, 100/s".
func Loop(p probe.Plan) string {
	if p.OpenLoop() {
		return "open loop, " + Rate(p.Rate) + "/s"
	}
	return "closed loop, " + plain.Number(p.Concurrency) + " at once"
}

// RunPlan is a plan for so many targets in a line.
func RunPlan(p probe.Plan, targets int) string {
	out := Loop(p)
	if ab := probe.ABPlan(); p.Concurrency == ab.Concurrency && p.Blocks == ab.Blocks {
		out = "as ab -c " + plain.Number(p.Concurrency) + " -n " + plain.Number(p.Requests) + ", one target after the other; " + out
	}
	switch {
	case targets == 1:
		return out + "; one target alone: no difference"
	case p.Blocks < probe.MinBlocks:
		return out + "; an interval for the difference needs " + plain.Count(probe.MinBlocks, "block")
	}
	return out + "; " + plain.Count(p.Blocks, "alternating block") + " for each target"
}

// LabPlan is a lab and the load on it in a line.
func LabPlan(o lab.Options) string {
	load := "hot: " + Loop(o.Plan)
	if o.Plan.OpenLoop() {
		load = "cold: " + Rate(o.Plan.Rate) + "/s, caches emptied meanwhile"
	}
	return LabOf(o) + "; " + load + ", " + plain.Count(o.Plan.Blocks, "block") + " of each mode in turn"
}

// LabOf is what a lab holds.
func LabOf(o lab.Options) string {
	out := plain.Count(o.Shape.Services, "Service") + " of " + plain.Count(o.Shape.Endpoints, "endpoint")
	if len(o.Shape.Distribution) > 0 {
		out = plain.Count(o.Shape.Services, "Service") + ", endpoints as in the cluster"
	}
	return out + ", target " + string(o.Position) + " among the rules"
}

// StageLine is what a lab builds: "nftables, 1,000 Services".
func StageLine(s lab.Stage) string {
	if s.Mode == "" {
		return plain.Count(s.Services, "Service")
	}
	return Lane(s.Mode) + ", " + plain.Count(s.Services, "Service")
}

// Objects counts what a mode holds in the kernel.
func Objects(c lab.Counts) string {
	var parts []string
	for _, o := range []struct {
		n    int
		noun string
	}{{c.VirtualServers, "virtual server"}, {c.RealServers, "real server"}, {c.Rules, "rule"}, {c.Chains, "chain"}, {c.Elements, "element"}} {
		if o.n > 0 {
			parts = append(parts, plain.Count(o.n, o.noun))
		}
	}
	return strings.Join(parts, ", ")
}

// PodsPlan is a probe from pods in a line; without a Service they have one of their own.
func PodsPlan(service string, blocks int, perSecond float64) string {
	to := "an echo server of its own"
	if service != "" {
		to = service
	}
	return "to " + to + "; " + plain.Count(blocks, "block") + " of each side in turn, at most " + Rate(perSecond) + "/s"
}

// DrillPlan is a drill in a line.
func DrillPlan(p drill.Plan) string {
	return fmt.Sprintf("%s at once, %s/s to each from %s, so that each comes round every %s s; about %.0f s in all",
		plain.Count(len(p.Configs), "configuration"), Rate(p.Rate), plain.Count(p.Ports, "source port"), strconv.FormatFloat(p.Round().Seconds(), 'g', 3, 64), p.Length().Seconds())
}

// DrillWorth is what a plan can show: how likely reuse is, and what its speed changes.
func DrillWorth(p drill.Plan) (shows, speed string) {
	shows = fmt.Sprintf("%.0f %% of the connections find the entry of an earlier one, which IPVS keeps for %.0f s. With the usual %s ports that takes %.0f/s from one client.",
		100*p.ReuseShare(), drill.EntryLife.Seconds(), plain.Number(drill.DefaultPorts), drill.SameReuseRate())
	if p.Speed > 1 {
		speed = "Speed " + Rate(p.Speed) + ": kubelet and kube-proxy wait that much less; the kernel's times stay."
	}
	return shows, speed
}

// Scale writes the top of a scale, which is a round number of something.
func Scale(ns float64) string {
	for _, u := range []struct {
		ns   float64
		name string
	}{{1e9, " s"}, {1e6, " ms"}, {1e3, " µs"}} {
		if ns >= u.ns {
			return fmt.Sprintf("%.0f%s", ns/u.ns, u.name)
		}
	}
	return fmt.Sprintf("%.0f ns", ns)
}
