package tui

import (
	"context"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/say"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/screen/screentest"
)

// TestKeysWhileDeciding runs the real loop over a decision that never ends: keys
// are answered all the same, a field is typed into, and q leaves.
func TestKeysWhileDeciding(t *testing.T) {
	t.Parallel()
	begun, never := make(chan struct{}), make(chan struct{})
	defer close(never)
	var once sync.Once
	m := newRoot(t.Context(), done(mixedFacts()))
	m.screens[habitsTab].(*habitsScreen).questions = fixedQuestions()
	m.session.decide = func(say.Voice, advisor.Facts, advisor.Habits, advisor.Measured) advisor.Advice {
		once.Do(func() { close(begun) })
		<-never
		return advisor.Advice{}
	}
	program := tea.NewProgram(m, tea.WithContext(t.Context()), tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithEnvironment([]string{"TERM=xterm"}),
		tea.WithoutSignalHandler(), tea.WithWindowSize(80, 24))
	ended := make(chan error, 1)
	go func() {
		_, err := program.Run()
		ended <- err
	}()
	<-begun // by the first look at the survey
	for _, k := range []string{"2", "right", "backspace", "backspace", "3", "7", "enter", "left", "q"} {
		program.Send(keyPress(k))
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if v := m.session.habits.RolloutsPerDay; v.Value != 37 || v.Source != answered {
		t.Errorf("typed while deciding: %+v", v)
	}
	if m.active != habitsTab || !m.session.pending() {
		t.Errorf("screen %d, pending %t", m.active, m.session.pending())
	}
}

// TestLatestQuestionWins: what is shown stays, with a mark, until the newest
// question is answered; an answer to an older one is dropped, and no more than
// one decision is made at a time.
func TestLatestQuestionWins(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 120, 40).read().press("3")
	said := "first"
	a.session.decide = func(v say.Voice, f advisor.Facts, h advisor.Habits, m advisor.Measured) advisor.Advice {
		out := fixedAdvice(v, f, h, m)
		out.Headline = said + " " + string(h.Connections.Value)
		return out
	}
	_ = a.session.answer(advisor.HabitConnections, "short")
	early := a.session.next()
	a.wants(t, "nftables on the 180 nodes", "deciding anew…")
	_ = a.session.answer(advisor.HabitConnections, "long")
	if a.session.next() != nil {
		t.Error("two decisions at a time")
	}
	if v := a.session.habits.Connections; v.Value != advisor.LongLived {
		t.Errorf("the answer waits for the advice: %+v", v)
	}
	a.act(early())
	a.wants(t, "nftables on the 180 nodes", "deciding anew…")
	said = "second"
	a.settle()
	a.wants(t, "second long")
	if strings.Contains(a.text(), "deciding") {
		t.Errorf("the mark stays:\n%s", a.text())
	}
}

// TestOtherFactsDropTheAdvice: advice on a demo is not shown over other facts,
// not even until there is a newer one.
func TestOtherFactsDropTheAdvice(t *testing.T) {
	t.Parallel()
	a := start(lost(), 80, 24).read()
	a.act(keyPress("enter"))
	demo, late := a.session, a.session.next()
	a.act(keyPress("3"))
	a.wants(t, "DEMO", "Deciding…")
	a.act(gotoMsg(startTab))
	for _, k := range []string{"down", "enter", "1", "ctrl+s"} { // typed counts
		a.draw()
		a.act(keyPress(k))
	}
	a.act(late())
	a.act(keyPress("3"))
	if a.wants(t, "TYPED", "Deciding…"); a.session == demo || !a.session.empty() || demo.empty() {
		t.Error("a late answer is taken for other facts than those that it is about")
	}
	a.settle()
	if a.wants(t, "nftables on the 180 nodes"); a.session.advice.Headline == "" {
		t.Error("no advice on the facts that were typed")
	}
}

// TestPanicWhileDeciding: it ends the program the ordinary way.
func TestPanicWhileDeciding(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 80, 24).read()
	a.session.decide = func(say.Voice, advisor.Facts, advisor.Habits, advisor.Measured) advisor.Advice { panic("a defect") }
	_ = a.session.answer(advisor.HabitConnections, "short")
	g := &guard{model: a.root}
	_, cmd := g.Update(a.session.next()())
	if _, ok := cmd().(tea.QuitMsg); !ok || g.defect == nil {
		t.Errorf("defect %v", g.defect)
	}
}

// TestSaveWhileDeciding: a report is of the answers as they are, not of advice
// that is on its way out.
func TestSaveWhileDeciding(t *testing.T) {
	t.Parallel()
	var saved page.Audit
	o := done(mixedFacts())
	o.Store = noted{report: func(doc page.Audit, name string) (string, error) {
		saved = doc
		return name, nil
	}}
	a := start(o, 80, 24).read()
	a.session.decide = func(v say.Voice, f advisor.Facts, h advisor.Habits, m advisor.Measured) advisor.Advice {
		return advisor.Advice{Headline: "on " + string(h.Connections.Value)}
	}
	_ = a.session.answer(advisor.HabitConnections, "short")
	cmd := a.act(keyPress("s"))
	a.act(cmd())
	if saved.Advice.Headline != "on short" {
		t.Errorf("saved %q", saved.Advice.Headline)
	}
}

// TestRunbookOfAnotherMode: o goes round the modes, and the runbook opens with
// the advised one.
func TestRunbookOfAnotherMode(t *testing.T) {
	t.Parallel()
	var saved page.Audit
	o := done(mixedFacts())
	o.Store = noted{report: func(doc page.Audit, name string) (string, error) {
		saved = doc
		return name, nil
	}}
	a := start(o, 120, 40).read().press("3", "r")
	a.wants(t, "Runbook: to nftables, as advised", "o another mode")
	a.press("o").wants(t, "Runbook: to iptables, as asked", "What would differ", "Go to iptables")
	a.press("s")
	if saved.Move == nil || saved.Move.To != advisor.IPTables {
		t.Errorf("saved move %+v", saved.Move)
	}
	a.press("o").wants(t, "Runbook: to IPVS, as asked")
	a.press("o").wants(t, "as advised")
	a.press("o", "esc", "r").wants(t, "as advised")
	a.press("s")
	if saved.Move != nil {
		t.Errorf("saved move %+v", saved.Move)
	}
	a.press("esc").wants(t, "Between iptables and IPVS alone")
	a.act(keyPress("r"))
	a.act(keyPress("o")) // known already
	a.act(keyPress("o"))
	a.wants(t, "Working it out…")
}

// TestRealMoves: the modes that the advisor plans for, on a real survey.
func TestRealMoves(t *testing.T) {
	t.Parallel()
	a := app{newRoot(context.Background(), done(mixedFacts()))}
	a.w, a.h = 80, 24
	a.read().press("3", "r")
	var titles []string
	for range advisor.Modes() {
		screentest.NewChecker(t).Fits(t, "advice-move", a.draw(), 80, 24, false)
		titles = append(titles, strings.Split(a.text(), "\n")[2])
		a.press("o")
	}
	slices.Sort(titles)
	if titles = slices.Compact(titles); len(titles) != len(advisor.Modes()) {
		t.Errorf("titles %q", titles)
	}
}

// TestBeingReadIsNotNotRead: while a survey goes on nothing says that something
// was not read; afterwards it does.
func TestBeingReadIsNotNotRead(t *testing.T) {
	t.Parallel()
	f := mixedFacts()
	f.Services, f.Endpoints, f.Coverage = advisor.Fact[advisor.ServiceCounts]{}, advisor.Fact[advisor.EndpointCounts]{}, advisor.Coverage{}
	a := app{newRoot(context.Background(), surveyed(func() advisor.Reading { return advisor.Reading{Facts: f, Stage: "Services"} }))}
	a.w, a.h = 120, 60
	a.sees(a.opts.Survey.Reading())
	for _, keys := range [][]string{{"1"}, {"3"}, {"e"}} {
		text := a.press(keys...).text()
		if strings.Contains(text, "not read") || !strings.Contains(text, "being read") {
			t.Errorf("while the survey goes on:\n%s", text)
		}
	}
	if got := a.session.document("")(say.Voice{}).Advice.Headline; strings.Contains(got, "being read") {
		t.Errorf("the report would say %q", got)
	}
	a.sees(advisor.Reading{Facts: f, Done: true})
	if text := a.press("3").text(); !strings.Contains(text, "not read") || strings.Contains(text, "being read") {
		t.Errorf("after the survey:\n%s", text)
	}
}

// TestOneIsSingular draws the screens of a cluster that has one of everything.
func TestOneIsSingular(t *testing.T) {
	t.Parallel()
	many := regexp.MustCompile(`(^|[^0-9,.])1 ((Service )?(ports|Ports)|nodes|Services|endpoints|rules|chains|elements|Deployments|StatefulSets|DaemonSets|lines|more lines|node (run|have|are|do|need)|of them have)\b`)
	f := mixedFacts()
	f.Services.Value = advisor.ServiceCounts{Total: 1, Counted: 1, NodePort: 1, Ports: 1, NodePorts: 1, SessionAffinity: 1, WithoutEndpoints: 1}
	f.Endpoints.Value = advisor.EndpointCounts{Slices: 1, Total: 1, IPv4: 1, Ready: 1, Largest: 1}
	f.Load = advisor.KnownFrom(advisor.Load{Family: "IPv4", Ports: 1, PortsWithOneEndpoint: 1, Endpoints: 1}, "test")
	f.Workloads = advisor.KnownFrom(advisor.Workloads{Deployments: 1, StatefulSets: 1, DaemonSets: 1, Rolling: 1}, "test")
	f.Nodes.Value, f.Groups = 1, f.Groups[1:]
	f.Groups[0].Nodes, f.Groups[0].Proxy.Stale = 1, 1
	for _, mode := range advisor.Modes() {
		f.Groups[0].Proxy.Mode = advisor.KnownFrom(mode, "test")
		for _, without := range []int{0, 1} {
			f.Load.Value.PortsWithoutEndpoints = without
			a := app{newRoot(context.Background(), done(f))}
			a.w, a.h = 160, 500
			a.read()
			for _, keys := range [][]string{{"1"}, {"2"}, {"3"}, {"e"}, {"esc", "r"}, {"o"}, {"o"}, {"o"}} {
				text := strings.Join(strings.Fields(a.press(keys...).text()), " ")
				if at := many.FindStringIndex(text); at != nil {
					t.Errorf("%s %v: %q", mode, keys, text[max(at[0]-60, 0):min(at[1]+60, len(text))])
				}
			}
		}
	}
}

// TestPortsAreTold: the number of ports and that of ports with endpoints differ,
// and the screen says by what.
func TestPortsAreTold(t *testing.T) {
	t.Parallel()
	f := mixedFacts()
	f.Load = advisor.KnownFrom(advisor.Load{Family: "IPv4", Ports: 4871, PortsWithoutEndpoints: 54}, "test")
	start(done(f), 160, 40).read().wants(t, "4,871 ports, 54 of them have no usable endpoint")
}

// TestWordsOfTheCard: what is not known is not impossible, and capitals are for
// what is likely.
func TestWordsOfTheCard(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 120, 40).read().press("3")
	a.wants(t, "First, then nftables", "●●● high", "Confidence high: 12 combinations", "32 nodes: EXPOSED", "likelihood: certain")
	a.press("G", "g", "down", "down", "enter").wants(t, "Why IPVS is in place 3 of 3", "Not possible here")
	a.press("esc")
	a.session.decide = func(v say.Voice, f advisor.Facts, h advisor.Habits, m advisor.Measured) advisor.Advice {
		out := fixedAdvice(v, f, h, m)
		out.Reuse[0].Likelihood, out.Ranking[2].Can = reuse.Latent, release.CanUnknown
		return out
	}
	_ = a.session.answer(advisor.HabitConnections, "long")
	a.settle()
	a.wants(t, "32 nodes: exposed", "likelihood: latent")
	if text := a.text(); strings.Contains(text, "EXPOSED") {
		t.Errorf("too loud:\n%s", text)
	}
	a.press("enter").wants(t, "Not known whether it is possible here")
	a.press("e", "G").press("k").wants(t, "exposed")
}
