package advisor

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/say/saytest"
	"kpadvisor/say/zh"
)

// TestChineseComplete: every phrase has its Chinese, with the same arguments, and no
// Chinese is left over.
func TestChineseComplete(t *testing.T) {
	saytest.Complete(t, zh.Advisor(), ".", "reuse", "release")
}

// spoken is a case with its advice in both languages, as JSON that was read back.
type spoken struct {
	name           string
	english, other any
	evidence       []string // strings of the input
}

// eachSpoken goes through the golden scenarios, the fixtures of all rules and many made-up
// clusters, each with its advice and its moves in English and in Chinese.
func eachSpoken(t *testing.T, check func(t *testing.T, c spoken)) {
	t.Helper()
	v := say.In(say.Chinese)
	do := func(name string, x fixture) {
		both := func(v say.Voice) any {
			all := map[string]any{"advice": DecideIn(v, x.Facts, x.Habits, x.Measured), "questions": QuestionsIn(v)}
			for _, m := range Modes() {
				move := MoveToIn(v, x.Facts, x.Habits, x.Measured, m)
				all["to "+string(m)], all["thresholds of "+string(m)] = move, move.Thresholds
			}
			return generic(t, all)
		}
		c := spoken{name: name, english: both(say.Voice{}), other: both(v)}
		collect(generic(t, x), func(_, s string) { c.evidence = append(c.evidence, s) })
		check(t, c)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	for _, sc := range scenarios() {
		do(sc.name, fixture{Facts: sc.facts, Habits: sc.habits})
		alone := cloneFacts(sc.facts)
		for i := range alone.Groups {
			alone.Groups[i].Nodes = 1
		}
		alone.Groups, alone.Nodes = alone.Groups[:1], KnownFrom(1, "Nodes")
		do(sc.name+", one node", fixture{Facts: alone, Habits: sc.habits})
	}
	files, err := filepath.Glob("testdata/rules/*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var x fixture
		if err := json.Unmarshal(data, &x); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		do(file, x)
	}
	eachWorld(t, func(_ *testing.T, w world, seed int64) {
		if seed%10 == 0 {
			f := w.facts()
			if w.Intn(2) == 0 {
				f = w.hide(f)
			}
			do(fmt.Sprintf("world %d", seed), fixture{Facts: f, Habits: w.habits()})
		}
	})
}

func generic(t *testing.T, v any) any {
	t.Helper()
	var out any
	if err := json.Unmarshal([]byte(mustJSON(t, v)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// collect visits the strings of JSON with the field they are of.
func collect(v any, visit func(field, s string)) { collectIn("", v, visit) }

func collectIn(field string, v any, visit func(field, s string)) {
	switch v := v.(type) {
	case string:
		visit(field, v)
	case []any:
		for _, x := range v {
			collectIn(field, x, visit)
		}
	case map[string]any:
		for name, x := range v {
			collectIn(name, x, visit)
		}
	}
}

// sentences are the fields of advice, moves and questions that hold sentences, or parts
// of them. All other fields are the same in every language.
func sentences() []string {
	return []string{
		"headline", "text", "remedy", "title", "why", "row", "load", "advice", "blockers", "measured", "if", "then", "changes", "caveat",
		"twoModeWhy", "confidenceBecause", "group", "newConnection", "worstService", "oneEndpointChange", "fullSync", "formula",
		"watch", "goOn", "stop", "back",
		"Text", "Why", "Decides", "Unit",
	}
}

// TestChinese: nothing but sentences differs from the English advice, and nothing is
// missing; and the sentences are Chinese.
func TestChinese(t *testing.T) {
	long := 0
	eachSpoken(t, func(t *testing.T, c spoken) {
		alike(t, "", c.english, c.other)
		isChinese(t, c)
		collect(c.other, func(field, s string) {
			if field == "headline" {
				long = max(long, columns(s))
			}
		})
	})
	if long > 130 {
		t.Errorf("a headline takes %d columns", long)
	}
}

func alike(t *testing.T, field string, a, b any) {
	t.Helper()
	switch a := a.(type) {
	case string:
		b, _ := b.(string)
		switch {
		case field == "commands":
			if x, y := command(a), command(b); x != y {
				t.Errorf("another command: %q, %q", x, y)
			}
		case !slices.Contains(sentences(), field) && a != b, (a == "") != (b == ""):
			t.Errorf("%s: %q, %q", field, a, b)
		}
	case []any:
		b, _ := b.([]any)
		if len(a) != len(b) {
			t.Errorf("%s: %d and %d:\n%v\n%v", field, len(a), len(b), a, b)
			return
		}
		for i := range a {
			alike(t, field, a[i], b[i])
		}
	case map[string]any:
		b, _ := b.(map[string]any)
		if len(a) != len(b) {
			t.Errorf("%s: %d and %d fields", field, len(a), len(b))
		}
		for name := range a {
			alike(t, name, a[name], b[name])
		}
	default:
		if a != b {
			t.Errorf("%s: %v, %v", field, a, b)
		}
	}
}

// command is a line of a runbook without what a shell takes for a comment, and without
// who is to run it.
func command(line string) string {
	if i := strings.Index(line, "sysctl -w"); i > 0 {
		line = line[i:]
	}
	for _, lead := range []string{"If it says 0: ", "如果显示 0："} {
		line = strings.TrimPrefix(line, lead)
	}
	for _, lead := range []string{"Check: ", "检查："} {
		line = strings.TrimPrefix(line, lead)
	}
	line, _, _ = strings.Cut("  "+line, "  # ")
	return strings.TrimSpace(strings.TrimSuffix(line, "  "))
}

// isChinese: no English is left but names, commands, sources and what was read; nothing
// is set as a Chinese page would not.
func isChinese(t *testing.T, c spoken) {
	t.Helper()
	known := append(slices.Clone(c.evidence), names()...)
	collect(c.other, func(field, s string) {
		if field == "source" {
			known = append(known, s)
		}
	})
	slices.SortFunc(known, func(a, b string) int { return len(b) - len(a) })
	known = slices.Compact(known)
	collect(c.other, func(field, s string) {
		if slices.Contains(sentences(), field) {
			wellSaid(t, field, s, known)
		}
	})
}

// names are what is written in English in every language, longest words of it.
func names() []string {
	return []string{
		"GKE Dataplane", "EKS Auto Mode", "IBM Cloud Kubernetes Service", "Huawei Cloud EulerOS",
		"Using ipvs Proxier", "nft list ruleset", "kubectl -n kube-system get pods -l k8s-app=kube-proxy -o yaml | grep image:",
		"boot banners of Ubuntu on public pages", "Ubuntu 22.04 was released with 5.15.0-25, based on 5.15.30",
		`uname -v of Debian, such as "Debian 4.19.232-1" beside 4.19.0-19-cloud-amd64`,
		"uname -v of Debian and its package lists (unix.stackexchange 692596)", "uname -v of Debian's backports",
	}
}

// englishRun is three or more English words in a row; what is spelled with a capital in
// it, a digit or a dot is a name.
var (
	englishRun = regexp.MustCompile(`(?:^|[^\w/=.-])([A-Za-z]?[a-z'-]+(?:[ ,]+[A-Za-z]?[a-z'-]+){2,})\b`)
	hanApart   = regexp.MustCompile(`\p{Han} +\p{Han}`)
)

func wellSaid(t *testing.T, field, s string, known []string) {
	t.Helper()
	rest := s
	for _, k := range known {
		if strings.Contains(k, " ") {
			rest = strings.ReplaceAll(rest, k, "…")
		}
	}
	if m := englishRun.FindString(rest); m != "" && !strings.Contains(m, " -") { // with a flag it is a command
		t.Errorf("%s: %q is English in %q", field, m, s)
	}
	if plain.Text(s) != s || strings.Contains(s, "%!") {
		t.Errorf("%s: %q", field, s)
	}
	for _, bad := range []string{"  ", " ，", " 。", "， ", "。 ", "： ", " ：", "； ", "。。", "：。", "，。", "。；", "()", "（）"} {
		if strings.Contains(strings.ReplaceAll(rest, "  # ", ""), bad) {
			t.Errorf("%s: %q in %q", field, bad, s)
		}
	}
	if hanApart.MatchString(rest) {
		t.Errorf("%s: a space between Chinese in %q", field, s)
	}
	before := ' '
	for _, r := range rest {
		if unicode.Is(unicode.Han, before) && r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) ||
			unicode.Is(unicode.Han, r) && before < unicode.MaxASCII && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
			t.Errorf("%s: no space between %c and %c in %q", field, before, r, s)
		}
		before = r
	}
	if strings.Count(s, "（") != strings.Count(s, "）") {
		t.Errorf("%s: parentheses in %q", field, s)
	}
}

// columns is how wide a text is in a terminal, about.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x2e80 {
			n++
		}
	}
	return n
}

// TestOneNodeInChinese: what a single node leaves out of a runbook is found in Chinese
// where it is in English.
func TestOneNodeInChinese(t *testing.T) {
	all := zh.Advisor()
	for fragment := range oneNodeWords(say.Voice{}) {
		for english, chinese := range all {
			if strings.Contains(english, fragment) && !strings.Contains(chinese, all[fragment]) {
				t.Errorf("%q is in %q, and %q not in %q", fragment, english, all[fragment], chinese)
			}
		}
	}
}

// TestExpectDrillInChinese: what the table expects is the same in both languages.
func TestExpectDrillInChinese(t *testing.T) {
	v := say.In(say.Chinese)
	for _, kernel := range []string{"3.10.0-1160", "4.18.0-305.el8.x86_64", "4.18.0-553.el8.x86_64", "4.19.100", "5.4.0-96-generic", "5.4.100", "6.1.176", "what"} {
		for i := range 16 {
			c := reuse.Config{Mode: []string{"ipvs", "iptables"}[i&1], ConnReuseMode: i >> 1 & 1, ExpireNodestConn: i >> 2 & 1, Conntrack: i >> 3}
			a, b := reuse.ExpectDrill(kernel, c, i%3 == 0), reuse.ExpectDrillIn(v, kernel, c, i%3 == 0)
			if a.Exposure != b.Exposure || (a.Row == "") != (b.Row == "") {
				t.Errorf("%s, %+v: %+v, %+v", kernel, c, a, b)
			}
			wellSaid(t, "why", b.Why, names())
		}
	}
}

// TestSaidTwice: what a page leaves out where it stands elsewhere does stand there.
func TestSaidTwice(t *testing.T) {
	for _, v := range []say.Voice{{}, say.In(say.Chinese)} {
		for _, sc := range scenarios() {
			a := DecideIn(v, sc.facts, sc.habits, Measured{})
			if a.CaveatHere == "" || !strings.HasSuffix(a.Caveat, a.CaveatHere) || a.CaveatHere == a.Caveat {
				t.Errorf("%s: %q is not the end of %q", sc.name, a.CaveatHere, a.Caveat)
			}
			for _, r := range a.Because {
				told := slices.ContainsFunc(a.ConfidenceBecause, func(text string) bool { return strings.HasSuffix(r.Text, text) })
				if r.Doubt != told {
					t.Errorf("%s: doubt %v, but of the confidence %v: %q", sc.name, r.Doubt, told, r.Text)
				}
			}
		}
	}
}
