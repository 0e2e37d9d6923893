package page

import (
	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/say"
)

// Nodes counts nodes; 0 is a number that nobody gave, as with typed facts.
func Nodes(v say.Voice, n int) string {
	if n == 0 {
		return v.Text("the nodes")
	}
	return v.Count(n, "node")
}

// More stands for what is left out of a list that is too long for a person.
func More(v say.Voice, n int) string {
	return v.Sprintf("And %s more: kpadvisor audit -o json has all.", plain.Number(n))
}

// Counted is the same for a column.
func Counted(n int) string {
	if n == 0 {
		return "-"
	}
	return plain.Number(n)
}

// Mode is a mode as people write it; "unknown" for none.
func Mode(v say.Voice, m advisor.Mode) string {
	switch m {
	case advisor.IPVS:
		return "IPVS"
	case "":
		return v.Text("unknown")
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

// Arrival is how the connections of a measurement came.
func Arrival(v say.Voice, a advisor.Arrival) string {
	if a == advisor.Cold {
		return v.Text("paced")
	}
	return v.Text("back to back")
}

// className is why a connection failed, in a word or two.
func className(v say.Voice, c probe.Class) string {
	switch c {
	case probe.Refused:
		return v.Head("refused")
	case probe.Reset:
		return v.Head("reset")
	case probe.Timeout:
		return v.Head("timeout")
	case probe.NoRoute:
		return v.Head("no route")
	case probe.AddressNotAvailable:
		return v.Head("address not available")
	case probe.BadResponse:
		return v.Head("bad response")
	case probe.NoFailure:
		return v.Head("none")
	}
	return v.Head("other")
}
