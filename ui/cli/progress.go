package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
)

// showProgress says on w what is being done: on a terminal in lines that are
// rewritten, elsewhere in a line every few seconds, so that a log of a quick
// run stays empty. An empty line is not shown. No line may be wider than the
// terminal. It is the one writer that moves the cursor, so w has no guard and the lines
// are cleaned here. The returned function ends it and clears what was shown.
func showProgress(w io.Writer, rewrite bool, now func() string) (stop func()) {
	every := 5 * time.Second
	if rewrite {
		every = 200 * time.Millisecond
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		// Progress is a courtesy: a defect in it must not cost the report.
		defer func() { _ = recover() }()
		tick := time.NewTicker(every)
		defer tick.Stop()
		shown := ""
		for {
			select {
			case <-done:
				if rewrite {
					fmt.Fprint(w, repaint(shown, ""))
				}
				return
			case <-tick.C:
				if line := cleanLines(now()); line != "" && rewrite {
					const most = 79 // one line that is wrapped cannot be rewritten
					if !strings.Contains(line, "\n") {
						line, _ = kit.Split(line, most)
					}
					fmt.Fprint(w, repaint(shown, line))
					shown = line
				} else if line != "" {
					fmt.Fprintln(w, line)
				}
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// cleanLines cleans each line and leaves the spaces at its end.
func cleanLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = plain.Text(l)
	}
	return strings.Join(lines, "\n")
}

// repaint turns the lines that are shown into others and leaves the cursor
// behind the last of them. It clears line by line: of a screen cleared at once
// some terminals keep each in their history.
func repaint(shown, lines string) string {
	up := func(n int) string {
		if n == 0 {
			return "\r"
		}
		return fmt.Sprintf("\x1b[%dA\r", n)
	}
	var b strings.Builder
	was, is := strings.Count(shown, "\n"), strings.Count(lines, "\n")
	if was > 0 {
		b.WriteString(up(was))
	}
	for i, line := range strings.Split(lines, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("\r\x1b[K" + line)
	}
	if was > is {
		b.WriteString(strings.Repeat("\n\x1b[K", was-is) + up(was-is))
		if last := lines[strings.LastIndexByte(lines, '\n')+1:]; last != "" {
			b.WriteString(last) // over itself: the cursor stands behind it
		}
	}
	return b.String()
}

// progressLine is "reading EndpointSlices: 3120 of 4530"; empty between stages.
func progressLine(v say.Voice, r advisor.Reading) string {
	stage := v.Said(plain.Text(r.Stage))
	switch {
	case r.Stage == "":
		return ""
	case r.Total > 0:
		return v.Sprintf("reading %s: %d of %d", stage, r.Read, r.Total)
	case r.Read > 0:
		return v.Sprintf("reading %s: %d", stage, r.Read)
	}
	return v.Sprintf("reading %s", stage)
}
