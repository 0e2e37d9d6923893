//go:build linux

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/autopsy"
	"kpadvisor/advisor/cluster/clustertest"
)

// plant is something that is done on a node, and how it is undone.
type plant struct{ name, do, undo, differ, left string }

// plants are what is done on a node in a mode.
func plants(mode advisor.Mode) []plant {
	const unused = "KUBE-SVC-AAAAAAAAAAAAAAAA"
	return map[advisor.Mode][]plant{
		advisor.IPTables: {
			{"a rule added", "iptables -t nat -I KUBE-SERVICES -d 10.9.9.9/32 -j RETURN", "iptables -t nat -D KUBE-SERVICES -d 10.9.9.9/32 -j RETURN", "1 added nat KUBE-SERVICES", ""},
			{"an endpoint without its rule", "iptables -t nat -D RULE-OF-ENDPOINT", "iptables -t nat -A RULE-OF-ENDPOINT", "1 missing nat KUBE-SEP", ""},
			{"a Service without its rule", "iptables -t nat -D RULE-OF-SERVICE", "iptables -t nat -I RULE-OF-SERVICE", "1 missing nat KUBE-SERVICES", ""},
			{"a chain that nothing leads to", "iptables -t nat -N " + unused, "iptables -t nat -X " + unused, "1 unused nat KUBE-SVC", ""},
			{"a table of nftables mode", "nft add table ip kube-proxy", "nft delete table ip kube-proxy", "", "1 tables of nftables"},
			{"a chain of IPVS mode", "iptables -t nat -N KUBE-LOAD-BALANCER", "iptables -t nat -X KUBE-LOAD-BALANCER", "", "1 chains in iptables-nft"},
		},
		advisor.NFTables: {
			{
				"a rule added", "nft insert rule ip kube-proxy cluster-ips-check ip daddr 10.9.9.9 accept",
				"nft delete rule ip kube-proxy cluster-ips-check handle $(nft -a list chain ip kube-proxy cluster-ips-check | sed -n 's/.*10\\.9\\.9\\.9.*handle //p')",
				"1 added kube-proxy cluster-ips-check", "",
			},
			{"an element gone", "nft delete element ip kube-proxy cluster-ips { 10.96.0.1 }", "nft add element ip kube-proxy cluster-ips { 10.96.0.1 }", "1 missing kube-proxy cluster-ips", ""},
			{"a chain of iptables mode", "iptables -t nat -N " + unused, "iptables -t nat -X " + unused, "", "1 chains in iptables-nft"},
		},
	}[mode]
}

// autopsied runs the script as root. Where nobody touched anything there is no finding;
// what is planted is found as that and nothing else; and when it is gone, nothing is found
// again.
func autopsied(t *testing.T, h *clustertest.Host, mode advisor.Mode) {
	env := environment(t, "KUBECONFIG="+clustertest.Kubeconfig(t, "plain", h.Admin))
	var estimated audited
	if err := json.Unmarshal([]byte(run(t, env, "audit", "-o", "json").stdout), &estimated); err != nil {
		t.Fatal(err)
	}
	script := run(t, env, "node-script").expect(t, 0).stdout
	text, _ := settled(t, h, script, estimated.Estimates[mode].Rules)
	rules := strings.NewReplacer(
		"RULE-OF-ENDPOINT", ruleIn(string(text), "-A KUBE-SEP-", "-j DNAT"),
		"RULE-OF-SERVICE", ruleIn(string(text), "-A KUBE-SERVICES ", "-j KUBE-SVC-"),
	)
	sh := func(command string) []byte {
		out, err := h.Output(t.Context(), []string{"PATH=" + os.Getenv("PATH") + ":/usr/sbin:/sbin"}, "sh", "-c", command)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	told := map[string]bool{} // an audit takes seconds
	check := func(name, differ, left string) {
		t.Helper()
		text := sh(script)
		all, err := autopsy.Parse(text)
		if err != nil || len(all) != 1 || all[0].Autopsy == nil {
			t.Fatalf("%s: %d reports, %v", name, len(all), err)
		}
		a := *all[0].Autopsy
		if got, gotLeft := inShort(a); got != differ || gotLeft != left || !a.Rules.Compared.IsKnown() || len(a.Looked) == 0 {
			t.Errorf("%s: %q and %q, want %q and %q: %+v", name, got, gotLeft, differ, left, a)
		}
		kind := fmt.Sprint(differ != "", left != "")
		if told[kind] {
			return
		}
		told[kind] = true
		file := filepath.Join(t.TempDir(), "node.txt")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		found := findings(t, env, file)
		for id, want := range map[string]bool{"KPA084": left != "", "KPA085": differ != ""} {
			if slices.Contains(found, id) != want {
				t.Errorf("%s: findings %q", name, found)
			}
		}
	}
	check("untouched", "", "")
	for _, p := range plants(mode) {
		sh(rules.Replace(p.do))
		check(p.name, p.differ, p.left)
		sh(rules.Replace(p.undo))
	}
	check("untouched again", "", "")
}

// ruleIn is the first rule of a report with both parts, without its -A.
func ruleIn(report, begin, part string) string {
	for line := range strings.Lines(report) {
		if strings.HasPrefix(line, begin) && strings.Contains(line, part) {
			return strings.TrimSpace(strings.TrimPrefix(line, "-A "))
		}
	}
	return ""
}

// inShort is how rules differ, and what is left over.
func inShort(a advisor.NodeAutopsy) (differ, left string) {
	var d, l []string
	for _, x := range a.Rules.Differ {
		d = append(d, fmt.Sprintf("%d %s %s %s", x.Count, x.How, x.Table, x.Chain))
	}
	for _, x := range a.Leftovers {
		l = append(l, fmt.Sprintf("%d %s", x.Count, x.What))
	}
	return strings.Join(d, ", "), strings.Join(l, ", ")
}

// findings are the rules that an audit with a report of a node fires.
func findings(t *testing.T, env []string, report string) (ids []string) {
	t.Helper()
	var a struct {
		Findings []struct{ Rule string } `json:"findings"`
	}
	r := run(t, env, "audit", "-o", "json", "--node-report", report)
	if err := json.Unmarshal([]byte(r.stdout), &a); err != nil {
		t.Fatalf("%v: %s", err, r.stderr)
	}
	for _, f := range a.Findings {
		ids = append(ids, f.Rule)
	}
	return ids
}
