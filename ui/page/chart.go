package page

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"kpadvisor/say"

	"kpadvisor/plain"
)

// Table has a row for each bar.
func (c Comparison) Table(v say.Voice) Table {
	t := Table{Head: []string{"", joined(c.Of, c.Unit), v.Head("note")}, Right: []bool{false, true, false}}
	for _, b := range c.Bars {
		name, figure := b.Name, b.Written(v)
		if b.Chosen {
			name = v.Sprintf("%s (advised)", name)
		}
		t.Rows = append(t.Rows, Row{Cells: []string{name, strings.TrimSuffix(figure, " "+c.Unit), b.Note}})
	}
	return t.trimmed()
}

// Written is the figure of a bar; of one that has none, what is known.
func (b Bar) Written(v say.Voice) string {
	switch {
	case b.Figure != "":
		return b.Figure
	case !b.Known:
		return v.Text("unknown")
	}
	return fromTo(v, b.Low, b.High)
}

// Table has a row for each x that something stands at.
func (c Curve) Table(v say.Voice) Table {
	t := Table{Title: c.Caption(v), Head: []string{joined(c.X.Name, c.X.Unit)}, Right: []bool{true}}
	at := map[uint64][]string{} // by the bits of x: what is no number is not equal to itself
	row := func(x float64) []string {
		key := math.Float64bits(x + 0) // of a negative nothing a positive one
		if at[key] == nil {
			at[key] = slices.Repeat([]string{"-"}, len(c.Lines)+1)
			at[key][len(c.Lines)] = ""
		}
		return at[key]
	}
	for i, l := range c.Lines {
		name := joined(l.Name, c.Y.Unit)
		if l.Dashed {
			name = v.Sprintf("%s (estimate)", name)
		}
		t.column(name)
		for _, p := range l.Points {
			row(p.X)[i] = p.text(v)
		}
	}
	note := func(x float64, text string) {
		r := row(x)
		r[len(c.Lines)] = v.Clauses(nonEmpty(r[len(c.Lines)], text)...)
	}
	for _, m := range c.Marks {
		note(m.X, v.Sprintf("%s (%s)", m.Name, decimal(m.Y)))
	}
	for _, b := range c.Bands {
		note(b.From, v.Sprintf("%s begins", b.Name))
		note(b.To, v.Sprintf("%s ends", b.Name))
	}
	t.Head, t.Right = append(t.Head, v.Head("note")), append(t.Right, false)
	keys := slices.SortedFunc(maps.Keys(at), func(a, b uint64) int { return cmp.Compare(math.Float64frombits(a), math.Float64frombits(b)) })
	for _, key := range keys {
		t.Rows = append(t.Rows, Row{Cells: append([]string{decimal(math.Float64frombits(key))}, at[key]...)})
	}
	return t.trimmed()
}

// Caption says what the axes are.
func (c Curve) Caption(v say.Voice) string {
	return v.Sprintf("%s against %s", joined(c.Y.Name, c.Y.Unit), joined(c.X.Name, c.X.Unit))
}

// text is a value with what is known of it: "18 (12 to 30)".
func (p Point) text(v say.Voice) string {
	if p.Low == p.High {
		return decimal(p.Y)
	}
	return v.Sprintf("%s (%s)", decimal(p.Y), fromTo(v, p.Low, p.High))
}

// Table has a row for each moment at which something was seen.
func (s Strip) Table(v say.Voice) Table {
	t := Table{Title: s.Caption(v), Head: []string{"s"}, Right: []bool{true}}
	moments := map[string][]string{}
	var order []float64
	cell := func(at float64, column int, text string) {
		key := decimal(at)
		if moments[key] == nil {
			moments[key] = make([]string, len(s.Rows)+1)
			order = append(order, at)
		}
		moments[key][column] = v.Clauses(nonEmpty(moments[key][column], text)...)
	}
	for i, r := range s.Rows {
		t.column(joined(strings.TrimSpace(r.Name), s.Unit))
		for _, p := range r.Points {
			cell(p.At.Seconds(), i, p.text(v))
		}
	}
	for _, e := range s.Events {
		cell(e.At.Seconds(), len(s.Rows), joined(e.Letter, e.Name))
	}
	t.Head, t.Right = append(t.Head, v.Head("step")), append(t.Right, false)
	slices.Sort(order)
	for _, at := range order {
		t.Rows = append(t.Rows, Row{Cells: append([]string{decimal(at)}, moments[decimal(at)]...)})
	}
	return t.trimmed()
}

// Caption says what the height of a row is.
func (s Strip) Caption(v say.Voice) string {
	return v.Sprintf("%s, 0 to %s", s.Of, joined(decimal(s.Top), s.Unit))
}

// text is what a point says in words.
func (p StripPoint) text(v say.Voice) string {
	text := p.Seen.Says(v)
	if p.Amount > 0 {
		text = v.Sprintf("%s: %s", text, plain.Number(p.Amount))
	}
	switch {
	case p.Seen == Measured:
		return decimal(p.Value)
	case p.Value > 0:
		return v.Sprintf("%s, %s", decimal(p.Value), text)
	}
	return text
}

// Says is what a moment of a strip shows, in words.
func (s Seen) Says(v say.Voice) string {
	switch s {
	case Lost:
		return v.Text("connections lost")
	case Late:
		return v.Text("second SYN")
	case Stalled:
		return v.Text("nothing came to an end")
	case Changed:
		return v.Text("step taken")
	case Measured:
	}
	return v.Text("measured")
}

// Table has a row for each thing and a column for each quantile.
func (d Distribution) Table(v say.Voice) Table {
	t := Table{Head: []string{joined(d.Of, d.Unit), "n"}, Right: []bool{false, true}}
	var shares []float64
	for _, r := range d.Rows {
		for _, q := range r.Quantiles {
			shares = append(shares, q.Share)
		}
	}
	slices.Sort(shares)
	shares = slices.Compact(shares)
	for _, share := range shares {
		t.column(quantileName(v, share))
	}
	for _, r := range d.Rows {
		cells := []string{r.Name, plain.Number(int(r.N))}
		for _, share := range shares {
			cell := "-"
			if i := slices.IndexFunc(r.Quantiles, func(q Quantile) bool { return q.Share == share }); i >= 0 {
				cell = Unit{d.Unit, 1}.format(r.Quantiles[i].Value)
			}
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, Row{Cells: cells})
	}
	return t
}

func quantileName(v say.Voice, share float64) string {
	switch share {
	case 0:
		return v.Head("min")
	case 0.5:
		return v.Head("median")
	case 1:
		return v.Head("max")
	}
	return "p" + strconv.FormatFloat(share*100, 'g', 4, 64)
}

// Table has a row for each difference.
func (i Intervals) Table(v say.Voice) Table {
	t := Table{
		Head:  []string{"", joined(i.Of, i.Unit), v.Sprintf("%s %% interval", decimal(i.Level*100)), i.Over, v.Head("verdict")},
		Right: []bool{false, true, true, true, false},
	}
	for _, r := range i.Rows {
		bounds, figure, u := "-", r.Figure, Unit{i.Unit, 1}
		if figure == "" {
			figure = u.signed(r.Value)
		}
		if r.Bounded {
			bounds = "[" + u.signed(r.Low) + ", " + u.signed(r.High) + "]"
		}
		t.Rows = append(t.Rows, Row{Cells: []string{r.Name, figure, bounds, r.Over, r.Verdict}})
	}
	return t
}

// trimmed is the table without its last column where nothing stands in that.
func (t Table) trimmed() Table {
	at := len(t.Head) - 1
	if slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Cells[at] != "" }) {
		return t
	}
	t.Head, t.Right = t.Head[:at], t.Right[:at]
	for i := range t.Rows {
		t.Rows[i].Cells = t.Rows[i].Cells[:at]
	}
	return t
}

// joined puts a blank between what is not empty.
func joined(parts ...string) string { return joinedBy(" ", parts...) }

func joinedBy(by string, parts ...string) string { return strings.Join(nonEmpty(parts...), by) }

// fromTo is "18" or "18 to 52".
func fromTo(v say.Voice, low, high float64) string {
	if low == high {
		return decimal(low)
	}
	return v.Sprintf("%s to %s", decimal(low), decimal(high))
}

// decimal writes a number with at most three decimals and no trailing zeros.
func decimal(n float64) string {
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(n, 'f', 3, 64), ".")
	if i, err := strconv.Atoi(whole); err == nil && i != 0 {
		whole = plain.Number(i)
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		return fmt.Sprintf("%s.%s", whole, fraction)
	}
	return whole
}
