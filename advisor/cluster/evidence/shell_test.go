package evidence

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestScripts: what a kube-proxy started by a shell is started with, or that it
// is not to be seen. A wrong mode is the one thing that must not come out.
func TestScripts(t *testing.T) {
	const hidden = "hidden"
	for script, want := range map[string]string{
		"exec kube-proxy --proxy-mode=ipvs":                                                        "ipvs",
		"# don't use iptables here\nexec kube-proxy --proxy-mode=ipvs":                             "ipvs",
		"set -e # it's fine\nkube-proxy --proxy-mode=ipvs # the admin's choice":                    "ipvs",
		"#!/bin/sh\n# \"quoted\nkube-proxy --proxy-mode=ipvs":                                      "ipvs",
		"kube-proxy --proxy-mode=ipvs#x":                                                           "ipvs#x",
		"kube-proxy --v=2 '--proxy-mode=ipvs'":                                                     "ipvs",
		"kube-proxy --proxy-mode=\"ipvs\" \\\n  --v=2":                                             "ipvs",
		"kube-proxy \\\r\n --proxy-mode=ipvs\r\n":                                                  "ipvs",
		"kube-proxy --proxy-mode=ip\\vs":                                                           "ipvs",
		"echo starting kube-proxy --proxy-mode=iptables; exec kube-proxy --proxy-mode=ipvs":        "ipvs",
		"mkdir -p /var/log/kube-proxy && cp /x/kube-proxy /y; /y/kube-proxy --proxy-mode=ipvs":     "ipvs",
		"kube-proxy --version; kube-proxy --cleanup; exec nice -n -5 kube-proxy --proxy-mode=ipvs": "ipvs",
		"FOO=bar exec /usr/bin/kube-proxy --proxy-mode=ipvs 2>&1 | tee -a /var/log/x":              "ipvs",
		"if true; then exec kube-proxy --proxy-mode=ipvs; fi":                                      "ipvs",
		"(kube-proxy --proxy-mode=ipvs)":                                                           "ipvs",
		"exec /hyperkube proxy --proxy-mode=ipvs":                                                  "ipvs",
		"exec hyperkube kube-proxy --proxy-mode=ipvs":                                              "ipvs",
		"kube-proxy --proxy-mode=$MODE":                                                            "ipvs",
		"kube-proxy --proxy-mode=${MODE}":                                                          "ipvs",
		"kube-proxy --proxy-mode=${MODE:-iptables}":                                                "ipvs",
		"kube-proxy $FLAGS --v=2":                                                                  "ipvs",
		"kube-proxy \"$@\"":                                                                        "nftables", // the parameters
		"kube-proxy":                                                                               "",
		"kube-proxy --proxy-mode=iptables $FLAGS":                                                  "ipvs", // the last one wins
		// Not to be seen.
		"kube-proxy --proxy-mode='$MODE'":                                                                hidden,
		"kube-proxy --proxy-mode=$OTHER":                                                                 hidden,
		"kube-proxy --proxy-mode=${OTHER:-ipvs}":                                                         hidden,
		"kube-proxy --proxy-mode=$(cat /etc/mode)":                                                       hidden,
		"kube-proxy --proxy-mode=`cat /etc/mode`":                                                        hidden,
		"MODE=nftables; kube-proxy --proxy-mode=$MODE":                                                   hidden,
		"if x; then MODE=nftables; fi; kube-proxy --proxy-mode=$MODE":                                    hidden,
		"export MODE=nftables\nkube-proxy --proxy-mode=$MODE":                                            hidden,
		"read MODE </etc/mode; kube-proxy --proxy-mode=$MODE":                                            hidden,
		". /etc/env; kube-proxy --proxy-mode=$MODE":                                                      hidden,
		"[ -f /e ] && source /e\nkube-proxy --proxy-mode=$MODE":                                          hidden,
		"kube-proxy --proxy-mode=ipvs $OTHER":                                                            hidden,
		"if x; then kube-proxy --proxy-mode=ipvs; else kube-proxy --proxy-mode=iptables; fi":             hidden,
		"case $X in a) kube-proxy --proxy-mode=ipvs;; *) kube-proxy;; esac":                              hidden,
		"cat <<EOF >/etc/motd\nit's kube-proxy --proxy-mode=ipvs\nEOF\nkube-proxy --proxy-mode=iptables": hidden,
		"kube-proxy --proxy-mode=\"ipvs":                                                                 hidden,
		"exec /start-kube-proxy.sh":                                                                      hidden,
		"some-wrapper kube-proxy --proxy-mode=ipvs":                                                      hidden,
		"": hidden,
	} {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system"}, Spec: corev1.PodSpec{
			NodeName: "n", HostNetwork: true, Containers: []corev1.Container{{
				Name: "kube-proxy", Command: []string{"/bin/sh", "-ec", script, "sh", "--proxy-mode=nftables"},
				Env: []corev1.EnvVar{{Name: "MODE", Value: "ipvs"}, {Name: "FLAGS", Value: " --proxy-mode=ipvs --v=3"}},
			}},
		}}
		s, ok := ReducePod(p)
		if !ok {
			t.Fatal("a container called kube-proxy is kube-proxy")
		}
		got := s.program.Value().settings.mode
		if s.program.Value().opaque || isHidden(got) {
			got = hidden
		}
		if got != want {
			t.Errorf("%s\n%q, want %q", script, got, want)
		}
	}
}

// TestVariables: where the value of $(VAR) is to be had.
func TestVariables(t *testing.T) {
	ref := func(name, key string) *corev1.EnvVarSource {
		return &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key}}
	}
	from := func(prefix, name string) corev1.EnvFromSource {
		return corev1.EnvFromSource{Prefix: prefix, ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: name}}}
	}
	secret := corev1.EnvFromSource{SecretRef: &corev1.SecretEnvSource{}}
	for name, c := range map[string]struct {
		word   string
		env    []corev1.EnvVar
		from   []corev1.EnvFromSource
		want   string // the mode, where it is written out
		object fileRef
		hidden bool
	}{
		"plain":              {word: "$(M)", env: []corev1.EnvVar{{Name: "M", Value: "ipvs"}}, want: "ipvs"},
		"by another":         {word: "$(M)", env: []corev1.EnvVar{{Name: "A", Value: "ipvs"}, {Name: "M", Value: "$(A)"}}, want: "ipvs"},
		"by a later one":     {word: "$(M)", env: []corev1.EnvVar{{Name: "M", Value: "$(A)"}, {Name: "A", Value: "ipvs"}}, hidden: true, want: "$(A)"},
		"key":                {word: "$(M)", env: []corev1.EnvVar{{Name: "M", ValueFrom: ref("c", "k")}}, object: fileRef{true, key{"ns", "c"}, "k"}, hidden: true},
		"key by another":     {word: "$(M)", env: []corev1.EnvVar{{Name: "A", ValueFrom: ref("c", "k")}, {Name: "M", Value: "$(A)"}}, object: fileRef{true, key{"ns", "c"}, "k"}, hidden: true},
		"all keys":           {word: "$(M)", from: []corev1.EnvFromSource{from("", "c")}, object: fileRef{true, key{"ns", "c"}, "M"}, hidden: true},
		"all keys, prefix":   {word: "$(P_M)", from: []corev1.EnvFromSource{from("P_", "c")}, object: fileRef{true, key{"ns", "c"}, "M"}, hidden: true},
		"beats all keys":     {word: "$(M)", env: []corev1.EnvVar{{Name: "M", Value: "ipvs"}}, from: []corev1.EnvFromSource{from("", "c")}, want: "ipvs"},
		"one of two":         {word: "$(M)", from: []corev1.EnvFromSource{from("", "c"), from("", "d")}, hidden: true},
		"maybe a Secret":     {word: "$(M)", from: []corev1.EnvFromSource{secret}, hidden: true},
		"of the pod":         {word: "$(M)", env: []corev1.EnvVar{{Name: "M", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{}}}}, hidden: true},
		"set by nobody":      {word: "$(M)", hidden: true, want: "$(M)"},
		"a part of the mode": {word: "ip$(M)", env: []corev1.EnvVar{{Name: "M", ValueFrom: ref("c", "k")}}, hidden: true},
		"made up":            {word: hole + "c" + keyMark + "k" + hole, want: "c" + keyMark + "k"},
	} {
		container := &corev1.Container{Name: "kube-proxy", Command: []string{"kube-proxy", "--proxy-mode=" + c.word}, Env: c.env, EnvFrom: c.from}
		p, _ := proxyProgram("ns", &corev1.PodSpec{}, container, commandLine(container))
		got := p.settings.mode
		object, _ := configMapIn("ns", got)
		if p.opaque || isHidden(got) != c.hidden || object != c.object {
			t.Errorf("%s: %q from %+v, opaque %v", name, got, object, p.opaque)
		}
		if !strings.Contains(got, hole) && got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
