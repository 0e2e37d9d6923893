package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"kpadvisor/plain"
)

// apiServer is what a kubeconfig, or flags, say of how an API server is reached.
type apiServer struct {
	url     string
	tlsName string // that its certificate has; empty for the one in the URL
	proxy   string // a URL; empty for what the environment says
	ca      []byte // certificates, in PEM; empty where they are in a file
}

func serverOf(config *rest.Config) apiServer {
	s := apiServer{url: config.Host, tlsName: config.ServerName, ca: config.CAData}
	if config.Proxy == nil {
		return s
	}
	if u, err := config.Proxy(&http.Request{URL: &url.URL{}}); err == nil && u != nil { // one for all requests
		s.proxy = u.String()
	}
	return s
}

func serverIn(c *clientcmdapi.Cluster) apiServer {
	return apiServer{c.Server, c.TLSServerName, c.ProxyURL, c.CertificateAuthorityData}
}

// address is the host and port.
func (s apiServer) address() string {
	if u, err := url.Parse(s.url); err == nil && u.Host != "" {
		return u.Host
	}
	return plain.Line(withoutUser(s.url), mostContext)
}

// identity tells this server from others, without a password in it. Behind an address of
// this machine stands today one cluster and tomorrow another: its certificates tell them
// apart, and where they are not known it is empty.
func (s apiServer) identity() string {
	parts := []string{withoutUser(s.url), s.tlsName, withoutUser(s.proxy)}
	switch {
	case s.url == "", s.isHere() && len(s.ca) == 0:
		return ""
	case s.isHere():
		sum := sha256.Sum256(s.ca)
		parts = append(parts, hex.EncodeToString(sum[:]))
	}
	return strings.Join(parts, "\n")
}

// isHere reports an address of this machine.
func (s apiServer) isHere() bool {
	host := s.address()
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip.IsLoopback() || ip.IsUnspecified()
}

func pluginOf(config *rest.Config) string {
	switch {
	case config.ExecProvider != nil:
		return filepath.Base(config.ExecProvider.Command)
	case config.AuthProvider != nil:
		return config.AuthProvider.Name
	}
	return ""
}
