package advisor

import (
	"strings"
	"testing"
)

func TestParseVersion(t *testing.T) {
	for in, want := range map[string]string{
		"v1.33.4": "1.33.4", "1.34": "1.34", "v1.28.5+k3s1": "1.28.5", "v1.29.0-eks-a5ec690": "1.29.0",
		"v1.27.3-gke.100": "1.27.3", " v1.30.1-rc.1+abc ": "1.30.1", "v1.26.15-aliyun.1": "1.26.15", "v1.30.0-tke.4": "1.30.0",
	} {
		v, err := ParseVersion(in)
		if err != nil || v.String() != want {
			t.Errorf("ParseVersion(%q) = %v, %v; want %s", in, v, err, want)
		}
	}
	for _, in := range []string{"", "v", "1", "v2.0.0", "one.two", "1.2.3.4", "1.-3", "1.999999", "1..3", "v1.33.x"} {
		if v, err := ParseVersion(in); err == nil {
			t.Errorf("ParseVersion(%q) = %v, want an error", in, v)
		}
	}
}

func TestVersionCompare(t *testing.T) {
	ordered := []Version{v1(9, 0), v1(10, 13), v1(11, 6), v1(11, 7), v1(20, 14), v1(20, 15), v1(21, 0), v1(37, 2)}
	for i, a := range ordered {
		for j, b := range ordered {
			if got := a.compare(b); got != sign(i-j) {
				t.Errorf("compare(%v, %v) = %d, want %d", a, b, got, sign(i-j))
			}
		}
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func FuzzParseVersion(f *testing.F) {
	for _, s := range []string{"v1.33.4", "1.34", "v1.28.5+k3s1", "v1.29.0-eks-a5ec690", "1.99999.99999", "v1.2.3.4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseVersion(s)
		if err != nil {
			return
		}
		if v.Major != 1 || v.Minor < 0 || v.Patch < 0 {
			t.Fatalf("ParseVersion(%q) = %+v", s, v)
		}
		again, err := ParseVersion(v.String())
		if err != nil || again != v {
			t.Fatalf("%q reads as %v, which reads as %v, %v", s, v, again, err)
		}
	})
}

func TestParseKernel(t *testing.T) {
	for _, c := range []struct {
		in, image string
		numbers   kernelNumbers
		vendor    string
		build     int
		hides     bool
	}{
		{"5.4.0-150-generic", "Ubuntu 20.04.6 LTS", kernelNumbers{5, 4, 0}, "", 150, true},
		{"5.15.0-1059-azure", "Ubuntu 22.04.4 LTS", kernelNumbers{5, 15, 0}, "", 1059, true},
		{"5.10.0-28-amd64", "Debian GNU/Linux 11 (bullseye)", kernelNumbers{5, 10, 0}, "", 28, true},
		{"6.1.0-18-cloud-amd64", "Debian GNU/Linux 12 (bookworm)", kernelNumbers{6, 1, 0}, "", 18, true},
		{"5.10.205-195.807.amzn2.x86_64", "Amazon Linux 2", kernelNumbers{5, 10, 205}, "", 195, false},
		{"6.1.79-99.164.amzn2023.x86_64", "Amazon Linux 2023", kernelNumbers{6, 1, 79}, "", 99, false},
		{"5.15.133+", "Container-Optimized OS from Google", kernelNumbers{5, 15, 133}, "", 0, false},
		{"6.1.74-talos", "Talos (v1.6.4)", kernelNumbers{6, 1, 74}, "", 0, false},
		{"5.4.278-1.el7.elrepo.x86_64", "CentOS Linux 7 (Core)", kernelNumbers{5, 4, 278}, "", 1, false},
		{"4.18.0-553.16.1.el8_10.x86_64", "Rocky Linux 8.10", kernelNumbers{4, 18, 0}, "RHEL", 553, false},
		{"5.14.0-427.el9.x86_64", "", kernelNumbers{5, 14, 0}, "RHEL", 427, false},
		{"3.10.0-1160.el7.x86_64", "CentOS Linux 7 (Core)", kernelNumbers{3, 10, 0}, "RHEL", 1160, false},
		{"4.19.188-10.el7.ucloud.x86_64", "", kernelNumbers{4, 19, 188}, "RHEL", 10, false},
		{"4.14.35-1902.el7uek.x86_64", "", kernelNumbers{4, 14, 35}, "Oracle UEK", 1902, false},
		{"4.19.91-27.6.al7.x86_64", "", kernelNumbers{4, 19, 91}, "Alibaba Cloud Linux", 27, false},
		{"5.10.134-16.1.al8.x86_64", "", kernelNumbers{5, 10, 134}, "Alibaba Cloud Linux", 16, false},
		{"5.10.0-60.18.0.50.oe2203.x86_64", "", kernelNumbers{5, 10, 0}, "openEuler", 60, false},
		{"5.10.0-182.0.0.95.r1941_123.hce2.x86_64", "", kernelNumbers{5, 10, 0}, "Huawei Cloud EulerOS", 182, false},
		{"4.18.0-147.5.1.6.h541.eulerosv2r9.x86_64", "", kernelNumbers{4, 18, 0}, "EulerOS", 147, false},
		{"5.4.119-1-tlinux4-0010", "", kernelNumbers{5, 4, 119}, "TencentOS", 1, false},
		{"5.4.119-19.0009.44", "TencentOS Server 3.1 (Final)", kernelNumbers{5, 4, 119}, "TencentOS", 19, false},
		{"5.3.18-150300.59.106-default", "SUSE Linux Enterprise Server 15 SP3", kernelNumbers{5, 3, 18}, "SUSE", 0, false},
		{"6.12.0", "", kernelNumbers{6, 12, 0}, "", 0, false},
		{"5.15", "", kernelNumbers{5, 15, 0}, "", 0, false},
		{"5.4.0-150", "", kernelNumbers{5, 4, 0}, "", 150, true},
	} {
		k, err := ParseKernel(c.in, c.image)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got := (kernelNumbers{k.Major, k.Minor, k.Patch}); got != c.numbers || k.Vendor != c.vendor || k.HidesPatch != c.hides {
			t.Errorf("%s: numbers %v, vendor %q, hides %t; want %v, %q, %t", c.in, got, k.Vendor, k.HidesPatch, c.numbers, c.vendor, c.hides)
		}
		if c.build != k.Build && !strings.Contains(c.in, "default") {
			t.Errorf("%s: build %d, want %d", c.in, k.Build, c.build)
		}
	}
	for _, in := range []string{"", "linux", "5", "0.1.2", "v5.4", "-5.4"} {
		if k, err := ParseKernel(in, ""); err == nil {
			t.Errorf("ParseKernel(%q) = %+v, want an error", in, k)
		}
	}
}

func FuzzParseKernel(f *testing.F) {
	for _, s := range []string{"5.4.0-150-generic", "4.18.0-553.el8", "5.10.0-28-amd64", "6.1.58+", "5.15", "5.4.99999-1"} {
		f.Add(s, "Ubuntu 22.04")
	}
	f.Fuzz(func(t *testing.T, s, image string) {
		k, err := ParseKernel(s, image)
		if err != nil {
			return
		}
		if k.Major < 1 || k.Minor < 0 || k.Patch < 0 || k.Build < 0 {
			t.Fatalf("ParseKernel(%q) = %+v", s, k)
		}
		if row := reuseRowOf(k); row.id == "" {
			t.Fatalf("no row of the decision table for %q", s)
		}
		likelyBackend(image)
	})
}

func TestLikelyBackend(t *testing.T) {
	for image, want := range map[string]Backend{
		"Ubuntu 22.04.4 LTS": BackendNFT, "Ubuntu 20.04.6 LTS": BackendLegacy, "Debian GNU/Linux 12 (bookworm)": BackendNFT,
		"Debian GNU/Linux 9 (stretch)": BackendLegacy, "Red Hat Enterprise Linux 8.10 (Ootpa)": BackendNFT, "CentOS Linux 7 (Core)": BackendLegacy,
		"Rocky Linux 9.4": BackendNFT, "Amazon Linux 2": BackendLegacy, "Amazon Linux 2023.6.20241010": BackendNFT,
		"Bottlerocket OS 1.20.0": BackendUnknown, "Container-Optimized OS from Google": BackendUnknown, "": BackendUnknown,
	} {
		if got, source := likelyBackend(image); got != want || (want == BackendUnknown) != (source == "") {
			t.Errorf("likelyBackend(%q) = %q from %q, want %q", image, got, source, want)
		}
	}
}
