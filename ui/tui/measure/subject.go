package measure

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/tui/measure/tools"
	"kpadvisor/ui/tui/screen"
)

// nameCells is the room for the name of a field where it is explained.
const nameCells = 10

// subject is one of the things that the Probe screen can measure: a form to say
// what exactly, what that needs, and the run itself.
type subject interface {
	title() string
	about() string
	form() *form.Form

	// read takes what is in the form. Its error is one sentence, and nothing can
	// be started then.
	read() error
	// ready reports whether the form says something that can be started.
	ready() bool
	// summary is the plan in words, under the form.
	summary() string
	// needs are lines under the form: what the run takes, and whether it is there.
	needs(w int) []kit.Line
	// offers are lines beside the form: where values for its fields come from.
	offers(w int) []kit.Line

	// ask asks whether what is ready can be done, away from the event loop; nil if
	// there is nothing to ask.
	ask() tea.Cmd
	// refused reports that the answer was no.
	refused() bool
	// asking reports that no answer has come yet, and deciding that nothing can begin
	// before one has.
	asking() bool
	deciding() bool

	// preset changes the form to the next plan that is offered by name, and says
	// what the key for it does; empty if there is none.
	presets() string
	preset()

	// browses reports whether values for the fields can be picked from a list of the
	// cluster, which browse opens.
	browses() bool
	browse(from *planPane) tea.Cmd

	// starts says what the key for start does, and hint what there is to know of it
	// while the form is typed.
	starts() string
	hint() string
	// start begins what the form says on the screen, or shows first what that takes;
	// only of one that is ready.
	start(from *planPane) tea.Cmd
}

// Session is what the screen needs of those beside it.
type Session interface {
	Facts() advisor.Facts
	// Weigh and WeighDrill add to what the advice rests on, and say in one sentence what
	// that means for this cluster.
	Weigh(found []advisor.Comparison) string
	WeighDrill(d advisor.Drill) string
}

// desk is what a subject is made with, and the answers of one that asks for nothing,
// has no plans with a name and no list, and starts at once.
type desk struct {
	ctx     context.Context // of the program
	tools   *tools.Tools    // may become more: Equip
	palette kit.Palette
	session Session
}

func (desk) ask() tea.Cmd             { return nil }
func (desk) refused() bool            { return false }
func (desk) asking() bool             { return false }
func (desk) deciding() bool           { return false }
func (desk) presets() string          { return "" }
func (desk) preset()                  {}
func (desk) browses() bool            { return false }
func (desk) browse(*planPane) tea.Cmd { return nil }
func (d desk) starts() string         { return d.palette.Voice.Text("start") }

func (d desk) hint() string {
	return d.palette.Voice.Text("ctrl+s starts; enter on the last field only checks the plan")
}

// questions numbers what is asked, so that late answers can be told apart.
type questions struct{ last int }

// drop says that what was asked before is no longer of interest.
func (q *questions) drop() { q.last++ }

// answerMsg takes an answer, in the event loop.
type answerMsg func() tea.Cmd

// ask asks away from the event loop. The answer is taken in it, unless something else
// has been asked by then.
func ask[T any](q *questions, question func() (T, error), take func(answer T, err error) tea.Cmd) tea.Cmd {
	q.drop()
	number := q.last
	return screen.Safely(func() tea.Msg {
		answer, err := question()
		return answerMsg(func() tea.Cmd {
			if number != q.last {
				return nil
			}
			return take(answer, err)
		})
	})
}

// experiment is what a run is made of.
type experiment struct {
	title   string // what is measured, where addresses do not say it
	plan    probe.Plan
	targets []probe.Target    // empty for a run that finds them itself
	labels  map[string]string // of the result: what the user says of the targets
}

// phases lists those that one of the targets has.
func (e experiment) phases() []probe.Phase {
	all := probe.Phases()
	return slices.DeleteFunc(all[:], func(p probe.Phase) bool {
		has := slices.ContainsFunc(e.targets, func(t probe.Target) bool { return t.Kind.Has(p) })
		if len(e.targets) == 0 { // a run that finds them itself
			has = probe.TCP.Has(p)
		}
		return !has || p == probe.KeptAlive && !e.plan.KeptAlive
	})
}
