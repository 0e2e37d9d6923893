package node

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"kpadvisor/plain"
)

// schema begins the first line of a report.
const schema = "kpadvisor.node/v"

// version is the format that is read and written.
const version = "1"

// What is more than any report has.
const (
	maxText     = 64 << 20
	maxReports  = 10_000 // in one text; Kubernetes is made for 5,000 nodes
	maxSections = 200    // of one report
	maxSection  = 8 << 20
	maxName     = 64 // of a section, and a nonce
	maxErrors   = 4 << 10
)

// section is one thing that was read, or the reason why not.
type section struct {
	out     []byte
	packed  bool   // out is compressed
	errs    string // one line, safe to show
	status  int
	skipped string // why it was not read; empty where it was
	cut     bool   // longer than a section may be: the rest is missing
}

// text is what was read if all went well; ok is false otherwise.
func (s section) text() (text string, ok bool) {
	out, ok := s.out, s.status == 0 && s.skipped == "" && !s.cut
	if s.packed {
		unpacked, err := unpack(s.out)
		out, ok = unpacked, ok && err == nil
	}
	return string(out), ok
}

// Section is what a report holds of one thing, for others to look into. It is as it was
// read: nothing in it is safe to show.
type Section struct {
	Text  string
	Whole bool   // read to its end, and without an error
	Why   string // where not, if that is told: one line, safe to show
}

// Sections are those of a report, by name; there is false where it has none of that name.
type Sections func(name string) (s Section, there bool)

func (r raw) section(name string) (Section, bool) {
	s, there := r.sections[name]
	text, ok := s.text()
	why := cmp.Or(s.skipped, s.errs)
	if s.cut {
		why = "longer than a section may be"
	}
	return Section{Text: text, Whole: ok, Why: why}, there
}

// raw is a report taken apart.
type raw struct {
	sections map[string]section
	whole    bool
}

// split takes the reports of a text apart. Whatever stands before, between and after
// them is left out: shells and ssh say things of their own.
func split(text []byte) ([]raw, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("it is larger than %d MiB", maxText>>20)
	}
	var all []raw
	m := marksOf(text)
	for at := 0; at < len(text); {
		line, after := cutLine(text[at:])
		at = len(text) - len(after)
		nonce, found, err := header(line)
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		if len(all) == maxReports {
			return nil, fmt.Errorf("it holds more than %s reports", plain.Number(maxReports))
		}
		end := m.end(nonce, at, len(text))
		r, rest := one(text[at:end], nonce)
		at = end - len(rest)
		all = append(all, r)
	}
	if len(all) == 0 {
		return nil, errors.New("it holds no report of kpadvisor node-script")
	}
	return all, nil
}

// marks is where the reports of a text begin, and where their marks were seen last.
type marks struct {
	headers    []mark
	last, done map[string]int // by nonce
}

type mark struct {
	at    int
	nonce string
}

func marksOf(text []byte) marks {
	m := marks{last: map[string]int{}, done: map[string]int{}}
	for at := 0; at < len(text); {
		line, after := cutLine(text[at:])
		if nonce, found, err := header(line); found && err == nil && len(m.headers) < 2*maxReports {
			m.headers = append(m.headers, mark{at, nonce})
			m.last[nonce] = max(m.last[nonce], at)
		} else if word, is := bytes.CutPrefix(line, []byte("@@")); is {
			nonce, kind, _ := strings.Cut(string(word[:min(len(word), 2*maxName)]), " ")
			if _, known := m.last[nonce]; known {
				m.last[nonce] = at
				if kind == "done" {
					m.done[nonce] = at
				}
			}
		}
		at = len(text) - len(after)
	}
	return m
}

// end is where a report ends at the latest. One that was cut off, and so has no last mark,
// ends where another one begins, so that it does not swallow those that follow it. What was
// read may hold a line that looks like that: so it counts only behind the last mark of the
// report, and only if that other one is whole.
func (m *marks) end(nonce string, from, all int) int {
	if m.done[nonce] >= from {
		return all
	}
	from = max(from, m.last[nonce])
	for i, h := range m.headers {
		if h.at >= from && h.nonce != nonce && m.done[h.nonce] > h.at {
			m.headers = m.headers[i:]
			return h.at
		}
	}
	m.headers = nil
	return all
}

// cutLine returns the first line, without its end, and what follows it.
func cutLine(text []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(text, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// header reads the first line of a report.
func header(line []byte) (nonce string, found bool, err error) {
	if len(line) > len(schema)+2*maxName || !bytes.HasPrefix(line, []byte(schema)) {
		return "", false, nil
	}
	number, nonce, _ := strings.Cut(string(line[len(schema):]), " ")
	switch {
	case number != version:
		return "", false, fmt.Errorf("its format is %s, and this version reads %s", schema+plain.Line(number, 20), schema+version)
	case !isWord(nonce):
		return "", false, errors.New("its first line has no word that marks its sections")
	}
	return nonce, true, nil
}

// isWord reports a nonce or the name of a section.
func isWord(s string) bool {
	return s != "" && len(s) <= maxName && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == ""
}

// one reads a report up to its last mark, or to the end of the text if there is none.
func one(text []byte, nonce string) (r raw, rest []byte) {
	r = raw{sections: map[string]section{}}
	mark := []byte("@@" + nonce + " ")
	open := opened{}
	for rest = text; len(rest) > 0; {
		at := len(text) - len(rest)
		line, after := cutLine(rest)
		rest = after
		word, is := bytes.CutPrefix(line, mark)
		if !is {
			continue
		}
		kind, arguments, _ := strings.Cut(string(word[:min(len(word), 4*maxName)]), " ")
		switch kind {
		case "done":
			r.whole = open.name == ""
			return r, rest
		case "section", "packed":
			open = opened{name: arguments, from: len(text) - len(rest), section: section{packed: kind == "packed"}}
		case "errors":
			open.until(text, at)
			open.errors = len(text) - len(rest)
		case "end":
			name, status, _ := strings.Cut(arguments, " ")
			if name == open.name {
				open.complain(text, at)
				r.add(name, open.close(status))
			}
			open = opened{}
		case "skipped":
			name, why, _ := strings.Cut(arguments, " ")
			r.add(name, section{skipped: plain.Line(why, 100)})
		}
	}
	return r, rest
}

// add enters a section. The first of a name stands.
func (r *raw) add(name string, s section) {
	if _, known := r.sections[name]; known || !isWord(name) || len(r.sections) == maxSections {
		return
	}
	r.sections[name] = s
}

// opened is a section as far as it was read.
type opened struct {
	name         string
	from, errors int // where its output and its errors begin
	section
}

// until ends the output before a mark: the newline before it is the mark's own.
func (o *opened) until(text []byte, at int) {
	if o.name == "" || o.out != nil {
		return
	}
	o.out = between(text, o.from, at)
	if len(o.out) > maxSection {
		o.out, o.cut = o.out[:maxSection], true
	}
}

// complain ends the errors before a mark.
func (o *opened) complain(text []byte, at int) {
	if o.errors == 0 {
		o.until(text, at)
		return
	}
	errs := between(text, o.errors, at)
	o.errs = plain.Line(string(errs[:min(len(errs), maxErrors)]), 200)
}

// between is a part of a text without the newline, or CR and newline, that ends it.
func between(text []byte, from, to int) []byte {
	part := bytes.TrimSuffix(text[from:max(from, to)], []byte("\n"))
	return bytes.TrimSuffix(part, []byte("\r"))
}

// close ends a section. What the script itself cut is as long as a section may be.
func (o *opened) close(status string) section {
	n, err := strconv.Atoi(strings.TrimSpace(status))
	if err != nil || n < 0 {
		n = -1
	}
	o.status = n
	o.cut = o.cut || len(o.out) >= scriptLimit
	return o.section
}

// scriptLimit is after how many bytes the script cuts a section.
const scriptLimit = 4 << 20
