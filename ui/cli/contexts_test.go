package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"

	"kpadvisor/advisor"
	"kpadvisor/apiserver"
	"kpadvisor/ui/tui"
)

// contextsOf are what the screens can read with that command line.
func contextsOf(t *testing.T, args ...string) *contexts {
	t.Helper()
	isolate(t)
	a := &app{program: "kpadvisor", env: os.Environ(), err: new(bytes.Buffer)}
	var out *contexts
	root := a.rootCommand()
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		_, config, _ := a.connect() // without one there is none
		out = a.contexts(t.Context(), cmd, config, func(string) {})
		return nil
	}
	root.SetArgs(args)
	if err := root.ExecuteContext(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	return out
}

// manyContexts writes a kubeconfig of so many contexts, and returns its name.
func manyContexts(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Config\ncurrent-context: c1\nclusters:\n")
	for i := range n {
		fmt.Fprintf(&b, "- {name: k%d, cluster: {server: 'https://10.0.0.%d:6443'}}\n", i, i%250)
	}
	b.WriteString("users:\n- {name: token, user: {token: t}}\n- {name: plugin, user: {exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: /usr/bin/aws}}}\ncontexts:\n")
	for i := range n {
		fmt.Fprintf(&b, "- {name: c%d, context: {cluster: k%d, user: %s, namespace: ns%d}}\n", i, i, []string{"token", "plugin"}[i%2], i)
	}
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestContexts: the current context comes first, and each is described without asking
// anybody; what flags name is alone.
func TestContexts(t *testing.T) {
	file := manyContexts(t, 3)
	c := contextsOf(t, "--kubeconfig", file, "--request-timeout", "7s", "--nodes", "9")
	want := []tui.Context{
		{Name: "c1", Address: "10.0.0.1:6443", Server: "https://10.0.0.1:6443\n\n", Plugin: "aws", Current: true, Limit: 7 * time.Second},
		{Name: "c0", Address: "10.0.0.0:6443", Server: "https://10.0.0.0:6443\n\n", Limit: 7 * time.Second},
		{Name: "c2", Address: "10.0.0.2:6443", Server: "https://10.0.0.2:6443\n\n", Limit: 7 * time.Second},
	}
	if fmt.Sprint(c.List()) != fmt.Sprint(want) {
		t.Errorf("%+v\nwant %+v", c.List(), want)
	}
	for name, want := range map[string]string{
		"c1": "kpadvisor audit --kubeconfig " + file + " --request-timeout 7s --nodes 9 --context c1",
		"c2": "kpadvisor audit --kubeconfig " + file + " --request-timeout 7s --context c2", // nobody counted its nodes
	} {
		if got := c.command(name); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if c.namespace("c2") != "ns2" || c.namespace("none") != "default" {
		t.Errorf("namespaces %q, %q", c.namespace("c2"), c.namespace("none"))
	}
	for _, args := range [][]string{{"--context", "c2"}, {"--server", "https://other.example"}, {"--user", "token"}} {
		c := contextsOf(t, append(args, "--kubeconfig", file)...)
		if len(c.List()) != 1 || !c.List()[0].Current || c.List()[0].Address == "" || c.List()[0].Limit != apiserver.DefaultTimeout {
			t.Errorf("%q: %+v", args, c.List())
		}
	}
	text := "{apiVersion: v1, kind: Config, clusters: [{name: k, cluster: {server: 'https://10.0.0.1:6443'}}],\n" +
		"users: [{name: u, user: {token: t}}], contexts: [{name: only, context: {cluster: k, user: u}}]}"
	file = filepath.Join(t.TempDir(), "without-current")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c = contextsOf(t, "--kubeconfig", file)
	if got, want := c.command("only"), "kpadvisor audit --kubeconfig "+file+" --context only"; len(c.List()) != 1 || got != want {
		t.Errorf("one that is not the current: %q, want %q", got, want)
	}
	if c := contextsOf(t, "--kubeconfig", filepath.Join(t.TempDir(), "none")); len(c.List()) != 0 {
		t.Errorf("of no kubeconfig: %+v", c.List())
	}
}

// TestKnownThroughRereads: what is measured in a cluster goes by what is known of it, also
// while another read goes on and after that has failed.
func TestKnownThroughRereads(t *testing.T) {
	c := &contexts{latest: map[string]reads{}}
	state := []advisor.Reading{{Facts: advisor.Facts{Name: "first"}}, {}}
	for i := range state {
		c.began("c", live{reading: func() advisor.Reading { return state[i] }})
		if i > 0 {
			continue
		}
		if c.known("c").Done {
			t.Error("what is being read is taken for read")
		}
		state[0].Done = true
	}
	for name, next := range map[string]advisor.Reading{"going on": {Facts: advisor.Facts{Name: "half"}}, "failed": {Done: true, Err: errors.New("refused")}} {
		if state[1] = next; c.known("c").Facts.Name != "first" {
			t.Errorf("%s: %+v", name, c.known("c"))
		}
	}
	state[1] = advisor.Reading{Done: true, Facts: advisor.Facts{Name: "second"}}
	if got := c.known("c").Facts.Name; got != "second" {
		t.Error(got)
	}
}

// TestConnectReadsAgain: who has changed the kubeconfig meanwhile is heard, unless it names
// another cluster or plugin than the list does, and what is wrong with one context is the
// error of its read.
func TestConnectReadsAgain(t *testing.T) {
	file := manyContexts(t, 7)
	c := contextsOf(t, "--kubeconfig", file)
	named := contextsOf(t, "--kubeconfig", file, "--context", "c4")
	host := func(name string) string {
		way := c.Connect(name).(*connection)
		if way.err != nil {
			return way.err.Error()
		}
		return way.config.Host + " " + way.config.BearerToken
	}
	if got := host("c2"); got != "https://10.0.0.2:6443 t" {
		t.Error(got)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{"token: t}", "token: renewed}"},
		{"{cluster: k0,", "{cluster: k9,"},
		{"{cluster: k4, user: token", "{cluster: k4, user: plugin"},
		{"{cluster: k3, user: plugin", "{cluster: k3, user: token"},
		{"10.0.0.5:6443", "10.9.9.9:16443"},
		{"10.0.0.6:6443", "10.0.0.6:6443/other"},
	} {
		text = bytes.ReplaceAll(text, []byte(change[0]), []byte(change[1]))
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"c2": "https://10.0.0.2:6443 renewed", "c3": "https://10.0.0.3:6443 renewed",
		"c4": "The kubeconfig names another credential plugin for c4 now.",
		"c5": "The kubeconfig names another server for c5 now.", "c6": "The kubeconfig names another server for c6 now.",
		"c0": `The context "c0" names the cluster "k9"`, "none": `The kubeconfig has no context "none"`,
	} {
		if got := host(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if way := named.Connect("c4").(*connection); way.err == nil || !strings.Contains(way.err.Error(), "another credential plugin for c4") {
		t.Errorf("the plugin of who named the context: %v", way.err)
	}
	source := c.Connect("c0").Start(t.Context())
	r := source.Survey.Reading()
	if sentence, remedy := source.Survey.Explain(r.Err); !r.Done || !strings.Contains(sentence, "k9") || remedy == "" || source.Cluster != nil {
		t.Errorf("%+v: %q, %q", r, sentence, remedy)
	}
	source.Survey.Stop()
	if err := os.Truncate(file, maxKubeconfig+1); err != nil {
		t.Fatal(err)
	}
	if got := host("c2"); !strings.Contains(got, "larger than 8 MiB") {
		t.Errorf("a kubeconfig without an end: %q", got)
	}
}

// TestServersApart: what is kept of one API server is kept of no other, whatever of its
// address tells them apart, and nothing where nothing does.
func TestServersApart(t *testing.T) {
	t.Parallel()
	ca := []byte("ca")
	seen := map[string]string{}
	for name, s := range map[string]apiServer{
		"plain": {url: "https://rancher:443"}, "a path": {url: "https://rancher:443/k8s/clusters/a"}, "another path": {url: "https://rancher:443/k8s/clusters/b"},
		"a name": {url: "https://rancher:443", tlsName: "a"}, "a proxy": {url: "https://rancher:443", proxy: "http://a:3128"}, "not secure": {url: "http://rancher:443"},
		"here": {url: "https://127.0.0.1:6443", ca: ca}, "here, made anew": {url: "https://127.0.0.1:6443", ca: []byte("ca2")}, "here, by name": {url: "https://localhost:6443", ca: ca},
		"anywhere": {url: "https://0.0.0.0:6443", ca: ca}, "here, IPv6": {url: "https://[::1]:6443", ca: ca},
	} {
		id := s.identity()
		if other, there := seen[id]; id == "" || there {
			t.Errorf("%s is %q, as is %q", name, id, other)
		}
		seen[id] = name
		same := s
		if same.url = strings.Replace(s.url, "://", "://me:s3cret@", 1); same.identity() != id {
			t.Errorf("%s: the password counts: %q", name, same.identity())
		}
		config := &rest.Config{Host: s.url, TLSClientConfig: rest.TLSClientConfig{ServerName: s.tlsName, CAData: s.ca}}
		if proxy, _ := url.Parse(s.proxy); s.proxy != "" {
			config.Proxy = http.ProxyURL(proxy)
		}
		if got := serverOf(config).identity(); got != id {
			t.Errorf("%s: by flags it is %q and by the kubeconfig %q", name, got, id)
		}
	}
	for _, url := range []string{"", "http://localhost:8001", "https://127.0.0.2:6443", "https://[::1]", "0.0.0.0:80"} {
		if id := (apiServer{url: url}).identity(); id != "" {
			t.Errorf("%q is %q", url, id)
		}
	}
	renewed := apiServer{url: "https://rancher:443", ca: ca}
	if seen[renewed.identity()] != "plain" {
		t.Error("of a server elsewhere the address alone counts: its certificates are renewed")
	}
}

// TestAThousandContexts are listed at once.
func TestAThousandContexts(t *testing.T) {
	file := manyContexts(t, 1000)
	began := time.Now()
	c := contextsOf(t, "--kubeconfig", file)
	t.Logf("the kubeconfig is read and listed in %v", time.Since(began))
	began = time.Now()
	if n := len(c.List()); n != 1000 {
		t.Errorf("%d contexts", n)
	}
	c.Connect("c500")
	t.Logf("one of them is prepared in %v", time.Since(began))
}

// twoContexts are kubeconfig's of two servers: the user of the second signs in with a
// plugin that leaves a mark.
func twoContexts(t *testing.T, first, second *fakeServer, mark string) string {
	t.Helper()
	plugin := script(t, `echo ran >> `+mark+`
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"`+token+`"}}'`)
	cluster := func(f *fakeServer) string {
		ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
		return fmt.Sprintf("{server: %q, certificate-authority-data: %s}", f.URL, base64.StdEncoding.EncodeToString(ca))
	}
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: first
clusters: [{name: a, cluster: %s}, {name: b, cluster: %s}]
contexts: [{name: first, context: {cluster: a, user: t}}, {name: second, context: {cluster: b, user: p}}]
users: [{name: t, user: %s}, {name: p, user: %s}]
`, cluster(first), cluster(second), tokenUser, execUser(plugin))
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
