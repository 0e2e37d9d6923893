package lab

import (
	"slices"
	"testing"
)

func TestParseDeps(t *testing.T) {
	deps := parseDeps("kernel/net/xt_nat.ko: kernel/net/nf-nat.ko kernel/net/x_tables.ko\nkernel/net/nf-nat.ko:\nkernel/drivers/net/veth.ko.xz:\nrubbish\n\n")
	if d := deps["xt_nat"]; d.path != "kernel/net/xt_nat.ko" || !slices.Equal(d.needs, []string{"kernel/net/nf-nat.ko", "kernel/net/x_tables.ko"}) {
		t.Errorf("xt_nat is %+v", d)
	}
	if len(deps) != 3 || deps["nf_nat"].path == "" || deps["veth"].path == "" {
		t.Errorf("%+v", deps)
	}
}
