package screen

import (
	"strings"
	"testing"
)

// tabs is the room for four names.
const tabs = 38

// picture draws the rectangles of a frame with one letter each.
func picture(w, h int) string {
	grid := make([][]byte, h)
	for y := range grid {
		grid[y] = []byte(strings.Repeat(".", w))
	}
	f := Layout(w, h, tabs)
	for _, part := range []struct {
		letter byte
		r      Rect
	}{{'b', f.Body}, {'l', f.Left}, {'r', f.Right}, {'n', f.Name}, {'t', f.Tabs}, {'-', f.Rule}, {'s', f.Status}, {'u', f.Usage}} {
		for y := part.r.Y; y < part.r.Y+part.r.H; y++ {
			for x := part.r.X; x < part.r.X+part.r.W; x++ {
				grid[y][x] = part.letter
			}
		}
	}
	// One of every ten columns and of every four body rows is enough to see by.
	var out []string
	for y, row := range grid {
		var thin []byte
		for x := 0; x < w; x += 10 {
			thin = append(thin, row[min(x+1, w-1)])
		}
		if n := len(out); n > 0 && y < h-2 && out[n-1] == string(thin) {
			continue
		}
		out = append(out, string(thin))
	}
	return strings.Join(out, "\n")
}

func TestLayout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		w, h int
		want string
	}{
		{80, 24, `
nnnntttt
--------
llllllll
ssssssss
uuuuuuuu`},
		{70, 24, `
nnnnnnn
ttttttt
-------
lllllll
sssssss
uuuuuuu`},
		{120, 40, `
nnnnnnnntttt
------------
............
lllllllrrrrr
ssssssssssss
uuuuuuuuuuuu`},
		{59, 24, `
bbbbbb
bbbbbb
bbbbbb`},
	} {
		if got := picture(tt.w, tt.h); got != strings.TrimPrefix(tt.want, "\n") {
			t.Errorf("%dx%d:\n%s\nwant:%s", tt.w, tt.h, got, tt.want)
		}
	}
}

// TestLayoutFits sweeps the sizes: nothing leaves the screen, nothing overlaps,
// and there is always a body.
func TestLayoutFits(t *testing.T) {
	t.Parallel()
	for w := MinWidth; w <= 200; w++ {
		for h := MinHeight; h <= 60; h++ {
			f := Layout(w, h, tabs)
			parts := []Rect{f.Name, f.Tabs, f.Rule, f.Left, f.Right, f.Status, f.Usage}
			for i, r := range parts {
				if r.X < 0 || r.Y < 0 || r.W < 0 || r.H < 0 || r.X+r.W > w || r.Y+r.H > h {
					t.Fatalf("%dx%d: part %d is off the screen: %+v", w, h, i, r)
				}
				for j, o := range parts[:i] {
					if r.W > 0 && o.W > 0 && r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H {
						t.Fatalf("%dx%d: parts %d and %d overlap: %+v %+v", w, h, j, i, o, r)
					}
				}
			}
			if f.Body.H < 14 || f.Left.W < 50 {
				t.Fatalf("%dx%d: no room for a body: %+v", w, h, f)
			}
		}
	}
}
