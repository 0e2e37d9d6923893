package rulestest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// IPTablesLines is what must be equal in iptables-save output. Three differences
// are meant:
//
//   - the order of the chains that hold rules of all Services: kube-proxy walks a Go
//     map, so its own order changes from sync to sync. Elsewhere order counts, so
//     rules keep their number within their chain. In IPVS mode one chain holds such rules.
//   - nfacct matches: they count packets for metrics and match all. They take
//     kernel objects the lab would have to make first.
//   - counters and the time in comments.
func IPTablesLines(dump string) []string {
	shuffled := []string{"KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-EXTERNAL-SERVICES", "KUBE-PROXY-FIREWALL"}
	if strings.Contains(dump, "\n:KUBE-IPVS-OUT-FILTER ") {
		shuffled = []string{"KUBE-IPVS-OUT-FILTER"}
	}
	counted := regexp.MustCompile(` -m nfacct --nfacct-name  \S+`)
	var lines []string
	table, seen := "", map[string]int{}
	for l := range strings.Lines(dump) {
		l = strings.TrimSpace(l)
		switch {
		case l == "" || l[0] == '#' || l == "COMMIT":
		case l[0] == '*':
			table = l
		case l[0] == ':':
			chain, _, _ := strings.Cut(l, " [")
			lines = append(lines, table+" "+chain)
		default:
			l = counted.ReplaceAllString(l, "")
			chain := strings.Fields(l)[1]
			seen[table+chain]++
			if slices.Contains(shuffled, chain) {
				lines = append(lines, table+" "+l)
				continue
			}
			lines = append(lines, fmt.Sprintf("%s %s #%d", table, l, seen[table+chain]))
		}
	}
	slices.Sort(lines)
	return lines
}

// NFTLines is what must be equal in nft's listing: every line with the block it
// stands in and its number there, elements one by one and in any order, for a
// set has none. No difference is meant: nft lists objects in the order they were
// made, which says nothing.
func NFTLines(dump string) []string {
	var lines []string
	block, number, elements := "", 0, false
	for l := range strings.Lines(dump) {
		l = strings.TrimSpace(l)
		if strings.HasSuffix(l, "{") && !strings.HasPrefix(l, "elements") {
			block, number = l, 0
			lines = append(lines, l)
			continue
		}
		if strings.HasPrefix(l, "elements = {") {
			elements, l = true, strings.TrimPrefix(l, "elements = {")
		}
		if elements {
			body := strings.TrimSuffix(l, "}")
			for e := range strings.SplitSeq(body, ",") {
				if e = strings.TrimSpace(e); e != "" {
					lines = append(lines, block+" element "+e)
				}
			}
			elements = body == l
			continue
		}
		if l != "" && l != "}" {
			number++
			lines = append(lines, fmt.Sprintf("%s %s #%d", block, l, number))
		}
	}
	slices.Sort(lines)
	return lines
}

// Differ reports the lines only one side has.
func Differ(t *testing.T, theirs, ours []string) {
	t.Helper()
	if len(theirs) < 20 {
		t.Errorf("kube-proxy left %d lines: that is no rule set", len(theirs))
	}
	count := map[string]int{}
	for _, l := range theirs {
		count[l]++
	}
	for _, l := range ours {
		count[l]--
	}
	for l, n := range count {
		switch {
		case n > 0:
			t.Errorf("only kube-proxy: %s", l)
		case n < 0:
			t.Errorf("only we: %s", l)
		}
	}
	t.Logf("%d lines compared", len(theirs))
}
