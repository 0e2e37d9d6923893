package advisor

import (
	"fmt"
	"strings"
	"testing"
)

// TestSysctlTable checks the row of each version at its bounds, and that every
// version has exactly one.
func TestSysctlTable(t *testing.T) {
	for version, want := range map[string]string{
		"1.8.0": "S1", "1.10.13": "S1", "1.11.5": "S1", "1.11.6": "S1", "1.11.7": "S3", "1.12.0": "S1", "1.12.4": "S1", "1.12.5": "S3",
		"1.13.0": "S2", "1.13.1": "S2", "1.13.2": "S3", "1.14.0": "S3", "1.18.20": "S3", "1.19.0": "S4", "1.20.14": "S4", "1.20.15": "S5",
		"1.21.0": "S4", "1.21.8": "S4", "1.21.9": "S5", "1.22.0": "S5", "1.37.2": "S5", "1.42.0": "S5",
	} {
		v, err := ParseVersion(version)
		if err != nil {
			t.Fatal(err)
		}
		if got := sysctlsOf(v).id; got != want {
			t.Errorf("%s: row %s, want %s", version, got, want)
		}
	}
	for minor := range 50 {
		for patch := range 30 {
			n := 0
			for _, r := range sysctlTable() {
				for _, s := range r.spans {
					if s.holds(v1(minor, patch)) {
						n++
					}
				}
			}
			if n != 1 {
				t.Errorf("1.%d.%d is in %d rows", minor, patch, n)
			}
		}
	}
}

// TestReuseTableCoversEveryKernel checks that each kernel is in exactly one row.
func TestReuseTableCoversEveryKernel(t *testing.T) {
	for _, majorMinor := range [][2]int{{2, 6}, {3, 10}, {4, 0}, {4, 1}, {4, 9}, {4, 14}, {4, 15}, {4, 18}, {4, 19}, {4, 20}, {5, 0}, {5, 3}, {5, 4}, {5, 5}, {5, 7}, {5, 8}, {5, 9}, {5, 10}, {5, 11}, {5, 14}, {5, 15}, {5, 16}, {6, 1}, {6, 12}, {7, 0}} {
		for patch := range 300 {
			k := Kernel{Major: majorMinor[0], Minor: majorMinor[1], Patch: patch}
			n := 0
			for _, r := range reuseTable() {
				for _, s := range r.spans {
					if s.holds(k) {
						n++
					}
				}
			}
			if n != 1 {
				t.Fatalf("%d.%d.%d is in %d rows", k.Major, k.Minor, k.Patch, n)
			}
		}
	}
}

// TestExposure is the decision table of issue 81775, row by row. Each row says
// why the exposure is what it is.
func TestExposure(t *testing.T) {
	set := func(reuse int) map[string]int { return map[string]int{sysctlReuse: reuse, sysctlExpire: 1} }
	for _, c := range []struct {
		kernel, version string
		live            map[string]int
		want            Exposure
		why             string
	}{
		{"3.10.0", "1.16.0", nil, UnknownReuse, "no knob before 4.1, and 1.13 to 1.18 do not start"},
		{"3.10.0", "1.22.0", nil, UnknownReuse, "no knob before 4.1"},
		{"4.14.193", "1.22.0", nil, StalePod, "kube-proxy sets 0 below 5.9"},
		{"4.14.193", "1.10.0", nil, SynDelay, "left at 1; no graceful termination before 1.11.5"},
		{"4.14.193", "1.12.4", nil, StalePod, "expire_nodest_conn untouched, weight 0 exists"},
		{"4.14.193", "1.22.0", set(1), SynDelay, "somebody set 1 on a kernel without f0a5"},
		{"4.14.194", "1.22.0", nil, StalePod, "f0a5 alone does not help mode 0"},
		{"4.14.194", "1.22.0", set(1), Safe, "with f0a5 mode 1 is safe"},
		{"4.14.256", "1.30.0", nil, StalePod, "last without c95c"},
		{"4.14.257", "1.30.0", nil, Safe, "first with c95c"},
		{"4.15.0", "1.30.0", nil, StalePod, "not a stable line: no backport"},
		{"4.19.139", "1.16.0", nil, StalePod, "UK8S of 2019"},
		{"4.19.140", "1.16.0", set(1), Safe, "f0a5 in 4.19.140"},
		{"4.19.218", "1.30.0", nil, StalePod, "last without c95c"},
		{"4.19.219", "1.30.0", nil, Safe, "first with c95c"},
		{"5.4.58", "1.20.4", set(1), SynDelay, "before f0a5"},
		{"5.4.59", "1.20.4", set(1), Safe, "f0a5 in 5.4.59"},
		{"5.4.0-150-generic", "1.20.4", nil, StalePod, "the number says 5.4.0"},
		{"5.4.162", "1.33.0", nil, StalePod, "last without c95c"},
		{"5.4.163", "1.33.0", nil, Safe, "first with c95c"},
		{"5.7.15", "1.33.0", set(1), SynDelay, "no f0a5 yet"},
		{"5.7.16", "1.33.0", set(1), Safe, "f0a5 in 5.7.16"},
		{"5.8.1", "1.33.0", set(1), SynDelay, "no f0a5 yet"},
		{"5.8.2", "1.33.0", nil, StalePod, "below 5.9 kube-proxy sets 0"},
		{"5.9.0", "1.33.0", nil, IfSysctl0, "left alone from 5.9, and 0 would be bad"},
		{"5.9.0", "1.21.8", nil, StalePod, "1.21.8 still sets 0"},
		{"5.9.0", "1.21.9", nil, IfSysctl0, "1.21.9 leaves it"},
		{"5.10.82", "1.20.15", nil, IfSysctl0, "1.20.15 leaves it"},
		{"5.10.82", "1.33.0", set(0), StalePod, "a leftover 0"},
		{"5.10.82", "1.33.0", set(1), Safe, "read as 1"},
		{"5.10.83", "1.20.4", nil, Safe, "first with c95c"},
		{"5.11.0", "1.33.0", nil, IfSysctl0, "between the fixed lines"},
		{"5.15.5", "1.20.4", nil, StalePod, "old kube-proxy sets 0"},
		{"5.15.6", "1.20.4", nil, Safe, "first with c95c"},
		{"5.16.0", "1.20.4", nil, Safe, "merged upstream"},
		{"6.12.0", "1.36.0", nil, Safe, "merged upstream"},
		{"6.12.0", "1.36.0", map[string]int{"expire_nodest_conn": 0}, StalePod, "something reset expire_nodest_conn"},
		{"5.15.0-105-generic", "1.21.0", nil, Safe, "Ubuntu 22.04 merges 5.15.6"},
		{"4.18.0-553.16.1.el8_10.x86_64", "1.28.0", nil, Safe, "RHEL 8.10 has every fix"},
		{"4.18.0-513.el8.x86_64", "1.28.0", nil, CheckSysctl, "RHEL 8.9: not known"},
		{"4.18.0-513.el8.x86_64", "1.28.0", set(0), StalePod, "looked at, and 0: treat as exposed"},
		{"4.18.0-513.el8.x86_64", "1.28.0", set(1), SynDelay, "looked at, and 1: at worst the delay"},
		{"5.14.0-427.el9.x86_64", "1.30.0", nil, CheckSysctl, "RHEL 9: base number only"},
		{"5.14.0-427.el9.x86_64", "1.30.0", set(1), Safe, "1 is safe on the base already"},
		{"6.12.0-55.el10.x86_64", "1.36.0", nil, Safe, "a base from 5.16 has the fix"},
		{"5.10.0-182.r1941_123.hce2.x86_64", "1.30.0", nil, CheckSysctl, "vendor kernel"},
		{"4.19.91-27.6.al7.x86_64", "1.26.0", nil, CheckSysctl, "vendor kernel"},
		{"5.4.119-1-tlinux4-0010", "1.26.0", nil, CheckSysctl, "vendor kernel"},
		{"4.18.0-147.5.1.6.h541.eulerosv2r9.x86_64", "1.26.0", nil, CheckSysctl, "vendor kernel"},
		{"5.10.134-16.al8.x86_64", "1.26.0", nil, CheckSysctl, "vendor kernel, whatever the number"},
		{"", "1.30.0", nil, UnknownReuse, "kernel not known"},
		{"5.4.0", "", nil, UnknownReuse, "kube-proxy not known"},
	} {
		in := reuseInput{live: c.live, inForce: true}
		if k, err := ParseKernel(c.kernel, ""); err == nil {
			in.kernel = KnownFrom(k, "test")
		}
		if v, err := ParseVersion(c.version); err == nil {
			in.version = KnownFrom(v, "test")
		}
		got := in.judge()
		if got.exposure != c.want {
			t.Errorf("kernel %s, kube-proxy %s, live %v: %s, want %s (%s)\n  %s", c.kernel, c.version, c.live, got.exposure, c.want, c.why, got.why)
		}
		if got.why == "" || in.kernel.IsKnown() && in.version.IsKnown() && !strings.Contains(got.row, got.rowID) {
			t.Errorf("kernel %s, kube-proxy %s: why %q, row %q", c.kernel, c.version, got.why, got.row)
		}
	}
}

// TestLiveSysctlOutsideIPVS: on nodes that do not run IPVS, kube-proxy would
// overwrite what is there now wherever it writes 0.
func TestLiveSysctlOutsideIPVS(t *testing.T) {
	k, _ := ParseKernel("5.4.100", "")
	in := reuseInput{kernel: KnownFrom(k, ""), version: KnownFrom(v1(30, 0), ""), live: map[string]int{sysctlReuse: 1}}
	if got := in.judge().exposure; got != StalePod {
		t.Errorf("got %s, want %s: kube-proxy writes 0 when it starts in IPVS mode", got, StalePod)
	}
	in.inForce = true
	if got := in.judge().exposure; got != Safe {
		t.Errorf("got %s, want %s: 1 was read while IPVS ran", got, Safe)
	}
}

func TestKubeRouterSharesIssue(t *testing.T) {
	f := typed(100, 1_000, "5.10.50", "v1.30.0", "")
	f.Groups[0].Proxy.Implementation = KnownFrom(KubeRouter, "DaemonSet kube-system/kube-router")
	a := Decide(f, Habits{}, Measured{})
	if a.Action != None || a.Recommended != "" {
		t.Errorf("action %s, recommended %q; want none", a.Action, a.Recommended)
	}
	if len(a.Reuse) != 1 || a.Reuse[0].Exposure != StalePod || !a.Exposed() {
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
		{20, "yes", "8.5 %"},
		{20, "", "behind one NAT it would be about 8.5 %"},
		{20, "no", "need not reuse"},
		{118, "no", "probably"},
		{235, "no", "certainly"},
		{300, "yes", "100 %"},
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
