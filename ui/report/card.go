package report

import (
	"kpadvisor/advisor"
	"kpadvisor/ui/words"
)

// section is one heading of a report with what stands under it, in the order
// of the fields. Text and Markdown are drawn from the same sections.
type section struct {
	Title string
	Tone  tone
	Intro []string
	Lines []string // a drawing, as it is
	Table table
	Items []item
	After []string // small print
}

// item is one entry of a list.
type item struct {
	Mark     string // "1" in a ranking; empty for none
	Label    string // "nftables", "KPA031"
	Tone     tone
	Text     string
	Notes    []string
	Commands []string
}

// table has its last column wrapped where the page ends.
type table struct {
	Head  []string
	Right []bool // columns of numbers
	Rows  [][]string
	Tight bool // columns one space apart
}

// tone says what a piece of text means, for the colour; words say it too.
type tone int

const (
	normal tone = iota
	strong
	good
	warn
	bad
	muted
)

// card lays out a whole report, most important first.
func card(doc Document) []section {
	all := []section{
		verdict(doc), first(doc.Advice), ranking(doc.Advice), groups(doc.Advice), twoMode(doc.Advice), reuseSection(doc.Advice),
		seen(doc.Facts), proxies(doc.Facts), unread(doc),
		measured(doc.Measured), breakEvens(doc.Measured), drills(doc.Measured), estimates(doc.Advice),
		reasons("Lifecycle", doc.Advice.Lifecycle), findings(doc.Advice),
		reasons("Growth", doc.Advice.Growth), flips(doc.Advice),
		answers(doc.Habits), unanswered(doc), differs(doc.Move), runbook(doc), sources(doc),
	}
	var out []section
	for _, s := range all {
		if len(s.Intro)+len(s.Table.Rows)+len(s.Items)+len(s.After) > 0 {
			out = append(out, s.capped())
		}
	}
	return out
}

// mostShown is how many rows or entries of one section a person is shown. A cluster may
// have thousands of node groups, no two alike; those with most nodes come first.
const mostShown = 50

// worstFirst are the verdicts in their order, or, where they are too many to be shown,
// those first that need something done.
func worstFirst(all []advisor.Reuse) []advisor.Reuse {
	if len(all) <= mostShown {
		return all
	}
	return words.ByExposure(all)
}

// capped leaves out what nobody would read to its end, and says where it is.
func (s section) capped() section {
	rest := max(len(s.Items), len(s.Table.Rows)) - mostShown
	if rest <= 0 {
		return s
	}
	s.Items, s.Table.Rows = s.Items[:min(len(s.Items), mostShown)], s.Table.Rows[:min(len(s.Table.Rows), mostShown)]
	s.After = append(s.After[:len(s.After):len(s.After)], words.More(rest))
	return s
}
