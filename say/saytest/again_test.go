package saytest

import (
	"slices"
	"strings"
	"testing"
)

// TestMade: errors and remedies are found wherever they are made, put together as they
// are, and what has no word of its own is none.
func TestMade(t *testing.T) {
	var got []string
	for _, p := range Made(t, "testdata/maker") {
		got = append(got, p.Text)
	}
	want := []string{
		"a fault of %s", "The file %s is wrong: it has %d lines.", "Try again. Or not.", "Another %s.",
		"reading %s: %w", "no list of %s", "%s: gone",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant\n%q", got, want)
	}
	formats := Formats(t, "testdata/maker")
	for _, want := range []string{"it has %d lines.", "%s, and %s", "%snone", "Try again.", "%s: %w"} {
		if !formats[want] {
			t.Errorf("no %q in %v", want, formats)
		}
	}
}

func TestUnsaid(t *testing.T) {
	made := []Phrase{{Text: "The file %s is wrong: it has %d lines."}, {Text: "Try again. Or not."}, {Text: "%s: gone"}, {Text: "%s Nothing came."}}
	formats := map[string]bool{"a list": true}
	whole := func(change func(map[string]string)) map[string]string {
		all := map[string]string{
			"The file %s is wrong: it has %d lines.": "文件%s有误：有%d行。", "Try again.": "请重试。", "Or not.": "也可不重试。", "gone": "已消失",
			"Nothing came.": "什么也没有。", "a list": "列表",
		}
		change(all)
		return all
	}
	for name, c := range map[string]struct {
		catalogue map[string]string
		want      []string
	}{
		"complete": {whole(func(map[string]string) {}), nil},
		"as one": {whole(func(all map[string]string) {
			delete(all, "Or not.")
			all["Try again. Or not."] = "请重试。"
			delete(all, "Try again.")
		}), nil},
		"without full stop":  {whole(func(all map[string]string) { delete(all, "Or not."); all["Or not"] = "也可不重试" }), nil},
		"a sentence missing": {whole(func(all map[string]string) { delete(all, "Or not.") }), []string{"not in the catalogue: Or not."}},
		"another order":      {whole(func(all map[string]string) { all["The file %s is wrong: it has %d lines."] = "%[2]d行，%[1]s" }), nil},
		"an argument lost":   {whole(func(all map[string]string) { all["The file %s is wrong: it has %d lines."] = "%d行" }), []string{"other arguments"}},
		"left over":          {whole(func(all map[string]string) { all["an old one"] = "旧" }), []string{"nobody makes: an old one"}},
	} {
		got := unsaid(c.catalogue, nil, made, formats)
		if len(got) != len(c.want) || len(got) > 0 && !strings.Contains(got[0], c.want[0]) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := unsaid(map[string]string{"a list": "列表"}, whole(func(map[string]string) {}), made, formats); len(got) > 0 {
		t.Errorf("with others beside it: %q", got)
	}
}
