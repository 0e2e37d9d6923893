package saytest

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// Again fails the test where an error or a remedy that some packages make is not in the
// catalogue of what is said again, nor among what else is said again, or takes other
// arguments there, and where the catalogue holds what nobody makes.
func Again(t *testing.T, catalogue, besides map[string]string, dirs ...string) {
	t.Helper()
	for _, problem := range unsaid(catalogue, besides, Made(t, dirs...), Formats(t, dirs...)) {
		t.Error(problem)
	}
}

func unsaid(own, besides map[string]string, made []Phrase, formats map[string]bool) []string {
	var all []string
	catalogue := maps.Clone(own)
	maps.Copy(catalogue, besides)
	known := map[string]bool{}
	for _, p := range made {
		for _, key := range keys(catalogue, p.Text) {
			other, ok := catalogue[key]
			switch {
			case !ok:
				all = append(all, p.Where.String()+": not in the catalogue: "+key)
			case !slices.Equal(places(key), places(other)):
				all = append(all, p.Where.String()+": other arguments: "+key+", "+other)
			}
			known[key] = true
		}
	}
	for text := range formats {
		for _, key := range append(keys(catalogue, text), text) {
			known[key] = true
		}
	}
	for _, english := range slices.Sorted(maps.Keys(own)) {
		if !known[english] {
			all = append(all, "nobody makes: "+english)
		}
	}
	return all
}

// keys are those by which a text is found: the text, or the sentences in it. A full stop
// may have come later, and what a text begins with may be a sentence that was made
// before, or what it is about.
func keys(catalogue map[string]string, text string) []string {
	text = strings.TrimSpace(text)
	for _, key := range []string{text, strings.TrimSuffix(text, "."), strings.TrimPrefix(text, "%s: "), strings.TrimSuffix(strings.TrimPrefix(text, "%s: "), ".")} {
		if _, ok := catalogue[key]; ok {
			return []string{key}
		}
	}
	all := strings.Split(strings.ReplaceAll(strings.TrimPrefix(text, "%s "), ". ", ".\x00"), "\x00")
	if len(all) == 1 && all[0] == text {
		return all
	}
	var found []string
	for _, part := range all {
		if wordy(part) {
			found = append(found, keys(catalogue, part)...)
		}
	}
	return found
}

// places are the arguments of a format, by number alone: what is said again was written
// by its verbs already.
func places(format string) []int {
	var all []int
	for _, v := range verbs(format) {
		all = append(all, v.index)
	}
	return all
}
