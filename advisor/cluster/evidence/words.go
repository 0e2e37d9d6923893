package evidence

import (
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// maxCommand bounds how much of a command line is looked at, in bytes. A real
// one has a few hundred; more than this is not a proxy's.
const maxCommand = 64 << 10

// A word may hold, between two NUL bytes, what is not to be seen in the pod: the
// name and key of a ConfigMap, with keyMark between them, or nothing.
const (
	hole    = "\x00"
	unknown = hole + hole
	keyMark = "\x01"
)

// commandLine returns the words a container runs, with $(VAR) replaced as the
// kubelet does it and a shell's script split as the shell does it.
func commandLine(c *corev1.Container) []string {
	env := environment(c)
	words := make([]string, 0, len(c.Command)+len(c.Args))
	size := 0
	for _, list := range [][]string{c.Command, c.Args} {
		for _, w := range list {
			if size += len(w); size > maxCommand {
				return unwrapShell(words, env)
			}
			words = append(words, expand(strings.ReplaceAll(w, hole, ""), env))
		}
	}
	return unwrapShell(words, env)
}

// variables are those of a container, and whatever else it may have.
type variables struct {
	values map[string]string
	from   []corev1.EnvFromSource
}

// environment returns the variables the pod's manifest gives a container, each
// made of those before it as the kubelet does it.
func environment(c *corev1.Container) variables {
	env := variables{values: make(map[string]string, len(c.Env)), from: c.EnvFrom}
	size := 0
	for i := range c.Env {
		e := &c.Env[i]
		value := unknown // a field of the pod, a Secret
		switch {
		case e.ValueFrom == nil:
			value = expand(strings.ReplaceAll(e.Value, hole, ""), env)
		case e.ValueFrom.ConfigMapKeyRef != nil:
			ref := e.ValueFrom.ConfigMapKeyRef
			value = hole + ref.Name + keyMark + ref.Key + hole
		}
		if size += len(value); size > maxCommand {
			value = unknown
		}
		env.values[e.Name] = value
	}
	return env
}

// get returns a variable's value; false if nothing of the pod sets it.
func (v variables) get(name string) (string, bool) {
	if value, ok := v.values[name]; ok {
		return value, true
	}
	// Of several sources the last one that has it counts. Which have it shows
	// in the objects alone, and of the last one only whether it is to be asked.
	for _, f := range slices.Backward(v.from) {
		key, ok := strings.CutPrefix(name, f.Prefix)
		switch {
		case !ok:
		case f.ConfigMapRef != nil && len(v.from) == 1:
			return hole + f.ConfigMapRef.Name + keyMark + key + hole, true
		default:
			return unknown, true
		}
	}
	return "", false
}

// expand replaces $(NAME) by the variable's value; what is not set stays as it
// is, and $$ is an escaped $.
func expand(word string, env variables) string {
	if !strings.Contains(word, "$") {
		return word
	}
	var b strings.Builder
	for i := 0; i < len(word) && b.Len() <= maxCommand; i++ {
		rest := word[i:]
		if strings.HasPrefix(rest, "$$") {
			b.WriteByte('$')
			i++
			continue
		}
		if strings.HasPrefix(rest, "$(") {
			if end := strings.IndexByte(rest, ')'); end > 0 {
				if v, ok := env.get(rest[2:end]); ok {
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

// isHidden reports whether a value has parts that are not to be seen: of a
// variable nobody set, too, since it may come from the image.
func isHidden(value string) bool {
	return strings.Contains(value, hole) || strings.Contains(value, "$")
}

// configMapIn returns the ConfigMap and key that are all of a value.
func configMapIn(namespace, value string) (fileRef, bool) {
	inner, ok := strings.CutPrefix(value, hole)
	inner, end := strings.CutSuffix(inner, hole)
	name, file, both := strings.Cut(inner, keyMark)
	if !ok || !end || !both || strings.Contains(inner, hole) {
		return fileRef{}, false
	}
	return fileRef{given: true, configMap: key{namespace, name}, file: file}, true
}

// argumentsOf returns the words after the one that is the program name. A
// wrapper such as /go-runner and its own flags are thus left out.
func argumentsOf(program string, words []string) ([]string, bool) {
	for i, w := range words {
		name := strings.TrimSuffix(path.Base(w), ".exe")
		switch {
		case name == program:
			return words[i+1:], true
		case name == "hyperkube" && program == "kube-proxy" && i+1 < len(words):
			// One binary for all of Kubernetes up to 1.18; "proxy" is its older name.
			if next := words[i+1]; next == "proxy" || next == "kube-proxy" {
				return words[i+2:], true
			}
		}
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
