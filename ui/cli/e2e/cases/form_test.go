package cases

import (
	"fmt"
	"regexp"
)

// malformed lists what holds of no answer, whatever the case: the tables need
// not repeat it.
func malformed(o outcome) (out []string) {
	many := regexp.MustCompile(`(?:^|[^\d.,+-])1 (?:nodes|Services|ports|endpoints|kernels|pods|groups|rules|rollouts)\b`)
	if m := many.FindString(o.text); m != "" {
		out = append(out, fmt.Sprintf("says %q", m))
	}
	for _, r := range o.Ranking {
		if r.Can == "" { // a build from before the field
			continue
		}
		if (r.Can == "yes") != r.Possible {
			out = append(out, fmt.Sprintf("%s possible %t, can %s", r.Mode, r.Possible, r.Can))
		}
		// The ranking of the text report: "2 nftables  not possible here".
		if no, _ := finds(`\b[123] `+r.Mode+` (now )?not possible here`, o.text); no && r.Can != "no" {
			out = append(out, fmt.Sprintf("prints %s as not possible here, which is %s", r.Mode, r.Can))
		}
		if r.Mode == o.Recommended && o.Action == "change" && r.Can != "yes" && len(o.First) == 0 {
			out = append(out, fmt.Sprintf("change to %s, which can %s", r.Mode, r.Can))
		}
	}
	return out
}
