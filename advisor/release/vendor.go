package release

import (
	"slices"
	"strings"
)

// vendorMark is a part of uname -r or of the OS image, in lower case, that tells
// a vendor; # stands for one digit.
type vendorMark struct{ mark, vendor string }

// vendorMarks lists the kernels whose numbers say nothing about fixes: each
// vendor keeps a tree of its own on a base. Order matters: the more telling
// mark first. The forms are those of public listings of nodes.
func vendorMarks() []vendorMark {
	return []vendorMark{
		{".hce#", "Huawei Cloud EulerOS"},
		{"euleros", "EulerOS"},
		{"vhulk", "EulerOS"},
		{".ctl#", "CTyunOS"},
		{".ns#", "NeoKylin"},
		{".nfs#", "NeoKylin"},
		{".ky#", "Kylin"},
		{"kylin", "Kylin"},
		{".uel#", "UOS"},
		{".uelc", "UOS"},
		{"bclinux", "BC-Linux"},
		{".oe#", "openEuler"},
		{"tlinux", "TencentOS"},
		{".tl#", "TencentOS"},
		{"tkernel", "TencentOS"},
		{"-tke.", "TencentOS"},
		{".al#", "Alibaba Cloud Linux"},
		{".lifsea#", "Alibaba Cloud Linux"},
		{".an#", "Anolis OS"},
		{"velinux", "veLinux"},
		{".ucloud", "UCloud"}, // 4.19.188-10.el7.ucloud: UCloud's own tree, not RHEL's
		{"uek", "Oracle UEK"},
		{"-15####.", "SUSE"}, // 5.3.18-150300.38.80-azure
		{"-lp15#.", "SUSE"},
	}
}

// imageMarks tell a vendor by the OS image where uname -r has no mark.
func imageMarks() []vendorMark {
	return []vendorMark{
		{"tencentos", "TencentOS"},
		{"tlinux", "TencentOS"},
		{"openeuler", "openEuler"},
		{"huawei cloud euleros", "Huawei Cloud EulerOS"},
		{"euleros", "EulerOS"},
		{"neokylin", "NeoKylin"},
		{"kylin", "Kylin"},
		{"ctyunos", "CTyunOS"},
		{"velinux", "veLinux"},
		{"uniontech", "UOS"},
		{"uos server", "UOS"},
	}
}

// holds reports whether a mark stands in a text.
func holds(text, mark string) bool {
	for i := 0; i+len(mark) <= len(text); i++ {
		j := 0
		for j < len(mark) && (text[i+j] == mark[j] || mark[j] == '#' && isDigit(text[i+j])) {
			j++
		}
		if j == len(mark) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// kernelVendor returns the vendor whose backports the numbers hide. Amazon,
// Fedora, Talos, Flatcar, Container-Optimized OS, Photon, Azure Linux and elrepo
// keep the numbers of kernel.org.
func kernelVendor(name string, n Numbers, build int, osImage string) string {
	r := strings.ToLower(name)
	if strings.Contains(r, ".elrepo") || strings.Contains(r, "amzn") {
		return ""
	}
	for _, m := range vendorMarks() {
		if holds(r, m.mark) {
			return m.vendor
		}
	}
	switch {
	case isRHEL(r, n):
		return "RHEL"
	case isSUSE(r):
		return "SUSE"
	case isEulerOS(r):
		return "EulerOS"
	case n == Numbers{4, 14, 105} && build == 19, n == Numbers{5, 4, 119} && (build == 19 || build == 20):
		return "TencentOS" // 5.4.119-19-0009.3 of TencentOS Server 3.1, 4.14.105-19-0024 of 2.4
	}
	image := strings.ToLower(osImage)
	for _, m := range imageMarks() {
		if holds(image, m.mark) {
			return m.vendor
		}
	}
	return ""
}

// isRHEL reports a kernel of RHEL or of those who rebuild it. Each RHEL has one
// kernel (RHEL 7 for ARM and POWER9 another, el7a), so .el7 behind a 5.4 is
// somebody's build of kernel.org's 5.4 for it.
// Source: Red Hat, Red Hat Enterprise Linux release dates.
func isRHEL(r string, n Numbers) bool {
	_, el, found := strings.Cut(r, ".el")
	if !found {
		return false
	}
	end := 0
	for end < len(el) && isDigit(el[end]) {
		end++
	}
	if strings.HasPrefix(el[end:], "a") {
		end++
	}
	want, known := map[string]Numbers{
		"6": {2, 6, 32}, "7": {3, 10, 0}, "7a": {4, 14, 0}, "8": {4, 18, 0}, "9": {5, 14, 0}, "10": {6, 12, 0},
	}[el[:end]]
	return known && n == want
}

// isSUSE reports SUSE's flavours: -default is nobody else's, and the others have
// a number of several parts where Ubuntu's of the same name have one.
func isSUSE(r string) bool {
	if strings.HasSuffix(r, "-default") {
		return true
	}
	_, rest, _ := strings.Cut(r, "-")
	for _, flavour := range []string{"-azure", "-preempt", "-rt"} {
		number, is := strings.CutSuffix(rest, flavour)
		if is && strings.Contains(number, ".") && strings.Trim(number, "0123456789.") == "" {
			return true
		}
	}
	return false
}

// isEulerOS reports the builds of EulerOS 2.5 without its name, such as
// 3.10.0-514.44.5.10.h193.x86_64.
func isEulerOS(r string) bool {
	r = strings.TrimSuffix(strings.TrimSuffix(r, ".x86_64"), ".aarch64")
	build, found := strings.CutPrefix(r[strings.LastIndexByte(r, '.')+1:], "h")
	_, ok := number(build)
	return found && ok
}

// kernelDistro tells Ubuntu and Debian by the flavour at the end of uname -r.
func kernelDistro(name string, build int, image string) string {
	_, rest, _ := strings.Cut(strings.ToLower(name), "-")
	for _, part := range strings.Split(rest, "-") {
		if slices.Contains(debianFlavours(), part) {
			return "Debian"
		}
	}
	for _, part := range strings.Split(rest, "-") {
		if slices.Contains(ubuntuFlavours(), part) {
			return "Ubuntu"
		}
	}
	switch {
	case build == 0:
		return ""
	case strings.HasPrefix(image, "ubuntu"):
		return "Ubuntu"
	case strings.HasPrefix(image, "debian"):
		return "Debian"
	}
	return ""
}

// debianFlavours end Debian's releases, which are named by architecture.
func debianFlavours() []string {
	return []string{"amd64", "arm64", "686", "armmp", "powerpc64le", "s390x", "riscv64"}
}

// ubuntuFlavours end Ubuntu's, which are named by use.
func ubuntuFlavours() []string {
	return []string{
		"generic", "lowlatency", "virtual", "aws", "azure", "gcp", "gke", "gkeop", "oracle", "kvm", "oem", "raspi", "raspi2", "ibm",
		"nvidia", "fips", "realtime", "bluefield", "intel", "qcom",
	}
}
