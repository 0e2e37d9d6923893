package clustertest

import (
	"crypto/x509/pkix"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Admins is the group that may do everything.
const Admins = "system:masters"

// User returns the configuration of a client that identifies itself by a
// certificate. A new user may do nothing until a role is bound to it.
func (c *Cluster) User(t testing.TB, name string, groups ...string) *rest.Config {
	t.Helper()
	return c.UserUntil(t, time.Now().Add(12*time.Hour), name, groups...)
}

// UserUntil is User with the moment its certificate expires.
func (c *Cluster) UserUntil(t testing.TB, until time.Time, name string, groups ...string) *rest.Config {
	t.Helper()
	config, err := c.user(until, name, groups...)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func (c *Cluster) user(until time.Time, name string, groups ...string) (*rest.Config, error) {
	p, err := c.authority.issue(pkix.Name{CommonName: name, Organization: groups}, until)
	if err != nil {
		return nil, err
	}
	return &rest.Config{
		Host: c.Server,
		TLSClientConfig: rest.TLSClientConfig{
			CAData: c.authority.cert, CertData: p.cert, KeyData: p.key,
		},
	}, nil
}

// Kubeconfig is WriteKubeconfig to a file of the test, whose path it returns.
func Kubeconfig(t testing.TB, name string, config *rest.Config) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := WriteKubeconfig(path, name, config); err != nil {
		t.Fatal(err)
	}
	return path
}

// WriteKubeconfig writes a kubeconfig file with one context, called name.
func WriteKubeconfig(path, name string, config *rest.Config) error {
	k := clientcmdapi.NewConfig()
	k.Clusters[name] = &clientcmdapi.Cluster{
		Server: config.Host, CertificateAuthorityData: config.CAData,
	}
	k.AuthInfos[name] = &clientcmdapi.AuthInfo{
		ClientCertificateData: config.CertData, ClientKeyData: config.KeyData, Token: config.BearerToken,
	}
	k.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	k.CurrentContext = name
	if err := clientcmd.WriteToFile(*k, path); err != nil {
		return fmt.Errorf("could not write the kubeconfig: %w", err)
	}
	return nil
}
