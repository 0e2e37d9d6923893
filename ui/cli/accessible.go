package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// askEach puts the open questions one line at a time, for a screen reader or a
// terminal that can do nothing else, and returns the habits with the answers.
// The end of the input, as that of ctx, leaves the rest unanswered.
//
// The questions go to w, which is standard error, so that the report can be
// redirected. The goroutine that waits for a line ends with its input.
func askEach(ctx context.Context, in io.Reader, w io.Writer, v say.Voice, f advisor.Facts, h advisor.Habits) advisor.Habits {
	lines := readLines(ctx, in)
	questions := advisor.QuestionsIn(v)
	for i, q := range questions {
		if _, _, given := h.Answer(q.ID); given {
			continue
		}
		fmt.Fprintln(w, v.Sprintf("Question %d of %d: %s", i+1, len(questions), q.Text))
		explainQuestion(w, v, q, f, h)
		for {
			fmt.Fprint(w, v.Text("Answer: "))
			var line string
			more := false
			select {
			case line, more = <-lines:
			case <-ctx.Done():
			}
			if !more {
				fmt.Fprintln(w, "\n"+v.Text("No more input: the rest stays unanswered."))
				return h
			}
			if line == "" {
				break
			}
			next, err := h.Set(q.ID, choice(q, line), "answered")
			if err == nil {
				h = next
				break
			}
			fmt.Fprintln(w, refused(v, err))
		}
	}
	return h
}

// refused is what is wrong with an answer, as a sentence.
func refused(v say.Voice, err error) string {
	line := plain.Line(err.Error(), 0)
	if said := v.Said(line + "."); v.Language() != say.English { // it may begin with the name of a flag
		return said
	}
	return sentence(line)
}

func explainQuestion(w io.Writer, v say.Voice, q advisor.Question, f advisor.Facts, h advisor.Habits) {
	if q.Why != "" {
		fmt.Fprintln(w, v.Sprintf("Why it matters: %s", q.Why))
	}
	for i, c := range q.Choices {
		fmt.Fprintf(w, "  %d. %s\n", i+1, c.Text)
	}
	if len(q.Choices) == 0 && q.Unit != "" {
		fmt.Fprintln(w, v.Sprintf("A number, %s.", q.Unit))
	}
	switch value, source, ok := advisor.Prefill(f, h).Answer(q.ID); {
	case ok && advisor.WasMeasured(source):
		fmt.Fprintln(w, v.Sprintf("Enter keeps %s, %s.", plain.Text(chosen(q, value)), v.Again(plain.Text(source))))
	case ok:
		fmt.Fprintln(w, v.Sprintf("Enter keeps %s, from %s.", plain.Text(chosen(q, value)), v.Said(plain.Text(source))))
	default:
		fmt.Fprintln(w, v.Text("Enter leaves it unanswered."))
	}
}

// chosen is a value as the question words it.
func chosen(q advisor.Question, value string) string {
	for _, c := range q.Choices {
		if c.Value == value {
			return c.Text
		}
	}
	return value
}

// choice is the value of a choice given by its number; anything else as it is.
func choice(q advisor.Question, line string) string {
	if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(q.Choices) {
		return q.Choices[n-1].Value
	}
	return line
}

// readLines sends each line of in, trimmed, and closes the channel at its end.
func readLines(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		// A reader that panics is at its end, as far as the questions go.
		defer func() { _ = recover() }()
		for s := bufio.NewScanner(in); s.Scan(); {
			select {
			case lines <- strings.TrimSpace(s.Text()):
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}
