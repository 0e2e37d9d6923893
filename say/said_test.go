package say

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"kpadvisor/say/zh"
)

// speaker says again by a catalogue of a test.
func speaker(catalogue map[string]string) Voice {
	all := newFormats(catalogue)
	return Voice{&book{Chinese, map[string]string{"objects": "个对象"}, nil, func() *formats { return all }}}
}

func TestSaid(t *testing.T) {
	v := speaker(map[string]string{
		"The file %s cannot be read: %s.":               "无法读取文件%s：%s。",
		"The %s cannot be read: %v.":                    "无法读取%s：%s。",
		"permission denied":                             "权限不足",
		"there is no command %s; did you mean %s?":      "没有命令%s；您是否想用%s？",
		"there is no command %s":                        "没有命令%s",
		"%s %d is not between 0 and %d":                 "%s %d 不在 0 到 %d 之间",
		"target %q: port %q is no number":               "目标 %[1]q：端口 %[2]q 不是数字",
		"%w: more than %d kinds":                        "%s：超过 %d 种",
		"the answer is %s, and %s belongs there":        "答案是%[1]s，而此处应为%[2]s",
		"a list":                                        "列表",
		"Try again. It may help.":                       "请重试，可能有用。",
		"Try again.":                                    "请重试。",
		"%d %% of the Services, and %g more per second": "%d %% 的 Service，以及每秒再多%g个",
		"made by %s for %s":                             "为%[2]s由%[1]s创建",
		"reading %s":                                    "读取%s",
		"takes %v at most":                              "最多需要%v",
	})
	for in, want := range map[string]string{
		"": "",
		// Arguments stay, are said again, or come in another order.
		"The file /tmp/a b.json cannot be read: permission denied.": "无法读取文件 /tmp/a b.json：权限不足。",
		"The kubeconfig x cannot be read: odd.":                     "无法读取 kubeconfig x：odd。",
		"the answer is a list, and 7 belongs there":                 "答案是列表，而此处应为 7",
		"made by for for by for x":                                  "为 by for x 由 for 创建",
		"%d":                                                        "%d",
		// A capital and a full stop came later.
		"There is no command \"x\".":                     "没有命令 \"x\"。",
		"There is no command \"x\"; did you mean audit?": "没有命令 \"x\"；您是否想用 audit？",
		"Permission denied.":                             "权限不足。",
		// Verbs take what they write.
		"--nodes 5 is not between 0 and 10":                "--nodes 5 不在 0 到 10 之间",
		"--nodes x is not between 0 and 10":                "--nodes x is not between 0 and 10",
		"--a 3 4,000 is not between 0 and 10":              "--a 3 4,000 不在 0 到 10 之间",
		"target \"a: port\": port \"x\" is no number":      "目标 \"a: port\"：端口 \"x\" 不是数字",
		"target a: port \"x\" is no number":                "target a: port \"x\" is no number",
		"7 % of the Services, and 1.5e+06 more per second": "7 % 的 Service，以及每秒再多 1.5e+06 个",
		// Sentences, clauses and counts.
		"Try again. It may help. Try again.":                     "请重试，可能有用。请重试。",
		"Nobody knows this. Try again. Or this.":                 "Nobody knows this. 请重试。Or this.",
		"reading x: permission denied":                           "读取 x：权限不足",
		"open /x: permission denied":                             "open /x：权限不足",
		"a; permission denied; c":                                "a；权限不足；c",
		"reading the list: what others wrote: more than 3 kinds": "读取 the list: what others wrote：超过 3 种",
		"takes 1 object at most":                                 "最多需要 1 个对象",
		"takes 4,312 objects at most":                            "最多需要 4,312 个对象",
		"the answer is a list, a list, and 7 belongs there":      "答案是列表、列表，而此处应为 7",
		"the answer is a list, a thing, and 7 belongs there":     "答案是 a list, a thing，而此处应为 7",
		// What others wrote is theirs, also where it is Chinese.
		"x509: certificate signed by unknown authority": "x509: certificate signed by unknown authority",
		"reading /tmp/中文a.json":                         "读取 /tmp/中文a.json",
		"e.g. this: and that; or that":                  "e.g. this: and that; or that",
	} {
		if got := v.Said(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		if got := (Voice{}).Said(in); got != in {
			t.Errorf("English: %q, want %q", got, in)
		}
	}
}

// TestSaidOfAll: each format of the catalogue is found in what it made, whatever was put
// into it, and what was put into it is found again.
func TestSaidOfAll(t *testing.T) {
	v := In(Chinese)
	for english, chinese := range zh.Said() {
		f := newFormat(english, chinese)
		var made strings.Builder
		var args []string
		wordy := -1 // the last hole that takes words
		for i := range f.holes {
			if f.words(i + 1) {
				wordy = i
			}
		}
		for i, hole := range f.holes {
			arg := map[byte]string{'d': fmt.Sprint(71 + i), 'g': fmt.Sprintf("%d.5", 31+i), 'f': fmt.Sprint(51 + i), 'q': fmt.Sprintf("%q", fmt.Sprint("Qx", i))}[hole]
			if arg == "" {
				arg = fmt.Sprint("/x/Zq", i)
			}
			if f.letters < fewLetters && i == wordy {
				arg = "network is unreachable"
			}
			args = append(args, arg)
			made.WriteString(f.literals[i] + arg)
		}
		made.WriteString(f.literals[len(f.holes)])
		if f.takesAny() && !f.keepsOrder() {
			t.Errorf("%q could have made what others wrote, and %q rearranges that", english, chinese)
		}
		want := f.fill(args, func(s string) string {
			if strings.HasPrefix(s, "network") {
				s = zh.System()[s]
			}
			return s
		})
		if got := v.Said(made.String()); got != want {
			t.Errorf("%q: %q, want %q", made.String(), got, want)
		}
		for _, arg := range args {
			if strings.HasPrefix(arg, "network") { // it was put in to be said again
				arg = zh.System()[arg]
			}
			if strings.Count(want, arg) != 1 {
				t.Errorf("%q: %q is not in %q once", english, arg, want)
			}
		}
	}
}

// TestSaidOfDifferences: what two sides differ in has a colon and an "and" of its own, and
// is found again in each sentence that is about it.
func TestSaidOfDifferences(t *testing.T) {
	v := In(Chinese)
	all := []string{"nothing in the mode: both run iptables, so this compares the nodes"}
	for _, of := range []string{"kernel", "kubelet version", "kube-proxy version", "instance type", "architecture", "zone"} {
		all = append(all, of+": 5.4.0 and 6.1.0")
	}
	found := false
	for english, chinese := range zh.Said() {
		f := newFormat(english, chinese)
		if !strings.HasSuffix(english, " differ in the %s") {
			continue
		}
		found = true
		for _, differ := range all {
			said := v.Said(differ)
			if said == differ {
				t.Errorf("%q is not known", differ)
			}
			want := f.fill([]string{said}, func(s string) string { return s })
			if got := v.Said(f.literals[0] + differ); got != want {
				t.Errorf("%q: %q, want %q", f.literals[0]+differ, got, want)
			}
		}
	}
	if !found {
		t.Error("nothing says what two sides differ in")
	}
}

// takesAny reports a format that begins with words that went into it and has few of its
// own: what others wrote may look as if it had made it, "pods is forbidden".
func (f *format) takesAny() bool {
	return f.literals[0] == "" && len(f.holes) > 0 && f.words(1) && f.letters < 13
}

// words reports that an argument, from 1 on, may be any words.
func (f *format) words(arg int) bool { return strings.IndexByte("svw", f.holes[arg-1]) >= 0 }

// keepsOrder reports that the words that go into a format come first and one after the other.
func (f *format) keepsOrder() bool {
	before := 0
	for _, p := range f.other {
		if p.arg == 0 || !f.words(p.arg) {
			continue
		}
		if p.arg < before {
			return false
		}
		before = p.arg
	}
	return f.other[0].arg == 1
}

// FuzzSaid: any text is said without a panic, with work and words that its length bounds,
// and English is left alone.
func FuzzSaid(f *testing.F) {
	some := slices.Sorted(maps.Keys(zh.Said()))
	for i := 0; i < len(some); i += 7 {
		f.Add(some[i])
	}
	f.Add(strings.Repeat("a: ", 1000))
	f.Add(strings.Repeat("The ", 1000) + "%s %d 中文 \xff\x00")
	v := In(Chinese)
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > mostSaid {
			return
		}
		r := recital{formats: v.book.said(), nouns: v.book.phrases, left: mostTries}
		said, _ := r.say(s, 0)
		if tries := mostTries - r.left; tries > most(s) {
			t.Errorf("%d bytes took %d tries", len(s), tries)
		}
		if v.Said(s) != said {
			t.Error("said in two ways")
		}
		if len(said) > 12*len(s)+100 {
			t.Errorf("%d bytes became %d", len(s), len(said))
		}
		if (Voice{}).Said(s) != s {
			t.Error("English is said another way")
		}
	})
}

// most is above what any text of its length takes: below the bound of a recital, which
// would end it in the middle, for all that is shorter than a page.
func most(s string) int { return min(2*mostSplits+20*len(s), mostTries-1) }

func BenchmarkSaid(b *testing.B) {
	v := In(Chinese)
	for name, s := range map[string]string{
		"one error":  "The snapshot /tmp/x cannot be used: its JSON ends too early.",
		"4 KB words": strings.Repeat("The API server ", 280),
		"4 KB parts": strings.Repeat("a: b; c. The ", 320),
		"4 KB stops": strings.Repeat("x. ", 1365),
		"4 KB known": strings.Repeat("The file x does not exist. ", 155),
	} {
		b.Run(name, func(b *testing.B) {
			v.Said("made once")
			for b.Loop() {
				v.Said(s)
			}
		})
	}
}
