package cli

import (
	"strings"

	"github.com/charmbracelet/colorprofile"

	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/report"
)

// terminal is what may be done with the terminal, if it is one.
type terminal struct {
	screen     bool // the full-screen interface may run
	accessible bool // ask line by line, move nothing
	progress   bool // one line of stderr may be rewritten
	color      bool
	ascii      bool
	rich       bool // 24-bit colours
	links      bool // text may lead to a page (OSC 8)
	dark       bool
	ask        bool // whether it is dark is guessed: the screens ask the terminal
	width      int  // of a report
}

// widestReport is as wide as prose stays readable; a terminal may be wider.
const widestReport = 120

// describe is a pure function of the environment, the streams and the display
// flags. Nothing is asked of the terminal itself: a query that is not answered would
// hold the start up. The screens, which read the keyboard anyway, may ask.
func describe(env []string, t tty, d displayFlags) terminal {
	get := lookup(env)
	term := get("TERM")
	dumb := term == "" || term == "dumb"
	accessible := d.accessible || isOn(get("ACCESSIBLE"))
	out := terminal{
		accessible: accessible,
		screen:     t.in && t.out && !dumb && !accessible && !d.noTUI,
		progress:   t.err && !dumb && !accessible,
		color:      wantsColor(get, t.out && !dumb) && !d.noColor,
		ascii:      d.ascii || !d.unicode && !speaksUnicode(get),
		dark:       isDark(d.theme, get("COLORFGBG")),
		width:      80,
	}
	// Whoever does not know links leaves them out, but for the console of Linux.
	out.links = t.out && !dumb && !accessible && term != "linux"
	out.rich = out.color && colorprofile.Env(env) == colorprofile.TrueColor
	out.ask = out.color && d.theme != "dark" && d.theme != "light" && get("COLORFGBG") == ""
	if t.out && t.width > 0 {
		out.width = min(t.width, widestReport)
	}
	return out
}

// wantsColor follows no-color.org and bixense.com/clicolors: any non-empty
// NO_COLOR, whatever it says, means no.
func wantsColor(get func(string) string, capable bool) bool {
	switch {
	case get("NO_COLOR") != "":
		return false
	case get("CLICOLOR_FORCE") != "" && get("CLICOLOR_FORCE") != "0":
		return true
	case get("CLICOLOR") == "0":
		return false
	}
	return capable
}

// speaksUnicode reports whether the locale is UTF-8. That of Chinese, Japanese and
// Korean is no exception: terminals draw the characters of ambiguous width, such as
// those of lines and blocks, one column wide unless somebody asked for two (--ascii
// is for them).
func speaksUnicode(get func(string) string) bool {
	locale := ""
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} { // POSIX's order
		if locale = strings.ToLower(get(name)); locale != "" {
			break
		}
	}
	return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
}

// isDark reads the background from the flag, or from COLORFGBG ("15;0"), which
// some terminals set: colour 7 and the bright ones are light.
func isDark(theme, fgbg string) bool {
	switch theme {
	case "dark":
		return true
	case "light":
		return false
	}
	parts := strings.Split(fgbg, ";")
	switch parts[len(parts)-1] {
	case "7", "9", "10", "11", "12", "13", "14", "15":
		return false
	}
	return true
}

func isOn(s string) bool { return s != "" && s != "0" && !strings.EqualFold(s, "false") }

// lookup reads a list of NAME=value; the last one counts, as in exec.
func lookup(env []string) func(string) string {
	return func(name string) string {
		for i := len(env) - 1; i >= 0; i-- {
			if v, ok := strings.CutPrefix(env[i], name+"="); ok {
				return v
			}
		}
		return ""
	}
}

func (t terminal) report() report.Style {
	return report.Style{Width: t.width, Color: t.color, ASCII: t.ascii, Links: t.links}
}

func (t terminal) style(v say.Voice) kit.Style {
	return kit.Style{Color: t.color, Rich: t.rich, ASCII: t.ascii, Dark: t.dark, Links: t.links, Voice: v}
}
