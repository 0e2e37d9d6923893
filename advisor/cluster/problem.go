package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"kpadvisor/advisor"
)

// Problem is an error as the user sees it.
type Problem struct {
	Sentence string // what is wrong, one sentence
	Remedy   string // what to do about it, one sentence
}

// Explain says in one sentence why no cluster could be read, and in another what
// to do. It takes the errors of clientcmd, Connect, Ready and Reading.Err; any
// other it quotes. It never returns an empty sentence.
func Explain(err error) Problem {
	if err == nil {
		return Problem{Sentence: "Nothing is wrong."}
	}
	p := Problem{
		Sentence: fmt.Sprintf("The cluster could not be read: %v.", err),
		Remedy:   "Check that \"kubectl version\" works with the same flags.",
	}
	for _, explain := range []func(error) (Problem, bool){explainConfig, explainCredentials, explainStatus, explainTLS, explainNetwork} {
		if q, ok := explain(err); ok {
			p = q
			break
		}
	}
	return Problem{Sentence: cleanText(p.Sentence), Remedy: cleanText(p.Remedy)}
}

const (
	noClusterRemedy = "Name one with --kubeconfig or KUBECONFIG, or go without a cluster: --facts FILE, --services N, or the demo."
	reachRemedy     = "Check the VPN, proxy and firewall between here and the server, and the server address of the context."
	wrongRemedy     = "Check the server address of the context; \"kubectl config view --minify\" shows it."
	loginRemedy     = "Log in again, or renew the token or client certificate of the kubeconfig's user."
)

// explainConfig knows what clientcmd and rest say of a kubeconfig. Most of it has
// no type to ask for, only a text.
func explainConfig(err error) (Problem, bool) {
	var path *fs.PathError
	text := err.Error()
	has := func(s string) bool { return strings.Contains(text, s) }
	switch {
	case clientcmd.IsEmptyConfig(err), has(clientcmd.ErrEmptyConfig.Error()):
		return Problem{"No kubeconfig was found, or it names no cluster.", noClusterRemedy}, true
	case clientcmd.IsContextNotFound(err), has("context \"") && has("does not exist"):
		return Problem{"The kubeconfig does not have the context that was asked for: " + oneLine(err) + ".", "\"kubectl config get-contexts\" lists those it has; name one with --context."}, true
	case has("error loading config file"):
		return Problem{"The kubeconfig cannot be parsed: " + oneLine(err) + ".", "Correct the file, or name another with --kubeconfig."}, true
	case errors.As(err, &path) && errors.Is(err, fs.ErrNotExist):
		return Problem{"The file " + path.Path + " does not exist.", noClusterRemedy}, true
	case errors.As(err, &path):
		return Problem{"The file " + path.Path + " cannot be read: " + path.Err.Error() + ".", "Change its owner or mode, or name another with --kubeconfig."}, true
	case clientcmd.IsConfigurationInvalid(err), has("invalid configuration"), has("host must be a URL"), has("unable to load root certificates"), has("tls: failed to find any PEM data"), has("cluster \"") && has("does not exist"), has("auth info \"") && has("does not exist"):
		return Problem{"The kubeconfig is not usable: " + oneLine(err) + ".", "Correct its cluster, user or context entry; \"kubectl config view --minify\" shows the one in use."}, true
	}
	return Problem{}, false
}

// explainCredentials knows the credential plugins of a kubeconfig.
func explainCredentials(err error) (Problem, bool) {
	_, text, found := strings.Cut(oneLine(err), "getting credentials: ")
	if !found {
		return Problem{}, false
	}
	return Problem{"The credential plugin of the kubeconfig failed: " + text + ".", "Install it or log in with it, so that \"kubectl version\" works."}, true
}

// explainStatus knows what an HTTP server answers.
func explainStatus(err error) (Problem, bool) {
	var status apierrors.APIStatus
	isStatus := errors.As(err, &status)
	switch {
	case errors.Is(err, errNotKubernetes), isStatus && status.Status().Code == http.StatusNotFound:
		return Problem{"The server answers, but not as a Kubernetes API server.", wrongRemedy}, true
	case !isStatus:
		return Problem{}, false
	case apierrors.IsUnauthorized(err):
		return Problem{"The API server does not accept the credentials (401 Unauthorized).", loginRemedy}, true
	case apierrors.IsForbidden(err):
		return Problem{"The API server forbids reading Services, EndpointSlices and Nodes (403 Forbidden).", "\"kpadvisor rbac\" prints the ClusterRole to ask an administrator for."}, true
	case apierrors.IsTooManyRequests(err):
		return Problem{"The API server is too busy to answer (429 Too Many Requests).", "Try again later, or raise --request-timeout."}, true
	case apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse) && status.Status().Code == http.StatusBadRequest:
		return Problem{"The server rejects plain requests (400 Bad Request), as one does that wants https:// and gets http://.", wrongRemedy}, true
	}
	return Problem{fmt.Sprintf("The API server failed to answer: %s.", oneLine(err)), "Try again; if it stays so, look at the API server's health."}, true
}

// explainTLS knows certificates.
func explainTLS(err error) (Problem, bool) {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var remote *net.OpError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Problem{"The API server's certificate has expired or is not valid yet.", "Check this machine's clock; if it is right, an administrator has to renew the certificate (kubeadm certs renew)."}, true
	case errors.As(err, &unknown):
		return Problem{"The API server's certificate is signed by an authority that the kubeconfig does not trust.", "Correct certificate-authority-data of the cluster entry, or the server address."}, true
	case errors.As(err, &host):
		return Problem{"The API server's certificate is for another name: " + oneLine(host) + ".", "Correct the server address of the context, or set tls-server-name there."}, true
	case errors.As(err, &remote) && remote.Op == "remote error":
		return Problem{"The API server refuses the TLS connection: " + oneLine(remote.Err) + ".", loginRemedy}, true
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return Problem{"The server does not speak HTTPS, so it is no Kubernetes API server.", wrongRemedy}, true
	case errors.As(err, &invalid):
		return Problem{"The API server's certificate is not valid: " + oneLine(invalid) + ".", "An administrator has to correct the certificate, or you the server address."}, true
	}
	return Problem{}, false
}

// explainNetwork knows connections that did not come about.
func explainNetwork(err error) (Problem, bool) {
	server := "The API server"
	var u *url.Error
	if errors.As(err, &u) {
		if parsed, e := url.Parse(u.URL); e == nil && parsed.Host != "" {
			server += " at " + parsed.Host
		}
	}
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return Problem{"The read was interrupted.", "Run it again."}, true
	case errors.As(err, &dns):
		return Problem{fmt.Sprintf("The name %s cannot be resolved.", dns.Name), reachRemedy}, true
	case errors.Is(err, syscall.ECONNREFUSED):
		return Problem{server + " refuses connections.", reachRemedy}, true
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		strings.Contains(err.Error(), "previous attempt: EOF"): // client-go tries that again until the timeout
		return Problem{server + " closed the connection.", reachRemedy}, true
	case isTimeout(err):
		return Problem{server + " does not answer in time.", reachRemedy + " --request-timeout allows more time."}, true
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return Problem{server + " cannot be reached from here: no route.", reachRemedy}, true
	case u != nil:
		return Problem{server + " cannot be reached: " + oneLine(u.Err) + ".", reachRemedy}, true
	}
	return Problem{}, false
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout() ||
		apierrors.IsTimeout(err) || apierrors.IsServerTimeout(err)
}

// isConnectionError tells what no further request can get around from an API
// server that refuses this one.
func isConnectionError(err error) bool {
	var status apierrors.APIStatus
	return err != nil && (!errors.As(err, &status) || apierrors.IsUnauthorized(err))
}

// why sorts the error of one read into the reasons that a fact can be unknown for.
func why(err error) advisor.Why {
	switch {
	case errors.Is(err, errBounded):
		return advisor.Bounded
	case apierrors.IsForbidden(err):
		return advisor.Forbidden
	case apierrors.IsNotFound(err), apierrors.IsMethodNotSupported(err):
		return advisor.NotServed
	case errors.Is(err, errWire), errors.Is(err, errNotKubernetes):
		return advisor.Unreadable
	case isTimeout(err):
		return advisor.TimedOut
	}
	return advisor.Failed
}

// oneLine returns the first line of an error's text, without the last full stop.
func oneLine(err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return strings.TrimSuffix(strings.TrimSpace(line), ".")
}
