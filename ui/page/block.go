// Package page is what is said, once for every face: facts, advice, results and drills
// become one document of blocks that mean something, and screens, text, Markdown and HTML
// draw the same blocks. It is pure, and knows neither terminals nor files.
package page

import (
	"time"

	"kpadvisor/say"

	"kpadvisor/plain"
)

// Document is a report, or what a screen shows.
type Document struct {
	Voice    say.Voice      // what it is said in: faces say their own words in it too
	Title    string         // what it comes to, in one sentence
	Tone     Tone           // of the title
	About    []string       // the program, the cluster, when: shown in one line
	Banner   string         // says that the facts are not a cluster's; empty if they are
	Problem  *plain.Problem // why there is nothing more, or only a part; nil when all went well
	Sections []Section      // most important first
	Data     string         // what it was made from, for programs; HTML alone keeps it
}

// Section is a heading and what stands under it.
type Section struct {
	ID     string // "verdict": stable, unique in a document; anchors and screens name it
	Title  string
	Tone   Tone
	Blocks []Block
}

// Tone is what a piece of text means, for its colour; words say it too.
type Tone int

// The tones.
const (
	Normal Tone = iota
	Strong
	Good
	Warn
	Bad
	Muted
)

// Block is one of the types below, and nothing else.
type Block interface{ block() }

// Chart is a block that is a picture, and can be read as a table instead.
type Chart interface {
	Block
	// Table has every number of the picture, in words.
	Table(v say.Voice) Table
}

// Text is paragraphs; in the tone Muted it is small print.
type Text struct {
	Tone       Tone
	Paragraphs []string
}

// Card is the verdict: what to do, and one line each for what that rests on.
type Card struct {
	Do         string
	Tone       Tone
	Confidence string // "high", "medium", "low"; empty for none
	Rests      string // what the confidence rests on; empty for none
	Lines      []Labelled
}

// Labelled is "Why: flat cost".
type Labelled struct {
	Label, Text string
	Tone        Tone
}

// Figures are the numbers that the rest is about.
type Figures []Figure

// Figure is "Services", "4,312", "3 without endpoints".
type Figure struct{ Label, Value, Note string }

// List is entries, in the order in which they matter.
type List []Item

// Item is an entry of a list.
type Item struct {
	Mark     string // "1" in a ranking, "warning" of a finding; empty for none
	Label    string // "nftables", "KPA031"
	Tone     Tone
	Text     string
	Notes    []string
	Commands []string
}

// Steps are done one after the other.
type Steps []Step

// Step is one of them. Commands are whole lines to be copied.
type Step struct {
	Title, Text string
	Commands    []string
}

// Table has its last column wrapped where the page ends. Tables with the same head that
// follow one another may stand side by side.
type Table struct {
	Title string // of this table alone, where a section has several
	Head  []string
	Right []bool // columns of numbers
	Rows  []Row
	Tight bool // columns one space apart
}

// Row is a row of a table. Open is what stands behind it where it can be opened; other
// faces may show that below the table or leave it out.
type Row struct {
	Cells []string
	Open  []Block
}

// Comparison has a bar for each of a few things.
type Comparison struct {
	Of   string // "new connection, median"
	Unit string // "µs", of every value
	Bars []Bar
}

// Bar is a value, or what is known of it: from Low to High.
type Bar struct {
	Name      string
	Series    Series
	Low, High float64 // equal where the value is known; both 0 where nothing is
	Known     bool
	Figure    string // as it is written: "18 to 52 µs"
	Note      string
	Chosen    bool // it is the one advised
}

// Series says which colour something has in every picture of a document: the same mode,
// side or target always has the same. 0 is none.
type Series int

// Curve is y against x.
type Curve struct {
	X, Y  Axis
	Lines []Line
	Marks []Mark
	Bands []Band
}

// Axis is what is counted along one side of a picture.
type Axis struct {
	Name, Unit string
	Log        bool
}

// Line is a curve through points, in ascending order of x.
type Line struct {
	Name   string
	Series Series
	Letter string // marks its points where there are no colours; empty: one of its name
	Points []Point
	Dashed bool // an estimate; a measured one is solid
}

// Point is a point of a curve. Low and High are what is known of Y; equal where it is.
type Point struct{ X, Y, Low, High float64 }

// Mark is a place to look at: "you: 4,817 ports".
type Mark struct {
	X, Y float64
	Name string
}

// Band is a stretch of x: "break-even".
type Band struct {
	From, To float64
	Name     string
}

// Strip is what happened in the course of time, a row for each of a few things, on one scale.
type Strip struct {
	Of     string // "connect time"
	Unit   string // of Top and every value
	Top    float64
	Length time.Duration
	Rows   []StripRow
	Events []Event
}

// StripRow is one of them.
type StripRow struct {
	Name   string
	Series Series
	Points []StripPoint
}

// StripPoint is a moment: a value, or what else was seen.
type StripPoint struct {
	At     time.Duration
	Value  float64
	Seen   Seen
	Amount int // of connections, where it is about some that were lost or late
}

// Seen is what a moment of a strip stands for.
type Seen int

// What can be seen in a moment.
const (
	Measured Seen = iota
	Lost          // connections failed
	Late          // a retransmit was waited for
	Stalled       // nothing came to an end
	Changed       // a step was taken, or the backends changed
)

// Event is a moment that all rows share.
type Event struct {
	At     time.Duration
	Letter string // marks it where there is no room for its name
	Name   string
}

// Distribution is how values spread: quantiles for each of a few things.
type Distribution struct {
	Of, Unit string
	Rows     []Spread
}

// Spread is one of them. Quantiles are ascending in both.
type Spread struct {
	Name      string
	Series    Series
	N         int64
	Quantiles []Quantile
}

// Quantile says that so much of all values, from 0 to 1, is not above Value.
type Quantile struct{ Share, Value float64 }

// Intervals are differences with their confidence intervals, on one axis that has 0 on it.
type Intervals struct {
	Of, Unit string
	Level    float64 // 0.95
	Over     string  // what each row says that it rests on: "blocks"
	Rows     []Interval
}

// Interval is one of them.
type Interval struct {
	Name             string
	Series           Series
	Low, Value, High float64
	Bounded          bool   // Low and High are known
	Figure           string // the difference as it is written: "+23", "~" where none was detected
	Over             string // "20 blocks"
	Verdict          string // "A is slower"
	Tone             Tone
}

// Sources is where what was said comes from.
type Sources []Source

// Source is one of them; Text may hold links.
type Source struct{ Rule, Text string }

func (Text) block()         {}
func (Card) block()         {}
func (Figures) block()      {}
func (List) block()         {}
func (Steps) block()        {}
func (Table) block()        {}
func (Comparison) block()   {}
func (Curve) block()        {}
func (Strip) block()        {}
func (Distribution) block() {}
func (Intervals) block()    {}
func (Sources) block()      {}
