package cli

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// hostileValues are values that no flag wants: too long, too large, no number, or
// nothing to be shown on a terminal.
func hostileValues() map[string]string {
	return map[string]string{
		"empty": "", "long": strings.Repeat("x", 200_000), "2^63": "9223372036854775808", "2^63-1": "9223372036854775807",
		"-2^63": "-9223372036854775808", "-1": "-1", "1e308": "1e308", "NaN": "NaN", "Inf": "Inf", "-Inf": "-Inf", "1h2": "1h2",
		"long time": strings.Repeat("1h", 100_000), "long number": strings.Repeat("9", 200_000), "comma": "1,,2",
		"control": "\x1b]0;x\a\u202e\x00\r\n\u009b2J", "long control": strings.Repeat("\x1b[2J\u2028", 40_000),
	}
}

// goWords are what Go says of values, and nobody else.
var goWords = regexp.MustCompile(`strconv|\bpars(e|ing) "|json:|u?int(64|32)?\b|float64|struct\b|time:|invalid syntax|unmarshal|goroutine|\.go:|panic|value out of range|%!`)

// checkWords holds what every complaint must be: short, in words, one line each.
func (o outcome) checkWords(t *testing.T, what string) {
	t.Helper()
	most := 400
	if len(o.errOut) > most || goWords.MatchString(o.errOut) || strings.ContainsFunc(o.errOut, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x2028 || r == 0x202e || r == 0x9b }) {
		t.Errorf("%s: code %d, %d bytes: %.500q", what, o.code, len(o.errOut), o.errOut)
	}
}

// someOf are few of the values for a flag that another command has as well: it is
// parsed by the same code, and thousands of command lines take minutes with -race.
func someOf(values map[string]string, seen map[string]bool, f *pflag.Flag) map[string]string {
	kind := f.Name + " " + f.Value.Type()
	if !seen[kind] {
		seen[kind] = true
		return values
	}
	return map[string]string{"2^63": values["2^63"], "long control": values["long control"]}
}

// eachFlag visits every flag of every command, help apart.
func eachFlag(visit func(command string, f *pflag.Flag)) {
	a := &app{program: "kpadvisor"}
	var walk func(cmd *cobra.Command, path string)
	walk = func(cmd *cobra.Command, path string) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && f.Name != "version" {
				visit(strings.TrimSpace(path), f)
			}
		})
		for _, sub := range cmd.Commands() {
			walk(sub, path+" "+sub.Name())
		}
	}
	walk(a.rootCommand(), "")
}

// TestEveryFlagRefuses: whatever is given to whichever flag, the command line is
// refused in a short sentence. A second flag that does not exist keeps the command
// from doing anything where the value is one that it could take.
func TestEveryFlagRefuses(t *testing.T) {
	values, seen, tried := hostileValues(), map[string]bool{}, 0
	eachFlag(func(command string, f *pflag.Flag) {
		for name, value := range someOf(values, seen, f) {
			o := bare(t, append(strings.Fields(command), "--"+f.Name+"="+value, "--no-such-flag")...)
			tried++
			o.checkWords(t, fmt.Sprintf("%s --%s %s", command, f.Name, name))
			if o.code != Usage || o.out != "" {
				t.Errorf("%s --%s %s: code %d, stdout %.100q", command, f.Name, name, o.code, o.out)
			}
			if first, _, _ := strings.Cut(o.errOut, "\n"); !strings.Contains(first, f.Name) && !strings.Contains(first, "no-such-flag") {
				t.Errorf("%s --%s %s: the flag is not named: %.300s", command, f.Name, name, first)
			}
		}
	})
	t.Logf("%d command lines", tried)
	if tried < 1000 {
		t.Errorf("only %d", tried)
	}
}

// bare is run without an environment of its own for each: for command lines that
// end before anything is read.
func bare(t *testing.T, args ...string) outcome {
	t.Helper()
	var out, errOut bytes.Buffer
	code := whole(t.Context(), args, strings.NewReader(""), &out, &errOut)
	return outcome{code, out.String(), errOut.String()}
}

// TestEveryFlagWithinACommand: what a flag can take is judged by the command itself,
// which has nothing to read, to reach or to start here.
func TestEveryFlagWithinACommand(t *testing.T) {
	base := map[string][]string{
		"": {"--demo", "short", "--no-tui"}, "audit": {"--demo", "short"}, "report": {"--demo", "short"}, "snapshot": {"--demo", "short"},
		"probe": {"127.0.0.1:1", "--max-diff", "1s"}, "probe compare": {"no-such-file"},
		"lab run": {"--in", "uml", "--uml-kernel", "no-such-kernel"}, "lab sweep": {"--in", "uml", "--uml-kernel", "no-such-kernel"},
		"lab drill": {"--in", "uml", "--uml-kernel", "no-such-kernel"},
		"clean":     {"--list"}, "rbac": {"--probe"}, "image": {"--binary", "linux/amd64=no-such-file"}, "agent": nil, "agent echo": nil, "node-script": nil,
	}
	t.Chdir(t.TempDir())
	isolate(t)
	values, seen := hostileValues(), map[string]bool{}
	eachFlag(func(command string, f *pflag.Flag) {
		args, ok := base[command]
		if !ok || f.Name == "server" || f.Name == "listen" || f.Name == "uml-kernel" { // they would go there
			return
		}
		for name, value := range someOf(values, seen, f) {
			all := append(append(strings.Fields(command), args...), "--"+f.Name+"="+value)
			var out, errOut bytes.Buffer
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			code := whole(ctx, all, strings.NewReader(""), &out, &errOut)
			if ctx.Err() != nil {
				t.Errorf("%s --%s %s does not end", command, f.Name, name)
			}
			cancel()
			o := outcome{code, out.String(), errOut.String()}
			o.checkWords(t, fmt.Sprintf("%s --%s %s", command, f.Name, name))
		}
	})
}
