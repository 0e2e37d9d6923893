package cli

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
)

const validKubeconfig = `{apiVersion: v1, kind: Config, clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}],
users: [{name: u, user: {token: t}}], contexts: [{name: x, context: {cluster: c, user: u}}], current-context: x}`

// TestKubeconfigProblems: every kubeconfig that cannot work is named, with what is
// wrong in it, in one sentence.
func TestKubeconfigProblems(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	changed := func(name, old, new string) string { return write(name, strings.Replace(validKubeconfig, old, new, 1)) }
	valid, none := write("valid", validKubeconfig), filepath.Join(dir, "none")
	empty, blank := write("empty", ""), write("blank", "\n  \n")
	for _, tt := range []struct {
		name     string
		env      string // KUBECONFIG
		args     []string
		sentence string
	}{
		{"empty", empty, nil, "The kubeconfig " + empty + " is empty."},
		{"blank", blank, nil, "The kubeconfig " + blank + " is empty."},
		{"empty, by flag", none, []string{"--kubeconfig", empty}, "The kubeconfig " + empty + " is empty."},
		{"nothing in it", write("nothing", "{apiVersion: v1, kind: Config}"), nil, "names no cluster."},
		{"not there", none, nil, "No kubeconfig was found: KUBECONFIG names " + none + ", which does not exist."},
		{"not there, both", none + string(os.PathListSeparator) + none + "2", nil, none + "2, which do not exist."},
		{"not there, by flag", valid, []string{"--kubeconfig", none}, none + " does not exist."},
		{"a directory", none, []string{"--kubeconfig", dir}, "The kubeconfig " + dir + " is a directory."},
		{"not YAML", write("tab", "\t{"), nil, "cannot be parsed"},
		{"current-context gone", changed("gone", "current-context: x", "current-context: old"), nil, `The kubeconfig's current-context "old" does not exist in it; it has x.`},
		{"current-context in a file that is not there", none + string(os.PathListSeparator) + changed("half", "current-context: x", "current-context: old"), nil, "it has x, and KUBECONFIG names " + none + ", which does not exist."},
		{"no current-context", changed("nocurrent", "current-context: x", "current-context: ''"), nil, "The kubeconfig has no current context; it has x."},
		{"a context that was asked for", valid, []string{"--context", "y"}, `The kubeconfig has no context "y"; it has x.`},
		{"no such cluster", changed("nocluster", "cluster: c,", "cluster: d,"), nil, `The context "x" names the cluster "d", which the kubeconfig does not have.`},
		{"tokenFile gone", changed("tokenfile", "token: t", "tokenFile: "+none), nil, "The tokenFile " + none + ` of the kubeconfig's user "u" does not exist.`},
		{"tokenFile a directory", changed("tokendir", "token: t", "tokenFile: "+dir), nil, "The tokenFile " + dir + ` of the kubeconfig's user "u" cannot be read: is a directory.`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := withEnv(t, tt.env, append([]string{"audit"}, tt.args...)...)
			o.wants(t, Failure, "", tt.sentence)
			o.isOneSentence(t)
			if strings.Contains(o.errOut, "asked for") {
				t.Errorf("nobody asked: %s", o.errOut)
			}
		})
	}
	// What has no cluster leaves the demo to show, and a broken file does not.
	withEnv(t, empty).wants(t, Failure, "DEMO, not your cluster", "is empty.")
	if o := withEnv(t, changed("gone", "current-context: x", "current-context: old")); o.out != "" {
		t.Errorf("a demo beside a broken kubeconfig:\n%s", o.out)
	}
}

// withEnv is run with a KUBECONFIG.
func withEnv(t *testing.T, kubeconfig string, args ...string) outcome {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBECONFIG", kubeconfig)
	t.Setenv("KUBERNETES_MASTER", "")
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	t.Setenv("LC_ALL", "C.UTF-8")
	var out, errOut bytes.Buffer
	code := whole(context.WithoutCancel(t.Context()), args, strings.NewReader(""), &out, &errOut)
	return outcome{code, out.String(), errOut.String()}
}

// TestUnreadable: as root every file can be read, so the error is made up.
func TestUnreadable(t *testing.T) {
	p, ok := unreadable("kubeconfig /x", &fs.PathError{Op: "open", Path: "/x", Err: fs.ErrPermission})
	if !ok || p.Sentence != "The kubeconfig /x cannot be read: permission denied." || p.Remedy == "" {
		t.Errorf("%v %+v", ok, p)
	}
	if _, ok := unreadable("kubeconfig /x", &fs.PathError{Op: "open", Path: "/x", Err: fs.ErrNotExist}); ok {
		t.Error("a file that is not there is unreadable")
	}
	if !errors.Is(noCluster{failure{}}, clientcmd.ErrEmptyConfig) {
		t.Error("no cluster is not an empty configuration")
	}
}

// What the library would read whole is refused by its size before: the kubeconfig and
// the files that the context in use names.
func TestKubeconfigIsBounded(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, size int64, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if size > 0 {
			if err := os.Truncate(path, size); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	huge := file("huge", 1<<40, "")
	with := func(name, cluster, user string) string {
		return file(name, 0, "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: a, user: a}}]\n"+
			"clusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'"+cluster+"}}]\nusers: [{name: a, user: {"+user+"}}, {name: other, user: {tokenFile: /dev/zero}}]\n")
	}
	for _, test := range []struct{ what, want, kubeconfig string }{
		{"a huge kubeconfig", "The kubeconfig " + huge + " is larger than 8 MiB.", huge},
		{"a device", "The kubeconfig /dev/zero is a device.", "/dev/zero"},
		{"a huge token", "The file " + huge + " is larger than 1 MiB.", with("token", "", "tokenFile: "+huge)},
		{"a token without an end", "The file /dev/zero is a device.", with("zero", "", "tokenFile: /dev/zero")},
		{"a huge certificate", "The file " + huge + " is larger than 1 MiB.", with("ca", ", certificate-authority: "+huge, "token: x")},
		{"a huge key", "The file " + huge + " is larger than 1 MiB.", with("key", "", "client-certificate: "+huge+", client-key: "+huge)},
		{"what another user has", "refuses connections", with("other", "", "token: x")},
	} {
		o := run(t, "audit", "--kubeconfig", test.kubeconfig)
		if o.code != Failure || !strings.Contains(o.errOut, test.want) {
			t.Errorf("%s: code %d, %q, want %q", test.what, o.code, o.errOut, test.want)
		}
	}
}
