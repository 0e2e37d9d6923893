package cli

import (
	"context"
	"fmt"
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
	"kpadvisor/probe/incluster"
	"kpadvisor/say"
	"kpadvisor/say/saytest"
	"kpadvisor/say/zh"
	"kpadvisor/ui/tui"
)

// makers are the packages whose errors, remedies and states the command line says again.
func makers() []string {
	return []string{
		".", "../../plain", "../../files", "../../apiserver", "../../say", "../../advisor", "../../advisor/reuse", "../../advisor/release", "../../advisor/cluster",
		"../../probe", "../../probe/incluster", "../../probe/incluster/image", "../../probe/lab", "../../probe/lab/drill", "../../probe/lab/rules",
		"../evidence", "../report",
	}
}

// TestProblemsInChinese: every error and every remedy that a package makes can be said in
// Chinese, and nothing else stands in that catalogue.
func TestProblemsInChinese(t *testing.T) {
	saytest.Again(t, zh.Problems(), makers()...)
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
		"Usage", "Examples", "Commands", groupOutput, groupLab, groupInCluster, groupPlan, groupPorts, groupThresholds, groupModes, groupSource, groupHabits, groupConnection, groupOther,
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
	text = regexp.MustCompile(`"[^"]*"`).ReplaceAllString(text, "…")
	return regexp.MustCompile(`(?:^|[^\w/=.-])([A-Za-z]?[a-z']+(?: +[A-Za-z]?[a-z']+){2,})`).FindString(text)
}

// TestRolesInChinese: the comments of the roles are Chinese, and the roles are the same.
func TestRolesInChinese(t *testing.T) {
	v := say.In(say.Chinese)
	made := ""
	for _, yaml := range []string{cluster.ClusterRole(), cluster.NamespacedRoles(), incluster.Role("default")} {
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

// TestKeysInChinese: what every key does is said in Chinese.
func TestKeysInChinese(t *testing.T) {
	v := say.In(say.Chinese)
	does := map[string]bool{}
	for _, k := range tui.Keys() {
		does[k.Does] = true
		if v.Said(k.Does) == k.Does {
			t.Errorf("%s: %q", k.Keys, k.Does)
		}
	}
	for english := range zh.Keys() {
		if !does[english] {
			t.Errorf("no key does %q", english)
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
			t.Error(fmt.Sprintf("the system does not say %q", key))
		}
	}
}
