package evidence

import (
	"os"
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// maxCommand bounds how much of a command line is looked at, in bytes. A real
// one has a few hundred; more than this is not a proxy's.
const maxCommand = 64 << 10

// commandLine returns the words a container runs, with $(VAR) replaced as the
// kubelet does it and a shell's script split as the shell does it.
func commandLine(c *corev1.Container) []string {
	env := make(map[string]string, len(c.Env))
	for _, e := range c.Env {
		if e.ValueFrom == nil {
			env[e.Name] = e.Value
		}
	}
	words := make([]string, 0, len(c.Command)+len(c.Args))
	size := 0
	for _, list := range [][]string{c.Command, c.Args} {
		for _, w := range list {
			if size += len(w); size > maxCommand {
				return unwrapShell(words, env)
			}
			words = append(words, expand(w, env))
		}
	}
	return unwrapShell(words, env)
}

// expand replaces $(NAME) by the variable's value; what is not set stays as it
// is, and $$ is an escaped $.
func expand(word string, env map[string]string) string {
	if !strings.Contains(word, "$") {
		return word
	}
	var b strings.Builder
	for i := 0; i < len(word); i++ {
		rest := word[i:]
		if strings.HasPrefix(rest, "$$") {
			b.WriteByte('$')
			i++
			continue
		}
		if strings.HasPrefix(rest, "$(") {
			if end := strings.IndexByte(rest, ')'); end > 0 {
				if v, ok := env[rest[2:end]]; ok {
					b.WriteString(v)
					i += end
					continue
				}
			}
		}
		b.WriteByte(word[i])
	}
	return b.String()
}

// unwrapShell returns the words of the script of "sh -c SCRIPT", and other
// words as they are.
func unwrapShell(words []string, env map[string]string) []string {
	if len(words) < 3 {
		return words
	}
	switch path.Base(words[0]) {
	case "sh", "bash", "ash", "dash":
	default:
		return words
	}
	for i := 1; i < len(words)-1; i++ {
		if strings.HasPrefix(words[i], "-") && !strings.HasPrefix(words[i], "--") && strings.HasSuffix(words[i], "c") {
			script := os.Expand(words[i+1], func(name string) string {
				if v, ok := env[name]; ok {
					return v
				}
				return "$" + name
			})
			return splitScript(script)
		}
	}
	return words
}

// endOfCommand separates the commands of a script in the words of splitScript.
const endOfCommand = ";"

// splitScript splits a shell script into words: quotes, backslashes and the
// separators ; & | and newline, no more. A redirection stays a word.
func splitScript(script string) []string {
	var words []string
	var b strings.Builder
	in, quote := false, rune(0)
	end := func() {
		if in {
			words = append(words, b.String())
			b.Reset()
			in = false
		}
	}
	escaped := false
	previous := rune(0)
	for _, r := range script {
		switch {
		case escaped:
			escaped = false
			if r != '\n' { // a backslash before a line's end joins lines
				b.WriteRune(r)
				in = true
			}
		case r == '\\' && quote != '\'':
			escaped = true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				b.WriteRune(r)
			}
		case r == '\'' || r == '"':
			quote, in = r, true
		case r == ' ' || r == '\t' || r == '\r':
			end()
		case r == '&' && previous == '>': // 2>&1
			b.WriteRune(r)
		case r == '\n' || r == ';' || r == '&' || r == '|':
			end()
			words = append(words, endOfCommand)
		default:
			b.WriteRune(r)
			in = true
		}
		previous = r
	}
	end()
	return words
}

// argumentsOf returns the words after the first one that is the program name,
// up to the end of its command. A wrapper such as /go-runner and its own flags
// are thus left out.
func argumentsOf(program string, words []string) ([]string, bool) {
	for i, w := range words {
		if path.Base(w) != program && path.Base(w) != program+".exe" {
			continue
		}
		rest := words[i+1:]
		for j, r := range rest {
			if r == endOfCommand {
				return rest[:j], true
			}
		}
		return rest, true
	}
	return nil, false
}

// flagKind is how a flag takes its value.
type flagKind int

const (
	stringFlag flagKind = iota
	boolFlag
	listFlag
)

// flagValues returns what the words give for the flags of kinds. As with the
// real parser an underscore is a dash, and "--" ends the flags. More than one
// value is joined by commas if the flag is a list, and the last one wins
// otherwise.
func flagValues(words []string, kinds map[string]flagKind) map[string]string {
	values := map[string]string{}
	for i := 0; i < len(words); i++ {
		if words[i] == "--" {
			break
		}
		name, ok := strings.CutPrefix(words[i], "--")
		if !ok {
			continue
		}
		name, value, given := strings.Cut(name, "=")
		name = strings.ReplaceAll(name, "_", "-")
		kind, wanted := kinds[name]
		if !wanted {
			continue
		}
		switch {
		case given:
		case kind == boolFlag:
			value = "true"
		case i+1 < len(words):
			i++
			value = words[i]
		}
		if before := values[name]; kind == listFlag && before != "" {
			value = before + "," + value
		}
		values[name] = value
	}
	return values
}
