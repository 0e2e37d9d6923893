package cli

import (
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
)

func TestExitCode(t *testing.T) {
	rows := func(all ...reuse.Exposure) []advisor.Reuse {
		out := make([]advisor.Reuse, len(all))
		for i, e := range all {
			out[i] = advisor.Reuse{Exposure: e}
		}
		return out
	}
	for name, c := range map[string]struct {
		advice advisor.Advice
		want   int
	}{
		"keep":                       {advisor.Advice{Action: advisor.Keep}, 0},
		"either mode will do":        {advisor.Advice{Action: advisor.Measure}, 0},
		"no kube-proxy":              {advisor.Advice{Action: advisor.None}, 0},
		"change":                     {advisor.Advice{Action: advisor.Change}, 3},
		"cannot tell":                {advisor.Advice{Action: advisor.CannotTell}, 5},
		"nothing at all":             {advisor.Advice{}, 5}, // never a silent 0
		"a new action":               {advisor.Advice{Action: "later"}, 5},
		"stale pods":                 {advisor.Advice{Action: advisor.Keep, Reuse: rows(reuse.NotIPVS, reuse.StalePod)}, 4},
		"a delay":                    {advisor.Advice{Action: advisor.Keep, Reuse: rows(reuse.SynDelay)}, 4},
		"exposed comes before 3":     {advisor.Advice{Action: advisor.Change, Reuse: rows(reuse.StalePod)}, 4},
		"exposed comes before 5":     {advisor.Advice{Action: advisor.CannotTell, Reuse: rows(reuse.SynDelay)}, 4},
		"kube-router is exposed too": {advisor.Advice{Action: advisor.None, Reuse: rows(reuse.StalePod)}, 4},
		"only perhaps exposed":       {advisor.Advice{Action: advisor.Keep, Reuse: rows(reuse.IfSysctl0, reuse.CheckSysctl, reuse.UnknownReuse)}, 0},
		"safe":                       {advisor.Advice{Action: advisor.Change, Reuse: rows(reuse.Safe)}, 3},
		// What a group would be under IPVS is not what it is.
		"exposed only if it were IPVS": {advisor.Advice{Action: advisor.Keep, Reuse: []advisor.Reuse{{Exposure: reuse.NotIPVS, IfIPVS: reuse.StalePod}}}, 0},
	} {
		if got := exitCode(c.advice); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
