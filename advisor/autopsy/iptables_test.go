package autopsy

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node"
	"kpadvisor/probe/lab/rules"
)

// saved is a dump of testdata.
func saved(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err == nil && strings.HasSuffix(name, ".gz") {
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(text)); err == nil {
			text, err = io.ReadAll(z)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// one is the autopsy of a report of these sections: a name, what was read, and so on.
func one(t testing.TB, sections ...string) advisor.NodeAutopsy {
	t.Helper()
	var b bytes.Buffer
	w := node.NewWriter(&b)
	for i := 0; i < len(sections); i += 2 {
		w.Section(sections[i], []byte(sections[i+1]), nil)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	all, err := Parse(b.Bytes())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d reports, %v", len(all), err)
	}
	if all[0].Autopsy == nil { // it may be of the network of a pod
		return advisor.NodeAutopsy{}
	}
	return *all[0].Autopsy
}

const stamp = "kubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family=\"IPv4\"} 1.7e9\n"

// metrics is a page of a kube-proxy of a version that has not written since.
func metrics(version string) string {
	return "kubernetes_build_info{git_version=\"" + version + "\"} 1\n" + stamp
}

// inIPTablesMode is the autopsy of a node in iptables mode whose tables are this.
func inIPTablesMode(t testing.TB, tables string, more ...string) advisor.NodeAutopsy {
	t.Helper()
	return one(t, append([]string{
		"kube-proxy.mode", "iptables", "kube-proxy.metrics", metrics("v1.37.2"), "kube-proxy.metrics.after", metrics("v1.37.2"),
		"iptables.nft.nat", table(tables, "nat"), "iptables.nft.filter", table(tables, "filter"),
	}, more...)...)
}

// table is one table of a dump.
func table(dump, name string) string {
	_, rest, _ := strings.Cut(dump, "*"+name+"\n")
	body, _, _ := strings.Cut(rest, "COMMIT\n")
	return "*" + name + "\n" + body + "COMMIT\n"
}

// dumps are tables of a kube-proxy that nobody touched.
func dumps(t testing.TB) map[string]string {
	every := rules.Shape{Services: 60, Distribution: []int{3, 0, 1, 5}, Seed: 4, NodePort: 30, LoadBalancer: 20, Affinity: 40, Local: 50}.List(0)
	large := rules.Shape{Services: 80, Endpoints: 15, Seed: 1, NodePort: 20, LoadBalancer: 20, Affinity: 30, Local: 40}.List(0)
	return map[string]string{
		"every kind":           saved(t, "iptables-every.txt.gz"),
		"over 1,000 endpoints": saved(t, "iptables-every-large-cluster.txt.gz"),
		"a real one":           saved(t, "iptables-plain.txt"),
		"of the generator":     string(rules.IPTables(rules.Diff(nil, every), 1)),
		"of a large cluster":   string(rules.IPTables(rules.Diff(nil, large), 1)),
		"with no Service":      string(rules.IPTables(rules.Diff(nil, []rules.Service{}), 1)),
	}
}

// TestClean: rules of kube-proxy differ in nothing.
func TestClean(t *testing.T) {
	for name, dump := range dumps(t) {
		a := inIPTablesMode(t, dump)
		if len(a.Rules.Differ) > 0 || len(a.Leftovers) > 0 || !a.Rules.Compared.IsKnown() {
			t.Errorf("%s: %+v", name, a)
		}
		apart := 0
		for _, x := range a.Rules.Apart {
			apart += x.Count
			if x.Why != advisor.ApartRanges {
				t.Errorf("%s: %+v", name, x)
			}
		}
		if want := strings.Count(dump, "\n-A ") - strings.Count(dump, "KUBE-FIREWALL"); a.Rules.Compared.Value+apart < want {
			t.Errorf("%s: %d rules compared of %d, and %d not", name, a.Rules.Compared.Value, want, apart)
		}
	}
}

// differ is what differs, in short.
func differ(a advisor.NodeAutopsy) string {
	var out []string
	for _, d := range a.Rules.Differ {
		out = append(out, fmt.Sprintf("%d %s %s %s", d.Count, d.How, d.Table, d.Chain))
	}
	return strings.Join(out, ", ")
}

// first is the first line of a dump that holds all these.
func first(t testing.TB, dump string, parts ...string) string {
	t.Helper()
	for line := range strings.Lines(dump) {
		if !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(line, p) }) {
			return line
		}
	}
	t.Fatalf("no line with %q", parts)
	return ""
}

// TestTouched: each change of one rule is found as that, and nothing else is.
func TestTouched(t *testing.T) {
	dump := saved(t, "iptables-plain.txt")
	line := func(parts ...string) string { return first(t, dump, parts...) }
	swap := func(old, with string) string {
		if strings.Count(dump, old) != 1 {
			t.Fatalf("%d of %q", strings.Count(dump, old), old)
		}
		return strings.Replace(dump, old, with, 1)
	}
	service := line("-A KUBE-SERVICES", "cluster IP", "-j KUBE-SVC-")
	jump := line("-A KUBE-SVC-", "0.50000000000")
	dnat, masq := line("-A KUBE-SEP-", "DNAT"), line("-A KUBE-SEP-", "KUBE-MARK-MASQ")
	own := line("-A KUBE-SVC-", "KUBE-MARK-MASQ")
	third := line("-A KUBE-SVC-", "0.33333333349")
	for name, c := range map[string]struct{ dump, want string }{
		"a rule added at the top":       {swap(service, "-A KUBE-SERVICES -d 10.96.7.7/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1:80\n"+service), "1 added nat KUBE-SERVICES"},
		"a rule added in a Service":     {swap(own, "-A "+strings.Fields(own)[1]+" -s 10.9.0.0/16 -j RETURN\n"+own), "1 added nat KUBE-SVC"},
		"a jump removed":                {swap(jump, ""), "1 missing nat KUBE-SVC"},
		"the first jump removed":        {swap(third, ""), "1 missing nat KUBE-SVC"},
		"two jumps changed places":      {strings.Replace(swap(jump, ""), third, jump+third, 1), "1 reordered nat KUBE-SVC"},
		"a DNAT removed":                {swap(dnat, ""), "1 missing nat KUBE-SEP"},
		"a DNAT elsewhere":              {swap(dnat, strings.Replace(dnat, ":8080", ":9090", 1)), "1 changed nat KUBE-SEP"},
		"no hairpin":                    {swap(masq, ""), "1 missing nat KUBE-SEP"},
		"a Service removed":             {swap(service, ""), "1 missing nat KUBE-SERVICES"},
		"a Service moved":               {swap(service, strings.Replace(service, "--dport 80", "--dport 81", 1)), "1 changed nat KUBE-SERVICES"},
		"a Service that is masked":      {swap(own, ""), "1 missing nat KUBE-SVC"},
		"a chain of nobody":             {swap("*nat\n", "*nat\n:KUBE-SEP-AAAAAAAAAAAAAAAA - [0:0]\n"), "1 unused nat KUBE-SEP"},
		"no jump into the chains":       {swap(line("-A PREROUTING", "KUBE-SERVICES"), ""), "1 missing nat PREROUTING"},
		"a jump twice":                  {swap(line("-A PREROUTING", "KUBE-SERVICES"), strings.Repeat(line("-A PREROUTING", "KUBE-SERVICES"), 2)), "1 added nat PREROUTING"},
		"no node ports":                 {swap(line("-j KUBE-NODEPORTS", "addrtype"), ""), "1 missing nat KUBE-SERVICES"},
		"nothing forwarded":             {swap(line("-A KUBE-FORWARD", "forwarding rules"), ""), "1 missing filter KUBE-FORWARD"},
		"a drop in between":             {swap(line("-A KUBE-FORWARD", "forwarding rules"), line("-A KUBE-FORWARD", "forwarding rules")+"-A KUBE-FORWARD -s 10.1.1.1/32 -j DROP\n"), "1 added filter KUBE-FORWARD"},
		"nobody masquerades":            {swap(line("-A KUBE-POSTROUTING", "MASQUERADE"), ""), "1 missing nat KUBE-POSTROUTING"},
		"a refusal removed":             {swap(line("-A KUBE-SERVICES", "REJECT"), ""), ""}, // with it all that shows the Service
		"the rules of others":           {swap("*nat\n", "*nat\n:CNI-1 - [0:0]\n-A CNI-1 -j ACCEPT\n-A POSTROUTING -s 10.1.0.0/16 -j CNI-1\n:KUBE-ROUTER-X - [0:0]\n-A KUBE-ROUTER-X -j DROP\n"), ""},
		"no counters of nfacct":         {strings.Replace(dump, " -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts", "", 1), ""},
		"invalid packets pass":          {swap(line("-A KUBE-FORWARD", "INVALID"), ""), ""},
		"no --random-fully":             {strings.ReplaceAll(dump, " --random-fully", ""), ""},
		"counters":                      {strings.ReplaceAll(dump, "\n-A ", "\n[1:60] -A "), ""},
		"another mark":                  {strings.ReplaceAll(dump, "0x4000", "0x8000"), ""},
		"pods known by their interface": {strings.ReplaceAll(dump, "! -s 10.128.0.0/9", "! -i cni0"), ""},
		"everything masqueraded":        {strings.ReplaceAll(dump, "! -s 10.128.0.0/9", ""), ""},
		"no pods known":                 {regexp.MustCompile(`(?m)^-A KUBE-SVC-.*! -s 10\.128\.0\.0/9.*\n`).ReplaceAllString(dump, ""), ""},
		"an address for node ports":     {strings.Replace(dump, "-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS", "-d 192.0.2.1/32 -j KUBE-NODEPORTS", 1), ""},
		"no localhost node ports":       {strings.Replace(dump, "-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS", "! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS", 1), ""},
	} {
		a := inIPTablesMode(t, c.dump)
		if got := differ(a); got != c.want {
			t.Errorf("%s: %q, want %q: %+v", name, got, c.want, a.Rules.Examples)
		}
	}
}

// TestExposed: whatever a Service is reached at, and whoever may reach it.
func TestExposed(t *testing.T) {
	s := rules.Service{
		Namespace: "shop", Name: "cart", PortName: "http", Protocol: "tcp", Port: 80, ClusterIP: netip.MustParseAddr("10.96.0.9"),
		Traffic:   rules.Traffic{NodePort: 30_080, LoadBalancer: netip.MustParseAddr("198.18.0.1")},
		Endpoints: []rules.Endpoint{{Addr: netip.MustParseAddrPort("10.128.0.1:80")}},
	}
	dump := string(rules.IPTables(rules.Diff(nil, []rules.Service{s}), 1))
	hash := rules.ServiceHash(s.String(), s.Protocol)
	balancer := first(t, dump, "loadbalancer IP")
	for name, c := range map[string]struct{ dump, want string }{
		"two load balancers":        {strings.Replace(dump, balancer, balancer+strings.ReplaceAll(balancer, "198.18.0.1", "198.18.0.2"), 1), ""},
		"an external address":       {strings.Replace(dump, balancer, balancer+strings.NewReplacer("198.18.0.1", "192.0.2.7", "loadbalancer", "external").Replace(balancer), 1), ""},
		"an external address alone": {strings.Replace(dump, balancer, strings.NewReplacer("198.18.0.1", "192.0.2.7", "loadbalancer", "external").Replace(balancer), 1), ""},
		"source ranges": {strings.NewReplacer(balancer, strings.Replace(balancer, "KUBE-EXT-", "KUBE-FW-", 1)+
			"-A KUBE-FW-"+hash+" -m comment --comment \"shop/cart:http loadbalancer IP\" -s 10.0.0.0/8 -j KUBE-EXT-"+hash+"\n",
			"*nat\n", "*nat\n:KUBE-FW-"+hash+" - [0:0]\n",
			"-A KUBE-FORWARD -m conntrack", "-A KUBE-PROXY-FIREWALL -m comment --comment \"shop/cart:http traffic not accepted by KUBE-FW-"+hash+"\" -d 198.18.0.1 -j DROP\n-A KUBE-FORWARD -m conntrack",
		).Replace(dump), ""},
		"no counter of localhost": {strings.Replace(dump, first(t, dump, "-A KUBE-NODEPORTS", "127.0.0.0/8"), "", 1), ""},
		"no node port":            {strings.Replace(strings.Replace(dump, first(t, dump, "-A KUBE-NODEPORTS", "127.0.0.0/8"), "", 1), first(t, dump, "-A KUBE-NODEPORTS", "-p tcp --dport 30080"), "", 1), ""},
		"not masqueraded":         {strings.Replace(dump, first(t, dump, "masquerade traffic for"), "", 1), "1 missing nat KUBE-EXT"},
	} {
		a := inIPTablesMode(t, c.dump)
		if got := differ(a); got != c.want {
			t.Errorf("%s: %q, want %q: %+v", name, got, c.want, a.Rules.Examples)
		}
		if apart := len(a.Rules.Apart) > 0; apart != (name == "source ranges") {
			t.Errorf("%s: not compared: %+v", name, a.Rules.Apart)
		}
	}
}
