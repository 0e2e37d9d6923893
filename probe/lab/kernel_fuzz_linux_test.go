package lab

import (
	"strings"
	"testing"
)

// FuzzEntries: a table of the kernel that reads differently yields no entry, or one
// with an address.
func FuzzEntries(f *testing.F) {
	f.Add("Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\nTCP 0ADF0001 4E20 0A60000A 0050 0AC00001 1F90 TIME_WAIT     119\n")
	f.Add("TCP x 1F90 x x FFFFFFFFF FFFF ESTABLISHED 1\n" + strings.Repeat("a ", 40_000))
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parseEntries(strings.NewReader(text))
		if err != nil {
			return
		}
		for port, to := range all {
			if port < 0 || port > 65_535 || !to.Addr().Is4() {
				t.Errorf("port %d leads to %s", port, to)
			}
		}
	})
}

// FuzzModules: whatever a table of modules says, every module is asked for once.
func FuzzModules(f *testing.F) {
	f.Add("kernel/net/ip_vs.ko: kernel/net/nf_conntrack.ko kernel/lib/libcrc32c.ko\nkernel/net/nf_conntrack.ko:\n")
	f.Add("a.ko: b.ko\nb.ko: a.ko\n:\n.ko: .ko\n")
	f.Fuzz(func(t *testing.T, table string) {
		for name, d := range parseDeps(table) {
			if strings.Contains(name, "-") || moduleName(d.path) != name {
				t.Errorf("%q is called %q", d.path, name)
			}
		}
	})
}
