package plain

import "strconv"

// Number writes a number with a comma between thousands: 4,312.
func Number(n int) string {
	s, first := strconv.Itoa(n), 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Count is a number with its noun: "1 node", "4,312 nodes".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(n) + " " + noun + "s"
}
