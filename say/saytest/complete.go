package saytest

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Complete fails the test where a phrase of some packages is not in a catalogue, where
// the two take other arguments, and where the catalogue has an entry that nobody says.
func Complete(t *testing.T, catalogue map[string]string, dirs ...string) {
	t.Helper()
	for _, problem := range problems(catalogue, Phrases(t, dirs...)) {
		t.Error(problem)
	}
}

func problems(catalogue map[string]string, phrases []Phrase) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	said := map[string]bool{}
	for _, p := range phrases {
		if n := len(verbs(p.Text)); p.Format && n != p.Args {
			add("%s: %d arguments for %d verbs", p.Where, p.Args, n)
		}
		if said[p.Text] {
			continue
		}
		said[p.Text] = true
		other, ok := catalogue[p.Text]
		switch {
		case !ok:
			add("%s: not in the catalogue: %q", p.Where, p.Text)
		case other == "":
			add("%s: the catalogue says nothing for %q", p.Where, p.Text)
		case p.Format && !slices.Equal(verbs(p.Text), verbs(other)):
			add("%s: %q takes %v, %q takes %v", p.Where, p.Text, verbs(p.Text), other, verbs(other))
		}
	}
	for _, english := range slices.Sorted(maps.Keys(catalogue)) {
		if !said[english] {
			add("nobody says %q", english)
		}
	}
	return all
}

// verb is one argument of a format.
type verb struct {
	index int
	how   string // %s
}

// verbs are the arguments that a format takes, in their order, each once.
func verbs(format string) []verb {
	var all []verb
	next := 1
	for _, m := range verbForm().FindAllStringSubmatch(strings.ReplaceAll(format, "%%", ""), -1) {
		index := next
		if m[2] != "" {
			index, _ = strconv.Atoi(m[2])
		}
		next = index + 1
		all = append(all, verb{index, "%" + m[1] + m[3]})
	}
	slices.SortFunc(all, func(a, b verb) int { return cmp.Or(cmp.Compare(a.index, b.index), strings.Compare(a.how, b.how)) })
	return slices.Compact(all)
}

// verbForm reads %s, %.1f and %[2]s.
func verbForm() *regexp.Regexp { return regexp.MustCompile(`%([-+# 0-9.]*)(?:\[(\d+)\])?([a-zA-Z])`) }
