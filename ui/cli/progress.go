package cli

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"kpadvisor/advisor"
)

// showProgress says on w what is being done: on a terminal in one line that is
// rewritten, elsewhere in a line every few seconds, so that a log of a quick
// run stays empty. An empty line is not shown. The returned function ends it and
// clears the line.
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
		for {
			select {
			case <-done:
				if rewrite {
					fmt.Fprint(w, "\r\x1b[K")
				}
				return
			case <-tick.C:
				if line := now(); line != "" && rewrite {
					const most = 79 // a line that is wrapped cannot be rewritten
					if r := []rune(line); len(r) > most {
						line = string(r[:most])
					}
					fmt.Fprint(w, "\r\x1b[K"+line)
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

// progressLine is "reading EndpointSlices: 3120 of 4530"; empty between stages.
func progressLine(r advisor.Reading) string {
	switch {
	case r.Stage == "":
		return ""
	case r.Total > 0:
		return fmt.Sprintf("reading %s: %d of %d", plainText(r.Stage), r.Read, r.Total)
	case r.Read > 0:
		return fmt.Sprintf("reading %s: %d", plainText(r.Stage), r.Read)
	}
	return "reading " + plainText(r.Stage)
}

// plainText drops what a terminal would obey instead of showing.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}
