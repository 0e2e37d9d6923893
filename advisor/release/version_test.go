package release

import "testing"

func TestParseVersion(t *testing.T) {
	for in, want := range map[string]string{
		"v1.33.4": "1.33.4", "1.34": "1.34", "v1.28.5+k3s1": "1.28.5", "v1.29.0-eks-a5ec690": "1.29.0",
		"v1.27.3-gke.100": "1.27.3", " v1.30.1-rc.1+abc ": "1.30.1", "v1.26.15-aliyun.1": "1.26.15", "v1.30.0-tke.4": "1.30.0",
		"1.30+": "1.30", "v1.24.17_vmware.1": "1.24.17", "1.38.0-beta.0": "1.38.0", "v1.28.3+3.el8": "1.28.3", "1.30-": "1.30",
	} {
		v, err := ParseVersion(in)
		if err != nil || v.String() != want {
			t.Errorf("ParseVersion(%q) = %v, %v; want %s", in, v, err, want)
		}
	}
	for _, in := range []string{"", "v", "1", "v2.0.0", "one.two", "1.2.3.4", "1.-3", "1.999999", "1..3", "v1.33.x", "1.08", "4.16", "v01.2"} {
		if v, err := ParseVersion(in); err == nil {
			t.Errorf("ParseVersion(%q) = %v, want an error", in, v)
		}
	}
}

func TestVersionCompare(t *testing.T) {
	ordered := []Version{V1(9, 0), V1(10, 13), V1(11, 6), V1(11, 7), V1(20, 14), V1(20, 15), V1(21, 0), V1(37, 2)}
	for i, a := range ordered {
		for j, b := range ordered {
			if got := a.Compare(b); got != sign(i-j) {
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

func TestLikelyBackend(t *testing.T) {
	for image, want := range map[string]Backend{
		"Ubuntu 22.04.4 LTS": BackendNFT, "Ubuntu 20.04.6 LTS": BackendLegacy, "Debian GNU/Linux 12 (bookworm)": BackendNFT,
		"Debian GNU/Linux 9 (stretch)": BackendLegacy, "Red Hat Enterprise Linux 8.10 (Ootpa)": BackendNFT, "CentOS Linux 7 (Core)": BackendLegacy,
		"Rocky Linux 9.4": BackendNFT, "Amazon Linux 2": BackendLegacy, "Amazon Linux 2023.6.20241010": BackendNFT,
		"Bottlerocket OS 1.20.0": BackendUnknown, "Container-Optimized OS from Google": BackendUnknown, "": BackendUnknown,
	} {
		if got, source := LikelyBackend(image); got != want || (want == BackendUnknown) != (source == "") {
			t.Errorf("LikelyBackend(%q) = %q from %q, want %q", image, got, source, want)
		}
	}
}

func TestBackendOf(t *testing.T) {
	for version, want := range map[string]Backend{
		"1.8.9 (nf_tables)": BackendNFT, "1.8.7 (legacy)": BackendLegacy, "1.6.1": BackendLegacy, "1.4.21": BackendLegacy,
		"1.8.9": BackendUnknown, "1.8.9 (other)": BackendUnknown, "": BackendUnknown, "1": BackendUnknown, "2.1": BackendUnknown, "1.x": BackendUnknown,
	} {
		if got := BackendOf(version); got != want {
			t.Errorf("BackendOf(%q) = %q, want %q", version, got, want)
		}
	}
}

func TestParseTypedVersion(t *testing.T) {
	for in, want := range map[string][2]string{
		"1.33": {"1.33", ""}, "v1.33.4": {"1.33.4", ""},
		"4.16": {"1.29", "OpenShift 4.16 is Kubernetes 1.29"}, "4.16.12": {"1.29", "OpenShift 4.16 is Kubernetes 1.29"},
		"4.1": {"1.13", "OpenShift 4.1 is Kubernetes 1.13"}, "4.2": {"1.14", "OpenShift 4.2 is Kubernetes 1.14"},
		"4.3": {"1.16", "OpenShift 4.3 is Kubernetes 1.16"}, "4.21": {"1.34", "OpenShift 4.21 is Kubernetes 1.34"},
	} {
		v, note, err := ParseTypedVersion(in)
		if err != nil || v.String() != want[0] || note != want[1] {
			t.Errorf("%s: %v, %q, %v; want %v", in, v, note, err, want)
		}
	}
	for _, in := range []string{"4.0", "4.99", "3.11", "5.1", "latest"} {
		if v, _, err := ParseTypedVersion(in); err == nil {
			t.Errorf("%s: %v, want an error", in, v)
		}
	}
}

func TestVersionRange(t *testing.T) {
	if low, high := V1(21, 4).Range(); low != V1(21, 4) || high != V1(21, 4) {
		t.Errorf("1.21.4: %v to %v", low, high)
	}
	v, _ := ParseVersion("1.21+")
	if low, high := v.Range(); low != V1(21, 0) || high.Compare(V1(21, 99)) < 0 || high.Minor != 21 {
		t.Errorf("1.21: %v to %v", low, high)
	}
}
