package release

import (
	"strings"
	"testing"

	"kpadvisor/say"
)

// TestKernelBase: what a release tells of the stable release it is based on, by
// kind. "" as high is open; hides says that the ends differ.
func TestKernelBase(t *testing.T) {
	const end = ".9999"
	for _, c := range []struct{ in, image, vendor, low, high string }{
		// Numbers of kernel.org.
		{"6.12.0", "", "", "6.12.0", "6.12.0"},
		{"5.15", "", "", "5.15.0", "5.15" + end},
		{"5.10.205-195.807.amzn2.x86_64", "Amazon Linux 2", "", "5.10.205", "5.10.205"},
		{"6.1.79-99.164.amzn2023.x86_64", "", "", "6.1.79", "6.1.79"},
		{"4.14.256-197.484.amzn2.x86_64", "", "", "4.14.256", "4.14.256"},
		{"5.15.133+", "Container-Optimized OS from Google", "", "5.15.133", "5.15.133"},
		{"6.1.74-talos", "", "", "6.1.74", "6.1.74"},
		{"6.6.30-flatcar", "", "", "6.6.30", "6.6.30"},
		{"5.15.153.1-microsoft-standard-WSL2", "", "", "5.15.153", "5.15.153"},
		{"4.19.198-1.ph3", "", "", "4.19.198", "4.19.198"},
		{"6.6.96.2-2.azl3", "", "", "6.6.96", "6.6.96"},
		{"5.15.158.2-1.cm2", "", "", "5.15.158", "5.15.158"},
		{"6.6.31+rpt-rpi-v8", "", "", "6.6.31", "6.6.31"},
		{"5.10.103-v8+", "", "", "5.10.103", "5.10.103"},
		{"5.10.198-android13-4-00001-gabcdef", "", "", "5.10.198", "5.10.198"},
		{"5.14.10-300.fc35.x86_64", "", "", "5.14.10", "5.14.10"},
		{"5.15.30-zen1-1-zen", "", "", "5.15.30", "5.15.30"},
		{"5.15.30-xanmod1", "", "", "5.15.30", "5.15.30"},
		{"5.15.30-2-pve", "", "", "5.15.30", "5.15.30"},
		{"5.4.278-1.el7.elrepo.x86_64", "CentOS Linux 7 (Core)", "", "5.4.278", "5.4.278"},
		{"5.4.242-1.el7.x86_64", "", "", "5.4.242", "5.4.242"},
		{"6.12.41+deb13-amd64", "", "", "6.12.41", "6.12.41"},
		{"5.13.19-051319-generic", "Ubuntu 20.04", "", "5.13.19", "5.13.19"},
		{"5.4.0-xanmod1", "", "", "5.4.0", ""},
		// Ubuntu by ABI number.
		{"5.4.0-26-generic", "", "", "5.4.0", "5.4.44"},
		{"5.4.0-42-generic", "", "", "5.4.44", "5.4.44"},
		{"5.4.0-47-lowlatency", "", "", "5.4.55", "5.4.55"},
		{"5.4.0-80-generic", "", "", "5.4.60", "5.4.157"},
		{"5.4.0-96-generic", "", "", "5.4.157", "5.4.157"},
		{"5.4.0-97-generic", "", "", "5.4.162", "5.4.162"},
		{"5.4.0-98-generic", "", "", "5.4.162", "5.4.166"},
		{"5.4.0-99-generic", "", "", "5.4.162", "5.4.166"},
		{"5.4.0-100-generic", "", "", "5.4.166", "5.4.166"},
		{"5.4.0-104-generic-lpae", "", "", "5.4.166", "5.4.174"},
		{"5.4.0-150-generic", "Ubuntu 20.04.6 LTS", "", "5.4.233", "5.4.233"},
		{"5.4.0-216-generic", "", "", "5.4.257", "5.4" + end},
		{"5.4.0-150", "", "", "5.4.0", "5.4" + end},
		{"5.4.0-150", "Ubuntu 20.04.6 LTS", "", "5.4.233", "5.4.233"},
		{"5.4.0-1040-azure", "", "", "5.4.65", "5.4.9999"},
		{"5.4.0-1091-azure", "", "", "5.4.140", "5.4" + end},
		{"5.4.0-1045-aws", "", "", "5.4.0", "5.4.9999"},
		{"5.4.0-1103-aws", "", "", "5.4.157", "5.4" + end},
		{"5.4.0-1050-gcp", "", "", "5.4.0", "5.4" + end},
		{"5.4.0-1050-gke", "", "", "5.4.0", "5.4" + end},
		{"5.4.0-1090-oracle", "", "", "5.4.0", "5.4" + end},
		{"5.4.0-1040-kvm", "", "", "5.4.0", "5.4" + end},
		{"5.4.0-1078-raspi", "", "", "5.4.0", "5.4" + end},
		{"5.8.0-63-generic", "", "", "5.8.0", "5.8" + end},
		{"5.15.0-25-generic", "", "", "5.15.30", "5.15.30"},
		{"5.15.0-91-generic", "", "", "5.15.30", "5.15" + end},
		{"5.15.0-1057-azure", "", "", "5.15.30", "5.15" + end},
		{"5.15.0-17-generic", "", "", "5.15.0", "5.15.30"},
		{"6.8.0-45-generic", "", "", "6.8.0", "6.8" + end},
		{"4.15.0-112-generic", "", "", "4.15.0", "4.15" + end},
		{"4.15.0-213-generic", "", "", "4.15.0", ""},
		{"5.13.0-1031-aws", "", "", "5.13.0", ""},
		{"5.11.0-49-generic", "", "", "5.11.0", ""},
		{"5.13.19-6-pve", "", "", "5.13.0", ""},
		{"5.14.0-1059-oem", "", "", "5.14.0", ""},
		// Debian by ABI number.
		{"4.19.0-10-amd64", "", "", "4.19.132", "4.19.132"},
		{"4.19.0-17-amd64", "", "", "4.19.146", "4.19.208"},
		{"4.19.0-18-cloud-amd64", "", "", "4.19.208", "4.19.208"},
		{"4.19.0-19-cloud-amd64", "", "", "4.19.232", "4.19.232"},
		{"4.19.0-27-amd64", "", "", "4.19.232", "4.19" + end},
		{"5.10.0-8-amd64", "", "", "5.10.0", "5.10.70"},
		{"5.10.0-9-arm64", "", "", "5.10.70", "5.10.70"},
		{"5.10.0-10-rt-amd64", "", "", "5.10.84", "5.10.84"},
		{"5.10.0-28-amd64", "Debian GNU/Linux 11 (bullseye)", "", "5.10.92", "5.10" + end},
		{"6.1.0-18-cloud-amd64", "", "", "6.1.0", "6.1" + end},
		{"4.19.0-0.bpo.19-amd64", "", "", "4.19.208", "4.19.208"},
		{"5.10.0-0.bpo.9-amd64", "", "", "5.10.70", "5.10.70"},
		{"5.10.0-0.bpo.7-cloud-amd64", "", "", "5.10.0", "5.10.70"},
		{"5.10.0-0.bpo.12-amd64", "", "", "5.10.70", "5.10" + end},
		{"5.10.0-0.deb10.16-amd64", "", "", "5.10.127", "5.10.127"},
		{"5.10.0-0.deb10.29-amd64", "", "", "5.10.127", "5.10" + end},
		{"5.10.0-0.deb10.13-amd64", "", "", "5.10.0", "5.10.127"},
		{"5.15.0-0.bpo.3-amd64", "", "", "5.15.15", "5.15.15"},
		{"5.15.0-0.bpo.2-amd64", "", "", "5.15.0", "5.15.15"},
		{"6.1.0-0.deb11.7-amd64", "", "", "6.1.0", "6.1" + end},
		// Vendors, the numbers a lower bound.
		{"4.18.0-553.16.1.el8_10.x86_64", "Rocky Linux 8.10", "RHEL", "4.18.0", ""},
		{"4.18.0-305.rt7.72.el8.x86_64", "", "RHEL", "4.18.0", ""},
		{"5.14.0-427.el9.x86_64", "", "RHEL", "5.14.0", ""},
		{"6.12.0-124.13.1.el10_1.x86_64", "", "RHEL", "6.12.0", ""},
		{"3.10.0-1160.el7.x86_64", "CentOS Linux 7 (Core)", "RHEL", "3.10.0", ""},
		{"4.14.0-115.el7a.0.1.aarch64", "", "RHEL", "4.14.0", ""},
		{"4.18.0-193.el7.x86_64", "", "", "4.18.0", ""},
		{"4.19.188-10.el7.ucloud.x86_64", "", "UCloud", "4.19.188", ""},
		{"4.14.35-1902.el7uek.x86_64", "", "Oracle UEK", "4.14.35", ""},
		{"5.4.17-2136.330.7.1.el8uek.x86_64", "", "Oracle UEK", "5.4.17", ""},
		{"5.15.0-206.153.7.1.el8uek.x86_64", "", "Oracle UEK", "5.15.153", ""},
		{"5.15.0-0.30.19.el9uek.x86_64", "", "Oracle UEK", "5.15.30", ""},
		{"4.19.91-27.6.al7.x86_64", "", "Alibaba Cloud Linux", "4.19.91", ""},
		{"5.10.134-16.1.al8.x86_64", "", "Alibaba Cloud Linux", "5.10.134", ""},
		{"5.10.84-10.4.lifsea8.x86_64", "", "Alibaba Cloud Linux", "5.10.84", ""},
		{"4.19.91-26.an8.x86_64", "", "Anolis OS", "4.19.91", ""},
		{"5.10.0-60.18.0.50.oe2203.x86_64", "", "openEuler", "5.10.0", ""},
		{"5.10.0-182.0.0.95.r1941_123.hce2.x86_64", "", "Huawei Cloud EulerOS", "5.10.0", ""},
		{"4.18.0-147.5.1.6.h541.eulerosv2r9.x86_64", "", "EulerOS", "4.18.0", ""},
		{"4.19.90-vhulk2103.1.0.h990.eulerosv2r9.aarch64", "", "EulerOS", "4.19.90", ""},
		{"3.10.0-862.14.1.5.h591.eulerosv2r7.x86_64", "", "EulerOS", "3.10.0", ""},
		{"3.10.0-514.44.5.10.h193.x86_64", "EulerOS 2.0 (SP5)", "EulerOS", "3.10.0", ""},
		{"4.19.90-2102.2.0.0062.ctl2.x86_64", "", "CTyunOS", "4.19.90", ""},
		{"4.19.90-2003.4.0.0036.ns7.13.x86_64", "", "NeoKylin", "4.19.90", ""},
		{"4.19.90-17.5.nfs4.x86_64", "", "NeoKylin", "4.19.90", ""},
		{"4.19.90-24.4.v2101.ky10.aarch64", "", "Kylin", "4.19.90", ""},
		{"5.4.18-35-generic", "Kylin V10 SP1", "Kylin", "5.4.18", ""},
		{"4.19.90-2403.3.0.0270.87.uel20.x86_64", "", "UOS", "4.19.90", ""},
		{"4.19.0-91.82.152.uelc20.x86_64", "", "UOS", "4.19.0", ""},
		{"5.4.119-1-tlinux4-0010", "", "TencentOS", "5.4.119", ""},
		{"5.4.119-19-0009.3", "", "TencentOS", "5.4.119", ""},
		{"5.4.119-20.0009.21", "", "TencentOS", "5.4.119", ""},
		{"5.4.119-19.0009.44", "TencentOS Server 3.1 (Final)", "TencentOS", "5.4.119", ""},
		{"4.14.105-19-0024", "", "TencentOS", "4.14.105", ""},
		{"5.4.241-24.0017.23", "TencentOS Server 3.2", "TencentOS", "5.4.241", ""},
		{"5.4.250-9-velinux1u2-amd64", "", "veLinux", "5.4.250", ""},
		{"5.3.18-150300.59.106-default", "", "SUSE", "5.3.18", ""},
		{"5.3.18-150300.38.80-azure", "", "SUSE", "5.3.18", ""},
		{"5.3.18-24.12-preempt", "", "SUSE", "5.3.18", ""},
		{"4.12.14-lp151.28.36-default", "", "SUSE", "4.12.14", ""},
		{"5.14.21-150500.13.5-rt", "", "SUSE", "5.14.21", ""},
		// What is pasted.
		{"Ubuntu 5.4.0-96.109-generic 5.4.157", "", "", "5.4.157", "5.4.157"},
		{"Ubuntu 5.4.0-1067.70~18.04.1-azure 5.4.166\n", "", "", "5.4.166", "5.4.166"},
		{"Ubuntu 4.15.0-184.194-generic 4.15.18", "", "", "4.15.0", ""},
		{"Linux n1 5.10.0-12-amd64 #1 SMP Debian 5.10.103-1 (2022-03-07) x86_64 GNU/Linux", "", "", "5.10.103", "5.10.103"},
		{"Linux n1 5.4.0-96-generic #109-Ubuntu SMP Wed Jan 12 16:49:16 UTC 2022 x86_64 GNU/Linux", "", "", "5.4.157", "5.4.157"},
		{"Linux version 5.10.0-12-amd64 (debian-kernel@lists.debian.org) (gcc-10 (Debian 10.2.1-6) 10.2.1) #1 SMP Debian 5.10.103-1 (2022-03-07)", "", "", "5.10.103", "5.10.103"},
		{"Linux version 5.4.0-1091-azure (buildd@lcy02) (gcc version 9.4.0) #96-Ubuntu SMP (Ubuntu 5.4.0-1091.96-azure 5.4.210)", "", "", "5.4.210", "5.4.210"},
		{"5.10.0-12-amd64 #1 SMP Debian 5.10.103-1 (2022-03-07)", "", "", "5.10.103", "5.10.103"},
		{"5.4.0-98-generic 5.4.162", "", "", "5.4.162", "5.4.162"},
		{"5.4.0-98-generic 6.1.5", "", "", "5.4.162", "5.4.166"}, // of another series: not of this kernel
	} {
		k, err := ParseKernel(c.in, c.image)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		high := ""
		if k.High != (Numbers{}) {
			high = k.High.String()
		}
		if k.Vendor != c.vendor || k.Low.String() != c.low || high != c.high {
			t.Errorf("%s: vendor %q, %s to %q; want %q, %s to %q", c.in, k.Vendor, k.Low, high, c.vendor, c.low, c.high)
		}
		if k.HidesPatch() != (c.low != c.high) || k.HidesPatch() && k.HiddenText(say.Voice{}) == "" {
			t.Errorf("%s: hides %t, %q", c.in, k.HidesPatch(), k.HiddenText(say.Voice{}))
		}
		if again, err := ParseKernel(k.Text(), c.image); err != nil || again != k {
			t.Errorf("%s: its text %q reads as %+v, %v", c.in, k.Text(), again, err)
		}
	}
}

func TestParseKernelRefuses(t *testing.T) {
	for _, in := range []string{"", "linux", "5", "0.1.2", "v5.4", "-5.4", "Linux", "Linux n1", "Ubuntu", strings.Repeat("5.4.0 ", 400)} {
		if k, err := ParseKernel(in, ""); err == nil {
			t.Errorf("ParseKernel(%q) = %+v, want an error", in, k)
		} else if strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("the error is more than a sentence: %q", err)
		}
	}
}

// TestBoundsAreOrdered: a later ABI number never has an earlier stable release.
func TestBoundsAreOrdered(t *testing.T) {
	for _, table := range []abiTable{ubuntuGeneric54(), debian10(), debian11(), {}} { // those that count apart bound from below alone
		var low, high Numbers
		for abi := range 1200 {
			l, h := table.bounds(abi, Numbers{5, 4, 0})
			if len(table.rows) > 0 {
				l, h = table.bounds(abi, Numbers{table.rows[0].stable[0], table.rows[0].stable[1], 0})
			}
			if h.Before(l) || l.Before(low) || h.Before(high) {
				t.Fatalf("%s: ABI %d is %s to %s after %s to %s", table.family, abi, l, h, low, high)
			}
			low, high = l, h
		}
	}
}

func TestCan(t *testing.T) {
	for _, c := range []struct {
		kernel, image  string
		iptables, ipvs Can
	}{
		{"5.4.0-150-generic", "", CanYes, CanYes},
		{"6.12.0-124.13.1.el10_1.x86_64", "", CanUnknown, CanUnknown},
		{"6.12.0", "AlmaLinux 10.0", CanUnknown, CanUnknown},
		{"5.14.0-427.el9.x86_64", "Red Hat Enterprise Linux 9.4", CanYes, CanYes},
		{"7.0.0-34-qcom-x1e", "", CanUnknown, CanYes},
		{"6.17.0-14-generic", "", CanYes, CanYes},
		{"6.18.2", "", CanUnknown, CanYes},
		{"5.15.0-3.60.5.1.el9uek.x86_64", "", CanYes, CanUnknown},
		{"6.12.0-100.28.2.el9uek.x86_64", "", CanYes, CanUnknown},
		{"5.4.17-2136.330.7.1.el8uek.x86_64", "", CanYes, CanYes},
	} {
		k, err := ParseKernel(c.kernel, c.image)
		if err != nil {
			t.Fatal(err)
		}
		for name, ask := range map[string]func(say.Voice) (Can, string, string){"iptables": k.IPTables, "IPVS": k.IPVS} {
			want := c.iptables
			if name == "IPVS" {
				want = c.ipvs
			}
			can, why, source := ask(say.Voice{})
			if can != want || source == "" || can != CanYes && !strings.Contains(why, "Look on a node") {
				t.Errorf("%s, %s: %s %q (%s), want %s", c.kernel, name, can, why, source, want)
			}
		}
	}
}

func FuzzParseKernel(f *testing.F) {
	for _, s := range []string{
		"5.4.0-150-generic", "4.18.0-553.el8", "5.10.0-0.bpo.9-amd64", "6.1.58+", "5.15", "5.4.99999-1", "Ubuntu 5.4.0-96.109-generic 5.4.157",
		"Linux n1 5.10.0-10-amd64 #1 SMP Debian 5.10.84-1 (2021-12-08) x86_64", "5.15.0-206.153.7.1.el8uek", "(Ubuntu a b)",
	} {
		f.Add(s, "Ubuntu 22.04")
	}
	f.Fuzz(func(t *testing.T, s, image string) {
		k, err := ParseKernel(s, image)
		if err != nil {
			return
		}
		if k.Major < 1 || k.Minor < 0 || k.Patch < 0 || k.Build < 0 || k.Release == "" {
			t.Fatalf("ParseKernel(%q) = %+v", s, k)
		}
		if k.High != (Numbers{}) && k.High.Before(k.Low) {
			t.Fatalf("%q is based on %s to %s", s, k.Low, k.High)
		}
		if again, err := ParseKernel(k.Text(), image); err != nil || again != k {
			t.Fatalf("%q reads as %+v, its text %q as %+v", s, k, k.Text(), again)
		}
		LikelyBackend(image)
		k.IPTables(say.Voice{})
		k.IPVS(say.Voice{})
	})
}
