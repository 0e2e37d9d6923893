package advisor

import (
	"fmt"
	"slices"

	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
)

// unapplied is a rule that could not be applied, and what it would have told.
type unapplied struct{ what, source string }

// unchecked lists what rules could not look at because their input is missing:
// a rule that says nothing must not be taken for one that found nothing.
func (s *situation) unchecked() []unapplied {
	var out []unapplied
	add := func(id RuleID, what, source string) {
		if r, ok := s.ruleOf(id); ok {
			if s.apply(r).Outcome == CantSay {
				out = append(out, unapplied{what, source})
			}
		}
	}
	configuration, one := s.missed(s.Text("the configuration of kube-proxy")), s.Text("Services were not read one by one")
	if s.facts.Coverage.Pending {
		one = s.Text("Services are still to be read one by one")
	}
	if s.leavesFor(NFTables) {
		add(KPA018, s.Sprintf("whether node ports are used on other than the primary address (%s).", s.missed("nodePortAddresses")), "kubernetes blog, 2025-02-28, nftables mode")
		add(KPA020, s.Sprintf("conntrack.tcpBeLiberal, which nftables mode wants before kernel 6.1 (%s).", configuration), "kubernetes issue 117924")
		add(KPA076, s.Text("which CNI plugin and which other software concern the mode (none was seen)."), "kubernetes API")
	}
	if s.inForce(IPVS) {
		add(KPA035, s.Sprintf("the IPVS scheduler and strictARP, which are lost when IPVS is left (%s).", configuration), "kubernetes pkg/proxy/ipvs")
		add(KPA036, s.Sprintf("ClientIP affinity and UDP Services (%s).", one), "kubernetes PR 71834")
	}
	return out
}

// missed says that something was not seen, or not yet.
func (s *situation) missed(what string) string {
	if s.facts.Coverage.Pending {
		return s.Sprintf("%s has not been seen yet", what)
	}
	return s.Sprintf("%s was not seen", what)
}

// unread says that the read was not complete, or is not yet.
func (s *situation) unread() string {
	if s.facts.Coverage.Pending {
		return s.Text("not everything has been read yet.")
	}
	return s.Text("not everything was read.")
}

// missing is the source of what follows from not knowing something.
func (s *situation) missing(why Why) string {
	switch {
	case why != NotAsked:
		return string(why)
	case s.facts.Coverage.Pending:
		return "being read"
	}
	return "not read"
}

// notSeen lists what the API cannot show, and this advice therefore does not
// know. What it could have shown and did not is in Coverage.
func (s *situation) notSeen() []Reason {
	out := []Reason{}
	add := func(text, source string) { out = append(out, Reason{Text: text, Source: source}) }
	if s.load.known && !s.load.exact {
		add(s.Text("Endpoints of each Service port: the load is made up from totals."), "coverage of this reading")
	}
	ipvs := slices.ContainsFunc(s.groups, func(g group) bool { return g.inForce })
	if len(s.groups) == 0 || slices.ContainsFunc(s.groups, func(g group) bool { return g.inForce == ipvs && !g.sysctlsRead() }) {
		text := s.Text("Live sysctls of the nodes (net.ipv4.vs.*) are not in the API: what kube-proxy sets is assumed.")
		if ipvs {
			text = s.Sentences(text, s.Text("kpadvisor audit --sysctls takes what was read."))
		}
		add(text, "kubernetes API")
	}
	if s.seen.sample() {
		add(plain.Upper(s.seen.sampleText(s.Voice)), "reports of the nodes")
	}
	if r := s.reason(KPA055); r.Text != "" {
		out = append(out, r)
	}
	if slices.ContainsFunc(s.proxied, func(g group) bool { return g.runs == unclear }) {
		add(s.Text("Whether kube-proxy runs at all is not visible on some nodes; it is assumed."), "kubernetes API")
	}
	for _, id := range s.unchecked() {
		out = append(out, Reason{Text: s.Sprintf("Not checked: %s", id.what), Source: id.source})
	}
	if s.possible(NFTables) == yes {
		add(s.Text("The host's nft version: 1.0.1 or later is needed beside nftables mode. Look: nft --version."), "kubernetes blog, 2025-02-28, nftables mode")
		add(s.Text("Tools and network policies that read or write KUBE-* iptables chains: they see none in nftables mode."), "kubernetes pkg/proxy/nftables/README.md")
	}
	if s.inForce(IPTables) && s.backend() == release.BackendUnknown {
		add(s.Text("The iptables backend of the nodes (legacy or nft): it weighs as much as the mode at many endpoints."), srcBackend)
	}
	return out
}

// unanswered says for each habit nobody answered what its answer would change:
// every answer is tried.
func (s *situation) unanswered(now decision) []Unanswered {
	out := []Unanswered{}
	for _, q := range QuestionsIn(s.Voice) {
		if _, _, known := s.habits.Answer(q.ID); known {
			continue
		}
		out = append(out, Unanswered{Habit: q.ID, Changes: s.wouldChange(q, now)})
	}
	return out
}

func (s *situation) wouldChange(q Question, now decision) string {
	var verdicts []string
	var odds []reuse.Likelihood
	ipvs := s.inForce(IPVS) || now.mode == IPVS
	for _, answer := range s.tries(q) {
		h, err := s.habits.Set(q.ID, answer, "tried")
		if err != nil {
			continue
		}
		t := s.withHabits(h)
		if then := t.decide(); !then.same(now) {
			verdicts = append(verdicts, s.Sprintf("%s: %s", answer, t.word(then).headline))
		}
		if l := t.likelihood(); !slices.Contains(odds, l) {
			odds = append(odds, l)
		}
	}
	switch {
	case len(verdicts) > 0:
		return s.Sprintf("the verdict: %s", s.Clauses(verdicts...))
	case len(odds) > 1 && ipvs:
		return s.Text("how likely issue 81775 is met here; the mode stays as advised")
	case len(odds) == 1 && s.answersReuse(q.ID) && s.reuseTold():
		return s.Text("nothing: the reuse of 5-tuples itself was measured")
	case q.ipvsOnly() && !ipvs:
		return s.Text("nothing by itself")
	default:
		return s.Sprintf("%s; the mode stays as advised", q.Decides)
	}
}

// answersReuse reports a habit that is asked for to tell whether 5-tuples are reused.
func (*situation) answersReuse(id HabitID) bool {
	return id == HabitNewConnections || id == HabitBehindNAT
}

// reuseTold reports that what was measured tells it.
func (s *situation) reuseTold() bool {
	l, told := s.reuseSeen()
	return told && l != reuse.UnknownLikelihood
}

// tries returns answers that span what a question can be answered with.
func (s *situation) tries(q Question) []string {
	if len(q.Choices) > 0 {
		var out []string
		for _, c := range q.Choices {
			out = append(out, c.Value)
		}
		return out
	}
	switch q.ID {
	case HabitNewConnections:
		return []string{"1", "20", "300"}
	case HabitExpectedServices:
		n := s.countedServices()
		return []string{fmt.Sprint(n), fmt.Sprint(2 * n), fmt.Sprint(10 * n)}
	default:
		return []string{"0", "100"}
	}
}
