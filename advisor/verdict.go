package advisor

import (
	"kpadvisor/plain"
	"kpadvisor/say"
)

// Decide turns what is known of a cluster into advice. It is a pure function:
// the same input gives the same advice, byte for byte, and the order of the
// node groups does not matter.
func Decide(f Facts, h Habits, m Measured) Advice { return DecideIn(say.Voice{}, f, h, m) }

// DecideIn is Decide in another language: the same advice, and other sentences.
// Identifiers, commands, sources and what was read stay as they are.
func DecideIn(v say.Voice, f Facts, h Habits, m Measured) Advice {
	s := situationIn(v, f, h, m)
	d := s.decide()
	verdict := s.word(d)
	confidence, doubts := s.confidence(d)
	two, ground := s.twoMode()
	rows := s.reuseRows(verdict.mode)
	here := s.caveat(rows, verdict.mode)
	return Advice{
		Headline:          verdict.headline,
		Current:           s.current(),
		Recommended:       verdict.mode,
		Action:            verdict.action,
		Confidence:        confidence,
		ConfidenceBecause: texts(doubts),
		Because:           said(append(append(verdict.because, s.evidence(d)...), s.unsure(d, confidence, doubts)...)),
		First:             s.first(d),
		Groups:            s.groupAdvice(d),
		Ranking:           s.ranking(d),
		TwoMode:           two,
		TwoModeWhy:        s.twoModeWhy(ground),
		Caveat:            s.Sprintf("Issue 81775 (IPVS reuses connections to destroyed pods): %s", here),
		CaveatHere:        here,
		Reuse:             rows,
		Estimates:         s.estimates(),
		Lifecycle:         s.lifecycle(),
		Findings:          s.findings(),
		Growth:            s.growth(d),
		Flips:             s.flips(d),
		Runbook:           s.runbook(d),
		Unanswered:        s.unanswered(d),
		Connections:       s.seen,
		Unseen:            s.notSeen(),
		RulesDate:         rulesDate,
		Curve:             s.curve(),
	}
}

// unsure are the doubts that cost confidence, and say so.
func (s *situation) unsure(d decision, c Confidence, doubts []Reason) []Reason {
	if c == High {
		return nil
	}
	out := make([]Reason, 0, len(doubts))
	for _, r := range doubts {
		if d.action == None {
			r.Text = s.Sprintf("Confidence is medium: %s", r.Text)
		} else {
			r.Text = s.Sprintf("Less sure: %s", r.Text)
		}
		r.Doubt = true
		out = append(out, r)
	}
	return out
}

// texts are those of reasons.
func texts(reasons []Reason) []string {
	out := []string{}
	for _, r := range reasons {
		out = append(out, r.Text)
	}
	return out
}

// verdict is a decision with its words.
type verdict struct {
	decision
	headline string
	because  []Reason
}

// weak reports a decision taken with a known drawback: never high confidence.
func (d decision) weak() bool {
	switch d.ground {
	case gFailing, gKeepNFTAlpha, gKeepNFTFault, gKeepNFTSlow, gLeaveIPVSSlow, gLeaveIPVSOld, gIPVSCheck, gIPVSLatent, gIPVSLong, gIPVSExposedBeta,
		gKeepIPTKernels, gKeepIPTSlow, gMeasureIPT, gKeepOld81775, gMoveOldIPVS, gBandIPVS, gCannotRun, gBestNFTSlow, gBestIPTSlow, gBestIPVS:
		return true
	}
	return false
}

// word puts a decision into words.
func (s *situation) word(d decision) verdict {
	v := verdict{decision: d}
	switch {
	case d.ground <= gFailing:
		v.headline, v.because = s.wordNone(d)
	case d.ground <= gKeepNFTSlow:
		v.headline, v.because = s.wordState(d)
	case d.ground <= gIPVSExposedBeta:
		v.headline, v.because = s.wordIPVS(d)
	case d.ground <= gMoveIPT:
		v.headline, v.because = s.wordIPTables(d)
	case d.ground <= gMoveOldIPVS:
		v.headline, v.because = s.wordOld(d)
	default:
		v.headline, v.because = s.wordBest(d)
	}
	return s.qualified(v)
}

// qualified says in the headline what is not in force or was not seen: kube-proxies
// that do not run, modes that are not visible, and what a configuration newer than
// its process leaves
// open, since kube-proxy reads it when it starts.
func (s *situation) qualified(v verdict) verdict {
	if v.action != Keep && v.action != Change && v.action != Measure {
		return v
	}
	if failing := where(s.classes, func(c class) bool { return c.failing }); len(failing) > 0 && len(failing) < len(s.classes) {
		v.headline = s.Sprintf("Repair kube-proxy on %s first; then: %s", nodesText(s.Voice, nodesIn(failing)), v.headline)
		v.because = append([]Reason{s.reason(KPA058)}, v.because...)
	}
	if dark := s.unseenClasses(); len(dark) > 0 {
		v.headline = s.Clauses(v.headline, s.missed(s.Sprintf("the mode of %s", nodesText(s.Voice, nodesIn(dark)))))
	}
	open := where(s.classes, func(c class) bool { return c.open })
	if len(open) == 0 {
		return v
	}
	v.because = append([]Reason{s.reason(KPA053)}, v.because...)
	switch {
	case v.action == Keep && len(open) == len(s.classes):
		v.headline = s.Sprintf("%s is configured and right here, but kube-proxy started before that: restart it, or look which mode runs", plain.Upper(v.mode.title()))
	default:
		v.headline = s.Sprintf("%s; look first which mode runs on %s, kube-proxy there is older than its configuration", v.headline, nodesText(s.Voice, nodesIn(open)))
	}
	return v
}

// wordNone is for decisions that choose no mode, or cannot.
func (s *situation) wordNone(d decision) (string, []Reason) {
	switch d.ground {
	case gNoLinux:
		return s.Text("No Linux node here: Windows nodes know no choice of mode"),
			[]Reason{{Text: s.Text("kube-proxy on Windows always runs in kernelspace mode."), Source: "kubernetes pkg/proxy/apis/config/types.go"}}
	case gManaged:
		what := s.managedNames()
		return s.Sprintf("Nothing to choose here: %s", what),
			[]Reason{{Text: s.Sprintf("%s, and nobody can configure kube-proxy on them: who runs them chooses.", plain.Upper(what)), Source: "labels and annotations of the nodes"}}
	case gReplaced:
		return s.wordReplaced()
	case gNoLoad:
		return s.wordNoLoad()
	case gNoVersion:
		return s.Text("Cannot tell: the Kubernetes version is not known"),
			[]Reason{{Text: s.Sentences(s.Text("The version decides which modes exist."), s.giveWith("--kubernetes-version")), Source: s.missing(s.facts.Version.Why)}}
	case gFailing:
		n := nodesIn(s.classes)
		r := []Reason{s.reason(KPA058)}
		if d.mode != "" {
			r = append(r, Reason{Text: s.Sprintf("Once it runs: %s is the mode to run here.", d.mode.title()), Source: "this rule table"})
		}
		return s.Sprintf("Repair kube-proxy first: it does not run on %s, so no mode is in force", nodesText(s.Voice, n)), r
	}
	return s.wordKernels()
}

// wordKernels says that kernels decide and are not known.
func (s *situation) wordKernels() (string, []Reason) {
	r := Reason{Text: s.Sentences(s.Text("Issue 81775 depends on the kernel of every node, and not every one is known."), s.giveWith("--kernel")), Source: src81775}
	if s.since(31) {
		r = Reason{Text: s.Sentences(s.Text("nftables needs kernel 5.13 on every Linux node, and not every kernel is known."), s.giveWith("--kernel")), Source: srcSupported}
	}
	out := []Reason{r}
	if s.load.known && s.oldest.IsKnown() {
		out = append(out, s.costReason())
	}
	return s.Text("Cannot tell: the kernels of the Linux nodes are not known"), out
}

// giveWith names the remedy for a fact that is missing: the flag, and for what a
// reader of the cluster may not read also the right.
func (s *situation) giveWith(flag string) string {
	text := s.Sprintf("Give it with %s.", flag)
	if s.facts.Origin != FromCluster {
		return text
	}
	for _, m := range s.facts.Coverage.Missing {
		if m.Why == Forbidden && flag == "--kernel" && m.What == "Nodes" {
			return s.Text("Reading them takes the right to list nodes (kpadvisor rbac prints the role); or name one for all nodes with --kernel.")
		}
	}
	return text
}

// wordNoLoad is for a cluster whose Services are not known, or not yet.
func (s *situation) wordNoLoad() (string, []Reason) {
	headline := s.Text("Cannot tell: the Services of this cluster were not read")
	if s.facts.Coverage.Pending {
		headline = s.Text("Cannot tell yet: the Services of this cluster are being read")
	}
	return headline, []Reason{{
		Text:   s.Sentences(s.Text("The number of Services decides, and it is not known."), s.giveWith("--services")),
		Source: s.missing(s.facts.Services.Why),
	}}
}

// wordReplaced names what programs Services instead of kube-proxy.
func (s *situation) wordReplaced() (string, []Reason) {
	instead, source := "", ""
	for _, c := range s.current() {
		if c.Implementation != "" && c.Implementation != KubeProxy {
			instead = string(c.Implementation)
			break
		}
	}
	for _, g := range s.groups {
		if g.Proxy.Implementation.State != Unknown {
			source = g.Proxy.Implementation.Source
			break
		}
	}
	headline := s.Sprintf("No kube-proxy runs here: %s programs Services", instead)
	if instead == "" {
		headline, instead = s.Text("No kube-proxy runs here: there is no mode to choose"), s.Text("something that was not recognised")
	} else if s.reason(KPA059).Rule != 0 {
		headline = s.Sprintf("%s programs Services here: the mode of the kube-proxy beside it decides nothing", instead)
	}
	return headline, []Reason{
		{Text: s.Sprintf("Services are programmed by %s. A kube-proxy mode would change nothing.", instead), Source: source},
		s.reason(KPA059), s.reason(KPA072),
	}
}

// wordState is for modes that end, that cannot run, that are mixed, unseen, or
// where kube-proxy is going.
func (s *situation) wordState(d decision) (string, []Reason) {
	best := s.word(s.best()).because
	known, _ := s.modes()
	switch d.ground {
	case gUserspace:
		return s.Sprintf("Move to %s before 1.26: userspace mode ends there", d.mode.title()), append([]Reason{s.reason(KPA054)}, best...)
	case gCannotRun:
		bad, why := NFTables, s.nftImpossible()
		if s.inForce(IPVS) && s.newest.Value.AtLeast(43) {
			bad, why = IPVS, Reason{Rule: KPA033, Text: s.Text("IPVS mode is removed from 1.43 on: kube-proxy does not start."), Source: srcKEP5495}
		}
		return s.Sprintf("Move to %s: %s cannot run here", d.mode.title(), bad.title()), append([]Reason{why}, best...)
	case gFinish:
		n := 0
		for _, c := range known {
			if c.Mode != NFTables {
				n += c.Nodes
			}
		}
		headline := s.Sprintf("Finish the move to nftables: %s not run it yet", doNodes(s.Voice, n))
		return s.firstThen(d, headline), append([]Reason{s.reason(KPA052), s.reason(KPA041), s.reason(KPA042)}, s.heldReasons(d)...)
	case gMixed:
		headline := s.Sprintf("%s on every node: two modes in one cluster behave differently per node", plain.Upper(d.mode.title()))
		if n := s.exposedNodes(); n > 0 && d.mode != IPVS {
			headline = s.Sprintf("%s on every node; first the %s exposed to issue 81775", plain.Upper(d.mode.title()), s.Count(n, "node"))
		}
		return s.firstThen(d, headline), append(append([]Reason{s.reason(KPA052), s.reason(KPA041), s.reason(KPA042)}, s.heldReasons(d)...), best...)
	case gUnseen:
		return s.wordUnseen(d, best)
	case gKeepNFTAlpha:
		return s.Sprintf("Keep nftables only with an upgrade: it is alpha and unsupported in %s, stable from 1.33", s.oldest.Value.MinorText()),
			[]Reason{s.reason(KPA013)}
	case gKeepNFTFault:
		return s.Text("Keep nftables, but upgrade kube-proxy: a known fault of it bites here"), append(s.faults(NFTables), s.reason(KPA011), s.reason(KPA012))
	case gKeepNFTSlow:
		if s.since(37) {
			return s.Text("Keep nftables; at this size its first sync takes minutes, so restart few nodes at a time"), []Reason{s.weakSpot(), s.reason(KPA011)}
		}
		return s.Text("Keep nftables, but upgrade: this size meets its weak spot"), []Reason{s.weakSpot(), s.reason(KPA011), s.reason(KPA012)}
	}
	return s.Text("Keep nftables: it is where kube-proxy is going"), []Reason{s.reason(KPA011), s.reason(KPA012)}
}

func doNodes(v say.Voice, n int) string {
	if n == 0 {
		return v.Text("the nodes do")
	}
	return v.Plural(n, "node does", "nodes do")
}

func (s *situation) wordUnseen(d decision, best []Reason) (string, []Reason) {
	headline := s.Sprintf("Run %s; the mode in force is not visible, so look before you change", d.mode.title())
	out := append(best, s.reason(KPA055))
	if d.mode == NFTables {
		if worth, _ := s.gainOf(NFTables).worth(s, NFTables); worth != yes {
			out = append(out, Reason{Text: s.Sentences(s.Text("Where a healthy iptables runs, it may stay for now."), s.gainOf(NFTables).small(s, NFTables).Text), Source: srcKEP3866})
		}
	}
	return headline, out
}

// firstThen puts what must come first before the headline of a move to nftables.
func (s *situation) firstThen(d decision, headline string) string {
	switch {
	case d.lift && d.renew:
		return s.Sprintf("Upgrade kube-proxy and renew %s, then nftables everywhere", s.Count(nodesIn(s.heldByKernel()), "node"))
	case d.lift:
		return s.Sprintf("Upgrade kube-proxy first, it is %s; then nftables", s.oldest.Value.MinorText())
	case d.renew && nodesIn(s.heldByKernel()) > 0:
		return s.Sprintf("Renew %s (kernel before 5.13), then nftables everywhere", s.Count(nodesIn(s.heldByKernel()), "node"))
	case d.renew:
		return s.Text("Renew the nodes (kernel before 5.13), then nftables everywhere")
	}
	return headline
}

// heldReasons say what holds nodes back from nftables, and what to do about it.
func (s *situation) heldReasons(d decision) []Reason {
	var out []Reason
	if d.lift {
		held := s.heldByVersion()
		text := s.Sprintf("kube-proxy is %s on %s; nftables mode is stable from 1.33. Upgrade it first.", held[0].version.Value, nodesText(s.Voice, nodesIn(held)))
		if lagging(held[0].group) {
			text = s.Sprintf("kube-proxy is %s on %s whose kubelet is %s: it was left behind, and what it can do is what its own version can. Upgrade it first.",
				held[0].version.Value, nodesText(s.Voice, nodesIn(held)), plain.Text(held[0].Kubelet))
		}
		out = append(out, Reason{Text: text, Source: "versions of kube-proxy; KEP-3866"})
	}
	if d.renew {
		held := s.heldByKernel()
		nodes := nodesText(s.Voice, nodesIn(held))
		text := s.Sprintf("A node image with kernel 5.13 or later on %s comes before nftables.", nodes)
		if s.inForce(IPVS) {
			text = s.Sprintf("A node image with kernel 5.13 or later on %s comes before nftables: one move instead of two, since iptables would have to be left again.", nodes)
		}
		if may := s.mayMove(); may > 0 {
			text = s.Sentences(text, s.Sprintf("The other %s may move now: both modes side by side are supported during a migration.", s.Count(may, "node")))
		}
		out = append(out, s.reason(KPA014), Reason{Text: text, Source: srcKEP5343})
	}
	return out
}

// mayMove counts the nodes that can run nftables now and do not.
func (s *situation) mayMove() int {
	return nodesIn(where(s.classes, func(c class) bool {
		m, known := c.inMode()
		return c.can(NFTables) == yes && c.version.IsKnown() && c.version.Value.AtLeast(33) && (!known || m != NFTables)
	}))
}

// exposedNodes counts the nodes where issue 81775 can bite now.
func (s *situation) exposedNodes() int {
	if !s.urgent() {
		return 0
	}
	n := 0
	for _, g := range s.groups {
		if g.inForce && g.reuse.Exposure.Bites() && g.Managed == "" && g.Leaving == "" {
			n += g.Nodes
		}
	}
	return n
}
