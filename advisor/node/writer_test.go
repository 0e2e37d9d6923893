package node

import (
	"bytes"
	"errors"
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
