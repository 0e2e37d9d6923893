package apiserver

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// viaProxy tells an error of a request that went through a proxy from one of the
// server itself: a dead proxy is not a dead server.
type viaProxy struct {
	next  http.RoundTripper
	proxy func(*http.Request) (*url.URL, error)
}

// RoundTrip implements [http.RoundTripper].
func (v viaProxy) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := v.next.RoundTrip(r)
	if err == nil {
		return response, nil
	}
	if at, proxyErr := v.proxy(r); proxyErr == nil && at != nil {
		err = &ProxyError{Proxy: at.Host, secure: r.URL.Scheme == "https", err: err}
	}
	return response, err
}

// WrappedRoundTripper lets client-go find the transport below.
func (v viaProxy) WrappedRoundTripper() http.RoundTripper { return v.next }

// ProxyError is the error of a request through a proxy.
type ProxyError struct {
	Proxy  string // host and port: a URL may hold a password
	secure bool   // the request was for https://, so that the proxy only connects
	err    error
}

func (p *ProxyError) Error() string { return "through the proxy " + p.Proxy + ": " + p.err.Error() }
func (p *ProxyError) Unwrap() error { return p.err }

// Dialing reports whether the proxy itself was not reached: net/http says
// "proxyconnect", its SOCKS client "socks connect", and to a server without TLS the
// only connection there is is that to the proxy.
func (p *ProxyError) Dialing() bool {
	var op *net.OpError
	if !errors.As(p.err, &op) {
		return false
	}
	return op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks") || op.Op == "dial" && !p.secure
}

// Refusal is what the proxy answered instead of connecting, in the words of its
// status, which is all that net/http keeps of the answer.
func (p *ProxyError) Refusal() string {
	text := p.err.Error()
	known := slices.ContainsFunc([]int{
		http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusProxyAuthRequired, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	}, func(code int) bool { return text == http.StatusText(code) })
	if p.secure && known {
		return text
	}
	return ""
}
