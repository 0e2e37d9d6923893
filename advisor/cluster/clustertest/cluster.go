package clustertest

import (
	"context"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Cluster is a running etcd and kube-apiserver.
type Cluster struct {
	Server   string       // https://127.0.0.1:PORT
	Admin    *rest.Config // may do everything
	Client   kubernetes.Interface
	Binaries Binaries

	dir       string
	place     *place // where its servers run; nil is here
	authority *authority
	etcd, api *process
	flags     []string // of the API server, beside those that every one gets
}

// Start starts an empty cluster and stops it when the test ends. That takes
// about 5 s: tests that can share a cluster use Shared.
func Start(t testing.TB) *Cluster {
	t.Helper()
	return Require(t).Start(t)
}

// Start is the function Start with these binaries, for where the go command that
// finds them is not.
func (b Binaries) Start(t testing.TB) *Cluster {
	t.Helper()
	c, err := newCluster(t.Context(), b, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Stop ends both servers and removes their files.
func (c *Cluster) Stop() error {
	c.api.stop()
	c.etcd.stop()
	return os.RemoveAll(c.dir)
}

// newCluster starts a cluster on the etcd data of folder data, or an empty one.
func newCluster(ctx context.Context, b Binaries, data string) (*Cluster, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var failed error
	for range 3 { // another process may take a free port before the server listens on it
		c := &Cluster{Binaries: b}
		err := c.start(ctx, data)
		if err == nil {
			return c, nil
		}
		failed = errors.Join(err, c.Stop())
		if ctx.Err() != nil {
			break
		}
	}
	return nil, failed
}

// prepare makes what every cluster needs before its servers start.
func (c *Cluster) prepare() (err error) {
	if c.dir, err = os.MkdirTemp("", "kpadvisor-test-"); err != nil {
		return fmt.Errorf("could not make a folder for the cluster: %w", err)
	}
	c.authority, err = newAuthority()
	return err
}

func (c *Cluster) start(ctx context.Context, data string) error {
	if err := c.prepare(); err != nil {
		return err
	}
	if data != "" {
		if err := copyTree(filepath.Join(c.dir, "data"), data); err != nil {
			return fmt.Errorf("could not copy etcd's data: %w", err)
		}
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	c.Server = "https://127.0.0.1:" + port
	c.flags = []string{
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port=" + port,
		// Services are of IPv4 unless they ask for both families.
		"--service-cluster-ip-range=10.96.0.0/12,fd00:96::/108",
		// No controller makes service accounts here, and without one no pod is admitted.
		"--disable-admission-plugins=ServiceAccount",
	}
	return c.serve(ctx)
}

// serve starts both servers and waits until they answer.
func (c *Cluster) serve(ctx context.Context) error {
	etcd, err := c.startEtcd(ctx)
	if err != nil {
		return err
	}
	if err := c.writeFiles(); err != nil {
		return err
	}
	c.flags = append(c.flags, "--etcd-servers="+etcd)
	if c.Admin, err = c.user(time.Now().Add(12*time.Hour), "admin", Admins); err != nil {
		return err
	}
	c.Admin.QPS = -1 // seeding is not to be throttled by the client
	c.Admin.WarningHandler = rest.NoWarnings{}
	if c.Client, err = kubernetes.NewForConfig(c.Admin); err != nil {
		return fmt.Errorf("could not make the admin's client: %w", err)
	}
	return c.startAPIServer(ctx)
}

// startAPIServer starts the API server and waits until it is ready.
func (c *Cluster) startAPIServer(ctx context.Context) (err error) {
	file := func(name string) string { return filepath.Join(c.dir, name) }
	c.api, err = c.place.start(c.dir, "kube-apiserver", c.Binaries.Path("kube-apiserver"), append([]string{
		"--tls-cert-file=" + file("server.crt"), "--tls-private-key-file=" + file("server.key"),
		"--client-ca-file=" + file("ca.crt"), "--cert-dir=" + file("run"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + file("accounts.crt"), "--service-account-signing-key-file=" + file("accounts.key"),
		"--authorization-mode=Node,RBAC",
		"--endpoint-reconciler-type=none", "--allow-privileged", "--profiling=false",
		"--audit-policy-file=" + file("audit-policy.yaml"), "--audit-log-path=" + file("audit.log"),
	}, c.flags...)...)
	if err != nil {
		return err
	}
	return c.api.await(ctx, func(ctx context.Context) error {
		return c.Client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	})
}

// startEtcd starts etcd without TLS: only the API server talks to it.
func (c *Cluster) startEtcd(ctx context.Context) (address string, err error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	address = "http://127.0.0.1:" + port
	c.etcd, err = c.place.start(c.dir, "etcd", c.Binaries.Path("etcd"),
		"--name=test", "--data-dir="+filepath.Join(c.dir, "data"),
		"--listen-client-urls="+address, "--advertise-client-urls="+address,
		"--listen-peer-urls=http://127.0.0.1:0", "--log-level=warn",
		// The data need not survive this machine's next crash.
		"--unsafe-no-fsync", "--quota-backend-bytes=4294967296",
	)
	if err != nil {
		return "", err
	}
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		return c.place.dial(ctx, address)
	}, DisableKeepAlives: true}}
	return address, c.etcd.await(ctx, func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/health", nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(request)
		if err != nil {
			return err
		}
		defer func() { _ = answer.Body.Close() }()
		if answer.StatusCode != http.StatusOK {
			return errors.New(answer.Status)
		}
		return nil
	})
}

// controlAddress is the control plane's on the network that it shares with nodes.
const controlAddress = "10.240.0.1"

// serverAddresses are those an API server may have beside loopback.
func serverAddresses() []net.IP { return []net.IP{net.ParseIP(controlAddress), net.IPv4(10, 96, 0, 1)} }

// writeFiles writes what the API server reads at start.
func (c *Cluster) writeFiles() error {
	server, err := c.authority.issue(pkix.Name{CommonName: "kube-apiserver"}, time.Now().Add(24*time.Hour), serverAddresses()...)
	if err != nil {
		return err
	}
	accounts, err := c.authority.issue(pkix.Name{CommonName: "service-accounts"}, time.Now().Add(24*time.Hour))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.dir, "audit-policy.yaml"), []byte(auditPolicy), 0o600); err != nil {
		return fmt.Errorf("could not write the audit policy: %w", err)
	}
	return errors.Join(
		c.authority.write(c.dir, "ca"), server.write(c.dir, "server"), accounts.write(c.dir, "accounts"),
	)
}
