package cli

import (
	"strings"
	"testing"

	"kpadvisor/say"
)

// TestSpeak: the language is known whatever else is wrong with the command line.
func TestSpeak(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env, args string
		want      say.Language
	}{
		{"", "", say.English},
		{"LANG=zh_CN.UTF-8", "", say.Chinese},
		{"LANG=zh_CN.UTF-8 LC_ALL=C", "audit", say.English},
		{"LANG=zh_CN.GBK", "", say.English},
		{"LANG=zh_CN.UTF-8", "--lang en", say.English},
		{"", "audit --demo mixed --lang zh", say.Chinese},
		{"", "audit --lang=zh-Hans --no-such-flag", say.Chinese},
		{"", "--no-such-flag x -n 5 --lang zh", say.Chinese},
		{"", "-h --lang zh", say.Chinese},
		{"", "lab drill --speed zh --lang zh", say.Chinese},
		{"LANG=zh_CN.UTF-8", "--lang fr", say.Chinese}, // it is refused in the language of whoever asked
		{"", "--lang fr", say.English},
		{"LANG=zh_TW.UTF-8", "", say.Chinese},
		{"LANG=zh_CN", "", say.Chinese},
		{"LANGUAGE=zh LANG=en_US.UTF-8", "", say.English},
		{"", "audit -- --lang zh", say.English},
		{"LANG=zh_CN.UTF-8", "audit --ascii", say.English}, // there is no Chinese in ASCII
		{"", "audit --lang zh --ascii=false", say.Chinese},
	} {
		a := &app{args: strings.Fields(c.args), env: strings.Fields(c.env)}
		if a.speak(); a.voice.Language() != c.want {
			t.Errorf("%q with %q: %s, want %s", c.args, c.env, a.voice.Language(), c.want)
		}
	}
}

// TestLang: a report is said in the language of --lang or of the environment, but data
// is the same in all, and what is no language is refused.
func TestLang(t *testing.T) {
	args := []string{"audit", "--demo", "mixed"}
	english := run(t, args...)
	if strings.ContainsFunc(english.out, han) {
		t.Error("Chinese in an English report")
	}
	for _, format := range []string{"text", "markdown", "html"} {
		run(t, append(args, "--lang", "zh", "-o", format)...).wants(t, english.code, "（IPVS 将复用的连接发往已销毁的 Pod）", "")
	}
	english = run(t, append(args, "-o", "json")...)
	if zh := run(t, append(args, "-o", "json", "--lang", "zh")...); zh != english {
		t.Error("the JSON differs from language to language")
	}
	for _, all := range [][]string{{"audit", "--lang", "fr"}, {"rbac", "--lang", "fr"}, {"--lang", "fr"}} {
		run(t, all...).wants(t, Usage, "", `--lang "fr" is not en or zh.`)
	}
}

func han(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }
