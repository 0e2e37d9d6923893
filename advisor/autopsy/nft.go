package autopsy

import (
	"slices"
	"strconv"
	"strings"
)

// nftTable is the table of nftables mode.
type nftTable struct {
	chains   map[string][]line
	elements map[string][]line // of sets and maps, by name
	declared map[string]bool   // chains
}

func newNFTTable() *nftTable {
	return &nftTable{map[string][]line{}, map[string][]line{}, map[string]bool{}}
}

// parseNFTList reads what "nft list table ip kube-proxy" prints.
func parseNFTList(text string) *nftTable {
	t := newNFTTable()
	of, kind, name, elements := "", "", "", false
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, "table ") {
			of = strings.TrimSpace(l)
		}
		if l = strings.TrimSpace(l); of != "table ip kube-proxy {" {
			continue
		}
		switch {
		case elements, strings.HasPrefix(l, "elements = {"):
			body := strings.TrimPrefix(l, "elements = {")
			elements = !strings.HasSuffix(body, "}")
			for e := range strings.SplitSeq(strings.TrimSuffix(body, "}"), ",") {
				if e = strings.TrimSpace(e); e != "" {
					t.elements[name] = append(t.elements[name], line{nftSame(e), e})
				}
			}
		case strings.HasSuffix(l, " {") && !strings.HasPrefix(l, "table "):
			kind, name, _ = strings.Cut(strings.TrimSuffix(l, " {"), " ")
			if kind == "chain" {
				t.declared[name] = true
			}
		case l == "}":
			kind = ""
		case kind == "chain" && l != "" && !strings.HasPrefix(l, "type ") && !strings.HasPrefix(l, "comment "):
			t.chains[name] = append(t.chains[name], line{nftSame(l), l})
		}
	}
	return t
}

// parseNFTScript reads what a transaction of the generator adds.
func parseNFTScript(text string) *nftTable {
	t := newNFTTable()
	for l := range strings.Lines(text) {
		what, rest, _ := strings.Cut(strings.TrimSpace(l), " ip kube-proxy ")
		name, body, _ := strings.Cut(rest, " ")
		switch what {
		case "add chain":
			t.declared[name] = true
		case "add rule":
			t.chains[name] = append(t.chains[name], line{nftSame(body), body})
		case "add element":
			e := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(body, "{"), "}"))
			t.elements[name] = append(t.elements[name], line{nftSame(e), e})
		}
	}
	return t
}

// nftSame is a rule or an element in one spelling: nft prints another one than it reads,
// and kube-proxy wrote a map of one endpoint once. Comments and counters do nothing.
func nftSame(text string) string {
	var out []string
	words := strings.Fields(text)
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case w == "comment" && i+1 < len(words):
			for i++; i+1 < len(words) && (!strings.HasSuffix(words[i], `"`) || words[i] == `"`); i++ {
			}
		case w == "counter" && i+4 < len(words) && words[i+1] == "packets":
			i += 4
		case w == "meta" && i+1 < len(words) && words[i+1] == "mark":
		case w == "&":
			out = append(out, "and")
		case w == "|":
			out = append(out, "or")
		case w == ",":
		case w == "^":
			out = append(out, "xor")
		case strings.HasPrefix(w, "0x"):
			out = append(out, hexadecimal(w))
		default:
			out = append(out, strings.TrimSuffix(w, ","))
		}
	}
	same := strings.Join(out, " ")
	for _, spelling := range [][2]string{{" dnat ip addr . port to ", " dnat to "}, {" dnat ip to ", " dnat to "}, {" != 0x0 ", " != 0 "}} {
		same = strings.ReplaceAll(same, spelling[0], spelling[1])
	}
	return oneEndpoint(same)
}

func hexadecimal(word string) string {
	n, err := strconv.ParseUint(word, 0, 32)
	if err != nil {
		return word
	}
	return "0x" + strconv.FormatUint(n, 16)
}

// oneEndpoint has a map of one endpoint as the endpoint, and a set of one member as the
// member.
func oneEndpoint(text string) string {
	before, after, is := strings.Cut(text, "numgen random mod 1 map { 0 : ")
	if is {
		return before + strings.Replace(strings.TrimSuffix(after, " }"), " . ", ":", 1)
	}
	before, after, is = strings.Cut(text, " { ")
	if member, rest, ends := strings.Cut(after, " }"); is && ends && !strings.ContainsAny(member, " :") && !strings.HasPrefix(text, "update ") {
		return before + " " + member + rest
	}
	return text
}

// nftMap are the destinations of "numgen random mod N map { 0 : A . P, ... }" in order, as
// A:P, or of "vmap { 0 : goto C, ... }" as C.
func nftMap(same string) []string {
	_, body, is := strings.Cut(same, " numgen random mod ")
	if !is {
		if body, is = strings.CutPrefix(same, "numgen random mod "); !is {
			_, to, is := strings.Cut(same, " dnat to ")
			if !is || strings.Contains(to, " ") {
				return nil
			}
			return []string{to}
		}
	}
	_, body, _ = strings.Cut(body, "{ ")
	words := strings.Fields(strings.TrimSuffix(body, "}"))
	var out []string
	for i := 0; i+2 < len(words); {
		switch {
		case words[i+1] == ":" && words[i+2] == "goto" && i+3 < len(words):
			out = append(out, words[i+3])
			i += 4
		case words[i+1] == ":" && i+4 < len(words) && words[i+3] == ".":
			out = append(out, words[i+2]+":"+words[i+4])
			i += 5
		default:
			return out
		}
	}
	return out
}

// names are the chains that one of both tables has, sorted.
func (t *nftTable) names(other *nftTable) []string {
	var out []string
	for _, table := range []*nftTable{t, other} {
		for name := range table.declared {
			out = append(out, name)
		}
		for name := range table.chains {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
