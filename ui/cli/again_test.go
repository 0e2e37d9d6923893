package cli

import (
	"strings"
	"testing"
)

// TestSameFacts: what is about the output, and what is secret, is not in a command that
// somebody may paste into a ticket.
func TestSameFacts(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                                      "kpadvisor audit",
		"--demo mixed --theme light":            "kpadvisor audit --demo mixed",
		"--context prod --token s3cret --ascii": "kpadvisor audit --context prod",
		"--services=4300 --kernel 5.15.0-105-generic --connections short":                      "kpadvisor audit --services 4300 --kernel 5.15.0-105-generic",
		"--insecure-skip-tls-verify --kubeconfig it's":                                         `kpadvisor audit --insecure-skip-tls-verify=true --kubeconfig 'it'\''s'`,
		"--server https://me:s3cret@10.0.0.1:6443/k8s --proxy-url http://me:s3cret@proxy:3128": "kpadvisor audit --server https://10.0.0.1:6443/k8s --proxy-url http://proxy:3128",
		"--proxy-url me:s3cret@proxy:3128 --server me:s3cret@10.0.0.1:6443":                    "kpadvisor audit --proxy-url proxy:3128 --server 10.0.0.1:6443",
		"--server https://10.0.0.1/a@b":                                                        "kpadvisor audit --server https://10.0.0.1/a@b",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			a := &app{program: "kpadvisor"}
			cmd := a.rootCommand()
			if err := cmd.ParseFlags(strings.Fields(args)); err != nil {
				t.Fatal(err)
			}
			if got := a.sameFacts(cmd); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}
