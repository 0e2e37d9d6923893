package advisor

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// count writes a number with thousands separators: 4,312.
func count(n int) string {
	s := strconv.Itoa(abs(n))
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if n < 0 {
		return "-" + s
	}
	return s
}

// plural writes "1 node" or "4,312 nodes".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

// micros writes nanoseconds as "50 us", with one decimal below 10 us and in
// milliseconds from 10 ms.
func micros(ns int64) string {
	switch us := float64(ns) / 1000; {
	case us >= 10_000:
		return strconv.FormatFloat(us/1000, 'f', 0, 64) + " ms"
	case us >= 10 || us == 0:
		return strconv.FormatFloat(us, 'f', 0, 64) + " us"
	default:
		return strconv.FormatFloat(us, 'f', 1, 64) + " us"
	}
}

// seconds writes nanoseconds as "40 ms", "0.8 s" or "12 s".
func seconds(ns int64) string {
	s := float64(ns) / 1e9
	switch {
	case s < 0.1:
		return strconv.FormatFloat(s*1000, 'f', 0, 64) + " ms"
	case s >= 10:
		return strconv.FormatFloat(s, 'f', 0, 64) + " s"
	}
	return strconv.FormatFloat(s, 'f', 1, 64) + " s"
}

// list joins words as "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// printable removes what could steer a terminal from a string of the cluster.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

// nodesText writes "12 nodes", or "the nodes" where the number is not known.
func nodesText(n int) string {
	if n == 0 {
		return "the nodes"
	}
	return plural(n, "node")
}

// title names a mode as people write it.
func (m Mode) title() string {
	if m == IPVS {
		return "IPVS"
	}
	return string(m)
}

// minor writes a version as "1.34".
func (v Version) minor() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// upper makes the first letter a capital: for starting a sentence. The modes
// iptables and nftables stay as they are spelled.
func upper(s string) string {
	if s == "" || strings.HasPrefix(s, "iptables") || strings.HasPrefix(s, "nftables") || strings.HasPrefix(s, "kube-") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
