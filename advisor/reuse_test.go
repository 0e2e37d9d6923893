package advisor

import (
	"fmt"
	"strings"
	"testing"

	"kpadvisor/advisor/reuse"
)

func TestKubeRouterSharesIssue(t *testing.T) {
	f := typed(100, 1_000, "5.10.50", "v1.30.0", "")
	f.Groups[0].Proxy.Implementation = KnownFrom(KubeRouter, "DaemonSet kube-system/kube-router")
	a := Decide(f, Habits{}, Measured{})
	if a.Action != None || a.Recommended != "" {
		t.Errorf("action %s, recommended %q; want none", a.Action, a.Recommended)
	}
	if len(a.Reuse) != 1 || a.Reuse[0].Exposure != reuse.StalePod || !a.Exposed() {
		t.Errorf("reuse rows %+v, want one stale-pod: kube-router sets 0 on every kernel", a.Reuse)
	}
	if !strings.Contains(a.Caveat, "EXPOSED") || len(a.Reuse[0].Remedy) == 0 {
		t.Errorf("caveat %q, remedy %q", a.Caveat, a.Reuse[0].Remedy)
	}
}

func TestReuseShare(t *testing.T) {
	for _, c := range []struct {
		rate float64
		nat  string
		want string // of the share, and a part of the text
	}{
		{20, "yes", "3.7 %"},
		{20, "", "behind one NAT it would be about 3.7 %"},
		{20, "no", "need not reuse"},
		{118, "no", "probably"},
		{235, "no", "certainly"},
		{300, "yes", "56 %"},
	} {
		h := Habits{NewConnectionsPerSecond: KnownFrom(c.rate, "test")}
		h, err := h.Set(HabitBehindNAT, c.nat, "test")
		if err != nil {
			t.Fatal(err)
		}
		s := newSituation(Facts{}, h, Measured{})
		if got := s.reuseLoad(); !strings.Contains(got, c.want) {
			t.Errorf("rate %v, NAT %q: %q does not say %q", c.rate, c.nat, got, c.want)
		}
	}
}

// TestRemedies: where IPVS is in force or recommended there is something to do,
// mildest first, and never a sysctl that makes it worse without saying so.
func TestRemedies(t *testing.T) {
	for _, c := range []struct{ kernel, version, want string }{
		{"4.19.0", "v1.16.0", "trades stale pods for a delay"},
		{"5.4.100", "v1.20.4", "again after each start of kube-proxy, which writes 0"},
		{"5.9.1", "v1.20.4", "upgrade to 1.22"},
		{"5.9.1", "v1.30.0", "persist it in /etc/sysctl.d"},
		{"4.18.0-305.el8.x86_64", "v1.30.0", "Check: sysctl"},
		{"6.1.0", "v1.30.0", "Nothing to do"},
	} {
		a := Decide(typed(200, 2_000, c.kernel, c.version, IPVS), Habits{}, Measured{})
		all := strings.Join(a.Reuse[0].Remedy, "\n")
		if !strings.Contains(all, c.want) {
			t.Errorf("kernel %s, kube-proxy %s: remedies do not say %q:\n%s", c.kernel, c.version, c.want, all)
		}
	}
	h, _ := Habits{}.Set(HabitMaySetSysctls, "no", "test")
	a := Decide(typed(200, 2_000, "5.4.100", "v1.20.4", IPVS), h, Measured{})
	if all := fmt.Sprint(a.Reuse[0].Remedy); !strings.Contains(all, "ask whoever may") {
		t.Errorf("remedies ignore that sysctls may not be set: %s", all)
	}
}
