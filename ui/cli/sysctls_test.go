package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Live values stand in the place of what is assumed; what contradicts is told.
func TestAuditSysctls(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	typed := func(kernel string, more ...string) []string {
		return append([]string{
			"audit", "--services", "900", "--endpoints", "7200", "--kernel", kernel, "--kubernetes-version", "1.30",
			"--proxy-mode", "ipvs", "--nodes", "5",
		}, more...)
	}
	ones := file("ones", "net.ipv4.vs.conn_reuse_mode = 1\nnet.ipv4.vs.expire_nodest_conn = 1\n")
	zeros := file("zeros", "net.ipv4.vs.conn_reuse_mode = 0\nnet.ipv4.vs.expire_nodest_conn = 0\n")
	both := file("both", "net.ipv4.vs.conn_reuse_mode = 0\nnet.ipv4.vs.conn_reuse_mode = 1\n")
	named := file("a=b", "net.ipv4.vs.conn_reuse_mode = 1\n")
	run(t, typed("5.4.100")...).wants(t, Exposed, "kpadvisor node-script", "") // what to read, and how
	o := run(t, typed("5.4.100", "--sysctls", ones)...)
	if o.code == Exposed || !strings.Contains(o.out, "conn_reuse_mode is 1 on the nodes") || !strings.Contains(o.out, "KPA048") || strings.Contains(o.out, "kpadvisor node-script") {
		t.Errorf("code %d:\n%s", o.code, o.out)
	}
	o = run(t, typed("6.1.0", "--sysctls", zeros)...)
	o.out = strings.Join(strings.Fields(o.out), " ") // as if no line were broken
	o.wants(t, Exposed, "expire_nodest_conn is 0, and kube-proxy v1.30 sets 1 when it starts", "")
	run(t, typed("5.10.50", "--sysctls", both)...).wants(t, Exposed, "conn_reuse_mode is both 0 and 1", "")
	run(t, typed("5.10.50", "--sysctls", "n1="+zeros, "--sysctls", "n2="+ones)...).wants(t, Exposed, "conn_reuse_mode is 0 in 1 reading and 1 in 1 reading", "")
	if o := run(t, typed("5.10.50", "--sysctls", named)...); o.code == Exposed || strings.Contains(o.errOut, "cannot be used") {
		t.Errorf("a file with = in its name: code %d, %s", o.code, o.errOut)
	}
	at(t, t.Context(), "# node/n1\nkernel.osrelease = 5.10.50\nnet.ipv4.vs.conn_reuse_mode = 0\n", typed("5.10.50", "--sysctls", "-")...).
		wants(t, Exposed, "read on 1 of 5", "")
	for _, c := range []struct {
		args []string
		says string
		code int
	}{
		{typed("5.4.100", "--sysctls", "/does/not/exist"), "no such file", Failure},
		{typed("5.4.100", "--sysctls", file("empty", "hello\n")), "holds no value of net.ipv4.vs", Failure},
		{typed("5.4.100", "--sysctls", file("other", "kernel.osrelease = 6.6.6\nnet.ipv4.vs.conn_reuse_mode = 1\n")), "fit no node group", Failure},
		{typed("5.4.100", "--sysctls", file("wide", strings.Repeat("x", 100_000))), "longer than", Failure},
		{[]string{"audit", "--facts", "-", "--sysctls", "-"}, "cannot both be standard input", Usage},
	} {
		o := run(t, c.args...)
		o.wants(t, c.code, "", c.says)
		o.isOneSentence(t)
	}
}
