package node

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kpadvisor/advisor"
)

// TestWriter: what is written is read again, also where it looks like a mark.
func TestWriter(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	w.Section("hostname", []byte("node-1\n"), nil)
	w.Section("kube-proxy.mode", []byte("ipvs"), nil)
	w.Section("modules", []byte("@@ done\n@@x section hostname\nevil\n"), nil)
	w.Section("kube-proxy.config", nil, errors.New("connection\nrefused"))
	w.Skipped("nft.tables", "nf_tables is not loaded")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	raws, err := split(b.Bytes())
	if err != nil || len(raws) != 1 || !raws[0].whole || len(raws[0].sections) != 5 {
		t.Fatalf("%+v, %v", raws, err)
	}
	if s := raws[0].sections["kube-proxy.config"]; s.status != 1 || s.errs == "" {
		t.Errorf("the problem is lost: %+v", s)
	}
	all, err := Parse(b.Bytes())
	if err != nil || all[0].Node != "node-1" || all[0].Mode.Value != advisor.IPVS || all[0].Mode.Source == "" {
		t.Errorf("%+v, %v", all, err)
	}
}

// TestPacked: a long section is written compressed and read as it was; one that would be
// too long, or is broken, is told from what was read.
func TestPacked(t *testing.T) {
	const chains = 100_000
	var all, b bytes.Buffer
	for i := range uint32(chains) {
		fmt.Fprintf(&all, ":KUBE-SVC-%016X - [0:0] 2\n", i*2_654_435_761)
	}
	long := all.String()
	w := NewWriter(&b)
	w.Section("iptables.nft.nat.inventory", []byte(long), nil)
	w.Section("hostname", []byte("node-1"), nil)
	w.Section(SectionNode, []byte("node-1"), nil)
	if err := w.Close(); err != nil || b.Len() > len(long)/3 {
		t.Fatal(b.Len(), err)
	}
	r := only(t, b.String())
	if r.Backends.NFTChains.Value != chains || !r.Whole {
		t.Errorf("%+v", r.Backends.NFTChains)
	}
	packed, err := pack([]byte(long))
	if err != nil {
		t.Fatal(err)
	}
	bomb, err := pack(make([]byte, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"as it is": string(packed), "lines of Windows": strings.ReplaceAll(string(packed), "\n", "\r\n"), "cut": string(packed[:len(packed)/2]),
		"no base64": "???", "no gzip": "aGVsbG8=", "empty": "", "a bomb": string(bomb),
	} {
		report := strings.Replace(written("iptables.nft.nat", text, SectionNode, "n"), "section iptables.nft.nat", "packed iptables.nft.nat", 1)
		fine := name == "as it is" || name == "lines of Windows"
		if n := only(t, report).Backends.NFTChains; n.IsKnown() != fine || fine && n.Value != chains {
			t.Errorf("%s: %+v", name, n)
		}
	}
}
