package cli

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kpadvisor/advisor"
)

// TestMoveAskedFor: --to plans a move wherever the facts come from, advised or
// not, and leaves the advice and the exit code as they are.
func TestMoveAskedFor(t *testing.T) {
	f := newFakeServer(t)
	config := f.kubeconfig(t, tokenUser)
	saved := filepath.Join(t.TempDir(), "facts.json")
	run(t, "snapshot", "--kubeconfig", config, "-o", saved)
	for name, from := range map[string][]string{
		"cluster": {"--kubeconfig", config}, "snapshot": {"--facts", saved}, "demo": {"--demo", "mixed"},
		"typed": {"--services", "4000", "--kernel", "5.15.0", "--kubernetes-version", "1.33.4", "--proxy-mode", "iptables"},
	} {
		without := run(t, append([]string{"audit"}, from...)...)
		for to, title := range map[string]string{"iptables": "iptables", "ipvs": "IPVS", "nftables": "nftables"} {
			args := append([]string{"audit", "--to", to}, from...)
			o := run(t, args...)
			o.wants(t, without.code, "\nRunbook: to "+title+", as asked\n", "")
			if !strings.Contains(o.out, "\nWhat would differ with "+title+"\n") || strings.Contains(o.out, "\nRunbook\n") {
				t.Errorf("%s to %s:\n%s", name, to, o.out)
			}
			var doc struct {
				Headline string
				Move     *advisor.Move
			}
			if err := json.Unmarshal([]byte(run(t, append(args, "-o", "json")...).out), &doc); err != nil {
				t.Fatal(err)
			}
			if doc.Move == nil || doc.Move.To != advisor.Mode(to) || doc.Move.Can == "" || len(doc.Move.Runbook) == 0 && !(name == "typed" && to == "iptables") || doc.Headline == "" {
				t.Errorf("%s to %s: %+v", name, to, doc)
			}
			run(t, append(args, "-o", "markdown")...).wants(t, without.code, "## Runbook: to "+title+", as asked", "")
		}
		if strings.Contains(run(t, append([]string{"audit", "-o", "json"}, from...)...).out, `"move"`) {
			t.Errorf("%s: a move that nobody asked for", name)
		}
	}
	for _, to := range []string{"userspace", "none", "IPVS", ""} {
		o := run(t, "audit", "--demo", "mixed", "--to", to)
		o.wants(t, Usage, "", `--to "`+to+`" is none of iptables, ipvs, nftables`)
		o.isOneSentence(t)
	}
}

// TestOneIsSingular: no report on a cluster with one of everything speaks of one
// in the plural.
func TestOneIsSingular(t *testing.T) {
	many := regexp.MustCompile(`(^|[^0-9,.])1 ((Service )?ports|nodes|Services|endpoints|node (run|have|are|do|need))\b`)
	for _, mode := range []string{"", "iptables", "ipvs", "nftables", "none"} {
		for _, version := range []string{"1.20.4", "1.30.1", "1.33.4", "1.41.0"} {
			for _, kernel := range []string{"5.4.0-150-generic", "6.12.5", "4.18.0-553.el8_10.x86_64"} {
				args := []string{"audit", "--services", "1", "--endpoints", "1", "--nodes", "1", "--kernel", kernel, "--kubernetes-version", version}
				if mode != "" {
					args = append(args, "--proxy-mode", mode)
				}
				for _, more := range [][]string{{"-o", "json"}, {"-o", "markdown"}, {"--to", "nftables"}, {"--to", "ipvs", "-o", "json"}} {
					o := run(t, append(args, more...)...)
					text := strings.Join(strings.Fields(o.out), " ")
					if at := many.FindStringIndex(text); at != nil {
						t.Errorf("%s %s %s %v: %q", mode, version, kernel, more, text[max(at[0]-80, 0):min(at[1]+80, len(text))])
					}
					if o.code == Usage || len(text) == 0 {
						t.Fatalf("%v: %s", args, o.errOut)
					}
				}
			}
		}
	}
}
