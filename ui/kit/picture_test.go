package kit

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kpadvisor/plain"
	"kpadvisor/plain/plaintest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// picture is anything of this package that is drawn into a size.
type picture interface {
	Draw(p Palette, w, h int) []Line
}

// wild is a value that somebody may ask to be drawn.
func wild(dice *rand.Rand) float64 {
	all := []float64{0, 1, -1, 1e-300, 1e300, -1e300, math.MaxFloat64, -math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1), 18, 48.5, 4312}
	if dice.IntN(2) == 0 {
		return dice.NormFloat64() * math.Pow(10, float64(dice.IntN(12)-3))
	}
	return all[dice.IntN(len(all))]
}

func wildName(dice *rand.Rand) string {
	return []string{"", "nftables", "iptables", plaintest.Hostile, hostile, strings.Repeat("名", 60), "a b"}[dice.IntN(7)]
}

// pictures are one of each, of such values.
func pictures(dice *rand.Rand) map[string]picture {
	v, name := func() float64 { return wild(dice) }, func() string { return wildName(dice) }
	token := func() Token { return Token(dice.IntN(int(tokens))) }
	some := func() int { return dice.IntN(6) }
	bars := Bars{Of: name(), Beside: name()}
	curve := Curve{X: Axis{name(), name(), dice.IntN(2) == 0}, Y: Axis{name(), name(), dice.IntN(2) == 0}}
	strip := Strip{Of: name(), Unit: name(), Top: v(), NowName: name(), From: time.Duration(bounded(v())), To: time.Duration(bounded(v())), Now: time.Duration(bounded(v()))}
	if dice.IntN(4) > 0 {
		strip.From, strip.To = strip.Now-time.Duration(dice.Int64N(1<<40)), strip.Now+time.Duration(dice.Int64N(1<<36))
	}
	spread, between := Distributions{Of: name(), Unit: name(), Tall: dice.IntN(4), Figures: name()}, Intervals{Of: name(), Unit: name(), Figures: name()}
	for range some() {
		bars.Bars = append(bars.Bars, Bar{name(), token(), v(), v(), dice.IntN(4) > 0, name(), name(), dice.IntN(2) == 0})
		line, row, s := Plot{Name: name(), Token: token(), Letter: []string{"", "L", name()}[dice.IntN(3)], Dashed: dice.IntN(2) == 0}, StripRow{Name: name(), Figure: name(), Token: token(), Level: v()}, Spread{Name: name(), Figure: name(), Token: token()}
		for range 4 * some() {
			line.Points = append(line.Points, Point{v(), v()})
			at := strip.Now - time.Duration(dice.Int64N(1<<40))
			row.Points = append(row.Points, StripPoint{at, v(), Mark(dice.IntN(8))})
			s.Quantiles = append(s.Quantiles, Quantile{dice.Float64(), v()})
		}
		curve.Lines, strip.Rows, spread.Rows = append(curve.Lines, line), append(strip.Rows, row), append(spread.Rows, s)
		curve.Spots, curve.Bands = append(curve.Spots, Spot{v(), v(), name()}), append(curve.Bands, Band{v(), v(), name()})
		strip.Events = append(strip.Events, StripEvent{strip.Now - time.Duration(dice.Int64N(1<<40)), name()})
		between.Rows = append(between.Rows, Interval{name(), token(), v(), v(), v(), name()})
	}
	tracks := Tracks{Caption: name(), Length: strip.To - strip.From, Top: strip.Top, Rows: strip.Rows, Marks: []Meaning{{MarkLate, name()}}}
	for _, e := range strip.Events {
		tracks.Events = append(tracks.Events, TrackEvent{e.At, name(), e.Name})
	}
	return map[string]picture{"tracks": tracks, "bars": bars, "curve": curve, "strip": strip, "distributions": spread, "intervals": between, "panel": framed{name(), bars}}
}

// framed is a picture in a panel.
type framed struct {
	name string
	picture
}

func (f framed) Draw(p Palette, w, h int) []Line {
	words := Line{p.Text(f.name)}
	return Panel{Title: words, Note: words, Foot: words}.Draw(p, f.picture.Draw(p, w-PanelEdge, h-PanelRows), w, max(h, 1))
}

// check says what is wrong with a picture of at most w by h cells.
func check(lines []Line, p Palette, w, h int) error {
	if len(lines) > max(h, 0) {
		return fmt.Errorf("%d lines, more than %d", len(lines), h)
	}
	for _, l := range lines {
		s := flat([]Line{l})[0]
		switch {
		case l.Width() > w || Cells(s) > w:
			return fmt.Errorf("%q is %d wide, more than %d", s, l.Width(), w)
		case p.ASCII && !plain.ASCII(s):
			return fmt.Errorf("%q is not ASCII", s)
		case !plain.Safe(s):
			return fmt.Errorf("%q hides something", s)
		}
	}
	return nil
}

// TestPicturesFit: whatever the values and names, at every size a picture keeps within
// it and shows text alone.
func TestPicturesFit(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		for name, one := range pictures(rand.New(rand.NewPCG(seed, 1))) {
			for _, p := range []Palette{NewPalette(Style{}), NewPalette(Style{ASCII: true})} {
				for _, size := range [][2]int{{-1, -1}, {0, 5}, {5, 0}, {1, 1}, {5, 3}, {20, 4}, {30, 7}, {60, 10}, {80, 24}, {200, 60}} {
					if err := check(one.Draw(p, size[0], size[1]), p, size[0], size[1]); err != nil {
						t.Fatalf("seed %d, %s at %v: %v", seed, name, size, err)
					}
				}
			}
		}
	}
}

func FuzzPictures(f *testing.F) {
	f.Add(uint64(1), 80, 24, false)
	f.Fuzz(func(t *testing.T, seed uint64, w, h int, ascii bool) {
		p := NewPalette(Style{ASCII: ascii})
		w, h = abs(w)%300, abs(h)%80
		for name, one := range pictures(rand.New(rand.NewPCG(seed, 2))) {
			if err := check(one.Draw(p, w, h), p, w, h); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	})
}

// TestMonotone: of two values the greater is never drawn as the smaller.
func TestMonotone(t *testing.T) {
	t.Parallel()
	values := []float64{-5, 0, 1e-9, 0.3, 1, 2, 3, 10, 48, 100, 1e4, 1e12}
	for _, ascii := range []bool{false, true} {
		p := NewPalette(Style{ASCII: ascii})
		for _, log := range []bool{false, true} {
			last, r := -1, newRuler(log, values...)
			for _, v := range values {
				if at := r.at(v, 500); at < last {
					t.Errorf("log %v: %g is at %d, before %d", log, v, at, last)
				} else {
					last = at
				}
			}
		}
		last := 0.0
		for _, v := range values {
			length := eighths(p.bar(Bar{Low: v, High: v}, 100, 30))
			if length < last {
				t.Errorf("the bar of %g is %g long, shorter than %g", v, length, last)
			}
			last = length
		}
		curve := Curve{Lines: []Plot{{Points: []Point{{1, 0}, {2, 10}, {5, 40}, {9, 90}}}}}
		lowest := 0
		for i, h := range tops(curve.Draw(p, 60, 12)) {
			if h > 0 && h < lowest {
				t.Errorf("column %d of a growing line is at %d, below %d", i, h, lowest)
			}
			lowest = max(lowest, h)
		}
		if lowest == 0 {
			t.Error("the line is not drawn")
		}
	}
}

// eighths is the length of a bar in cells.
func eighths(l Line) float64 {
	n := 0.0
	for _, r := range flat([]Line{l})[0] {
		switch at := strings.IndexRune("▏▎▍▌▋▊▉█", r); {
		case at >= 0:
			n += float64(at/len("█")+1) / 8
		case r == '|':
			n += 1.0 / 8
		default:
			n++
		}
	}
	return n
}

// tops is the height of the highest row with something in it, for each column after the
// axis; 0 where there is none.
func tops(lines []Line) []int {
	var out []int
	rows := flat(lines)
	for i, s := range rows[:len(rows)-1] {
		cut := strings.IndexAny(s, "┤│|")
		for col, r := range []rune(strings.TrimLeft(s[cut:], "┤│|")) {
			for len(out) <= col {
				out = append(out, 0)
			}
			if r != ' ' && out[col] == 0 {
				out[col] = len(rows) - i
			}
		}
	}
	return out
}

// TestPictures: one of each as it is looked at.
func TestPictures(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]picture{
		"bars": Bars{Of: "new connection, p50", Beside: "one change  lives until", Bars: []Bar{
			{"nftables", SideA, 0, 0, true, "0 µs", "2.0 s       default 1.40", true},
			{"iptables", SideB, 24, 48, true, "24 to 48 µs", "0.7 s       stays", false},
			{"IPVS", SideC, 18, 18, true, "18 µs", "walks all   off 1.40", false},
			{Name: "userspace"},
		}},
		"curve":     theCurve(),
		"strip":     theStrip(),
		"intervals": Intervals{"", "µs", []Interval{{"nftables", SideA, 20, 23, 26, "+23 µs [20, 26]"}, {"iptables", SideB, 40, 46, 55, "+46 µs [40, 55]"}, {"direct", SideC, -1, 0, 1, "0 µs [-1, 1]"}}, "over direct, 95 %"},
		"distributions": Distributions{"connect time", "µs p1..p99.9", 2, "p50", []Spread{
			{"nftables", "50 µs", SideA, []Quantile{{0.01, 41}, {0.1, 46}, {0.25, 48}, {0.5, 50}, {0.75, 53}, {0.9, 57}, {0.99, 70}, {0.999, 95}}},
			{"iptables", "73 µs", SideB, []Quantile{{0.01, 60}, {0.1, 66}, {0.25, 70}, {0.5, 73}, {0.75, 77}, {0.9, 84}, {0.99, 101}, {0.999, 120}}},
		}},
		"panel": framed{"DO THIS", Bars{Bars: []Bar{{"nftables", SideA, 1, 2, true, "2", "", false}}}},
	} {
		var b strings.Builder
		for _, ascii := range []bool{false, true} {
			lines := one.Draw(NewPalette(Style{ASCII: ascii}), 76, 12)
			if name == "panel" {
				lines = one.Draw(NewPalette(Style{ASCII: ascii}), 60, 3)
			}
			for _, s := range flat(lines) {
				b.WriteString(strings.TrimRight(s, " ") + "\n")
			}
			b.WriteString("\n")
		}
		golden(t, name, b.String())
	}
}

func theCurve() Curve {
	c := Curve{
		X: Axis{"Service ports", "", true}, Y: Axis{"New connection, p50", "µs", false},
		Spots: []Spot{{4817, 34, "you: 4,817 ports"}, {7200, 50, "in a year: 7,200"}},
		Bands: []Band{{1400, 3000, "the guide's break-even"}},
	}
	for _, l := range []struct {
		name     string
		token    Token
		at, fits float64
	}{{"iptables", SideB, 0.007, 0}, {"IPVS", SideC, 0, 18}, {"nftables", SideA, 0, 0}} {
		line := Plot{Name: l.name, Token: l.token}
		for x := 100.0; x <= 13_000; x *= 1.2 {
			line.Points = append(line.Points, Point{x, l.at*x + l.fits})
		}
		c.Lines = append(c.Lines, line)
	}
	return c
}

func theStrip() Strip {
	s := Strip{Of: "Handshake", Unit: "µs", Top: 80, From: 60 * time.Second, To: 95 * time.Second, Now: 90 * time.Second, NowName: "now", Events: []StripEvent{{80 * time.Second, "rollout"}}}
	for i, name := range []string{"iptables", "nftables", "direct"} {
		r := StripRow{Name: name, Figure: fmt.Sprint(73 - 23*i), Token: SideA + Token(i)}
		for n := range 100 {
			at := StripPoint{At: s.From + time.Duration(n)*300*time.Millisecond, Value: float64(73-23*i) + 6*math.Sin(float64(n)/(4+float64(i)))}
			if i == 0 && n == 40 {
				at.Mark = MarkNoReply
			} else {
				at.Mark = MarkValue
			}
			r.Points = append(r.Points, at)
		}
		s.Rows = append(s.Rows, r)
	}
	return s
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", name, got, want)
	}
}
