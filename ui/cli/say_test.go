package cli

import (
	"context"
	"io/fs"
	"net"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/advisor/cluster"
	"kpadvisor/inspect"
	"kpadvisor/inspect/forward"
	"kpadvisor/probe/incluster"
	"kpadvisor/say"
	"kpadvisor/say/saytest"
	"kpadvisor/say/zh"
)

// makers are the packages whose errors, remedies and states the command line says again.
func makers() []string {
	return []string{
		".", "../../plain", "../../files", "../../apiserver", "../../say", "../../advisor", "../../advisor/reuse", "../../advisor/release", "../../advisor/cluster", "../../advisor/node",
		"../../jobs", "../../inspect", "../../inspect/forward", "../../inspect/prometheus", "../../probe", "../../probe/incluster", "../../probe/incluster/image", "../../probe/lab", "../../probe/lab/drill", "../../probe/lab/rules",
		"../evidence", "../report", "../pack", "../tui", "../tui/measure", "../tui/measure/tools", "../tui/ask", "../state",
	}
}

// TestProblemsInChinese: every error and every remedy that a package makes can be said in
// Chinese, and nothing else stands in that catalogue.
func TestProblemsInChinese(t *testing.T) {
	saytest.Again(t, zh.Problems(), zh.Results(), makers()...)
}

// TestHelpInChinese: every text of every command and flag is said in Chinese, whole, and
// nothing else stands in that catalogue.
func TestHelpInChinese(t *testing.T) {
	a := &app{program: "kpadvisor", voice: say.In(say.Chinese)}
	english, chinese := helpTexts((&app{program: "kpadvisor"}).rootCommand()), helpTexts(a.rootCommand())
	if len(english) != len(chinese) || len(english) < 200 {
		t.Fatalf("%d texts in English, %d in Chinese", len(english), len(chinese))
	}
	said := map[string]bool{}
	for i, text := range chinese { // questions are Chinese by now
		got := a.voice.Said(text)
		said[english[i]] = true
		if englishWords(strings.ReplaceAll(got, text, "")) != "" || !strings.ContainsFunc(got, han) && !isCommand(text) && text != "IfNotPresent, Always, Never" {
			t.Errorf("%q is said as %q", text, got)
		}
	}
	for _, heading := range []string{
		"Usage", "Examples", "Commands", groupOutput, groupLab, groupInCluster, groupPlan, groupPorts, groupThresholds, groupModes, groupSource, groupAsked, groupHabits, groupConnection, groupOther,
	} {
		said[heading] = true
		if !strings.ContainsFunc(a.voice.Said(heading), han) {
			t.Errorf("heading %q", heading)
		}
	}
	verb := regexp.MustCompile(`%[sd]`)
	for key := range zh.Help() {
		form := regexp.MustCompile("^" + strings.Join(quoteAll(verb.Split(key, -1)), ".+") + "$")
		found := false
		for text := range said {
			found = found || form.MatchString(text)
		}
		if !found {
			t.Errorf("no help says %q", key)
		}
	}
}

func quoteAll(parts []string) []string {
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return parts
}

// helpTexts are all texts of the help of a command and of those below it.
func helpTexts(cmd *cobra.Command) []string {
	if !cmd.HasParent() {
		cmd.InitDefaultHelpCmd()
		cmd.InitDefaultCompletionCmd()
	}
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	all := []string{cmd.Short}
	for _, r := range append(rowsOf(cmd.Long), rowsOf(cmd.Example)...) {
		all = append(all, r.text)
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) { all = append(all, f.Usage) })
	cmd.PersistentFlags().VisitAll(func(f *pflag.Flag) { all = append(all, f.Usage) })
	for _, sub := range cmd.Commands() {
		all = append(all, helpTexts(sub)...)
	}
	return all
}

// isCommand reports what stays as it is: a command, or a heading of cobra's.
func isCommand(text string) bool {
	for _, begin := range []string{"kpadvisor", "ssh ", "for ", "ctr ", "kind ", "skopeo ", "source <(", "echo ", "#### "} {
		if strings.HasPrefix(text, begin) {
			return true
		}
	}
	return text == ""
}

// englishWords is what of a text is English: three words in a row that are no command,
// no flag and no name.
func englishWords(text string) string {
	text = regexp.MustCompile(`"[^"]*"|kpadvisor( [a-z]+)+`).ReplaceAllString(text, "…")
	return regexp.MustCompile(`(?:^|[^\w/=.-])([A-Za-z]?[a-z']+(?: +[A-Za-z]?[a-z']+){2,})`).FindString(text)
}

// TestRolesInChinese: the comments of the roles are Chinese, and the roles are the same.
func TestRolesInChinese(t *testing.T) {
	v := say.In(say.Chinese)
	made := ""
	for _, yaml := range []string{cluster.ClusterRole(), cluster.NamespacedRoles(), incluster.Role("default"), inspect.Role("default"), forward.Role("default")} {
		said := comments(v, yaml)
		made += strings.ReplaceAll(yaml, "\n# ", " ")
		code := regexp.MustCompile(`(?m)^# (?:[^ -]|-[^ ]).*\n`)
		if code.ReplaceAllString(said, "") != code.ReplaceAllString(yaml, "") {
			t.Errorf("another role:\n%s", said)
		}
		for l := range strings.Lines(said) {
			if text, ok := strings.CutPrefix(l, "# "); ok && text[0] != ' ' && text[0] != '-' && (!strings.ContainsFunc(text, han) || englishWords(text) != "") {
				t.Errorf("a comment: %q", l)
			}
		}
	}
	for english := range zh.Roles() {
		if !strings.Contains(made, english) {
			t.Errorf("no role says %q", english)
		}
	}
}

// TestSystemInChinese: the words of the system are those that it says.
func TestSystemInChinese(t *testing.T) {
	said := map[string]bool{"unexpected EOF": true, "no such host": true, "file already exists": true}
	for n := range 140 {
		said[syscall.Errno(n).Error()] = true
	}
	for _, err := range []error{
		context.Canceled, context.DeadlineExceeded, os.ErrDeadlineExceeded, fs.ErrExist, &net.DNSError{Err: "no such host"},
		&net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{}, Err: syscall.ECONNREFUSED}, cobra.NoArgs(&cobra.Command{Use: "x"}, []string{"y"}),
	} {
		said[err.Error()] = true
	}
	for _, op := range []string{"open", "read", "write", "create", "stat", "lstat", "mkdir", "remove", "connect"} {
		said[(&fs.PathError{Op: op, Path: "x", Err: syscall.ENOENT}).Error()] = true
		said[os.NewSyscallError(op, syscall.ENOENT).Error()] = true
	}
	verb := regexp.MustCompile(`%[sq]`)
	for key := range zh.System() {
		form := regexp.MustCompile("^" + strings.Join(quoteAll(verb.Split(key, -1)), ".+") + "$")
		found := false
		for text := range said {
			found = found || form.MatchString(text)
		}
		if !found {
			t.Errorf("the system does not say %q", key)
		}
	}
}

// isChineseToo: a problem can be said in Chinese, with the names, paths, flags and
// numbers that are in the English one, and nothing of it stays English but what others
// wrote.
func (o outcome) isChineseToo(t *testing.T) {
	t.Helper()
	v := say.In(say.Chinese)
	for _, english := range oneSentence().FindStringSubmatch(o.errOut)[1:] {
		chinese := v.Said(english)
		if !strings.ContainsFunc(chinese, han) || strings.Contains(chinese, "%!") {
			t.Errorf("%q is said as %q", english, chinese)
		}
		for _, word := range values().FindAllString(english, -1) {
			if word = strings.TrimRight(word, ".,;:)"); !strings.Contains(chinese, word) {
				t.Errorf("%q is not in %q", word, chinese)
			}
		}
		if words := englishWords(foreign().ReplaceAllString(chinese, "…")); words != "" {
			t.Errorf("%q is English in %q", words, chinese)
		}
	}
}

// values are quotations, flags, paths, addresses and numbers.
func values() *regexp.Regexp {
	return regexp.MustCompile(`"[^"]*"|--[a-z-]+|[\w.]*/[\w./:-]+|\b\d[\d.,:]*`)
}

// foreign is what libraries and the API server wrote.
func foreign() *regexp.Regexp {
	return regexp.MustCompile(`error loading config file.*|invalid configuration.*|unable to read .*|lookup .*|[Gg]et "http.*|address not available|packing Question.*|context "[^"]*" does not exist|exec: executable .*`)
}

// TestProblemsAreSaid: what went wrong is said in the language that was asked for, and a
// script gets its JSON in English.
func TestProblemsAreSaid(t *testing.T) {
	for _, c := range []struct {
		args         []string
		code         int
		says, remedy string
	}{
		{[]string{"audti"}, Usage, `没有命令 "audti"；您是否想用 audit？`, "请参见 kpadvisor --help。"},
		{[]string{"audit", "--services", "0"}, Usage, "没有集群会有 --services 0，因为集群至少有 Service kubernetes：不知道数量时请不要给出。", "请参见 kpadvisor audit --help。"},
		{[]string{"audit", "--timeout", "soon"}, Usage, `--timeout "soon" 不是 500ms、30s 或 2m30s 这样的时间。`, "请参见 kpadvisor audit --help。"},
		{[]string{"audit", "--connections", "often"}, Usage, `--connections 只接受以下之一：long, short, keepalive, mixed；不接受 "often"。`, "请参见 kpadvisor audit --help。"},
		{[]string{"audit", "--facts", "/does/not/exist"}, Failure, "无法读取快照：读取 /does/not/exist：没有那个文件或目录。", `请用 "kpadvisor snapshot -o FILE" 生成。`},
		{[]string{"audit", "--server", "https://127.0.0.1:1"}, Failure, "位于 127.0.0.1:1 的 API 服务器拒绝连接。", "请检查本机与服务器之间的 VPN、代理和防火墙，以及上下文中的服务器地址。"},
		{[]string{"probe", "127.0.0.1:1", "--ports", "1-x", "--source-ports", "reuse"}, Usage, `--ports "1-x" 不是 40000-49999 这样的范围。`, "请参见 kpadvisor probe --help。"},
		{[]string{"lab", "drill", "--speed", "99"}, Usage, "99 倍速：演练接受 1（kube-proxy 自身的速度）到 30 倍。", "请参见 kpadvisor lab drill --help。"},
		{[]string{"snapshot", "-o", "/does/not/exist/x"}, Failure, "快照没有写出：写入 /does/not/exist/x：没有目录 /does/not/exist。", "请指定您有写权限的目录中的文件。"},
	} {
		o := run(t, append(c.args, "--lang", "zh")...)
		if want := c.says + "\n处理办法：" + c.remedy + "\n"; o.code != c.code || o.errOut != want {
			t.Errorf("%q: code %d, %q, want %q", c.args, o.code, o.errOut, want)
		}
	}
	english, chinese := run(t, "audit", "-o", "json", "--services", "0"), run(t, "audit", "-o", "json", "--services", "0", "--lang", "zh")
	if english.code != chinese.code || english.out != chinese.out || english.errOut == chinese.errOut {
		t.Errorf("%+v, %+v", english, chinese)
	}
}
