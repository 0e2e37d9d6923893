package tui

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/state"
	"kpadvisor/ui/tui/screen"
)

// memory is what is kept of what somebody said of a cluster, from one run of the screens
// to the next. It is read and written in commands, one write at a time.
type memory struct {
	store   state.Store
	key     string // of the cluster; empty: nothing is kept
	kept    state.Kept
	today   func() time.Time
	asked   bool // somebody reads what was kept
	told    bool // that is here, or cannot be used
	ready   bool // it is here, and can be written
	version int  // of kept
	written int  // the version that is on disk
	writing bool
	disk    *disk
}

// disk is what is written to by one at a time.
type disk struct {
	mu      sync.Mutex
	version int // of kept, that is written or was tried
}

type (
	keptMsg struct { // what was kept for a cluster
		of   *session
		kept state.Kept
		err  error
	}
	writtenMsg struct { // it was written, or not
		of  *session
		err error
	}
)

// keptSource is the source of a habit that was answered in an earlier run, before the day.
const keptSource = "as you said on "

// waits reports that what was kept is being read: who counts on answers waits for it.
func (m *memory) waits() bool { return m.asked && !m.told }

// recall reads what was kept, once; nil where nothing is.
func (s *session) recall(ctx context.Context) tea.Cmd {
	store, key := s.memory.store, s.memory.key
	if key == "" || s.memory.asked {
		return nil
	}
	s.memory.asked = true
	return screen.Safely(func() tea.Msg {
		k, err := store.Read(ctx, key)
		return keptMsg{s, k, err}
	})
}

// recalled takes what was kept. What was said meanwhile stands above it.
func (s *session) recalled(msg keptMsg) {
	m := &s.memory
	m.told = true
	if msg.err != nil {
		return // nor is it written over
	}
	m.ready = true
	since := m.kept
	m.kept = state.Kept{Answers: maps.Clone(msg.kept.Answers), Steps: maps.Clone(msg.kept.Steps)}
	for habit, a := range since.Answers {
		m.answer(habit, a.Value)
	}
	for mode, steps := range since.Steps {
		m.steps(mode, steps)
	}
	s.refresh()
}

// notKept says which file is not used, or could not be written, and why.
func notKept(p kit.Palette, err error) kit.Line {
	name := ""
	var path *fs.PathError
	if errors.As(err, &path) {
		name, err = "; "+path.Path, path.Err
	}
	return kit.Line{p.As(kit.Warn, p.Voice.Text("Answers are not kept: ")), p.Text(p.Voice.Said(err.Error()) + name)}
}

// answer keeps an answer of today.
func (m *memory) answer(habit, value string) {
	if m.kept.Answers == nil {
		m.kept.Answers = map[string]state.Answer{}
	}
	y, month, d := m.today().Date()
	m.kept.Answers[habit] = state.Answer{Value: value, On: time.Date(y, month, d, 0, 0, 0, 0, time.UTC)}
	m.version++
}

// forget keeps nothing of a habit.
func (m *memory) forget(habit string) {
	if _, ok := m.kept.Answers[habit]; ok {
		delete(m.kept.Answers, habit)
		m.version++
	}
}

// steps keeps which steps of a runbook are ticked.
func (m *memory) steps(mode string, ticked []string) {
	if m.kept.Steps == nil {
		m.kept.Steps = map[string][]string{}
	}
	if m.kept.Steps[mode] = ticked; len(ticked) == 0 {
		delete(m.kept.Steps, mode)
	}
	m.version++
}

// habits are those answered in earlier runs.
func (m *memory) habits() advisor.Habits {
	var h advisor.Habits
	for _, id := range slices.Sorted(maps.Keys(m.kept.Answers)) {
		a := m.kept.Answers[id]
		// What an older version asked and this one does not take is no answer.
		if next, err := h.Set(advisor.HabitID(id), a.Value, keptSource+a.On.Format(time.DateOnly)); err == nil {
			h = next
		}
	}
	return h
}

// over are the habits of h, and those of below where h has none.
func over(h, below advisor.Habits) advisor.Habits {
	for _, q := range advisor.Questions() {
		if _, _, known := h.Answer(q.ID); known {
			continue
		}
		if value, source, known := below.Answer(q.ID); known {
			if next, err := h.Set(q.ID, value, source); err == nil {
				h = next
			}
		}
	}
	return h
}

// said reports a habit that somebody answered, today, earlier or on the command line.
func said(source string) bool {
	return source == answered || strings.HasPrefix(source, keptSource) || strings.HasPrefix(source, "--")
}

// nextWrite is the command that keeps what has changed, nil where nothing has or
// something is being written.
func (s *session) nextWrite() tea.Cmd {
	m := &s.memory
	if !m.ready || m.writing || m.written == m.version {
		return nil
	}
	m.writing, m.written = true, m.version
	write := m.write()
	return screen.Safely(func() tea.Msg { return writtenMsg{s, write()} })
}

// write returns what writes this version, unless a later one was written.
func (m *memory) write() func() error {
	store, key, disk, version := m.store, m.key, m.disk, m.version
	k := state.Kept{Answers: maps.Clone(m.kept.Answers), Steps: maps.Clone(m.kept.Steps)}
	return func() error {
		disk.mu.Lock()
		defer disk.mu.Unlock()
		if version < disk.version {
			return nil
		}
		disk.version = version
		return store.Write(key, k)
	}
}

// wrote takes note of a write. After one that failed there is no other.
func (s *session) wrote(msg writtenMsg) {
	s.memory.writing = false
	s.memory.ready = msg.err == nil
}

// flush writes what has not been written when the screens are left: nobody waits for a
// write that is under way.
func (s *session) flush() error {
	if m := &s.memory; m.ready && (m.writing || m.written != m.version) {
		return m.write()()
	}
	return nil
}
