package page

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain/plaintest"
)

func TestReferences(t *testing.T) {
	t.Parallel()
	const k, enhancements = "https://github.com/kubernetes/kubernetes/", "https://github.com/kubernetes/enhancements/issues/"
	for _, tt := range []struct {
		text string
		want []Reference
	}{
		{"KEP-3866 chart", []Reference{{"KEP-3866", enhancements + "3866"}, {" chart", ""}}},
		{"kubernetes PRs 135800, 137536; issue 139513", []Reference{
			{"kubernetes PRs 135800", k + "pull/135800"}, {", ", ""}, {"137536", k + "pull/137536"}, {"; ", ""}, {"issue 139513", k + "issues/139513"},
		}},
		{"Issue 81775: exposed", []Reference{{"Issue 81775", k + "issues/81775"}, {": exposed", ""}}},
		{"kubernetes PR 111806, CHANGELOG-1.26; rancher/rke2 issue 4416, kubernetes issue 70304", []Reference{
			{"kubernetes PR 111806", k + "pull/111806"},
			{", ", ""},
			{"CHANGELOG-1.26", k + "blob/master/CHANGELOG/CHANGELOG-1.26.md"},
			{"; ", ""},
			{"rancher/rke2 issue 4416", "https://github.com/rancher/rke2/issues/4416"},
			{", ", ""},
			{"kubernetes issue 70304", k + "issues/70304"},
		}},
		{"kubernetes/kops nodeup/pkg/model/kube_proxy.go, issue 17915; Linux 6.17", []Reference{
			{"kubernetes/kops nodeup/pkg/model/kube_proxy.go", "https://github.com/kubernetes/kops/blob/master/nodeup/pkg/model/kube_proxy.go"},
			{", ", ""},
			{"issue 17915", "https://github.com/kubernetes/kops/issues/17915"},
			{"; Linux 6.17", ""},
		}},
		{"kubernetes issue 59507, kube-vip issues 454, 745", []Reference{
			{"kubernetes issue 59507", k + "issues/59507"},
			{", ", ""},
			{"kube-vip issues 454", "https://github.com/kube-vip/kube-vip/issues/454"},
			{", ", ""},
			{"745", "https://github.com/kube-vip/kube-vip/issues/745"},
		}},
		{"projectcalico/calico 8025, kubernetes-sigs/kubespray 12198; Calico", []Reference{
			{"projectcalico/calico 8025", "https://github.com/projectcalico/calico/issues/8025"},
			{", ", ""},
			{"kubernetes-sigs/kubespray 12198", "https://github.com/kubernetes-sigs/kubespray/issues/12198"},
			{"; Calico", ""},
		}},
		{"kubernetes pkg/proxy/nftables/supported.go", []Reference{{"kubernetes pkg/proxy/nftables/supported.go", k + "blob/master/pkg/proxy/nftables/supported.go"}}},
		{"kernel commit 35dfb013149f; Alibaba Cloud help 272554", []Reference{{"kernel commit 35dfb013149f", "https://git.kernel.org/linus/35dfb013149f"}, {"; Alibaba Cloud help 272554", ""}}},
		{"NETFILTER_XTABLES_LEGACY; canonical/microk8s issue 5525", []Reference{{"NETFILTER_XTABLES_LEGACY; ", ""}, {"canonical/microk8s issue 5525", "https://github.com/canonical/microk8s/issues/5525"}}},
		{"replicatedhq/kURL PR 4298", []Reference{{"replicatedhq/kURL PR 4298", "https://github.com/replicatedhq/kURL/pull/4298"}}},
		{"kubernetes/ingress-nginx_2.0.", []Reference{{"kubernetes/ingress-nginx_2.0", "https://github.com/kubernetes/ingress-nginx_2.0"}, {".", ""}}},
		{"/etc/rancher/k3s/config.yaml, /etc/kubernetes/manifests/kube-proxy.yaml", []Reference{{"/etc/rancher/k3s/config.yaml, /etc/kubernetes/manifests/kube-proxy.yaml", ""}}},
		{"rancher/k3s/config.yaml and rancher/hardened-kubernetes:v1.30, docker.io/rancher/k3s", []Reference{{"rancher/k3s/config.yaml and rancher/hardened-kubernetes:v1.30, docker.io/rancher/k3s", ""}}},
		{"kube-vip 0.8 in front; issue 81775, 454", []Reference{{"kube-vip 0.8 in front; ", ""}, {"issue 81775", k + "issues/81775"}, {", ", ""}, {"454", "https://github.com/kube-vip/kube-vip/issues/454"}}},
		{"issue 5525, issue 81775", []Reference{{"issue 5525, ", ""}, {"issue 81775", k + "issues/81775"}}},
		{"kubernetes PR 71834; cilium issue 1234, flannel-io/flannel issue 5678; issue 910", []Reference{
			{"kubernetes PR 71834", k + "pull/71834"}, {"; cilium issue 1234, flannel-io/flannel issue 5678; issue 910", ""},
		}},
		{"kubernetes PR 71834; x/kubernetes issue 1234", []Reference{{"kubernetes PR 71834", k + "pull/71834"}, {"; x/kubernetes issue 1234", ""}}},
		{"guessi/kube-proxy-benchmark (kube-proxy 1.32.6)", []Reference{{"guessi/kube-proxy-benchmark", "https://github.com/guessi/kube-proxy-benchmark"}, {" (kube-proxy 1.32.6)", ""}}},
		{"kubernetes/kubernetes#81775.", []Reference{{"kubernetes/kubernetes#81775", k + "issues/81775"}, {".", ""}}},
		{"see https://example.org/a.", []Reference{{"see ", ""}, {"https://example.org/a", "https://example.org/a"}, {".", ""}}},
		{"https://user:pass@example.org and 4,871 ports in pkg/proxy, and/or issue 7", []Reference{{"https://user:pass@example.org and 4,871 ports in pkg/proxy, and/or issue 7", ""}}},
		{"", nil},
	} {
		got := References(tt.text)
		if len(got) != len(tt.want) {
			t.Errorf("%q: %q", tt.text, got)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%q: piece %d is %q, want %q", tt.text, i, got[i], tt.want[i])
			}
		}
	}
}

// TestReferencesLoseNothing: the pieces are the text, whatever that is, and each address
// is one that can be followed.
func TestReferencesLoseNothing(t *testing.T) {
	t.Parallel()
	texts := []string{plaintest.Hostile, strings.Repeat("kubernetes issue 81775, ", 100), "https://", "https://https://a.example", "issue 81775\x1b]8;;https://a.example\a, 12345"}
	for _, r := range advisor.Rules() {
		texts = append(texts, r.Source)
	}
	linked := 0
	for _, text := range texts {
		joined := ""
		for _, r := range References(text) {
			if joined += r.Text; r.URL == "" {
				continue
			}
			linked++
			if u, err := url.Parse(r.URL); err != nil || u.Scheme != "https" || u.Host == "" || strings.ContainsFunc(r.URL, func(c rune) bool { return c <= ' ' || c > '~' }) {
				t.Errorf("%q leads to %q: %v", r.Text, r.URL, err)
			}
		}
		if joined != text {
			t.Errorf("%q became %q", text, joined)
		}
	}
	if linked < 30 {
		t.Errorf("%d sources lead anywhere", linked)
	}
}

// TestReferencesOfLongTexts: what a text costs grows as it does. Until projects were found
// once, each of its numbers looked for them in all that stood before it.
func TestReferencesOfLongTexts(t *testing.T) { // alone, since it counts allocations
	const times = 2_000
	for _, piece := range []string{"kubernetes issue 70304, issue 81776; ", "rancher/rke2, PR 4416; ", "https://a.example/)))) "} {
		text := strings.Repeat(piece, times)
		if got := testing.AllocsPerRun(1, func() { References(text) }); got > 100*times {
			t.Errorf("%.0f allocations for %d of %q", got, times, piece)
		}
	}
	start := time.Now()
	if got := followed("https://a.example/" + strings.Repeat(")", 1<<20)); got != "https://a.example/" || time.Since(start) > 20*time.Second {
		t.Errorf("%q after %v", got, time.Since(start))
	}
}

func TestFollowed(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://a.example": "https://a.example", "https://a.example/b.": "https://a.example/b", "https://a.example/b_(c)": "https://a.example/b_(c)",
		"https://a.example/b)": "https://a.example/b", "https://a.example/b).": "https://a.example/b", "https://a.example/b],": "https://a.example/b", "https://a.example/<b>": "https://a.example/",
		`https://a.example/"b`: "https://a.example/", "https://": "", "https://.": "", "https://a@b.example": "", "https://%zz": "", "https:///x": "", "https://a.example:443/x#y": "https://a.example:443/x#y",
	} {
		if got := followed(in); got != want {
			t.Errorf("%q leads to %q, want %q", in, got, want)
		}
	}
}
