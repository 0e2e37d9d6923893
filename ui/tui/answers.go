package tui

import (
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
)

// origin says where an answer is from, and what there said so.
func origin(v say.Voice, source string) string {
	if source == answered || source == "" || strings.HasPrefix(source, keptSource) {
		return whence(v, source)
	}
	if advisor.WasMeasured(source) {
		return v.Again(source)
	}
	return v.Sprintf("%s: %s", whence(v, source), v.Again(source))
}

// whence is where an answer is from.
func whence(v say.Voice, source string) string {
	switch {
	case source == answered:
		return v.Text("your answer")
	case strings.HasPrefix(source, keptSource):
		return v.Sprintf("as you said on %s", strings.TrimPrefix(source, keptSource))
	case strings.HasPrefix(source, "--"):
		return v.Text("from the command line")
	case advisor.WasMeasured(source):
		return v.Text("measured")
	case source == "":
		return v.Text("answered")
	}
	return v.Text("from the cluster")
}

// answered is what is answered already, where there is no room for every question.
func (s *habitsScreen) answered(w int) []kit.Line {
	p := s.palette
	title := p.Strong(p.Voice.Text("Answered"))
	l := kit.Line{title}
	for _, q := range s.questions {
		value, _, known := s.session.habits.Answer(q.ID)
		if !known {
			continue
		}
		if len(l) > 1 {
			l = append(l, p.Muted(" ·"))
		}
		l = append(l, p.Text("  "), p.Text(string(q.ID)+": "+shown(q, value)).Whole(w))
	}
	if len(l) == 1 {
		return nil
	}
	return kit.Wrap(l, w, kit.Cells(title.Text)+2)
}

// overview is every question with its answer, so that one knows what is to come.
func (s *habitsScreen) overview(w int) []kit.Line {
	const idCells = 20
	p := s.palette
	out := []kit.Line{{p.Strong(p.Voice.Text("Answers"))}}
	for i, q := range s.questions {
		pointer := "  "
		if i == s.at {
			pointer = "▸ "
		}
		l := append(kit.Line{p.Accent(pointer)}, p.Column(kit.Normal, string(q.ID), idCells)...)
		value, source, known := s.session.habits.Answer(q.ID)
		if !known {
			out = append(out, append(l, p.Muted(p.Voice.Text("unknown"))))
			continue
		}
		l = append(l, p.Strong(shown(q, value)))
		if source != answered {
			l = append(l, p.Muted("  "+whence(p.Voice, source)))
		}
		out = append(out, l.Cut(w, p.Ellipsis))
	}
	return out
}

// shown is an answer with its unit.
func shown(q advisor.Question, value string) string {
	if q.Unit != "" && len(q.Choices) == 0 {
		return value + " " + q.Unit
	}
	return value
}
