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
	for _, k := range kinds() {
		for _, at := range k.named.FindAllStringSubmatchIndex(s, -1) {
			found = append(found, k.mentions(s, at)...)
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

// kind is a way to name pages: whole makes the address of what the parts of named found.
type kind struct {
	named    *regexp.Regexp
	whole    func(parts []string, before string) string
	numbered bool // the last part is a list of numbers, each a page of its own under that address
}

// A repository is known by its owner, since a slash alone makes none, or by the one word
// that its project is called by.
const (
	repository = `(?:kubernetes|kubernetes-sigs|projectcalico|rancher|imroc|guessi|cloudnativelabs)/[a-z0-9][a-z0-9-]*`
	project    = `kubernetes|kube-vip`
)

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
	anyHome      = regexp.MustCompile(`\b(?:` + repository + `|` + project + `)\b`)
)

// kinds are those there are; of two that begin at the same place the first counts.
func kinds() []kind {
	of := func(format string) func([]string, string) string {
		return func(parts []string, _ string) string { return strings.Replace(format, "#", parts[1], 1) }
	}
	under := func(kind string) func([]string, string) string {
		return func(parts []string, before string) string { return home(parts[1], before) + "/" + kind + "/" }
	}
	file := func(parts []string, before string) string { return home(parts[1], before) + "/blob/master/" + parts[2] }
	return []kind{
		{named: namedAddress, whole: func(parts []string, _ string) string { return followed(parts[1]) }},
		{named: namedKEP, whole: of("https://github.com/kubernetes/enhancements/issues/#")},
		{named: namedChanges, whole: of("https://github.com/kubernetes/kubernetes/blob/master/CHANGELOG/CHANGELOG-#.md")},
		{named: namedCommit, whole: of("https://git.kernel.org/linus/#")},
		{named: namedIssues, whole: under("issues"), numbered: true},
		{named: namedPulls, whole: under("pull"), numbered: true},
		{named: namedNumber, whole: under("issues"), numbered: true},
		{named: namedFile, whole: file},
		{named: namedHome, whole: of("https://github.com/#")},
	}
}

// mentions are the pages of one match in a text.
func (k kind) mentions(s string, at []int) []mention {
	parts := make([]string, len(at)/2)
	for i := range parts {
		if at[2*i] >= 0 {
			parts[i] = s[at[2*i]:at[2*i+1]]
		}
	}
	whole := k.whole(parts, s[:at[0]])
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
		out = append(out, mention{begin, number + len(n), whole + n})
		begin = number + len(n) + len(", ")
		number = begin
	}
	return out
}

// home is the address of a repository, or of the one that the text before named last:
// Kubernetes' own if it named none.
func home(name, before string) string {
	if name == "" {
		for _, name = range anyHome.FindAllString(before, -1) {
		}
	}
	switch name {
	case "", "kubernetes":
		name = "kubernetes/kubernetes"
	case "kube-vip":
		name = "kube-vip/kube-vip"
	}
	return "https://github.com/" + name
}

// followed is the address that a word begins with: without what ends a sentence or a
// bracket, and only with a host and without a name and a password, which make an address
// look like another one. Empty if there is none.
func followed(word string) string {
	if end := strings.IndexAny(word, "<>\"'`|\\^{}"); end >= 0 {
		word = word[:end]
	}
	for word != "" {
		last := word[len(word)-1]
		closing := last == ')' && strings.Count(word, ")") > strings.Count(word, "(") || last == ']'
		if !closing && !strings.ContainsRune(".,;:!?*_~", rune(last)) {
			break
		}
		word = word[:len(word)-1]
	}
	u, err := url.Parse(word)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return ""
	}
	return word
}
