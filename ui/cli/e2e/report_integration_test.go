package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestChangeRequest writes a change request of a real cluster, which names nothing of it
// and is what its data make.
func TestChangeRequest(t *testing.T) {
	c := shared.Large(t)
	env := kubeconfig(t, c)
	dir := t.TempDir()
	file, named := filepath.Join(dir, "change.html"), filepath.Join(dir, "named.html")
	run(t, env, "report", "--to", "nftables", "-o", file).expect(t, fine)
	run(t, env, "report", "--to", "nftables", "-o", named, "--with-names").expect(t, fine)
	read := func(file string) string {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	at, err := url.Parse(c.Admin.Host)
	if err != nil {
		t.Fatal(err)
	}
	text := read(file)
	for _, name := range []string{"production", "node-0", "app-", "team-", at.Host, "10.96.", "172.16."} {
		if strings.Contains(text, name) {
			t.Errorf("the request holds %q", name)
		}
	}
	contains(t, "the request", text, "Change request: move to nftables", "5,001", "Rollback")
	contains(t, "the request with names", read(named), "production", "node-")
	for _, f := range []string{file, named} {
		contains(t, "the verdict", run(t, environment(t), "report", "--verify", f).expect(t, fine).stdout, "byte for byte")
	}
}
