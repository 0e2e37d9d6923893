package page

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Reference is a piece of a text, and the page that it names, if it names one.
type Reference struct{ Text, URL string }

// References are the pieces of a text that names sources as people write them: "KEP-3866",
// "kubernetes issue 81775", "rancher/rke2 issue 4416, CHANGELOG-1.26". Together the pieces
// are the text. What is not known for certain leads nowhere.
func References(s string) []Reference {
	var found []mention
	all := homesIn(s)
	for _, k := range kinds() {
		for _, at := range k.named.FindAllStringSubmatchIndex(s, -1) {
			found = append(found, k.mentions(s, at, all)...)
		}
	}
	slices.SortStableFunc(found, func(a, b mention) int { return cmp.Compare(a.begin, b.begin) })
	var out []Reference
	last := 0
	for _, m := range found {
		if m.begin < last || m.url == "" {
			continue // what an earlier one has taken
		}
		if m.begin > last {
			out = append(out, Reference{Text: s[last:m.begin]})
		}
		out = append(out, Reference{s[m.begin:m.end], m.url})
		last = m.end
	}
	if last < len(s) {
		out = append(out, Reference{Text: s[last:]})
	}
	return out
}

// mention is where a text names a page.
type mention struct {
	begin, end int
	url        string
}

// kind is a way to name pages: whole makes the address of what the parts of named found,
// empty where that is not known.
type kind struct {
	named    *regexp.Regexp
	whole    func(parts []string, around surroundings) string
	numbered bool // the last part is a list of numbers, each a page of its own under that address
}

// surroundings are what stands about a match.
type surroundings struct {
	part, path bool   // the match is a part of a longer name; it goes on as the name of a file or an image does
	home       string // the address of the project that the text named last before it; empty if none is known
}

// A repository is known by its owner, since a slash alone makes none, or by the one word
// that its project is called by.
const (
	name       = `[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`
	repository = `(?:kubernetes|kubernetes-sigs|projectcalico|rancher|imroc|guessi|cloudnativelabs|canonical|replicatedhq)/` + name
	project    = `kubernetes|kube-vip`
	github     = "https://github.com/"
	ofKube     = github + "kubernetes/kubernetes"
)

// ourIssue is the one that is Kubernetes' wherever no project stands with it.
const ourIssue = "81775"

// What names a page.
var (
	namedAddress = regexp.MustCompile(`(https://[!-~]+)`)
	namedKEP     = regexp.MustCompile(`\bKEP-(\d{1,6})\b`)
	namedChanges = regexp.MustCompile(`\bCHANGELOG-(1\.\d{1,3})\b`)
	namedCommit  = regexp.MustCompile(`\bkernel commit ([0-9a-f]{12,40})\b`)
	namedIssues  = regexp.MustCompile(`\b(?:(` + repository + `|` + project + `) )?[Ii]ssues? (\d{2,6}(?:, \d{2,6})*)\b`)
	namedPulls   = regexp.MustCompile(`\b(?:(` + repository + `|` + project + `) )?PRs? (\d{2,6}(?:, \d{2,6})*)\b`)
	namedNumber  = regexp.MustCompile(`\b(` + repository + `)[ #](\d{2,6})\b`)
	namedFile    = regexp.MustCompile(`\b(` + repository + `|` + project + `) ((?:[a-z0-9-]+/)+[a-z0-9_]+\.go)\b`)
	namedHome    = regexp.MustCompile(`\b(` + repository + `)\b`)
	anyHome      = regexp.MustCompile(`\b(?:(` + repository + `|` + project + `)|` + name + `/` + name + `)\b`)
)

// kinds are those there are; of two that begin at the same place the first counts.
func kinds() []kind {
	of := func(format string) func([]string, surroundings) string {
		return func(parts []string, _ surroundings) string { return strings.Replace(format, "#", parts[1], 1) }
	}
	under := func(kind string) func([]string, surroundings) string {
		return func(parts []string, around surroundings) string {
			home := around.home
			if parts[1] != "" {
				home = homeOf(parts[1])
			}
			if home == "" || around.part {
				return ""
			}
			return home + "/" + kind + "/"
		}
	}
	return []kind{
		{named: namedAddress, whole: func(parts []string, _ surroundings) string { return followed(parts[1]) }},
		{named: namedKEP, whole: of("https://github.com/kubernetes/enhancements/issues/#")},
		{named: namedChanges, whole: of(ofKube + "/blob/master/CHANGELOG/CHANGELOG-#.md")},
		{named: namedCommit, whole: of("https://git.kernel.org/linus/#")},
		{named: namedIssues, whole: under("issues"), numbered: true},
		{named: namedPulls, whole: under("pull"), numbered: true},
		{named: namedNumber, whole: under("issues"), numbered: true},
		{named: namedFile, whole: func(parts []string, around surroundings) string {
			if around.part {
				return ""
			}
			return homeOf(parts[1]) + "/blob/master/" + parts[2]
		}},
		{named: namedHome, whole: func(parts []string, around surroundings) string {
			if around.part || around.path {
				return ""
			}
			return homeOf(parts[1])
		}},
	}
}

// mentions are the pages of one match in a text, with the projects that the text names.
func (k kind) mentions(s string, at []int, all []home) []mention {
	parts := make([]string, len(at)/2)
	for i := range parts {
		if at[2*i] >= 0 {
			parts[i] = s[at[2*i]:at[2*i+1]]
		}
	}
	part, path := within(s, at[0], at[1])
	whole := k.whole(parts, surroundings{part, path, lastHome(s[:at[0]], all)})
	if !k.numbered {
		end := at[1]
		if strings.HasPrefix(parts[0], "https://") {
			end = at[0] + len(whole) // what ends a sentence is no part of an address
		}
		return []mention{{at[0], end, whole}}
	}
	var out []mention
	begin, number := at[0], at[len(at)-2] // the first with the words before it
	for _, n := range strings.Split(parts[len(parts)-1], ", ") {
		m := mention{begin: begin, end: number + len(n)}
		switch {
		case n == ourIssue && parts[1] == "":
			m.url = ofKube + "/issues/" + n
		case whole != "":
			m.url = whole + n
		}
		out = append(out, m)
		begin = number + len(n) + len(", ")
		number = begin
	}
	return out
}

// within says whether a piece of a text is a part of a longer name, and whether it goes
// on as the name of a file or of an image does.
func within(s string, begin, end int) (part, path bool) {
	return begin > 0 && strings.IndexByte("/.-@", s[begin-1]) >= 0, end < len(s) && strings.IndexByte("/:@", s[end]) >= 0
}

// home is where a text names a project: where that ends, and its address, which is empty
// if the project is not one of those that are known.
type home struct {
	end int
	url string
}

// homesIn are the projects that a text names, in their order.
func homesIn(s string) []home {
	var out []home
	for _, at := range anyHome.FindAllStringSubmatchIndex(s, -1) {
		if part, path := within(s, at[0], at[1]); part || path {
			continue
		}
		h := home{end: at[1]}
		if at[2] >= 0 {
			h.url = homeOf(s[at[2]:at[3]])
		}
		out = append(out, h)
	}
	return out
}

// lastHome is the address of the project that a text names last, for a number that has
// none of its own: "kubernetes PR 135800; issue 139513". Empty where a word stands before
// the number, which may be the name of another project.
func lastHome(before string, all []home) string {
	if before = strings.TrimRight(before, " "); before == "" || strings.IndexByte(",;", before[len(before)-1]) < 0 {
		return ""
	}
	i, _ := slices.BinarySearchFunc(all, len(before)+1, func(h home, end int) int { return cmp.Compare(h.end, end) })
	if i == 0 {
		return ""
	}
	return all[i-1].url
}

// homeOf is the address of a repository, or of that of a project.
func homeOf(name string) string {
	switch name {
	case "kubernetes":
		return ofKube
	case "kube-vip":
		name = "kube-vip/kube-vip"
	}
	return github + name
}

// followed is the address that a word begins with: without what ends a sentence or a
// bracket, and only with a host and without a name and a password, which make an address
// look like another one. Empty if there is none.
func followed(word string) string {
	if end := strings.IndexAny(word, "<>\"'`|\\^{}"); end >= 0 {
		word = word[:end]
	}
	open := strings.Count(word, ")") - strings.Count(word, "(") // how many close what nothing opened
	for word != "" {
		last := word[len(word)-1]
		switch {
		case last == ')' && open > 0:
			open--
		case last != ']' && !strings.ContainsRune(".,;:!?*_~", rune(last)):
			return https(word)
		}
		word = word[:len(word)-1]
	}
	return ""
}

// https is an address itself, if it can be followed.
func https(word string) string {
	u, err := url.Parse(word)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return ""
	}
	return word
}
