package say

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// format is an English format with the words of another language. Between its literals,
// which are one more, stand its holes.
type format struct {
	literals []string
	holes    []byte // the letter of each verb
	weight   int    // bytes of the literals: how much of a text it accounts for
	letters  int    // among them
	stops    int    // between sentences, in the literals
	other    []piece
}

// piece is a literal, or the place of an argument.
type piece struct {
	text string
	arg  int // from 1 on; 0 for a literal
}

// verb is the verb of an argument, without its number.
func (p piece) verb() string {
	if open, end := strings.IndexByte(p.text, '['), strings.IndexByte(p.text, ']'); open >= 0 && end > open {
		return p.text[:open] + p.text[end+1:]
	}
	return p.text
}

func newFormat(english, other string) *format {
	f := &format{literals: []string{""}}
	for _, p := range pieces(strings.ReplaceAll(english, "\n", " ")) { // as plain.Text leaves it
		if p.arg == 0 {
			f.literals[len(f.holes)] += p.text
			f.weight += len(p.text)
			for i := range len(p.text) {
				if letter(p.text[i]) {
					f.letters++
				}
			}
			continue
		}
		f.literals, f.holes = append(f.literals, ""), append(f.holes, p.text[len(p.text)-1])
	}
	f.stops = len(sentences(strings.Join(f.literals, "x"))) - 1
	f.other = pieces(other)
	return f
}

// pieces cuts a format at its verbs.
func pieces(s string) []piece {
	var all []piece
	next := 1
	for s != "" {
		at := strings.IndexByte(s, '%')
		if at < 0 {
			return append(all, piece{text: s})
		}
		if at > 0 {
			all = append(all, piece{text: s[:at]})
		}
		end := at + 1
		for end < len(s) && strings.IndexByte("+-#.[]0123456789", s[end]) >= 0 {
			end++
		}
		switch verb := s[at:min(end+1, len(s))]; {
		case verb == "%%":
			all = append(all, piece{text: "%"})
		case end == len(s), !letter(s[end]): // "99 % of them", which was no format
			all, end = append(all, piece{text: "%"}), at
		default:
			if i := strings.IndexByte(verb, '['); i >= 0 {
				next = int(verb[i+1] - '0')
			}
			all = append(all, piece{text: verb, arg: next})
			next++
		}
		s = s[end+1:]
	}
	return all
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// match finds the arguments that made s, the shortest first. The first letter may have
// become a capital since.
func (f *format) match(s string, tries *int) (args []string, ok bool) {
	first := f.literals[0]
	if len(s) < f.weight || len(f.holes) == 0 && len(s) != len(first) || !alike(s, first) {
		return nil, false
	}
	if len(f.holes) == 0 {
		return nil, true
	}
	if !f.holds(s) {
		return nil, false
	}
	args = make([]string, len(f.holes))
	few := mostSplits
	ok = f.rest(0, s[len(first):], args, &few)
	*tries -= mostSplits - few
	return args, ok
}

// holds reports whether the literals are in s one after the other, whatever is between.
func (f *format) holds(s string) bool {
	last := len(f.literals) - 1
	if !strings.HasSuffix(s, f.literals[last]) {
		return false
	}
	s = s[len(f.literals[0]) : len(s)-len(f.literals[last])]
	for _, literal := range f.literals[1:last] {
		at := strings.Index(s, literal)
		if at < 0 {
			return false
		}
		s = s[at+len(literal):]
	}
	return true
}

// plain reports that no hole takes words.
func (f *format) plain() bool {
	for _, hole := range f.holes {
		if strings.IndexByte("dgfqc", hole) < 0 {
			return false
		}
	}
	return true
}

// mostSplits is how often the end of an argument is looked for.
const mostSplits = 100

func (f *format) rest(i int, s string, args []string, tries *int) bool {
	next := f.literals[i+1]
	if i == len(f.holes)-1 {
		arg, ok := strings.CutSuffix(s, next)
		args[i] = arg
		return ok && takes(f.holes[i], arg)
	}
	for from := 0; *tries > 0 && from <= len(s); {
		at := strings.Index(s[from:], next)
		if at < 0 {
			return false
		}
		*tries--
		at += from
		if takes(f.holes[i], s[:at]) && f.rest(i+1, s[at+len(next):], args, tries) {
			args[i] = s[:at]
			return true
		}
		from = at + 1
	}
	return false
}

// alike reports that s begins with a literal, but for a capital.
func alike(s, literal string) bool {
	if strings.HasPrefix(s, literal) {
		return true
	}
	return literal != "" && len(s) >= len(literal) && s[1:len(literal)] == literal[1:] && s[0] == upper(literal[0])
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// takes reports whether a verb may have written a text.
func takes(verb byte, arg string) bool {
	switch verb {
	case 'd':
		return number(arg)
	case 'g', 'f':
		return arg != "" && strings.Trim(arg, "+-.0123456789eE") == "" || arg == "NaN" || strings.TrimLeft(arg, "+-") == "Inf"
	case 'q':
		return len(arg) >= 2 && arg[0] == '"' && arg[len(arg)-1] == '"'
	case 'c':
		return utf8.RuneCountInString(arg) == 1
	}
	return arg != ""
}

// number reports digits, with or without a sign or commas between thousands.
func number(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return s != "" && s[0] != ',' && strings.Trim(s, "0123456789,") == ""
}

// fill says the format with its arguments, and sets a space where Chinese and another
// script meet. What is inside an argument is left alone: it may be a path.
func (f *format) fill(args []string, say func(string) string) string {
	out := ""
	for _, p := range f.other {
		switch {
		case p.arg == 0:
			out = join(out, p.text)
		case p.arg <= len(args):
			out = join(out, say(args[p.arg-1]))
		}
	}
	return out
}

// join puts two texts together as meet does, and keeps a quotation apart.
func join(a, b string) string {
	before, _ := utf8.DecodeLastRuneInString(a)
	after, _ := utf8.DecodeRuneInString(b)
	if chinese(before) && after == '"' || before == '"' && chinese(after) {
		return a + " " + b
	}
	return meet(a, b)
}

// formats are those of a catalogue, found by how they begin or end.
type formats struct {
	exact  map[string]*format
	begins map[string][]*format // by the first letters, in small ones
	ends   map[string][]*format // by the last letters, of those that begin with a hole
	rest   []*format            // that begin and end with one
}

// key is how many bytes of a literal are looked up.
const key = 3

func newFormats(catalogue map[string]string) *formats {
	all := &formats{exact: map[string]*format{}, begins: map[string][]*format{}, ends: map[string][]*format{}}
	for english, other := range catalogue {
		f := newFormat(english, other)
		first, last := f.literals[0], f.literals[len(f.holes)]
		switch {
		case len(f.holes) == 0:
			all.exact[first] = f
		case len(first) >= key:
			all.begins[small(first[:key])] = append(all.begins[small(first[:key])], f)
		case first == "" && len(last) >= key:
			all.ends[last[len(last)-key:]] = append(all.ends[last[len(last)-key:]], f)
		default:
			all.rest = append(all.rest, f)
		}
	}
	heaviest := func(list []*format) {
		slices.SortFunc(list, func(a, b *format) int {
			return cmp.Or(b.weight-a.weight, strings.Compare(strings.Join(a.literals, "%"), strings.Join(b.literals, "%")))
		})
	}
	for _, list := range all.begins {
		heaviest(list)
	}
	for _, list := range all.ends {
		heaviest(list)
	}
	heaviest(all.rest)
	return all
}

func small(s string) string { return strings.Map(unicode.ToLower, s) }

// find is the format that accounts for most of a text, and its arguments; nil if none
// made it that has so many full stops between sentences.
func (all *formats) find(s string, stops int, tries *int) (*format, []string) {
	if f := all.exactly(s); f != nil {
		return f, nil
	}
	if len(s) < key {
		return nil, nil
	}
	var best *format
	var with []string
	for _, list := range [][]*format{all.begins[small(s[:key])], all.ends[s[len(s)-key:]], all.rest} {
		for _, f := range list {
			if *tries--; *tries <= 0 || best != nil && f.weight <= best.weight {
				break
			}
			if f.stops < stops {
				continue
			}
			if args, ok := f.match(s, tries); ok {
				best, with = f, args
				break
			}
		}
	}
	return best, with
}

func (all *formats) exactly(s string) *format {
	if f := all.exact[s]; f != nil || s == "" {
		return f
	}
	if 'A' <= s[0] && s[0] <= 'Z' { // or one that became a sentence
		return all.exact[string(rune(s[0]-'A'+'a'))+s[1:]]
	}
	return nil
}
