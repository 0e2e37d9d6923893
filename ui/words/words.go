// Package words spells numbers and modes, in reports and on screens alike.
package words

import (
	"strconv"

	"kpadvisor/advisor"
	"kpadvisor/probe/lab"
)

// Number writes 38771 as "38,771".
func Number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Count is a number with its noun: "1 node", "212 nodes".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(n) + " " + noun + "s"
}

// Nodes counts nodes; 0 is a number that nobody gave, as with typed facts.
func Nodes(n int) string {
	if n == 0 {
		return "the nodes"
	}
	return Count(n, "node")
}

// Counted is the same for a column.
func Counted(n int) string {
	if n == 0 {
		return "-"
	}
	return Number(n)
}

// Mode is a mode as people write it; "unknown" for none.
func Mode(m advisor.Mode) string {
	switch m {
	case advisor.IPVS:
		return "IPVS"
	case "":
		return "unknown"
	}
	return string(m)
}

// Lane is a mode of the lab where there is little room.
func Lane(m lab.Mode) string {
	switch m {
	case lab.IPTablesLegacy:
		return "ipt legacy"
	case lab.IPTablesNFT:
		return "ipt nft"
	case lab.IPVS:
		return "IPVS"
	case lab.Direct, lab.NFTables:
	}
	return string(m)
}
