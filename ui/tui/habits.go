package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/tui/screen"
)

// habitsScreen asks the questions one after another. Each can be skipped, and
// all of it works while the survey is still reading.
type habitsScreen struct {
	palette   kit.Palette
	session   *session
	questions []advisor.Question
	at        int // the question shown; len(questions) once all have been
	cursor    int // among the choices
	input     textinput.Model
	touched   bool                       // something was typed or moved: do not overwrite it with what the survey finds
	drafts    map[advisor.HabitID]string // what was typed or pointed at, and not answered
	err       string                     // why the last answer was not accepted
	pager     kit.Pager
	rows      []int // the lines where choices begin, as last drawn
	heights   []int // how many lines each takes
	beside    int   // the column where all questions stand beside the one that is asked
}

func newHabits(p kit.Palette, s *session) *habitsScreen {
	h := &habitsScreen{palette: p, session: s, questions: advisor.QuestionsIn(p.Voice), input: form.NewInput(), drafts: map[advisor.HabitID]string{}}
	// Left and right move between questions; a number is short enough to retype.
	h.input.KeyMap.CharacterForward.SetEnabled(false)
	h.input.KeyMap.CharacterBackward.SetEnabled(false)
	h.input.CharLimit = 20
	h.input.Focus()
	h.show(0)
	return h
}

// question is the one shown, if it is not yet over.
func (s *habitsScreen) question() (advisor.Question, bool) {
	if s.at >= len(s.questions) {
		return advisor.Question{}, false
	}
	return s.questions[s.at], true
}

// show goes to a question.
func (s *habitsScreen) show(at int) {
	s.at = max(0, min(at, len(s.questions)))
	s.touched, s.err, s.pager = false, "", kit.Pager{}
	s.load()
	if q, ok := s.question(); ok {
		if draft, begun := s.drafts[q.ID]; begun {
			s.fill(q, draft)
			s.touched = true
		}
	}
}

// fill puts a value where it is changed.
func (s *habitsScreen) fill(q advisor.Question, value string) {
	s.input.SetValue(value)
	s.input.CursorEnd()
	s.cursor = max(chosen(q, value), 0)
}

// load fills the inputs with what is known of the answer, unless the user has begun.
func (s *habitsScreen) load() {
	q, ok := s.question()
	if !ok || s.touched {
		return
	}
	value, _, known := s.session.habits.Answer(q.ID)
	if !known {
		value = ""
	}
	s.fill(q, value)
}

// chosen is the index of the choice with that value, or -1.
func chosen(q advisor.Question, value string) int {
	for i, c := range q.Choices {
		if c.Value == value {
			return i
		}
	}
	return -1
}

func (s *habitsScreen) adapt(k *screen.KeyMap) {
	q, ok := s.question()
	k.Choose.SetEnabled(true)
	k.Before.SetEnabled(s.at > 0)
	k.After.SetEnabled(ok)
	if !ok {
		k.Choose.SetHelp("enter", s.palette.Voice.Text("advice"))
		return
	}
	k.Screen.SetEnabled(len(q.Choices) > 0) // digits are typed into a number
	v := s.palette.Voice
	k.Clear.SetEnabled(s.session.remembers(q.ID))
	k.Send.SetEnabled(true)
	k.Send.SetHelp("ctrl+s", v.Text("done"))
	k.Choose.SetHelp("enter", v.Text("answer"))
	k.After.SetHelp("right", v.Text("skip"))
}

// takes is true for what can be part of a number while one is asked for. All
// other keys keep their meaning, so that nobody is locked into a field.
func (s *habitsScreen) takes(msg tea.KeyPressMsg) bool {
	q, ok := s.question()
	if !ok || len(q.Choices) > 0 {
		return false
	}
	switch msg.String() {
	case "backspace", "delete", "ctrl+u", "ctrl+w":
		return true
	}
	return msg.Text != "" && strings.Trim(msg.Text, "0123456789.,") == ""
}

func (s *habitsScreen) update(msg tea.Msg) tea.Cmd {
	q, asking := s.question()
	if paste, ok := msg.(tea.PasteMsg); ok && asking && len(q.Choices) == 0 {
		s.edit(paste)
	}
	return nil
}

func (s *habitsScreen) key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	q, asking := s.question()
	switch {
	case s.takes(msg):
		s.edit(msg)
	case key.Matches(msg, k.Choose):
		return s.choose()
	case key.Matches(msg, k.Send):
		if s.take(); s.err == "" {
			return func() tea.Msg { return gotoMsg(adviceTab) }
		}
	case key.Matches(msg, k.Before):
		s.show(s.at - 1)
	case key.Matches(msg, k.After):
		s.show(s.at + 1)
	case key.Matches(msg, k.Clear):
		s.session.forget(q.ID)
		delete(s.drafts, q.ID)
		s.show(s.at)
	case asking && len(q.Choices) > 0:
		s.moveCursor(msg, k, len(q.Choices))
	default:
		s.pager.Update(msg, k.PagerKeys)
	}
	return nil
}

// edit changes the number.
func (s *habitsScreen) edit(msg tea.Msg) {
	s.load()
	s.touched, s.err = true, ""
	s.input, _ = s.input.Update(msg)
	if q, ok := s.question(); ok {
		s.drafts[q.ID] = s.input.Value()
	}
}

func (s *habitsScreen) moveCursor(msg tea.KeyPressMsg, k screen.KeyMap, n int) {
	s.load()
	switch {
	case key.Matches(msg, k.Up):
		s.cursor = max(s.cursor-1, 0)
	case key.Matches(msg, k.Down):
		s.cursor = min(s.cursor+1, n-1)
	case key.Matches(msg, k.Top):
		s.cursor = 0
	case key.Matches(msg, k.Bottom):
		s.cursor = n - 1
	default:
		return
	}
	s.pointAt(s.cursor)
}

// pointAt puts the cursor on a choice.
func (s *habitsScreen) pointAt(choice int) {
	s.cursor, s.touched = choice, true
	if q, ok := s.question(); ok {
		s.drafts[q.ID] = q.Choices[choice].Value
	}
}

// choose takes the answer and goes on.
func (s *habitsScreen) choose() tea.Cmd {
	if _, ok := s.question(); !ok {
		return func() tea.Msg { return gotoMsg(adviceTab) }
	}
	if s.take(); s.err == "" {
		s.show(s.at + 1)
	}
	return nil
}

// take takes the answer, or says why it is none. An empty number is no answer, and a
// prefilled one that was not changed stays what the cluster says.
func (s *habitsScreen) take() {
	q, ok := s.question()
	if !ok {
		return
	}
	s.load()
	value := s.typed()
	if len(q.Choices) > 0 {
		value = q.Choices[s.cursor].Value
	}
	before, _, known := s.session.habits.Answer(q.ID)
	switch {
	case known && value == before:
	case value == "" && len(q.Choices) == 0:
		s.session.forget(q.ID)
	default:
		if err := s.session.answer(q.ID, value); err != nil {
			s.err, s.touched = s.palette.Voice.Said(err.Error()), true
			return
		}
	}
	s.err = ""
	delete(s.drafts, q.ID)
}

func (s *habitsScreen) view(f screen.Frame) string {
	s.load()
	s.beside = f.Body.W
	if f.Right.W > 0 {
		s.beside = f.Right.X - f.Body.X
	}
	left, focus := s.ask(f.Left.W)
	left = append(append(left, nil), s.soFar(f.Left.W)...)
	lines := f.Columns(left, s.overview(f.Beside()))
	if f.Right.W == 0 && len(lines) > f.Body.H {
		lines = append(append(left, nil), s.answered(f.Left.W)...)
	}
	s.pager.Show(lines, f.Body.H, s.palette)
	if focus >= 0 && s.touched {
		s.pager.Reveal(focus, focus)
	}
	return s.palette.Paint(s.pager.Show(lines, f.Body.H, s.palette), f.Body.W)
}

// ask draws the question, and says which line the cursor is on.
func (s *habitsScreen) ask(w int) ([]kit.Line, int) {
	p, v := s.palette, s.palette.Voice
	s.rows, s.heights = s.rows[:0], s.heights[:0]
	q, ok := s.question()
	if !ok {
		return []kit.Line{
			{p.Strong(v.Text("That was the last question."))},
			nil,
			{p.Accent("enter"), p.Text(v.Text(" goes to the advice; ")), p.Accent("left"), p.Text(v.Text(" goes back."))},
		}, -1
	}
	out := []kit.Line{{
		p.Muted(v.Sprintf("Question %d of %d", s.at+1, len(s.questions)) + "  "),
		p.Accent(strings.Repeat("━", s.at+1)), p.Muted(strings.Repeat("─", len(s.questions)-s.at-1)),
	}}
	out = append(out, kit.Wrap(kit.Line{p.Strong(q.Text)}, w, 0)...)
	out = append(out, nil)
	value, source, known := s.session.habits.Answer(q.ID)
	focus := len(out)
	if len(q.Choices) == 0 {
		l := append(kit.Line{p.Accent(" ▸ ")}, form.InputLine(p, &s.input, "", 26)...)
		out = append(out, append(l, p.Text(" "+q.Unit)))
	}
	for i, c := range q.Choices {
		pointer, mark, tok := "   ", "○ ", kit.Normal
		if known && c.Value == value {
			mark = "● "
		}
		if i == s.cursor {
			pointer, tok, focus = " ▸ ", kit.Accent, len(out)
		}
		lines := kit.Wrap(kit.Line{p.Accent(pointer), p.As(tok, mark), p.As(tok, c.Text)}, w, 5)
		s.rows, s.heights = append(s.rows, len(out)), append(s.heights, len(lines))
		out = append(out, lines...)
	}
	if s.err != "" {
		out = append(out, kit.Wrap(kit.Line{p.Text("   "), p.As(kit.Bad, v.Text("Not accepted: ")), p.Text(s.err)}, w, 3)...)
	}
	out = append(out, nil)
	switch {
	case known:
		out = append(out, kit.Wrap(kit.Line{p.Text("   "), p.Muted(origin(v, source))}, w, 3)...)
	case s.session.busy():
		out = append(out, kit.Line{p.Muted("   " + v.Text("not answered; the survey may still tell"))})
	default:
		out = append(out, kit.Line{p.Muted("   " + v.Text("not answered: it counts as unknown, never as zero"))})
	}
	return append(out, kit.Wrap(kit.Line{p.Text("   "), p.Strong(v.Text("Why it matters: ")), p.Text(q.Why)}, w, 3)...), focus
}

// pointed is the answer that enter would give now, if that is another than the one in
// force; an empty value otherwise.
func (s *habitsScreen) pointed() (id advisor.HabitID, value string) {
	q, ok := s.question()
	if !ok {
		return "", ""
	}
	s.load()
	if value = s.typed(); len(q.Choices) > 0 {
		value = q.Choices[s.cursor].Value
	}
	if before, _, known := s.session.habits.Answer(q.ID); known && before == value {
		return q.ID, ""
	}
	return q.ID, value
}

// typed is the number in the field, without the commas of thousands.
func (s *habitsScreen) typed() string {
	return strings.ReplaceAll(strings.TrimSpace(s.input.Value()), ",", "")
}
