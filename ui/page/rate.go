package page

import (
	"strconv"
	"strings"

	"kpadvisor/plain"
)

// Rate writes a rate with at most two decimals and no trailing zeros.
func Rate(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	whole, frac, _ := strings.Cut(s, ".")
	if n, err := strconv.Atoi(whole); err == nil {
		whole = plain.Number(n)
	}
	if frac = strings.TrimRight(frac, "0"); frac != "" {
		return whole + "." + frac
	}
	return whole
}
