// Package say says a sentence in the language of the reader. The sentences stand where
// they are made, in English; another language is a catalogue with the English format as
// the key. What it does not hold is said in English.
//
// It is not golang.org/x/text/message: that groups the digits of every number by the
// locale, and so writes port 10249 as 10,249 and a year as 2,026. Here numbers are
// written as whoever made the sentence wrote them.
package say

import (
	"fmt"
	"strings"
	"sync"

	"kpadvisor/plain"
	"kpadvisor/say/zh"
)

// Voice speaks one language. The zero value speaks English, and is free.
type Voice struct{ book *book }

// book is a language other than English.
type book struct {
	language Language
	phrases  map[string]string // by the English format
	seen     map[string]string // words of facts
	said     func() *formats   // of what is said again, made when it is
}

// In is the voice of a language. It builds a catalogue: keep it.
func In(l Language) Voice {
	if l == Chinese {
		again := sync.OnceValue(func() *formats { return newFormats(zh.Said()) })
		return Voice{&book{Chinese, zh.All(), zh.Seen(), again}}
	}
	return Voice{}
}

// Language is the one that is spoken.
func (v Voice) Language() Language {
	if v.book == nil {
		return English
	}
	return v.book.language
}

// Text says what is the same wherever it is said.
func (v Voice) Text(s string) string {
	if v.book == nil {
		return s
	}
	return v.book.of(s)
}

// Head says what stands over a column or before a figure, where a noun has no number:
// "nodes" is "节点" there, and "个节点" behind a count. A catalogue has it as "[nodes]".
func (v Voice) Head(s string) string {
	if v.book == nil {
		return s
	}
	if said, ok := v.book.phrases["["+s+"]"]; ok {
		return said
	}
	return s
}

// Sprintf says a sentence with what goes into it, as fmt.Sprintf does. The format of
// another language may name its arguments by number, and so reorder them.
func (v Voice) Sprintf(format string, args ...any) string {
	if v.book == nil {
		return fmt.Sprintf(format, args...)
	}
	said := ""
	for _, p := range pieces(v.book.of(format)) {
		switch {
		case p.arg == 0:
			said = meet(said, spaced(p.text))
		case p.arg <= len(args): // a value stays as it is: it may be a path
			said = meet(said, fmt.Sprintf(p.verb(), args[p.arg-1]))
		}
	}
	return said
}

// Seen says what a fact holds: a reason or a state that was written down when something
// was read. What the catalogue does not know, most of all what others wrote, stays.
func (v Voice) Seen(s string) string {
	if v.book == nil {
		return s
	}
	if known, ok := v.book.seen[s]; ok {
		return known
	}
	for i := range len(s) {
		if known, ok := v.book.seen[s[:i+1]]; ok && s[i] == ' ' {
			return known + s[i+1:]
		}
	}
	return s
}

// Count says a number with its noun: "1 node", "4,312 nodes", "4,312 个节点".
func (v Voice) Count(n int, noun string) string { return v.Plural(n, noun, noun+"s") }

// Plural says a number with what follows it for one and for many: "1 node runs", "3
// nodes run". Languages without a plural take the second.
func (v Voice) Plural(n int, one, many string) string {
	switch {
	case v.book != nil:
		return spaced(plain.Number(n) + v.book.of(many))
	case n == 1:
		return "1 " + one
	}
	return plain.Number(n) + " " + many
}

// Join lists words: "a, b and c". In Chinese those with a pause of their own are set apart
// by semicolons.
func (v Voice) Join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	most, last := words[:len(words)-1], words[len(words)-1]
	if v.book != nil && strings.ContainsAny(strings.Join(words, ""), "，：；") {
		return strings.Join(words, "；")
	}
	if v.book != nil {
		return meet(meet(strings.Join(most, "、"), "和"), last)
	}
	return strings.Join(most, ", ") + " and " + last
}

// List lists words without an end: "a, b".
func (v Voice) List(words ...string) string {
	if v.book != nil {
		return strings.Join(words, "、")
	}
	return strings.Join(words, ", ")
}

// Clauses puts clauses beside one another: "a; b; c".
func (v Voice) Clauses(parts ...string) string {
	if v.book != nil {
		return strings.Join(parts, "；")
	}
	return strings.Join(parts, "; ")
}

// Sentences puts whole sentences one after another.
func (v Voice) Sentences(parts ...string) string {
	if v.book != nil {
		return strings.Join(parts, "")
	}
	return strings.Join(parts, " ")
}

func (b *book) of(english string) string {
	if s, ok := b.phrases[english]; ok {
		return s
	}
	return english
}
