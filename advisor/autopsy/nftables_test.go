package autopsy

import (
	"regexp"
	"runtime"
	"strings"
	"testing"

	"kpadvisor/advisor"
)

// inNFTablesMode is the autopsy of a node in nftables mode whose table is this.
func inNFTablesMode(t testing.TB, table string) advisor.NodeAutopsy {
	t.Helper()
	return one(t, "kube-proxy.mode", "nftables", "kube-proxy.metrics", metrics("v1.37.2"), "nft.kube-proxy", table)
}

func onLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the generator of nftables rules knows Linux alone")
	}
}

// TestNFTablesClean: the table of a real kube-proxy differs in nothing.
func TestNFTablesClean(t *testing.T) {
	onLinux(t)
	for name, want := range map[string]int{"nftables-every.txt.gz": 1_250, "nftables-plain.txt": 62} {
		a := inNFTablesMode(t, saved(t, name))
		if len(a.Rules.Differ) > 0 || a.Rules.Compared.Value != want {
			t.Errorf("%s: %+v", name, a.Rules)
		}
	}
}

// TestNFTablesTouched: each change is found as that, and nothing else is.
func TestNFTablesTouched(t *testing.T) {
	onLinux(t)
	dump := saved(t, "nftables-every.txt.gz")
	swap := func(old, with string) string {
		if strings.Count(dump, old) != 1 {
			t.Fatalf("%d of %q", strings.Count(dump, old), old)
		}
		return strings.Replace(dump, old, with, 1)
	}
	const masquerading, services = "\tchain masquerading {\n", "\tchain services {\n"
	const plain = "chain service-CAP5AWRN-team-003/svc-00003/tcp/http {\n"
	const service = "10.96.0.13 . tcp . 80 : goto service-CAP5AWRN-team-003/svc-00003/tcp/http,"
	for name, c := range map[string]struct{ dump, want string }{
		"a rule added":                  {swap(services, services+"\t\tip daddr 10.9.9.9 drop\n"), "1 added kube-proxy services"},
		"one in a Service":              {swap(plain, plain+"\t\tip saddr 10.9.0.0/16 return\n"), "1 added kube-proxy service"},
		"a Service without its rule":    {regexp.MustCompile(plain+`.*\n`).ReplaceAllString(dump, plain), "1 missing kube-proxy no-endpoint-services, 1 added kube-proxy service-ips"},
		"an endpoint too few":           {strings.Replace(dump, "4 : 10.128.0.9 . 8080", "", 1), "1 changed kube-proxy service"},
		"a Service that nobody finds":   {swap(service, ""), "1 added kube-proxy cluster-ips, 1 unused kube-proxy service"},
		"a chain of nobody":             {swap(services, "\tchain service-AAAAAAAA-a/b/tcp/c {\n\t\tdrop\n\t}\n"+services), "1 unused kube-proxy service"},
		"one that kube-proxy emptied":   {swap(services, "\tchain service-AAAAAAAA-a/b/tcp/c {\n\t}\n"+services), ""},
		"no address of a Service":       {strings.Replace(dump, " 10.96.0.13,", "", 1), "1 missing kube-proxy cluster-ips"},
		"no hairpin":                    {regexp.MustCompile(`10\.130\.74\.1 \. 10\.130\.74\.1 \. tcp \. 8080,`).ReplaceAllString(dump, ""), "1 missing kube-proxy hairpin-connections"},
		"nobody masquerades":            {regexp.MustCompile(`(?m)^\t\tmeta mark & 0x00004000.*\n`).ReplaceAllString(dump, ""), "1 missing kube-proxy masquerading"},
		"a chain of somebody":           {swap(masquerading, "\tchain mine {\n\t\tdrop\n\t}\n"+masquerading), "1 added kube-proxy mine"},
		"two rules changed places":      {swap("\t\tct state new jump nodeport-endpoints-check\n\t\tct state new jump service-endpoints-check\n", "\t\tct state new jump service-endpoints-check\n\t\tct state new jump nodeport-endpoints-check\n"), "1 reordered kube-proxy filter-input"},
		"another mark":                  {strings.ReplaceAll(dump, "0x00004000", "0x00008000"), ""},
		"pods known by their interface": {strings.ReplaceAll(strings.ReplaceAll(dump, "ip saddr != 10.128.0.0/9", `iifname != "cni0"`), "ip saddr 10.128.0.0/9", `iifname "cni0"`), ""},
		"no pods known":                 {regexp.MustCompile(`(?m)^.*10\.128\.0\.0/9 .*\n`).ReplaceAllString(dump, ""), ""},
		"no ranges of Services":         {regexp.MustCompile(`(?m)^.*Drop traffic to unallocated ClusterIPs.*\n`).ReplaceAllString(dump, ""), ""},
		"counters":                      {strings.ReplaceAll(dump, "ct state new jump", "ct state new counter packets 1 bytes 60 jump"), ""},
	} {
		a := inNFTablesMode(t, c.dump)
		if got := differ(a); got != c.want {
			t.Errorf("%s: %q, want %q: %+v", name, got, c.want, a.Rules.Examples)
		}
	}
}
