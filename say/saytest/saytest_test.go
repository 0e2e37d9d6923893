package saytest

import (
	"slices"
	"strings"
	"testing"
)

func TestVerbs(t *testing.T) {
	for format, want := range map[string][]verb{
		"":                    nil,
		"95 %% of it":         nil,
		"%s and %d":           {{1, "%s"}, {2, "%d"}},
		"%[2]d 和 %[1]s":       {{1, "%s"}, {2, "%d"}},
		"%[2]s，%s":            {{2, "%s"}, {3, "%s"}},
		"%[1]s %[1]s":         {{1, "%s"}},
		"about %.1f %%, k %s": {{1, "%.1f"}, {2, "%s"}},
	} {
		if got := verbs(format); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", format, got, want)
		}
	}
}

// TestFind: what is said in a package is found, through constants and whatever the
// receiver is called, and what fmt and plain are asked is not.
func TestFind(t *testing.T) {
	all, bad, err := find("testdata/speaker")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range all {
		got = append(got, p.Text)
	}
	if want := []string{"a text", "of constants and %s", "things", "things do", "said by a %s"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if len(bad) != 2 || !strings.Contains(bad[0], "no constant") || !strings.Contains(bad[1], "cannot be counted") {
		t.Errorf("%q", bad)
	}
}

func TestProblems(t *testing.T) {
	phrases := []Phrase{{Text: "%s and %d", Format: true, Args: 2}, {Text: "nodes"}, {Text: "%s", Format: true, Args: 2}}
	for _, c := range []struct {
		name      string
		catalogue map[string]string
		want      []string
	}{
		{"complete", map[string]string{"%s and %d": "%[2]d 和 %[1]s", "nodes": "个节点", "%s": "%s。"}, []string{"2 arguments for 1 verbs"}},
		{"missing", map[string]string{"%s and %d": "%s 和 %d", "%s": "%s"}, []string{"not in the catalogue", "2 arguments"}},
		{"empty", map[string]string{"%s and %d": "%s 和 %d", "nodes": "", "%s": "%s"}, []string{"says nothing", "2 arguments"}},
		{"other verbs", map[string]string{"%s and %d": "%s 和 %s", "nodes": "个节点", "%s": "%s"}, []string{"takes", "2 arguments"}},
		{"one left out", map[string]string{"%s and %d": "只有 %[2]d", "nodes": "个节点", "%s": "%s"}, []string{"takes", "2 arguments"}},
		{"left over", map[string]string{"%s and %d": "%s 和 %d", "nodes": "个节点", "%s": "%s", "old": "旧"}, []string{"2 arguments", "nobody says"}},
	} {
		got := problems(c.catalogue, phrases)
		if len(got) != len(c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
		for _, want := range c.want {
			if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, want) }) {
				t.Errorf("%s: %q has no %q", c.name, got, want)
			}
		}
	}
}
