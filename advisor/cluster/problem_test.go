package cluster

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"kpadvisor/advisor"
)

func certificateOf(s *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}

// TestExplainConfig provokes the errors of kubeconfigs with real files.
func TestExplainConfig(t *testing.T) {
	const valid = `{apiVersion: v1, kind: Config, clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}],
users: [{name: u, user: {token: t}}], contexts: [{name: x, context: {cluster: c, user: u}}], current-context: x}`
	for _, tt := range []struct {
		name     string
		file     string // contents; empty for no file
		path     string // instead of a file
		context  string
		mode     os.FileMode
		sentence string
		remedy   string
	}{
		{name: "none at all", sentence: "No kubeconfig was found, or it names no cluster.", remedy: "--kubeconfig"},
		{name: "empty", file: "{apiVersion: v1, kind: Config}", sentence: "No kubeconfig was found, or it names no cluster.", remedy: "demo"},
		{name: "named but not there", path: "/nonexistent/config", sentence: "The file /nonexistent/config does not exist.", remedy: "--kubeconfig"},
		{name: "a folder", path: "/", sentence: "cannot be parsed", remedy: "Correct the file"},
		{name: "wrong context", file: valid, context: "y", sentence: `does not have the context: context "y" does not exist`, remedy: "get-contexts"},
		{name: "not YAML", file: "\t{", sentence: "cannot be parsed", remedy: "Correct the file"},
		{name: "a token that is not a string", file: strings.Replace(valid, "token: t", "token: [1]", 1), sentence: "cannot be parsed", remedy: "Correct the file"},
		{name: "another kind", file: "{apiVersion: v1, kind: Pod}", sentence: "cannot be parsed", remedy: "Correct the file"},
		{name: "no such cluster", file: strings.Replace(valid, "cluster: c,", "cluster: d,", 1), sentence: "No kubeconfig was found, or it names no cluster.", remedy: "--kubeconfig"},
		{name: "no server", file: strings.Replace(valid, `server: "https://127.0.0.1:1"`, "", 1), sentence: "not usable", remedy: "config view"},
		{name: "a CA file that is not there", file: strings.Replace(valid, `"https://127.0.0.1:1"`, `"https://127.0.0.1:1", certificate-authority: ca.crt`, 1), sentence: "ca.crt", remedy: "config view"},
		{name: "a CA that is none", file: strings.Replace(valid, `"https://127.0.0.1:1"`, `"https://127.0.0.1:1", certificate-authority-data: AAAA`, 1), sentence: "not usable", remedy: "config view"},
		{name: "a client certificate that is none", file: strings.Replace(valid, "token: t", "client-certificate-data: AAAA, client-key-data: AAAA", 1), sentence: "not usable", remedy: "config view"},
		{name: "a server that is no URL", file: strings.Replace(valid, "https://127.0.0.1:1", "a/b/c", 1), sentence: "not usable", remedy: "config view"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rules := &clientcmd.ClientConfigLoadingRules{Precedence: []string{filepath.Join(t.TempDir(), "none")}}
			if tt.path != "" {
				rules.ExplicitPath = tt.path
			}
			if tt.file != "" {
				rules.ExplicitPath = filepath.Join(t.TempDir(), "config")
				if err := os.WriteFile(rules.ExplicitPath, []byte(tt.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: tt.context}).ClientConfig()
			if err == nil {
				_, err = Connect(config, Options{})
			}
			checkProblem(t, err, tt.sentence, tt.remedy)
		})
	}
}

// checkProblem looks for the two texts, and for what every problem promises.
func checkProblem(t *testing.T, err error, sentence, remedy string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error was provoked")
	}
	p := Explain(err)
	t.Logf("%v\n-> %s %s", err, p.Sentence, p.Remedy)
	if !strings.Contains(p.Sentence, sentence) || !strings.Contains(p.Remedy, remedy) {
		t.Errorf("%v\n got %q %q\nwant %q %q", err, p.Sentence, p.Remedy, sentence, remedy)
	}
	for _, text := range []string{p.Sentence, p.Remedy} {
		if !strings.HasSuffix(text, ".") || strings.HasSuffix(text, "..") || strings.Contains(text, "\n") || len(text) > 300 {
			t.Errorf("%q is not one sentence on one line", text)
		}
	}
}

// authority signs certificates for 127.0.0.1.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key}
}

func (a authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

func (a authority) issue(t *testing.T, until time.Time, address string) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"}, NotAfter: until, NotBefore: until.Add(-2 * time.Hour),
		IPAddresses: []net.IP{net.ParseIP(address)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
}

// serve starts a TLS server with a certificate of its own making.
func serve(t *testing.T, cert tls.Certificate, handler http.HandlerFunc, change ...func(*tls.Config)) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	for _, c := range change {
		c(s.TLS)
	}
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// through makes a config use a proxy.
func through(c *rest.Config, proxy string) *rest.Config {
	c.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy) }
	return c
}

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// silent is an address that accepts connections, by the backlog, and never answers.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// proxyThat is a proxy that answers so.
func proxyThat(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return s.URL
}

// TestExplainConnection provokes the errors of connections with real servers. The
// survey's error and that of Ready explain the same.
func TestExplainConnection(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	soon, past := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	trust := func(host string, token string) *rest.Config {
		return &rest.Config{Host: host, BearerToken: token, TLSClientConfig: rest.TLSClientConfig{CAData: ca.pem()}}
	}
	html := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(code)
			fmt.Fprint(w, "<html>Welcome</html>")
		}
	}
	for _, tt := range []struct {
		name             string
		config           func(t *testing.T) *rest.Config
		sentence, remedy string
		readyToo         bool // Ready fails as well, not only the reads after it
	}{
		{"refused", func(t *testing.T) *rest.Config {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			return trust("https://"+l.Addr().String(), "")
		}, "refuses connections", "VPN", true},
		{"no such name", func(*testing.T) *rest.Config { return trust("https://kubernetes.invalid", "") }, "kubernetes.invalid cannot be resolved", "server address", true},
		{"no answer", func(t *testing.T) *rest.Config {
			return trust("https://"+silent(t), "")
		}, "does not answer in time", "--request-timeout", true},
		{"expired certificate", func(t *testing.T) *rest.Config {
			return trust(serve(t, ca.issue(t, past, "127.0.0.1"), html(200)).URL, "")
		}, "has expired or is not valid yet", "clock", true},
		{"not valid yet", func(t *testing.T) *rest.Config {
			return trust(serve(t, ca.issue(t, time.Now().Add(4*time.Hour), "127.0.0.1"), html(200)).URL, "")
		}, "has expired or is not valid yet", "clock", true},
		{"unknown authority", func(t *testing.T) *rest.Config {
			return trust(serve(t, other.issue(t, soon, "127.0.0.1"), html(200)).URL, "")
		}, "an authority that the kubeconfig does not trust", "certificate-authority-data", true},
		{"another name", func(t *testing.T) *rest.Config {
			return trust(serve(t, ca.issue(t, soon, "192.0.2.1"), html(200)).URL, "")
		}, "for another name", "tls-server-name", true},
		{"client certificate wanted", func(t *testing.T) *rest.Config {
			return trust(serve(t, ca.issue(t, soon, "127.0.0.1"), html(200), func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }).URL, "")
		}, "refuses the TLS connection", "client certificate", true},
		{"plain HTTP", func(t *testing.T) *rest.Config {
			s := httptest.NewServer(html(200))
			t.Cleanup(s.Close)
			return trust(strings.Replace(s.URL, "http:", "https:", 1), "")
		}, "does not speak HTTPS", "server address", true},
		{"HTTP to HTTPS", func(t *testing.T) *rest.Config {
			return &rest.Config{Host: strings.Replace(newFakeAPI(t).URL, "https:", "http:", 1)}
		}, "wants https:// and gets http://", "server address", false},
		{"not SSL at all", func(t *testing.T) *rest.Config {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					fmt.Fprint(c, "SSH-2.0-OpenSSH_9.2\r\n")
					c.Close()
				}
			}()
			return trust("https://"+l.Addr().String(), "")
		}, "does not speak HTTPS", "server address", true},
		{"a web site", func(t *testing.T) *rest.Config {
			return trust(serve(t, ca.issue(t, soon, "127.0.0.1"), html(200)).URL, "")
		}, "not as a Kubernetes API server", "server address", true},
		{"a web site without that page", func(t *testing.T) *rest.Config {
			return trust(serve(t, ca.issue(t, soon, "127.0.0.1"), html(404)).URL, "")
		}, "not as a Kubernetes API server", "server address", false},
		{"a JSON API of another kind", func(t *testing.T) *rest.Config {
			return trust(serve(t, ca.issue(t, soon, "127.0.0.1"), func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, `{"hello": "world"}`)
			}).URL, "")
		}, "not as a Kubernetes API server", "server address", true},
		{"a load balancer without servers", func(t *testing.T) *rest.Config {
			return trust(serve(t, ca.issue(t, soon, "127.0.0.1"), html(503)).URL, "")
		}, "failed to answer", "health", false},
		{"closed", func(t *testing.T) *rest.Config {
			return trust(serve(t, ca.issue(t, soon, "127.0.0.1"), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }).URL, "")
		}, "closed the connection", "proxy", true},
		{"unauthorised", func(t *testing.T) *rest.Config {
			c := newFakeAPI(t).config()
			c.BearerToken = "another"
			return c
		}, "401 Unauthorized", "Log in again", true},
		{"forbidden", func(t *testing.T) *rest.Config {
			f := newFakeAPI(t)
			for path := range kinds() {
				f.refuse[path] = http.StatusForbidden
			}
			return f.config()
		}, "403 Forbidden", "kpadvisor rbac", false},
		{"credential plugin that is not there", func(t *testing.T) *rest.Config {
			c := newFakeAPI(t).config()
			c.BearerToken = ""
			c.ExecProvider = &clientcmdapi.ExecConfig{
				Command: "kpadvisor-no-such-plugin", APIVersion: "client.authentication.k8s.io/v1", InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
				InstallHint: "It can be had\nfrom somewhere.",
			}
			return c
		}, "credential plugin of the kubeconfig failed", "kubectl version", true},
		{"credential plugin that fails", func(t *testing.T) *rest.Config {
			c := newFakeAPI(t).config()
			c.BearerToken = ""
			c.ExecProvider = &clientcmdapi.ExecConfig{Command: "false", APIVersion: "client.authentication.k8s.io/v1", InteractiveMode: clientcmdapi.NeverExecInteractiveMode}
			return c
		}, "credential plugin of the kubeconfig failed", "kubectl version", true},
		{"dead proxy", func(t *testing.T) *rest.Config {
			return through(newFakeAPI(t).config(), "http://"+closedPort(t))
		}, "The proxy 127.0.0.1:", "proxy-url", true},
		{"dead proxy of a plain server", func(t *testing.T) *rest.Config {
			return through(&rest.Config{Host: "http://192.0.2.1"}, "http://"+closedPort(t))
		}, "The proxy 127.0.0.1:", "NO_PROXY", true},
		{"dead SOCKS proxy", func(t *testing.T) *rest.Config {
			return through(newFakeAPI(t).config(), "socks5://"+closedPort(t))
		}, "refuses connections", "proxy-url", true},
		{"proxy without a name", func(t *testing.T) *rest.Config {
			return through(newFakeAPI(t).config(), "http://user:secret@proxy.invalid:3128")
		}, "The name of the proxy proxy.invalid:3128 on the way to the API server cannot be resolved", "HTTPS_PROXY", true},
		{"proxy that wants to know who asks", func(t *testing.T) *rest.Config {
			return through(newFakeAPI(t).config(), proxyThat(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
		}, "does not connect to it: Proxy Authentication Required", "proxy-url", true},
		{"proxy that does not reach the server", func(t *testing.T) *rest.Config {
			return through(newFakeAPI(t).config(), proxyThat(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
		}, "does not connect to it: Bad Gateway", "proxy-url", true},
		{"proxy that never answers", func(t *testing.T) *rest.Config {
			return through(newFakeAPI(t).config(), "http://"+silent(t))
		}, "or the proxy 127.0.0.1:", "--request-timeout", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := Connect(tt.config(t), Options{Timeout: 500 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.api.CloseIdle)
			err = c.Ready(t.Context())
			if tt.readyToo {
				checkProblem(t, err, tt.sentence, tt.remedy)
			} else if err != nil {
				t.Errorf("Ready: %v, want only the reads to fail", err)
			}
			r := c.Start(t.Context()).Wait()
			checkProblem(t, r.Err, tt.sentence, tt.remedy)
			if r.Facts.Services.IsKnown() || r.Facts.Nodes.IsKnown() {
				t.Errorf("facts %+v beside the error", r.Facts)
			}
		})
	}
}

// TestReadyIsNotRepeated: what Ready asked, Start does not ask again.
func TestReadyIsNotRepeated(t *testing.T) {
	f := smallCluster(t)
	c := f.connect(Options{})
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Start(t.Context()).Wait()
	asked := 0
	for _, r := range f.requests {
		asked += strings.Count(r, "/version")
	}
	if asked != 1 {
		t.Errorf("the version was asked for %d times", asked)
	}
}

func TestExplainTheRest(t *testing.T) {
	if p := Explain(nil); p.Sentence == "" {
		t.Error("no sentence without an error")
	}
	checkProblem(t, fmt.Errorf("reading: %w", context.Canceled), "interrupted", "again")
	checkProblem(t, fmt.Errorf("a \x1b[31mred\nline"), "a red line", "kubectl version")
}

// TestHiddenVersion: an API server that hides its version is still read.
func TestHiddenVersion(t *testing.T) {
	f := smallCluster(t)
	f.refuse["/version"] = http.StatusForbidden
	r := survey(t, f, Options{})
	if r.Err != nil || !r.Facts.Load.IsKnown() || r.Facts.Version.Why != advisor.Forbidden {
		t.Errorf("err %v, version %+v", r.Err, r.Facts.Version)
	}
}
