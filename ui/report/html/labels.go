package html

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// labels keeps those in a picture apart. It reckons with the narrowest page: where there
// is more room, what is apart there is further apart.
type labels struct{ taken []area }

// area is in pixels of the narrowest picture.
type area struct{ left, top, right, bottom float64 }

const (
	narrowest    = 260 // pixels of a picture on a phone
	letterWidth  = 6.8 // pixels of a column of text
	ascent       = 11
	descent      = 4
	signDistance = 6
)

// keepFree keeps labels off a sign.
func (l *labels) keepFree(at, y float64) {
	x := at * narrowest
	l.taken = append(l.taken, area{x - signDistance, y - signDistance, x + signDistance, y + signDistance})
}

// place is the first of those heights at which a label covers no other one and lies in
// the picture; the first of all if there is none.
func (l *labels) place(s string, at float64, heights ...float64) float64 {
	best := heights[0]
	for _, y := range heights {
		if a := labelArea(s, at, y); y >= ascent && y <= curveHeight-descent && !l.covers(a) {
			best = y
			break
		}
	}
	l.taken = append(l.taken, labelArea(s, at, best))
	return best
}

func (l *labels) covers(a area) bool {
	for _, b := range l.taken {
		if a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom {
			return true
		}
	}
	return false
}

func labelArea(s string, at, y float64) area {
	x, width := at*narrowest, float64(ansi.StringWidth(strings.TrimSpace(s)))*letterWidth
	switch anchorAt(at, 1./3) {
	case "start":
	case "end":
		x -= width
	default:
		x -= width / 2
	}
	return area{x, y - ascent, x + width, y + descent}
}
