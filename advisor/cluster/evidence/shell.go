package evidence

import (
	"path"
	"slices"
	"strings"
)

// unwrapShell returns the words that the script of "sh -c SCRIPT" starts the
// proxy or an agent with, and other words as they are. A script whose command
// cannot be told for sure gives the shell's own words: nothing is known of it.
func unwrapShell(words []string, env variables) []string {
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
			s := script{env: env, parameters: words[min(i+3, len(words)):]}
			if command, ok := s.command(words[i+1]); ok {
				return command
			}
			return words[:1]
		}
	}
	return words
}

// script reads a shell script as far as sh does before it runs a command:
// comments, quotes, backslashes, variables, and what ends a command. What it
// does not follow (substituted commands, here-documents, variables the script
// sets itself) it marks as unknown, so that it never reads a mode that is not there.
type script struct {
	env        variables
	parameters []string // $1 and on

	text     []rune
	at       int
	set      map[string]bool // variables that the script gives a value
	sourced  bool            // it may give any
	commands [][]string
	words    []string
	word     strings.Builder
	in       bool // a word has begun, though it may be empty
	opaque   bool
}

// starts are the programs that are looked for.
func starts(name string) bool {
	return slices.Contains([]string{
		"kube-proxy", "kube-proxy.exe", "hyperkube", "openshift-sdn-node", "cilium-agent", "kube-router",
		"ovnkube", "kube-ovn-controller",
	}, name)
}

// command returns the words of the one command that starts one of them.
func (s *script) command(text string) ([]string, bool) {
	s.text = []rune(strings.ReplaceAll(text, "\r\n", "\n"))
	s.set, s.sourced = assigned(text)
	s.split()
	if s.opaque {
		return nil, false
	}
	var found []string
	for _, words := range s.commands {
		words = begin(words)
		if len(words) == 0 {
			continue
		}
		if slices.ContainsFunc(words, func(w string) bool { return w == "--version" || w == "--help" || w == "--cleanup" }) {
			continue // it ends at once
		}
		if found != nil && !slices.Equal(found, words) {
			return nil, false // which of them runs is not to be seen
		}
		found = words
	}
	return found, found != nil
}

// assigned returns the variables that a script may give another value; all is
// true where that may be any, since it reads another file.
func assigned(text string) (set map[string]bool, all bool) {
	set = map[string]bool{}
	for i := range text {
		if text[i] != '=' && !strings.HasPrefix(text[i:], "+=") {
			continue
		}
		j := i
		for j > 0 && isName(rune(text[j-1])) {
			j--
		}
		if j < i && (j == 0 || strings.IndexByte(" \t\n;&|({", text[j-1]) >= 0) {
			set[text[j:i]] = true
		}
	}
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("\n;|&(){}", r) }) {
		for i, w := range strings.Fields(line) {
			switch w {
			case ".", "source", "eval":
				all = true
			case "read", "for", "getopts", "printf":
				for _, w := range strings.Fields(line)[i+1:] {
					set[w] = true
				}
			}
		}
	}
	return set, all
}

// begin returns a command from the program it starts on; nothing if that is not
// one that is looked for.
func begin(words []string) []string {
	for i, w := range words {
		name := path.Base(w)
		if starts(name) {
			return words[i:]
		}
		switch {
		case strings.HasPrefix(w, "-"), strings.Contains(w, "="): // a wrapper's flag, a variable of its own
		case slices.Contains([]string{
			"then", "else", "do", "{", "!", "if", "while", "time", // the shell's own words
			"exec", "command", "nohup", "nice", "ionice", "env", "setsid", "stdbuf", "tini", "dumb-init", "go-runner", "sudo",
		}, name):
		case i > 0 && (path.Base(words[i-1]) == "-n" || strings.Trim(w, "0123456789") == ""): // nice -n 5
		default:
			return nil
		}
	}
	return nil
}

func isName(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// endWord and endCommand end what has been read so far.
func (s *script) endWord() {
	if s.in {
		s.words = append(s.words, s.word.String())
		s.word.Reset()
		s.in = false
	}
}

func (s *script) endCommand() {
	s.endWord()
	if len(s.words) > 0 {
		s.commands = append(s.commands, s.words)
		s.words = nil
	}
}

// put adds to the word.
func (s *script) put(r rune) {
	s.word.WriteRune(r)
	s.in = true
}

// split reads the whole script.
func (s *script) split() {
	for ; s.at < len(s.text) && !s.opaque; s.at++ {
		switch r := s.text[s.at]; {
		case r == '#' && !s.in:
			for s.at+1 < len(s.text) && s.text[s.at+1] != '\n' {
				s.at++
			}
		case r == ' ' || r == '\t' || r == '\r':
			s.endWord()
		case r == '&' && s.at > 0 && s.text[s.at-1] == '>', r == '&' && s.peek('>'): // 2>&1, &>file
			s.put(r)
		case r == '<' && s.peek('<'):
			s.opaque = true // a here-document: its lines are no commands
		case strings.ContainsRune("\n;&|()", r):
			s.endCommand()
		case r == '\'':
			s.single()
		case r == '"':
			s.double()
		case r == '\\':
			s.escaped()
		case r == '`':
			s.substitution('`')
		case r == '$':
			s.variable(false)
		default:
			s.put(r)
		}
	}
	s.endCommand()
}

func (s *script) peek(r rune) bool { return s.at+1 < len(s.text) && s.text[s.at+1] == r }

// single reads to the closing quote; one that does not close ends nothing.
func (s *script) single() {
	s.in = true
	for s.at++; s.at < len(s.text); s.at++ {
		if s.text[s.at] == '\'' {
			return
		}
		s.put(s.text[s.at])
	}
	s.opaque = true
}

func (s *script) double() {
	s.in = true
	for s.at++; s.at < len(s.text) && !s.opaque; s.at++ {
		switch r := s.text[s.at]; r {
		case '"':
			return
		case '\\':
			if s.at+1 < len(s.text) && strings.ContainsRune("$`\"\\\n", s.text[s.at+1]) {
				s.escaped()
			} else {
				s.put(r)
			}
		case '`':
			s.substitution('`')
		case '$':
			s.variable(true)
		default:
			s.put(r)
		}
	}
	s.opaque = true
}

// escaped reads the character after a backslash, which joins lines at a line's end.
func (s *script) escaped() {
	if s.at++; s.at < len(s.text) && s.text[s.at] != '\n' {
		s.put(s.text[s.at])
	}
}

// substitution passes over a command whose output is not known, up to what ends it.
func (s *script) substitution(end rune) {
	depth := 0
	for s.at++; s.at < len(s.text); s.at++ {
		switch r := s.text[s.at]; {
		case r == end && depth == 0:
			s.unknown()
			return
		case r == '(':
			depth++
		case r == ')':
			depth--
		}
	}
	s.opaque = true
}

// unknown puts what is not to be seen into the word.
func (s *script) unknown() {
	s.word.WriteString(unknown)
	s.in = true
}

// variable reads $NAME, ${NAME} and what else begins with a dollar.
func (s *script) variable(quoted bool) {
	name, rest := "", s.text[min(s.at+1, len(s.text)):]
	switch {
	case len(rest) == 0 || rest[0] == ' ' || rest[0] == '\n' || rest[0] == '"':
		s.put('$')
		return
	case rest[0] == '(':
		s.at++
		s.substitution(')')
		return
	case rest[0] == '@' || rest[0] == '*':
		s.at++
		s.all()
		return
	case rest[0] == '{':
		end := slices.Index(rest, '}')
		if end < 0 {
			s.opaque = true
			return
		}
		name = string(rest[1:end])
		s.at += end + 1
	default:
		n := 0
		for n < len(rest) && isName(rest[n]) {
			n++
		}
		name = string(rest[:n])
		s.at += max(n, 1)
	}
	s.value(name, quoted)
}

// all puts the parameters, a word each.
func (s *script) all() {
	for i, p := range s.parameters {
		if i > 0 {
			s.endWord()
		}
		s.word.WriteString(p)
		s.in = true
	}
}

// value puts a variable's value; without quotes it is split into words. A
// default (${NAME:-x}) is for a variable that is not set: whether the image sets
// it is not to be seen.
func (s *script) value(name string, quoted bool) {
	if base, _, ok := strings.Cut(name, ":"); ok {
		name = base
	}
	value, ok := s.env.get(name)
	if !ok || s.sourced || s.set[name] {
		s.unknown()
		return
	}
	if quoted || !strings.ContainsAny(value, " \t\n") {
		s.word.WriteString(value)
		s.in = s.in || quoted || value != ""
		return
	}
	for i, w := range strings.Fields(value) {
		if i > 0 || strings.ContainsAny(value[:1], " \t\n") {
			s.endWord()
		}
		s.word.WriteString(w)
		s.in = true
	}
}
