package kit

import (
	"net/url"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// mostAddress bounds what a terminal is sent for a link, in bytes: those that keep links
// keep no longer ones.
const mostAddress = 2083

// To is the span leading to a page, where the terminal can show that (OSC 8), and the
// span as it is if that is no address that one may follow. What is seen stays the same.
func (s Span) To(address string) Span {
	if mayFollow(address) {
		s.link = address
	}
	return s
}

// mayFollow reports an address of a page on the web with nothing in it that ends the
// sequence it is sent in, and without a name and a password, which make an address look
// like another one.
func mayFollow(address string) bool {
	if len(address) > mostAddress || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil
}

// linked is a text as the terminal is sent it, leading to a page if it leads anywhere.
func (p Palette) linked(text, address string) string {
	if !p.links || address == "" || text == "" {
		return text
	}
	return ansi.SetHyperlink(address) + text + ansi.ResetHyperlink()
}
