package report

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
	plain tone = iota
	strong
	good
	warn
	bad
	muted
)

// card lays out a whole report, most important first.
func card(doc Document) []section {
	all := []section{
		verdict(doc), twoMode(doc.Advice), reuse(doc.Advice),
		seen(doc.Facts), proxies(doc.Facts), unread(doc),
		measured(doc.Measured), breakEvens(doc.Measured), drills(doc.Measured), estimates(doc.Advice),
		reasons("Lifecycle", doc.Advice.Lifecycle), findings(doc.Advice),
		reasons("Growth", doc.Advice.Growth), flips(doc.Advice),
		answers(doc.Habits), unanswered(doc), runbook(doc.Advice), sources(doc.Advice),
	}
	var out []section
	for _, s := range all {
		if len(s.Intro)+len(s.Table.Rows)+len(s.Items)+len(s.After) > 0 {
			out = append(out, s)
		}
	}
	return out
}
