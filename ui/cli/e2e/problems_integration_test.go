package e2e

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"kpadvisor/advisor/cluster/clustertest"
)

// TestProblems meets every way in which there is no cluster to read with the
// real thing at the other end. Each is one sentence and one remedy on stderr,
// and the same in one JSON document on stdout.
func TestProblems(t *testing.T) {
	c := shared.Small(t)
	good := clustertest.Kubeconfig(t, "production", c.Admin)
	of := func(config *rest.Config) []string { return kubeconfigOf(t, config) }
	token := rest.Config{Host: c.Server, BearerToken: "expired-long-ago"}
	token.CAData = c.Admin.CAData

	tests := []struct {
		name string
		env  []string
		args []string
		want string // in the sentence
	}{
		{"no kubeconfig", environment(t), nil, "No kubeconfig was found"},
		{"named kubeconfig missing", environment(t), []string{"--kubeconfig", filepath.Join(t.TempDir(), "none")}, "does not exist"},
		{"malformed kubeconfig", environment(t, "KUBECONFIG="+malformed(t)), nil, "cannot be parsed"},
		{"wrong context", environment(t, "KUBECONFIG="+good), []string{"--context", "staging"}, "staging"},
		{"unreachable", of(&rest.Config{Host: "https://" + closedPort(t)}), nil, "refuses connections"},
		{"silent", of(&rest.Config{Host: "https://" + silentPort(t)}), []string{"--request-timeout", "1s"}, "does not answer in time"},
		{"expired client certificate", of(c.UserUntil(t, time.Now().Add(-time.Hour), "late")), nil, "401"},
		{"expired server certificate", of(expiredServer(t, c)), nil, "expired"},
		{"unauthorised", of(&token), nil, "401"},
		{"forbidden", of(c.User(t, "stranger")), nil, "403"},
		{"untrusted", of(untrusting(t, c)), nil, "does not trust"},
		{"not Kubernetes", of(webServer(t)), nil, "not as a Kubernetes API server"},
		{"not TLS", of(plainServer(t)), nil, "HTTPS"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := run(t, test.env, append([]string{"audit", "-o", "json"}, test.args...)...).expect(t, failure)
			d := parse(t, got.stdout)
			if d.Error == nil || d.Action != "unknown" {
				t.Fatalf("the document holds no error: %s", got.stdout)
			}
			contains(t, "the sentence", d.Error.Sentence, test.want)
			contains(t, "stderr", got.stderr, d.Error.Sentence, "Remedy: "+d.Error.Remedy)
			if d.Error.Remedy == "" {
				t.Error("there is no remedy")
			}
			if n := strings.Count(strings.TrimSpace(got.stderr), "\n"); n != 1 {
				t.Errorf("%d lines on stderr, want a sentence and a remedy:\n%s", n+1, got.stderr)
			}
		})
	}
}

func malformed(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte("apiVersion: v1\nkind: Config\nclusters: {{{\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// closedPort returns an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l := listen(t)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

// silentPort returns an address that accepts connections and says nothing.
func silentPort(t *testing.T) string {
	t.Helper()
	l := listen(t)
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String() // the kernel accepts on its own
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// webServer is a web server that has never heard of Kubernetes.
func webServer(t *testing.T) *rest.Config {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html><body>Welcome to nginx!</body></html>"))
	}))
	t.Cleanup(s.Close)
	return &rest.Config{Host: s.URL, TLSClientConfig: rest.TLSClientConfig{
		CAData: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}),
	}}
}

// plainServer is a web server without TLS behind an https address.
func plainServer(t *testing.T) *rest.Config {
	t.Helper()
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	return &rest.Config{Host: strings.Replace(s.URL, "http:", "https:", 1)}
}

// expiredServer is a server whose certificate the cluster's authority signed for
// a time that is over.
func expiredServer(t *testing.T, c *clustertest.Cluster) *rest.Config {
	t.Helper()
	old := c.UserUntil(t, time.Now().Add(-time.Hour), "kube-apiserver")
	certificate, err := tls.X509KeyPair(old.CertData, old.KeyData)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that is to fail
	s.StartTLS()
	t.Cleanup(s.Close)
	config := *c.Admin
	config.Host = s.URL
	return &config
}

// untrusting is the cluster's address with another authority's certificate.
func untrusting(t *testing.T, c *clustertest.Cluster) *rest.Config {
	t.Helper()
	other := webServer(t)
	return &rest.Config{Host: c.Server, TLSClientConfig: rest.TLSClientConfig{CAData: other.CAData}}
}
