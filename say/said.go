package say

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Again says what was written down in English when something was read or measured: a
// reason, a state, a note. What others wrote stays as it is.
func (v Voice) Again(s string) string { return v.Said(v.Seen(s)) }

// Said says again what was said in English where no voice was: an error, its remedy, the
// help of a flag. Whoever makes these knows no language, so they arrive as finished
// sentences, often one inside the other, and are recognised by the formats that they
// were made of. What is known is said with the same names, paths and numbers in it; what
// is not, most of all what others wrote, stays as it is. The work is bounded by the
// length of s, whatever it holds.
func (v Voice) Said(s string) string {
	if v.book == nil || len(s) > mostSaid {
		return s
	}
	r := recital{formats: v.book.said(), nouns: v.book.phrases, left: mostTries}
	said, _ := r.say(s, 0)
	return said
}

// Bounds of one recital. No error of this program comes near any of them.
const (
	mostSaid  = 16 << 10 // bytes; what is longer is no sentence
	mostTries = 20_000   // formats that are held against a text
	deepest   = 12       // sentences inside one another
	longest   = 3        // sentences that one format may have
)

// recital is one text on its way into another language.
type recital struct {
	formats *formats
	nouns   map[string]string
	left    int // tries
}

// say says a text: sentence by sentence if each of them is known, else whole if it was
// made by one format, else what is known of it. It reports whether anything is. A single
// word inside another text is a name.
func (r *recital) say(s string, depth int) (string, bool) {
	if depth > deepest || s == "" || r.left <= 0 || depth > 0 && strings.IndexByte(s, ' ') < 0 {
		return s, false
	}
	parts := sentences(s)
	if len(parts) == 1 {
		if said, ok := r.whole(s, 0, depth); ok {
			return said, true
		}
		return r.clauses(s, depth)
	}
	each, some, all := r.each(parts, depth)
	if all {
		return each, true
	}
	if said, ok := r.whole(s, 0, depth); ok {
		return said, true
	}
	if !some {
		return s, false
	}
	return each, true
}

// each says sentences one after the other. A format may have made more than one of them.
func (r *recital) each(parts []string, depth int) (text string, some, all bool) {
	var b strings.Builder
	all = true
	for i := 0; i < len(parts); {
		said, ok, n := "", false, min(longest, len(parts)-i)
		for ; n > 1; n-- {
			if said, ok = r.whole(strings.Join(parts[i:i+n], " "), n-1, depth+1); ok {
				break
			}
		}
		if !ok {
			if said, ok = r.whole(parts[i], 0, depth+1); !ok {
				said, ok = r.clauses(parts[i], depth+1)
			}
		}
		put(&b, said)
		some, all = some || ok, all && ok
		i += max(n, 1)
	}
	return b.String(), some, all
}

// whole says what one format made that has so many full stops between sentences, or one
// that was made a sentence later.
func (r *recital) whole(s string, stops, depth int) (string, bool) {
	body, ended := strings.CutSuffix(s, ".")
	f, args := r.formats.find(s, stops, &r.left)
	stop := ""
	if ended {
		if g, of := r.formats.find(body, stops, &r.left); g != nil && (f == nil || g.weight >= f.weight) {
			f, args, stop = g, of, "。"
		}
	}
	if f == nil {
		return r.counted(s)
	}
	known := f.letters >= fewLetters || f.plain()
	said := f.fill(args, func(arg string) string {
		said, ok := r.say(arg, depth+1)
		known = known || ok
		return said
	})
	if !known {
		return s, false
	}
	return said + stop, true
}

// fewLetters are those of a format that could have made anything, "%s, and %s": it did if
// something in it is known as well.
const fewLetters = 5

// counters begin a Chinese noun that has been counted: without one a phrase is no noun.
const counters = "个条次种项行台块轮秒"

// counted says a number with its noun.
func (r *recital) counted(s string) (string, bool) {
	n, noun, found := strings.Cut(s, " ")
	if !found || !number(n) {
		return s, false
	}
	for _, key := range []string{noun, noun + "s"} {
		said, ok := r.nouns[key]
		if counter, _ := utf8.DecodeRuneInString(said); ok && strings.ContainsRune(counters, counter) {
			return join(n, said), true
		}
	}
	return s, false
}

// clauses says what stands beside or behind one another: "reading x: no such file".
func (r *recital) clauses(s string, depth int) (string, bool) {
	before, after, found := strings.Cut(s, ": ")
	between := "："
	if one, two, also := strings.Cut(s, "; "); also && (!found || len(one) < len(before)) {
		before, after, found, between = one, two, true, "；"
	}
	if !found {
		return r.list(s, depth)
	}
	after, ended := strings.CutSuffix(after, ".")
	one, ok := r.say(before, depth+1)
	two, also := r.say(after, depth+1)
	if !ok && !also {
		return s, false
	}
	if ended && !strings.HasSuffix(two, "。") {
		two += "。"
	}
	return one + between + two, true
}

// list says a list of which each part is known.
func (r *recital) list(s string, depth int) (string, bool) {
	parts := strings.Split(s, ", ")
	if len(parts) == 1 || len(parts) > mostListed {
		return s, false
	}
	for i, part := range parts {
		said, ok := r.whole(part, 0, depth+1)
		if !ok {
			return s, false
		}
		parts[i] = said
	}
	return strings.Join(parts, "、"), true
}

// mostListed is above what any sentence lists.
const mostListed = 20

// put writes a sentence after others: behind a Chinese full stop stands no space.
func put(b *strings.Builder, s string) {
	if b.Len() > 0 && !strings.HasSuffix(b.String(), "。") {
		b.WriteByte(' ')
	}
	b.WriteString(s)
}

// sentences splits behind full stops; joined by spaces they are the text again.
func sentences(s string) []string {
	var all []string
	from := 0
	for i := 0; i+2 < len(s); i++ {
		if (s[i] == '.' || s[i] == '?') && s[i+1] == ' ' && begins(s[i+2:]) {
			all = append(all, s[from:i+1])
			from = i + 2
		}
	}
	return append(all, s[from:])
}

// begins reports what a sentence begins with.
func begins(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r == '"' || r == '-' || !unicode.IsSpace(r) && !unicode.IsPunct(r)
}
