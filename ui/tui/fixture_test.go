package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain/plaintest"
	"kpadvisor/say"
	"kpadvisor/ui/tui/measure/tools"
	"kpadvisor/ui/tui/screen/screentest"
)

// fixedAdvice is advice about mixedFacts that no change of a rule alters.
func fixedAdvice(say.Voice, advisor.Facts, advisor.Habits, advisor.Measured) advisor.Advice {
	why := func(rule advisor.RuleID, text string) []advisor.Reason {
		return []advisor.Reason{{Rule: rule, Text: text, Source: "KEP-5495"}}
	}
	return advisor.Advice{
		Headline:    "nftables on the 180 nodes with kernel 5.15; fix 81775 on the 32 IPVS nodes first",
		Current:     []advisor.ModeCount{{Mode: advisor.IPTables, Nodes: 180}, {Mode: advisor.IPVS, Nodes: 32}},
		Recommended: advisor.NFTables, Action: advisor.Change, Confidence: advisor.High,
		ConfidenceBecause: []string{"12 combinations of what is not known here were tried, and none changes the verdict."},
		First:             why(advisor.KPA014, "A node image with kernel 5.13 or later on 32 nodes comes before nftables."),
		Groups:            fixedGroups(),
		Because:           why(advisor.KPA011, "Every Linux node has a kernel of at least 5.13."),
		Ranking: []advisor.Ranked{
			{Mode: advisor.NFTables, Possible: true, Can: release.CanYes, Reasons: append(why(advisor.KPA011, "flat cost at 4,871 ports; stable since 1.33, default in 1.40"),
				advisor.Reason{Rule: advisor.KPA014, Text: "one endpoint's change writes three operations, however many Services there are"},
				advisor.Reason{Rule: advisor.KPA015, Text: "a third reason"})},
			{Mode: advisor.IPTables, Possible: true, Can: release.CanYes, Reasons: why(advisor.KPA021, "+49 us on each new connection here (estimate)")},
			{Mode: advisor.IPVS, Can: release.CanNo, Reasons: why(advisor.KPA031, "deprecated in 1.35, refuses to start by default in 1.40")},
		},
		TwoMode: advisor.TwoIPVS, TwoModeWhy: "4,871 ports is far above the band, were it not for issue 81775",
		Caveat: "32 nodes can send a new connection to a pod that a rollout destroyed.",
		Reuse: []advisor.Reuse{
			{
				Group: "IPVS, 5.4.0-96-generic, kube-proxy v1.33.4", Nodes: 32, Mode: advisor.IPVS, Exposure: reuse.StalePod, Likelihood: reuse.Certain,
				Why:  "The kernel is below 5.4.163 and kube-proxy sets conn_reuse_mode to 0 below 5.9.",
				Row:  "4.14.194-256, 4.19.140-218, 5.4.59-162 with mode 0",
				Load: "At 300 new connections per second a 5-tuple is certain to come back within 120 s.",
				Remedy: []string{
					"sysctl -w net.ipv4.vs.conn_reuse_mode=1",
					"upgrade the kernel to 5.4.163 or later",
				},
			},
			{Group: "iptables, 5.15.0-105-generic", Nodes: 180, Mode: advisor.IPTables, Exposure: reuse.NotIPVS, IfIPVS: reuse.Safe},
		},
		Estimates: []advisor.Estimate{
			{
				Mode: advisor.IPTables, Known: true, Rules: 116313, Chains: 43582, NewConnectionP50Ns: 48710, NewConnectionP99Ns: 112033,
				OneEndpointChange: "4,911 lines", Formula: "10 ns x S at p50, 23 ns x S at p99", Source: "KEP-3866, chart",
			},
			{Mode: advisor.IPVS, Known: true, Rules: 30, VirtualServers: 4871, RealServers: 38771},
			{Mode: advisor.NFTables, Known: true, Rules: 5042, Chains: 5030, Elements: 14613},
		},
		Lifecycle: why(advisor.KPA041, "IPVS is deprecated in 1.35 and removed in 1.43."),
		Findings: []advisor.Finding{
			{Rule: advisor.KPA051, Severity: advisor.Critical, Text: "32 nodes are exposed to issue 81775.", Remedy: "sysctl -w net.ipv4.vs.conn_reuse_mode=1", Source: "issue 81775"},
			{Rule: advisor.KPA052, Severity: advisor.Info, Text: "The mode is written explicitly.", Source: "PR 139957"},
		},
		Flips: []advisor.Flip{
			{If: "a Linux node with kernel < 5.13", Then: "iptables", To: advisor.IPTables, Act: advisor.Keep},
			{If: "keep-alive connections", Then: "no hurry", To: advisor.NFTables, Act: advisor.Change},
		},
		Runbook: []advisor.Step{
			{Title: "Look at what reads iptables rules", Commands: []string{"kubectl get pods -A -o wide"}},
			{Title: "Write the mode explicitly", Text: "An unset mode becomes nftables in 1.40.", Commands: []string{"kubectl -n kube-system edit configmap kube-proxy"}},
		},
		Unanswered: []advisor.Unanswered{{Habit: advisor.HabitConnections, Changes: "short connections make the change urgent"}},
		Unseen:     []advisor.Reason{{Text: "The live value of conn_reuse_mode is not in the API."}},
		RulesDate:  "2026-11-23",
	}
}

// fixedGroups are what that advice means for each group.
func fixedGroups() []advisor.GroupAdvice {
	can := func(ipvs, nftables release.Can) map[advisor.Mode]release.Can {
		return map[advisor.Mode]release.Can{advisor.IPTables: release.CanYes, advisor.IPVS: ipvs, advisor.NFTables: nftables}
	}
	return []advisor.GroupAdvice{
		{
			Group: "iptables, 5.15.0-105-generic, kube-proxy v1.33.4", Nodes: 180, Mode: advisor.IPTables, To: advisor.NFTables, Weighs: true,
			Can: can(release.CanUnknown, release.CanYes), Advice: "May move to nftables now.",
		},
		{
			Group: "IPVS, 5.4.0-96-generic, kube-proxy v1.33.4", Nodes: 32, Mode: advisor.IPVS, To: advisor.NFTables, Weighs: true,
			Can: can(release.CanYes, release.CanNo), Advice: "Stays on IPVS until that is settled: kernel 5.4.0-96-generic is before 5.13: renew the node image.",
			Blockers: []string{"kernel 5.4.0-96-generic is before 5.13: renew the node image"},
		},
	}
}

// fixedMove is a plan for a mode that was asked for.
func fixedMove(v say.Voice, _ advisor.Facts, _ advisor.Habits, _ advisor.Measured, to advisor.Mode) advisor.Move {
	return advisor.Move{
		To: to, Can: release.CanUnknown,
		Differs: []advisor.Reason{{Text: "The advice is another: nftables.", Source: "this rule table"}, {Rule: advisor.KPA031, Text: "deprecated in 1.35", Source: "KEP-5495"}},
		Runbook: []advisor.Step{{Title: "Go to " + string(to), Commands: []string{"kubectl edit"}}},
	}
}

// fixedQuestions are two questions of each kind there is.
func fixedQuestions() []advisor.Question {
	return []advisor.Question{
		{
			ID: advisor.HabitConnections, Text: "How do clients talk to Services?",
			Why: "the mode costs time only when a connection is opened.",
			Choices: []advisor.Choice{
				{Value: "long", Text: "long-lived connections (databases, gRPC, message brokers)"},
				{Value: "short", Text: "short connections (one per request)"},
				{Value: "mixed", Text: "some of each, or not sure"},
			},
		},
		{
			ID: advisor.HabitRolloutsPerDay, Text: "How many rollouts are there a day?",
			Why: "each one replaces pods, and issue 81775 needs a pod that is gone.", Unit: "a day", Max: 1e5,
		},
	}
}

// mixedFacts is a cluster with two modes and something it did not let us read.
func mixedFacts() advisor.Facts { return screentest.Facts() }

// hostile are strings that a cluster may hold and a terminal must not get.
func hostile() string { return screentest.Hostile() }

func keyPress(name string) tea.KeyPressMsg { return screentest.Press(name) }

// hostileFacts has such a string wherever a cluster can put one.
func hostileFacts() advisor.Facts {
	h := hostile()
	f := mixedFacts()
	f.Name, f.Version, f.Platform = h, advisor.KnownFrom(h, h), advisor.KnownFrom(advisor.Platform(h), h)
	f.Endpoints.Value.LargestName, f.RolloutsPerDay.Source = h, h
	g := f.Groups[1]
	g.Arch, g.OSImage, g.Kernel, g.Kubelet = h, h, h, h
	g.Proxy.Mode, g.Proxy.Version = advisor.KnownFrom(advisor.Mode(h), h), advisor.KnownFrom(h, h)
	g.Proxy.Evidence = []advisor.Evidence{{Source: h, Says: h}, {Source: h, Says: h, Conflict: true}}
	f.Groups = nil
	for i := range 5 {
		g.Nodes = 100_000_000 + i
		f.Groups = append(f.Groups, g)
	}
	f.Coverage.Missing = []advisor.Missing{{What: h, Why: advisor.Why(h), Hides: h, Read: 1, Total: 2}}
	plaintest.Fill(&f, h) // and whatever else there is
	return f
}

// hostileAdvice has such strings wherever advice can carry one on.
func hostileAdvice(v say.Voice, f advisor.Facts, hb advisor.Habits, m advisor.Measured) advisor.Advice {
	h := hostile()
	a := fixedAdvice(v, f, hb, m)
	a.Headline, a.TwoModeWhy, a.Caveat, a.RulesDate = h, h, h, h
	a.First, a.ConfidenceBecause = []advisor.Reason{{Text: h, Source: h}}, []string{h}
	for i := range a.Groups {
		g := &a.Groups[i]
		g.Group, g.Advice, g.Blockers, g.To = h, h, []string{h}, advisor.Mode(h)
	}
	a.Because = []advisor.Reason{{Text: h, Source: h}}
	a.Lifecycle, a.Growth, a.Unseen = a.Because, a.Because, a.Because
	for i := range a.Ranking {
		a.Ranking[i].Mode, a.Ranking[i].Reasons = advisor.Mode(h), a.Because
	}
	a.Current = []advisor.ModeCount{{Implementation: advisor.Implementation(h), Nodes: 1}}
	for i := range a.Reuse {
		r := &a.Reuse[i]
		r.Group, r.Why, r.Row, r.Load, r.Remedy, r.Likelihood = h, h, h, h, []string{h}, reuse.Likelihood(h)
	}
	for i := range a.Estimates {
		e := &a.Estimates[i]
		e.Rules, e.OneEndpointChange, e.FullSync, e.Formula, e.Source = 1<<60, h, h, h, h
	}
	for i := range a.Findings {
		a.Findings[i] = advisor.Finding{Severity: advisor.Severity(h), Text: h, Remedy: h, Source: h}
	}
	a.Flips = []advisor.Flip{{If: h, Then: h}}
	a.Runbook = []advisor.Step{{Title: h, Text: h, Commands: []string{h, "a\nb"}}}
	a.Unanswered = []advisor.Unanswered{{Habit: advisor.HabitID(h), Changes: h}}
	plaintest.Fill(&a, h) // and whatever else there is
	return a
}

// app is a root model that a test drives by hand.
type app struct{ *root }

func start(o Options, w, h int) app {
	o.deciders = deciders{fixedAdvice, fixedMove}
	m := newRoot(context.Background(), o)
	m.screens[habitsTab].(*habitsScreen).questions = fixedQuestions()
	m.session.asked.known = false
	m.session.refresh()
	a := app{m}
	a.settle()
	a.Update(tea.WindowSizeMsg{Width: w, Height: h})
	return a
}

// Update acts on a message and then decides, where that was asked for, before
// anything else can happen: what a test sees next is always the newest advice.
func (a app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := a.act(msg)
	a.considers()
	a.settle()
	return a.root, cmd
}

// settle makes every decision that waits.
func (a app) settle() {
	for {
		cmd := a.session.next()
		if cmd == nil {
			cmd = a.session.nextWhatIf()
		}
		if cmd == nil {
			return
		}
		a.act(cmd())
	}
}

// done is a survey that has ended with these facts.
func done(f advisor.Facts) Options {
	return surveyed(func() advisor.Reading { return advisor.Reading{Facts: f, Done: true} })
}

// sees takes a look at the survey.
func (a app) sees(r advisor.Reading) {
	a.Update(lookedMsg{{of: a.place, turn: a.place.turn, reading: r, at: a.began}})
}

// read pulls the survey once.
func (a app) read() app {
	a.sees(a.opts.Survey.Reading())
	return a
}

// press sends keys by name, and runs what they start to its end.
func (a app) press(keys ...string) app {
	for _, k := range keys {
		a.draw() // nobody presses a key on a screen that was not shown
		_, cmd := a.Update(keyPress(k))
		a.run(cmd)
	}
	return a
}

func (a app) run(cmd tea.Cmd) {
	for cmd != nil {
		msg := cmd()
		switch msg.(type) {
		case nil, tea.QuitMsg, tea.BatchMsg: // a batch is a run of the probe: it goes on until it is told to end
			return
		}
		_, cmd = a.Update(msg)
	}
}

// typed presses the keys of a text.
func (a app) typed(text string) app {
	for _, r := range text {
		if r == ' ' {
			a.press("space")
			continue
		}
		a.press(string(r))
	}
	return a
}

// with are options to measure with.
func with(o Options, t tools.Tools) Options {
	o.Engine, o.Lab, o.Cluster, o.Store = t.Engine, t.Lab, t.Cluster, fakeStore{}
	return o
}

// lost is a survey that could not begin, with everything to go on with.
func lost() Options {
	o := surveyed(func() advisor.Reading { return advisor.Reading{Err: errors.New("dial tcp: refused")} })
	o.Offline, o.Store = fakeOffline{}, fakeStore{}
	return o
}
