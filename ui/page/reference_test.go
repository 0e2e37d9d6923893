package page

import (
	"net/url"
	"strings"
	"testing"

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
