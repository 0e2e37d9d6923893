package say

import (
	"go/build"
	"maps"
	"regexp"
	"strings"
	"testing"

	"kpadvisor/say/zh"
)

func TestEnglish(t *testing.T) {
	var v Voice
	for _, c := range []struct{ got, want string }{
		{v.Text("these nodes"), "these nodes"},
		{v.Sprintf("port %d, %s", 10249, "as it is"), "port 10249, as it is"},
		{v.Count(1, "node"), "1 node"},
		{v.Count(4_312, "node"), "4,312 nodes"},
		{v.Plural(1, "node runs", "nodes run"), "1 node runs"},
		{v.Plural(3, "node runs", "nodes run"), "3 nodes run"},
		{v.Plural(0, "node runs", "nodes run"), "0 nodes run"},
		{v.Join(nil), ""},
		{v.Join([]string{"a"}), "a"},
		{v.Join([]string{"a", "b", "c"}), "a, b and c"},
		{v.Seen("its taint a=b:NoExecute"), "its taint a=b:NoExecute"},
		{v.List("a", "b", "c"), "a, b, c"},
		{v.Clauses("a", "b"), "a; b"},
		{v.Sentences("A.", "B."), "A. B."},
		{string(v.Language()), "en"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestChinese(t *testing.T) {
	v := In(Chinese)
	for _, c := range []struct{ got, want string }{
		{v.Text("these nodes"), "这些节点"},
		{v.Text("nobody says this"), "nobody says this"},
		{v.Sprintf("port %d", 10249), "port 10249"}, // no digits are grouped
		{v.Sprintf("Keep iptables: right for %s", v.Count(4_312, "Service port")), "继续使用 iptables：适合 4,312 个 Service 端口的规模"},
		{
			v.Sprintf("iptables adds %s to each new connection at %s (estimate).", "+18 µs", v.Count(1, "Service port")),
			"在 1 个 Service 端口的规模下，iptables 给每个新建连接增加 +18 µs（估算）。",
		},
		{v.Count(1, "node"), "1 个节点"},
		{v.Plural(1, "node runs", "nodes run"), "1 个节点运行"},
		{v.Join([]string{"iptables", "IPVS", "这些节点"}), "iptables、IPVS 和这些节点"},
		{v.Join([]string{"甲：一", "乙：二"}), "甲：一；乙：二"},
		{v.Sprintf("Saved: %s", "/tmp/生产cluster/变更request.html"), "Saved: /tmp/生产cluster/变更request.html"},
		{v.Sprintf("kernel %s", "/boot/内核6.1"), "内核 /boot/内核6.1"},
		{v.Join([]string{"节点a1", "b2节点"}), "节点a1 和 b2节点"},
		{v.List("节点a1", "b2节点"), "节点a1、b2节点"},
		{v.Seen("cordoned"), "已标记为不可调度"},
		{v.Seen("its taint dedicated=storage:NoSchedule"), "其污点 dedicated=storage:NoSchedule"},
		{v.Seen("CrashLoopBackOff"), "CrashLoopBackOff"},
		{v.Seen(""), ""},
		{v.List("iptables", "这些节点"), "iptables、这些节点"},
		{v.Clauses("甲", "乙"), "甲；乙"},
		{v.Sentences("甲。", "乙。"), "甲。乙。"},
		{string(v.Language()), "zh"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestSpaced(t *testing.T) {
	for in, want := range map[string]string{
		"":               "",
		"约30秒":           "约 30 秒",
		"增加+18 µs，p99约5": "增加 +18 µs，p99 约 5",
		"95 %置信区间":       "95 % 置信区间",
		"在这些节点上":         "在这些节点上",
		"用--kernel给出":    "用 --kernel 给出",
		"读取/proxyMode。":  "读取 /proxyMode。",
		"节点（5.4.0）上":     "节点（5.4.0）上",
		"约5次/秒":          "约 5 次/秒",
		"already 有 空格":   "already 有 空格",
		"plain ASCII":    "plain ASCII",
	} {
		if got := spaced(in); got != want || spaced(got) != got {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestFrom(t *testing.T) {
	for _, c := range []struct {
		flag string
		env  map[string]string
		want Language
		bad  bool
	}{
		{"", nil, English, false},
		{"zh", nil, Chinese, false},
		{"ZH", nil, Chinese, false},
		{"zh-Hans", nil, Chinese, false},
		{"zh_CN.UTF-8", nil, Chinese, false},
		{"en", map[string]string{"LANG": "zh_CN.UTF-8"}, English, false},
		{"en_GB", nil, English, false},
		{"C", nil, English, false},
		{"fr", nil, English, true},
		{"zhongwen", nil, English, true},
		{"", map[string]string{"LANG": "zh_CN.UTF-8"}, Chinese, false},
		{"", map[string]string{"LANG": "zh_CN.utf8@pinyin"}, Chinese, false},
		{"", map[string]string{"LANG": "zh_CN"}, Chinese, false},
		{"", map[string]string{"LANG": "zh_CN.GB18030"}, English, false}, // could not be read
		{"", map[string]string{"LANG": "fr_FR.UTF-8"}, English, false},
		{"", map[string]string{"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, English, false},
		{"", map[string]string{"LANG": "C", "LC_ALL": "zh_SG.UTF-8"}, Chinese, false},
		{"", map[string]string{"LANG": "C", "LC_MESSAGES": "zh_CN.UTF-8"}, Chinese, false},
		{"", map[string]string{"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "de_DE.UTF-8"}, English, false},
		{"", map[string]string{"LANG": "POSIX"}, English, false},
	} {
		got, err := From(c.flag, func(name string) string { return c.env[name] })
		if got != c.want || (err != nil) != c.bad {
			t.Errorf("--lang %q, %v: %s, %v", c.flag, c.env, got, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "en") || !strings.Contains(err.Error(), "zh") || len(err.Error()) > 80) {
			t.Errorf("--lang %q: %v", c.flag, err)
		}
	}
}

// TestCatalogue: every Chinese phrase is set as a Chinese page sets it, and leaves the
// space around what goes into it to spaced.
func TestCatalogue(t *testing.T) {
	verb := regexp.MustCompile(`%(\[\d\])?[.0-9]*[a-z]`)
	near := regexp.MustCompile(`\p{Han} ` + verb.String() + `|` + verb.String() + ` \p{Han}|\p{Han} +\p{Han}`)
	all := zh.All()
	maps.Copy(all, zh.Said())
	for english, chinese := range all {
		if near.MatchString(chinese) {
			t.Errorf("%q: a space too many", chinese)
		}
		for _, part := range verb.Split(chinese, -1) {
			if spaced(part) != part {
				t.Errorf("%q: a space too few in %q", chinese, part)
			}
		}
		if strings.ContainsAny(chinese, "\n\t") || strings.HasSuffix(english, ".") && !strings.HasSuffix(chinese, "。") {
			t.Errorf("%q: how does it end?", chinese)
		}
	}
}

// TestDependencies: everything may say something, so this knows nothing of the program.
func TestDependencies(t *testing.T) {
	for dir, ours := range map[string][]string{".": {"kpadvisor/plain", "kpadvisor/say/zh"}, "zh": nil} {
		pkg, err := build.ImportDir(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range pkg.Imports {
			if strings.Contains(path, ".") || strings.HasPrefix(path, "kpadvisor/") && !strings.Contains(strings.Join(ours, " "), path) {
				t.Errorf("%s imports %s", dir, path)
			}
		}
	}
}
