package autopsy

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// chains are those of a table, each with its rules in order.
type chains map[string][]rule

// rule is one that iptables-save printed, or that iptables-restore would read.
type rule struct {
	text    string // as it was
	options []option
}

// option is one with its arguments joined; not is whether a "!" stands before it.
type option struct {
	name, value string
	not         bool
}

// No rule that kube-proxy writes is as long: a comment has at most 255 bytes.
const maxRule = 1 << 10

// parseSave reads tables in the format of iptables-save, with or without counters.
func parseSave(text string) map[string]chains {
	tables := map[string]chains{}
	in := chains{}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "*"):
			table := strings.TrimSpace(line[1:])
			if tables[table] == nil {
				tables[table] = chains{}
			}
			in = tables[table]
		case strings.HasPrefix(line, ":"):
			name, _, _ := strings.Cut(line[1:], " ")
			if _, known := in[name]; !known {
				in[name] = nil
			}
		case strings.HasPrefix(line, "["):
			_, line, _ = strings.Cut(line, "] ")
			in.add(line)
		case strings.HasPrefix(line, "-A "):
			in.add(line)
		}
	}
	return tables
}

func (c chains) add(line string) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(line, "-A "), " ")
	r := rule{text: line[:min(len(line), maxRule)]}
	if len(line) <= maxRule {
		r.options = options(words(rest))
	}
	c[name] = append(c[name], r)
}

// words splits a line as a shell does, as far as iptables-save needs it.
func words(line string) []string {
	var out []string
	var word strings.Builder
	inside, quoted := false, false
	for i := 0; i < len(line); i++ {
		switch b := line[i]; {
		case b == '\\' && i+1 < len(line):
			i++
			word.WriteByte(line[i])
			inside = true
		case b == '"':
			quoted, inside = !quoted, true
		case b == ' ' && !quoted:
			if inside {
				out = append(out, word.String())
			}
			word.Reset()
			inside = false
		default:
			word.WriteByte(b)
			inside = true
		}
	}
	if inside {
		out = append(out, word.String())
	}
	return out
}

// options are what a rule asks for, in one spelling and sorted, so that two rules that say
// the same are equal. What changes nothing that matters is left out: which module an option
// is of, what only counts packets, and what is the default.
func options(words []string) []option {
	var out []option
	not := false
	for i := 0; i < len(words); {
		name := words[i]
		i++
		if name == "!" {
			not = true
			continue
		}
		from := i
		for i < len(words) && words[i] != "!" && (i == from && name == "--comment" || !strings.HasPrefix(words[i], "-")) {
			i++
		}
		if o := spelled(option{name, strings.Join(words[from:i], " "), not}); o.name != "" {
			out = append(out, o)
		}
		not = false
	}
	slices.SortFunc(out, option.compare)
	return out
}

func (o option) compare(p option) int { return strings.Compare(o.String(), p.String()) }

func (o option) String() string {
	if o.not {
		return o.name + " ! " + o.value
	}
	return o.name + " " + o.value
}

// spelled is an option in one spelling; its name is empty where it changes nothing.
func spelled(o option) option {
	switch o.name {
	case "-m", "--nfacct-name", "--random-fully", "--rsource":
		return option{}
	case "--reject-with":
		if o.value == "icmp-port-unreachable" {
			return option{}
		}
	case "--mask":
		if o.value == "255.255.255.255" {
			return option{}
		}
	case "-s", "-d":
		o.value = strings.TrimSuffix(o.value, "/32")
	case "--mark":
		o.value = bits(o.value)
	case "--or-mark":
		o.name, o.value = "--set-xmark", bits(o.value+"/"+o.value)
	case "--xor-mark":
		o.name, o.value = "--set-xmark", bits(o.value+"/0")
	case "--set-xmark":
		o.value = bits(o.value)
	case "--ctstate":
		states := strings.Split(o.value, ",")
		slices.Sort(states)
		o.value = strings.Join(states, ",")
	case "--probability":
		o.value = oneOf(o.value)
	}
	return o
}

// bits is a mark and its mask, as in 0x4000/0x4000. A number alone masks nothing.
func bits(value string) string {
	mark, mask, masked := strings.Cut(value, "/")
	if !masked {
		mask = "0xffffffff"
	}
	a, errA := strconv.ParseUint(mark, 0, 32)
	b, errB := strconv.ParseUint(mask, 0, 32)
	if errA != nil || errB != nil {
		return value
	}
	return "0x" + strconv.FormatUint(a, 16) + "/0x" + strconv.FormatUint(b, 16)
}

// oneOf is a probability as 1/N, as far as the kernel keeps it: in 31 bits.
func oneOf(value string) string {
	p, err := strconv.ParseFloat(value, 64)
	if err != nil || !(p > 0 && p <= 1) {
		return value
	}
	n := math.Round(1 / p)
	if math.Abs(1/n-p) > 1e-9 {
		return value
	}
	return "1/" + strconv.FormatFloat(n, 'f', 0, 64)
}

// get is the value of an option that stands without a "!".
func (r rule) get(name string) string {
	for _, o := range r.options {
		if o.name == name && !o.not {
			return o.value
		}
	}
	return ""
}

func (r rule) target() string { return r.get("-j") }

// has reports an option.
func (r rule) has(name string) bool {
	return slices.ContainsFunc(r.options, func(o option) bool { return o.name == name })
}

// same is a text that two rules have in common that do the same in a chain of that name.
// The comments of endpoints are left out: kube-proxy leaves them away above 1,000 endpoints,
// and writes them again only when a chain changes.
func (r rule) same(chain string) string {
	if r.options == nil {
		return r.text
	}
	endpoint := strings.HasPrefix(chain, sep) || strings.HasPrefix(r.target(), sep)
	var b strings.Builder
	for _, o := range r.options {
		if !endpoint || o.name != "--comment" {
			b.WriteString(o.String())
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// with is a rule with an option that another one has become; without any, the option goes.
func (r rule) with(was option, now ...option) rule {
	var out []option
	changed := false
	for _, o := range r.options {
		if o == was {
			out, changed = append(out, now...), true
			continue
		}
		out = append(out, o)
	}
	if !changed {
		return r
	}
	slices.SortFunc(out, option.compare)
	return rule{"", out}
}

// written is a rule as it was, or as its options have it where they were changed.
func (r rule) written(chain string) string {
	if r.text != "" {
		return r.text
	}
	out := "-A " + chain
	for _, o := range r.options {
		if o.not {
			out += " !"
		}
		if o.name == "--comment" {
			o.value = `"` + o.value + `"`
		}
		out += " " + o.name + " " + o.value
	}
	return out
}
