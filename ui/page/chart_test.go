package page

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/say"
)

// TestTablesOfCharts: a table has every number of its picture.
func TestTablesOfCharts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		chart Chart
		want  string // the cells, row by row
	}{
		"comparison": {
			Comparison{Of: "added", Unit: "µs", Bars: []Bar{
				{Name: "nftables", Known: true, Chosen: true},
				{Name: "IPVS", Low: 18, High: 52.5, Known: true, Note: "2019"},
				{Name: "iptables", Known: true, Low: 48, High: 48, Figure: "+48 µs"},
				{Name: "none"},
			}},
			",added µs,note / nftables (advised),0, / IPVS,18 to 52.5,2019 / iptables,+48, / none,unknown,",
		},
		"curve": {
			Curve{
				X: Axis{Name: "Services"}, Y: Axis{Name: "p50", Unit: "µs"}, Marks: []Mark{{X: 1000, Y: 7, Name: "you"}}, Bands: []Band{{From: 700, To: 1500, Name: "break-even"}},
				Lines: []Line{{Name: "a", Points: []Point{{X: 1000, Y: 5, Low: 4, High: 6}}}, {Name: "b", Dashed: true, Points: []Point{{X: 10, Y: 1.5, Low: 1.5, High: 1.5}}}},
			},
			"Services,a µs,b µs (estimate),note / 10,-,1.5, / 700,-,-,break-even begins / 1,000,5 (4 to 6),-,you (7) / 1,500,-,-,break-even ends",
		},
		"curve of no numbers": {
			Curve{X: Axis{Name: "x"}, Marks: []Mark{{X: math.NaN(), Name: "lost"}}, Lines: []Line{{Name: "a", Points: []Point{
				{X: math.NaN(), Y: 1, Low: 1, High: 1}, {X: math.Inf(1), Y: 2, Low: 2, High: 2}, {X: math.Copysign(0, -1), Y: 3, Low: 3, High: 3}, {X: 0, Y: 4, Low: 4, High: 4},
			}}}},
			"x,a,note / NaN,1,lost (0) / 0,4, / +Inf,2,",
		},
		"strip": {
			Strip{Unit: "µs", Rows: []StripRow{
				{Name: "A", Points: []StripPoint{{At: time.Second, Value: 40}, {At: 2 * time.Second, Value: 50, Seen: Lost, Amount: 3}}},
				{Name: "B", Points: []StripPoint{{At: 2 * time.Second, Seen: Stalled}}},
			}, Events: []Event{{At: 500 * time.Millisecond, Letter: "n", Name: "new pod"}}},
			"s,A µs,B µs,step / 0.5,,,n new pod / 1,40,, / 2,50, connections lost: 3,nothing came to an end,",
		},
		"distribution": {
			Distribution{Of: "connect", Unit: "µs", Rows: []Spread{
				{Name: "A", N: 1200, Quantiles: []Quantile{{0, 3}, {0.5, 4}, {0.999, 900}}}, {Name: "B", N: 1, Quantiles: []Quantile{{1, 5}}},
			}},
			"connect µs,n,min,median,p99.9,max / A,1,200,3.0,4.0,900.0,- / B,1,-,-,-,5.0",
		},
		"intervals": {
			Intervals{Of: "difference", Unit: "µs", Level: 0.95, Over: "blocks", Rows: []Interval{
				{Name: "a", Low: 17, Value: 23, High: 35, Bounded: true, Over: "20", Verdict: "a is slower"}, {Name: "b", Value: 1, Figure: "~", Over: "2"},
			}},
			",difference µs,95 % interval,blocks,verdict / a,+23.0,[+17.0, +35.0],20,a is slower / b,~,-,2,",
		},
	} {
		table := c.chart.Table(say.Voice{})
		rows := []string{strings.Join(table.Head, ",")}
		for _, r := range table.Rows {
			if len(r.Cells) != len(table.Head) || len(table.Right) != len(table.Head) {
				t.Errorf("%s: %d cells under %d heads: %q", name, len(r.Cells), len(table.Head), r.Cells)
			}
			rows = append(rows, strings.Join(r.Cells, ","))
		}
		if got := strings.Join(rows, " / "); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// TestTableIsItsOwn: making a table does not touch the picture, nor does making it twice.
func TestTableIsItsOwn(t *testing.T) {
	t.Parallel()
	c := Comparison{Of: "x", Bars: []Bar{{Name: "a"}, {Name: "b"}}}
	a, b := c.Table(say.Voice{}), c.Table(say.Voice{})
	if !slices.Equal(a.Head, b.Head) || len(a.Head) != 2 {
		t.Errorf("%q and %q", a.Head, b.Head)
	}
}
