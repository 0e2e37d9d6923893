package advisor

import (
	"slices"
	"strconv"
	"strings"

	"kpadvisor/plain"
)

// counted writes "1 node runs" or "3 nodes run".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return plain.Number(n) + " " + many
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

// list joins words as "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// mostClauses is how many clauses of node groups one sentence has.
const mostClauses = 12

// bounded leaves out of a list what would make a sentence that nobody reads to its end.
func bounded(parts []string) []string {
	if len(parts) <= mostClauses {
		return parts
	}
	return append(slices.Clone(parts[:mostClauses]), plain.Number(len(parts)-mostClauses)+" more")
}

// nodesText writes "12 nodes", or "the nodes" where the number is not known.
func nodesText(n int) string {
	if n == 0 {
		return "the nodes"
	}
	return plain.Count(n, "node")
}

// title names a mode as people write it.
func (m Mode) title() string {
	if m == IPVS {
		return "IPVS"
	}
	return string(m)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
