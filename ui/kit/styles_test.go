package kit

import (
	"image/color"
	"math"
	"testing"

	"charm.land/lipgloss/v2"
)

// luminance is that of WCAG 2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// contrast is that of WCAG 2: 1 to 21.
func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrast: every 24-bit colour can be read on the backgrounds that terminals have.
func TestContrast(t *testing.T) {
	t.Parallel()
	for token, c := range colors(true) {
		for _, ground := range []string{"#ffffff", "#fbfbf8", "#f6f8fa"} {
			if got := contrast(lipgloss.Color(c.light), lipgloss.Color(ground)); got < 4.5 {
				t.Errorf("token %d: %s on %s has a contrast of %.1f", token, c.light, ground, got)
			}
		}
		for _, ground := range []string{"#000000", "#14171c", "#1e1e2e", "#282c34"} {
			if got := contrast(lipgloss.Color(c.dark), lipgloss.Color(ground)); got < 4.5 {
				t.Errorf("token %d: %s on %s has a contrast of %.1f", token, c.dark, ground, got)
			}
		}
	}
}

// TestTurn: the background may become known after every screen has its palette.
func TestTurn(t *testing.T) {
	t.Parallel()
	p := NewPalette(Style{Color: true, Rich: true, Dark: true})
	held := p
	lines := []Line{{p.As(Good, "safe")}}
	dark := held.Paint(lines, 10)
	p.Turn(Style{Color: true, Rich: true})
	if light := held.Paint(lines, 10); light == dark || light != NewPalette(Style{Color: true, Rich: true}).Paint(lines, 10) {
		t.Errorf("dark %q, light %q", dark, light)
	}
}
