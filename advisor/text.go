package advisor

import (
	"slices"
	"strconv"

	"kpadvisor/plain"
	"kpadvisor/say"
)

// micros writes nanoseconds as "50 us", with one decimal below 10 us and in
// milliseconds from 10 ms.
func micros(v say.Voice, ns int64) string {
	switch us := float64(ns) / 1000; {
	case us >= 10_000:
		return v.Sprintf("%s ms", strconv.FormatFloat(us/1000, 'f', 0, 64))
	case us >= 10 || us == 0:
		return v.Sprintf("%s us", strconv.FormatFloat(us, 'f', 0, 64))
	default:
		return v.Sprintf("%s us", strconv.FormatFloat(us, 'f', 1, 64))
	}
}

// mostClauses is how many clauses of node groups one sentence has.
const mostClauses = 12

// bounded leaves out of a list what would make a sentence that nobody reads to its end.
func bounded(v say.Voice, parts []string) []string {
	if len(parts) <= mostClauses {
		return parts
	}
	return append(slices.Clone(parts[:mostClauses]), v.Sprintf("%s more", plain.Number(len(parts)-mostClauses)))
}

// nodesText writes "12 nodes", or "the nodes" where the number is not known.
func nodesText(v say.Voice, n int) string {
	if n == 0 {
		return v.Text("the nodes")
	}
	return v.Count(n, "node")
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
