package reuse

import (
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor/release"
	"kpadvisor/say"
)

// TestSysctlTable checks the row of each version at its bounds, and that every
// version has exactly one.
func TestSysctlTable(t *testing.T) {
	for version, want := range map[string]string{
		"1.8.0": "S1", "1.10.13": "S1", "1.11.5": "S1", "1.11.6": "S1", "1.11.7": "S3", "1.12.0": "S1", "1.12.4": "S1", "1.12.5": "S3",
		"1.13.0": "S2", "1.13.1": "S2", "1.13.2": "S3", "1.14.0": "S3", "1.18.20": "S3", "1.19.0": "S4", "1.20.14": "S4", "1.20.15": "S5",
		"1.21.0": "S4", "1.21.8": "S4", "1.21.9": "S5", "1.22.0": "S5", "1.37.2": "S5", "1.42.0": "S5",
	} {
		v, err := release.ParseVersion(version)
		if err != nil {
			t.Fatal(err)
		}
		if got := SysctlsOf(v).ID; got != want {
			t.Errorf("%s: row %s, want %s", version, got, want)
		}
	}
	for minor := range 50 {
		for patch := range 30 {
			n := 0
			for _, r := range sysctlTable() {
				for _, s := range r.spans {
					if s.holds(release.V1(minor, patch)) {
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
			k := release.Numbers{majorMinor[0], majorMinor[1], patch}
			n := 0
			for _, r := range reuseTable(say.Voice{}) {
				if r.holds(k) {
					n++
				}
			}
			if n != 1 {
				t.Fatalf("%s is in %d rows", k, n)
			}
		}
	}
}

// TestExposure is the decision table of issue 81775, row by row. Each row says
// why the exposure is what it is.
func TestExposure(t *testing.T) {
	set := func(reuse int) map[string]int { return map[string]int{SysctlReuse: reuse, SysctlExpire: 1} }
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
		{"5.4.0-150-generic", "1.20.4", nil, Safe, "5.4.233 by its boot banner"},
		{"5.4.0-100-generic", "1.23.4", nil, Safe, "5.4.166"},
		{"5.4.0-97-generic", "1.23.4", nil, StalePod, "5.4.162, the last without c95c"},
		{"5.4.0-98-generic", "1.23.4", nil, CheckSysctl, "between 5.4.162 and 5.4.166"},
		{"5.4.0-98-generic", "1.23.4", set(1), Safe, "1 is safe on both"},
		{"5.4.0-98-generic", "1.23.4", set(0), CheckSysctl, "0 was read, and the patch level is not known"},
		{"5.4.0-80-lowlatency", "1.23.4", nil, StalePod, "5.4.60 to 5.4.157: neither has it"},
		{"5.4.0-42-generic", "1.23.4", set(1), SynDelay, "5.4.44 is before f0a5"},
		{"5.4.0-1040-azure", "1.23.4", nil, CheckSysctl, "cloud kernels count apart"},
		{"5.4.0-1091-azure", "1.23.4", nil, CheckSysctl, "no banner pins it"},
		{"5.4.0-1050-gcp", "1.23.4", nil, CheckSysctl, "no banner at all"},
		{"5.4.0-150", "1.23.4", nil, CheckSysctl, "whose number it is is not known"},
		{"5.4", "1.23.4", nil, CheckSysctl, "no patch level typed"},
		{"5.15", "1.33.0", nil, CheckSysctl, "5.15.0 to 5.15.5 are not safe with 0"},
		{"6.8", "1.33.0", nil, Safe, "any 6.8"},
		{"5.8.0-63-generic", "1.21.9", nil, StalePod, "no 5.8 has it"},
		{"4.15.0-112-generic", "1.23.4", nil, StalePod, "built before the fix was written"},
		{"4.15.0-213-generic", "1.23.4", nil, CheckSysctl, "Ubuntu kept 4.15 itself"},
		{"5.13.0-1031-aws", "1.23.4", nil, CheckSysctl, "Ubuntu kept 5.13 itself"},
		{"5.11.22-7-pve", "1.23.4", nil, CheckSysctl, "Proxmox builds Ubuntu's"},
		{"5.15.0-1057-azure", "1.27.7", nil, Safe, "22.04 began with 5.15.30"},
		{"4.19.0-18-cloud-amd64", "1.22.17", nil, StalePod, "4.19.208"},
		{"4.19.0-19-cloud-amd64", "1.22.17", nil, Safe, "4.19.232"},
		{"5.10.0-9-amd64", "1.20.4", nil, StalePod, "5.10.70"},
		{"5.10.0-9-amd64", "1.33.0", nil, IfSysctl0, "5.10.70, left at 1"},
		{"5.10.0-10-rt-amd64", "1.20.4", nil, Safe, "5.10.84"},
		{"5.10.0-0.bpo.9-amd64", "1.19.16", nil, StalePod, "5.10.70"},
		{"5.10.0-0.bpo.12-amd64", "1.19.16", nil, CheckSysctl, "not pinned"},
		{"5.10.0-0.deb10.16-amd64", "1.19.16", nil, Safe, "5.10.127"},
		{"5.10.0-0.deb10.13-amd64", "1.19.16", nil, CheckSysctl, "at most 5.10.127"},
		{"5.15.0-0.bpo.2-amd64", "1.20.4", nil, CheckSysctl, "at most 5.15.15"},
		{"5.15.0-0.bpo.3-amd64", "1.24.3", nil, Safe, "5.15.15"},
		{"6.1.0-0.deb11.7-amd64", "1.20.4", nil, Safe, "any 6.1"},
		{"Ubuntu 5.4.0-98.111-generic 5.4.162", "1.23.4", nil, StalePod, "the signature tells"},
		{"Linux n 5.10.0-0.bpo.12-amd64 #1 SMP Debian 5.10.103-1~bpo10+1 (2022-03-08) x86_64", "1.20.4", nil, Safe, "uname -v tells"},
		{"3.10.0-1160.el7.x86_64", "1.23.17", nil, CheckSysctl, "RHEL 7 has conn_reuse_mode"},
		{"3.10.0-1127.el7.x86_64", "1.18.2", nil, CheckSysctl, "and kube-proxy 1.18 starts there"},
		{"3.10.0-1160.el7.x86_64", "1.23.17", set(0), StalePod, "read as 0"},
		{"3.10.0-1160.el7.x86_64", "1.23.17", set(1), SynDelay, "issue 70747"},
		{"3.10.0-862.14.1.5.h591.eulerosv2r7.x86_64", "1.17.0", nil, CheckSysctl, "EulerOS 2.5 is RHEL 7's kin"},
		{"3.10.107-1-tlinux2_kvm_guest-0049", "1.16.0", nil, UnknownReuse, "issue 82065"},
		{"3.10.107", "1.22.0", set(0), StalePod, "a reading beats the table that knows no knob"},
		{"3.10.107", "1.22.0", set(1), SynDelay, "likewise"},
		{"5.4.242-1.el7.x86_64", "1.24.10", nil, Safe, "a rebuild of 5.4.242"},
		{"5.4.100-1.el7.x86_64", "1.24.10", nil, StalePod, "a rebuild of 5.4.100"},
		{"4.18.0-193.el7.x86_64", "1.24.10", nil, CheckSysctl, "somebody's build of something"},
		{"4.19.188-10.el7.ucloud.x86_64", "1.24.10", nil, CheckSysctl, "UCloud's own"},
		{"5.15.0-206.153.7.1.el8uek.x86_64", "1.28.3", nil, Safe, "UEK R7 has merged 5.15.153"},
		{"5.4.17-2136.330.7.1.el8uek.x86_64", "1.27.2", nil, CheckSysctl, "UEK R6"},
		{"4.19.90-2403.3.0.0270.87.uel20.x86_64", "1.28.8", nil, CheckSysctl, "UOS"},
		{"5.4.143-2-velinux1-amd64", "1.24.15", nil, CheckSysctl, "veLinux"},
		{"5.4.250-9-velinux1u2-amd64", "1.28.3", nil, Safe, "its base has it"},
		{"5.4.119-19-0009.3", "1.26.1", nil, CheckSysctl, "TencentOS by number"},
		{"5.3.18-150300.38.80-azure", "1.24.3", nil, CheckSysctl, "SUSE's azure"},
		{"5.14.21-150500.55.88-default", "1.33.5", nil, CheckSysctl, "SLE 15 SP5"},
		{"4.14.105-19-0024", "1.22.5", set(1), SynDelay, "without Tencent's knob"},
		{"4.14.105-19-0024", "1.22.5", map[string]int{SysctlReuse: 1, SysctlExpire: 1, SysctlOldConntrack: 1}, Safe, "with it"},
		{"4.14.100", "1.22.5", map[string]int{SysctlReuse: 1, SysctlExpire: 1, SysctlConntrack: 0}, Safe, "no conntrack, no drop"},
		{"5.4.100", "", map[string]int{SysctlReuse: 0, SysctlExpire: 1}, StalePod, "both were read: no version needed"},
		{"5.4.100", "1.21", nil, StalePod, "below 5.9 every 1.21 writes 0"},
		{"5.10.40", "1.21", nil, CheckSysctl, "1.21.9 leaves it, 1.21.8 does not"},
		{"5.10.40", "1.21", set(1), Safe, "read"},
		{"5.10.40", "1.20+", nil, CheckSysctl, "1.20.15 leaves it"},
		{"6.1.5", "1.21", nil, Safe, "fixed whatever is set"},
		{"4.14.193", "1.12", nil, StalePod, "0, or no expire_nodest_conn"},
		{"4.14.193", "1.11", nil, CheckSysctl, "three ways to be wrong"},
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
		{"5.10.134-16.al8.x86_64", "1.26.0", nil, Safe, "its base has the fix"},
		{"", "1.30.0", nil, UnknownReuse, "kernel not known"},
		{"5.4.0", "", nil, UnknownReuse, "kube-proxy not known"},
	} {
		in := Input{Live: c.live, InForce: true}
		if k, err := release.ParseKernel(c.kernel, ""); err == nil {
			in.Kernel = k
		}
		if v, err := release.ParseVersion(c.version); err == nil {
			in.Version = v
		}
		got := in.Judge()
		if got.Exposure != c.want {
			t.Errorf("kernel %s, kube-proxy %s, live %v: %s, want %s (%s)\n  %s", c.kernel, c.version, c.live, got.Exposure, c.want, c.why, got.Why)
		}
		if outcomes := in.Outcomes(); outcomes[0] != got.Exposure {
			t.Errorf("kernel %s, kube-proxy %s: outcomes %v do not begin with %s", c.kernel, c.version, outcomes, got.Exposure)
		}
		if got.Why == "" || in.Kernel.IsKnown() && in.Version.IsKnown() && !strings.Contains(got.Row, got.RowID) || strings.Contains(got.Why, "  ") {
			t.Errorf("kernel %s, kube-proxy %s: why %q, row %q", c.kernel, c.version, got.Why, got.Row)
		}
	}
}

// TestLiveSysctlOutsideIPVS: on nodes that do not run IPVS, kube-proxy would
// overwrite what is there now wherever it writes 0.
func TestLiveSysctlOutsideIPVS(t *testing.T) {
	k, _ := release.ParseKernel("5.4.100", "")
	in := Input{Kernel: k, Version: release.V1(30, 0), Live: map[string]int{SysctlReuse: 1}}
	if got := in.Judge().Exposure; got != StalePod {
		t.Errorf("got %s, want %s: kube-proxy writes 0 when it starts in IPVS mode", got, StalePod)
	}
	in.InForce = true
	if got := in.Judge().Exposure; got != Safe {
		t.Errorf("got %s, want %s: 1 was read while IPVS ran", got, Safe)
	}
}

// TestVersionWithoutPatch: the answer is a function of what was not given, and
// no patch is invented.
func TestVersionWithoutPatch(t *testing.T) {
	k, _ := release.ParseKernel("5.10.40", "")
	v, _ := release.ParseVersion("1.21")
	got := Input{Kernel: k, Version: v}.Judge()
	for _, want := range []string{"up to 1.21.8: stale-pod", "from 1.21.9: if-sysctl-0"} {
		if !strings.Contains(got.Why, want) {
			t.Errorf("%q does not say %q", got.Why, want)
		}
	}
	if strings.Contains(got.Why+got.Row, "1.21.0") || !got.By.ReuseLeft {
		t.Errorf("%+v", got)
	}
	v, _ = release.ParseVersion("1.13")
	k, _ = release.ParseKernel("5.4.170", "")
	if got := (Input{Kernel: k, Version: v}).Judge(); !strings.Contains(got.Why, "up to 1.13.1: stale-pod; from 1.13.2: safe") {
		t.Errorf("1.13: %s", got.Why)
	}
}

// TestOutcomes: what is not known stays possible, and what is known is one.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		kernel, version string
		live            map[string]int
		read, of        int
		want            []Exposure
	}{
		{"6.1.5", "1.30.0", nil, 0, 0, []Exposure{Safe}},
		{"5.4.100", "1.30.0", nil, 0, 0, []Exposure{StalePod}},
		{"5.10.40", "1.30.0", nil, 0, 0, []Exposure{IfSysctl0, StalePod, Safe}},
		{"5.10.40", "1.30.0", map[string]int{SysctlReuse: 1}, 0, 0, []Exposure{Safe}},
		{"5.10.40", "1.30.0", map[string]int{SysctlReuse: 1}, 1, 8, []Exposure{IfSysctl0, Safe, StalePod}},
		{"5.4.0-98-generic", "1.30.0", nil, 0, 0, []Exposure{CheckSysctl, StalePod, Safe}},
		{"5.4.0-80-generic", "1.30.0", nil, 0, 0, []Exposure{StalePod}},
		{"5.4.0-150-generic", "1.30.0", nil, 0, 0, []Exposure{Safe}},
		{"4.18.0-305.el8.x86_64", "1.30.0", nil, 0, 0, []Exposure{CheckSysctl, StalePod, Safe}},
		{"5.14.0-427.el9.x86_64", "1.30.0", nil, 0, 0, []Exposure{CheckSysctl, StalePod, Safe}},
		{"5.10.40", "1.21", nil, 0, 0, []Exposure{CheckSysctl, StalePod, Safe}},
		{"", "1.30.0", nil, 0, 0, []Exposure{UnknownReuse, StalePod, Safe}},
		{"5.4.50", "", nil, 0, 0, []Exposure{UnknownReuse, SynDelay, StalePod}},
	} {
		in := Input{Live: c.live, InForce: true, Read: c.read, Of: c.of}
		in.Kernel, _ = release.ParseKernel(c.kernel, "")
		in.Version, _ = release.ParseVersion(c.version)
		if got := in.Outcomes(); !slices.Equal(got, c.want) {
			t.Errorf("kernel %s, kube-proxy %s, live %v: %v, want %v", c.kernel, c.version, c.live, got, c.want)
		}
	}
	alinux, _ := release.ParseKernel("5.10.134-16.al8.x86_64", "")
	if v := (Input{Kernel: alinux, Version: release.V1(30, 0)}).Judge(); !v.ByBase {
		t.Errorf("a vendor's base is taken for certain: %+v", v)
	}
}

func TestUDPStale(t *testing.T) {
	for kernel, want := range map[string]release.Can{
		"5.8.18": release.CanYes, "4.19.0-18-amd64": release.CanYes, "5.9.0": release.CanNo, "6.1.0-18-amd64": release.CanNo,
		"4.18.0-147.5.1.6.h998.eulerosv2r9.x86_64": release.CanNo, "4.18.0-147.5.1.6.h541.eulerosv2r9.x86_64": release.CanUnknown,
		"4.19.90-vhulk2103.1.0.h990.eulerosv2r9.aarch64": release.CanNo, "4.19.90-vhulk2103.1.0.h848.eulerosv2r9.aarch64": release.CanUnknown,
		"4.18.0-553.el8.x86_64": release.CanUnknown, "5.14.0-427.el9.x86_64": release.CanNo, "": release.CanUnknown,
	} {
		k, _ := release.ParseKernel(kernel, "")
		if got, source := UDPStale(k); got != want || source == "" {
			t.Errorf("%q: %s (%s), want %s", kernel, got, source, want)
		}
	}
}
