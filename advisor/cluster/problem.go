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
	"kpadvisor/apiserver"
	"kpadvisor/plain"
)

// Explain says in one sentence why no cluster could be read, and in another what
// to do. It takes the errors of clientcmd, Connect, Ready and Reading.Err; any
// other it quotes. It never returns an empty sentence.
func Explain(err error) plain.Problem {
	if err == nil {
		return plain.Problem{Sentence: "Nothing is wrong."}
	}
	p := plain.Problem{
		Sentence: fmt.Sprintf("The cluster could not be read: %v.", err),
		Remedy:   "Check that \"kubectl version\" works with the same flags.",
	}
	for _, explain := range []func(error) (plain.Problem, bool){explainServer, explainConfig, explainCredentials, explainProxy, explainStatus, explainTLS, explainNetwork} {
		if q, ok := explain(err); ok {
			p = q
			break
		}
	}
	return plain.Problem{Sentence: cleanText(p.Sentence), Remedy: cleanText(p.Remedy)}
}

const (
	noClusterRemedy = "Name one with --kubeconfig or KUBECONFIG, or go without a cluster: --facts FILE, --services N, or the demo, --demo NAME."
	reachRemedy     = "Check the VPN, proxy and firewall between here and the server, and the server address of the context."
	wrongRemedy     = "Check the server address of the context; \"kubectl config view --minify\" shows it."
	loginRemedy     = "Log in again, or renew the token or client certificate of the kubeconfig's user."
)

// explainConfig knows what clientcmd and rest say of a kubeconfig. Most of it has
// no type to ask for, only a text.
func explainConfig(err error) (plain.Problem, bool) {
	var path *fs.PathError
	text := err.Error()
	has := func(s string) bool { return strings.Contains(text, s) }
	switch {
	case clientcmd.IsEmptyConfig(err), has(clientcmd.ErrEmptyConfig.Error()):
		return plain.Problem{Sentence: "No kubeconfig was found, or it names no cluster.", Remedy: noClusterRemedy}, true
	case clientcmd.IsContextNotFound(err), has("context \"") && has("does not exist"):
		return plain.Problem{Sentence: "The kubeconfig does not have the context: " + oneLine(err) + ".", Remedy: "\"kubectl config get-contexts\" lists those it has; name one with --context."}, true
	case has("error loading config file") && has("permission denied"): // its text is all that is left of the error
		return plain.Problem{Sentence: "The kubeconfig cannot be read: " + oneLine(err) + ".", Remedy: "Change its owner or mode, or name another with --kubeconfig."}, true
	case has("error loading config file"):
		return plain.Problem{Sentence: "The kubeconfig cannot be parsed: " + oneLine(err) + ".", Remedy: "Correct the file, or name another with --kubeconfig."}, true
	case errors.As(err, &path) && errors.Is(err, fs.ErrNotExist):
		return plain.Problem{Sentence: "The file " + path.Path + " does not exist.", Remedy: noClusterRemedy}, true
	case errors.As(err, &path):
		return plain.Problem{Sentence: "The file " + path.Path + " cannot be read: " + path.Err.Error() + ".", Remedy: "Change its owner or mode, or name another with --kubeconfig."}, true
	case clientcmd.IsConfigurationInvalid(err), has("invalid configuration"), has("host must be a URL"), has("unable to load root certificates"), has("tls: failed to find any PEM data"), has("cluster \"") && has("does not exist"), has("auth info \"") && has("does not exist"):
		return plain.Problem{Sentence: "The kubeconfig is not usable: " + oneLine(err) + ".", Remedy: "Correct its cluster, user or context entry; \"kubectl config view --minify\" shows the one in use."}, true
	}
	return plain.Problem{}, false
}

// explainCredentials knows the credential plugins of a kubeconfig.
func explainCredentials(err error) (plain.Problem, bool) {
	_, text, found := strings.Cut(oneLine(err), "getting credentials: ")
	if !found {
		return plain.Problem{}, false
	}
	return plain.Problem{Sentence: "The credential plugin of the kubeconfig failed: " + text + ".", Remedy: "Install it or log in with it, so that \"kubectl version\" works."}, true
}

// explainServer knows what is not borne of a server.
func explainServer(err error) (plain.Problem, bool) {
	const distrust = "Check the server address of the context, and what stands between here and the API server."
	var redirect *apiserver.RedirectError
	switch {
	case errors.As(err, &redirect):
		return plain.Problem{Sentence: sentence(redirect.Error()) + " Nothing was sent there.", Remedy: "If that is the API server, name it in the context's cluster entry; \"kubectl config view --minify\" shows it."}, true
	case errors.Is(err, errLate):
		return plain.Problem{Sentence: "The time for the whole read was up before anything of use was read.", Remedy: "--timeout allows more time; --timeout 0 sets no bound."}, true
	case errors.Is(err, apiserver.ErrTooLarge), errors.Is(err, apiserver.ErrFull):
		return plain.Problem{Sentence: "The API server's answer is larger than any of a Kubernetes API server.", Remedy: distrust}, true
	case errors.Is(err, apiserver.ErrSlow):
		return plain.Problem{Sentence: "The API server's answer comes too slowly to end.", Remedy: distrust}, true
	case errors.Is(err, apiserver.ErrName):
		return plain.Problem{Sentence: "The API server names an object as no object can be named; nothing was asked for by that name.", Remedy: distrust}, true
	case errors.Is(err, apiserver.ErrMalformed):
		return plain.Problem{Sentence: "The API server's answer is malformed.", Remedy: distrust}, true
	}
	return plain.Problem{}, false
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string { return plain.Upper(s) + "." }

// explainStatus knows what an HTTP server answers.
func explainStatus(err error) (plain.Problem, bool) {
	var status apierrors.APIStatus
	isStatus := errors.As(err, &status)
	switch {
	case errors.Is(err, apiserver.ErrNotKubernetes), isStatus && status.Status().Code == http.StatusNotFound:
		return plain.Problem{Sentence: "The server answers, but not as a Kubernetes API server.", Remedy: wrongRemedy}, true
	case !isStatus:
		return plain.Problem{}, false
	case apierrors.IsUnauthorized(err):
		return plain.Problem{Sentence: "The API server does not accept the credentials (401 Unauthorized).", Remedy: loginRemedy}, true
	case apierrors.IsForbidden(err):
		return plain.Problem{Sentence: "The API server forbids reading Services, EndpointSlices and Nodes (403 Forbidden).", Remedy: "\"kpadvisor rbac\" prints the ClusterRole to ask an administrator for."}, true
	case apierrors.IsTooManyRequests(err):
		return plain.Problem{Sentence: "The API server is too busy to answer (429 Too Many Requests).", Remedy: "Try again later, or raise --request-timeout."}, true
	case apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse) && status.Status().Code == http.StatusBadRequest:
		return plain.Problem{Sentence: "The server rejects plain requests (400 Bad Request), as one does that wants https:// and gets http://.", Remedy: wrongRemedy}, true
	}
	return plain.Problem{Sentence: fmt.Sprintf("The API server failed to answer: %s.", oneLine(err)), Remedy: "Try again; if it stays so, look at the API server's health."}, true
}

// explainTLS knows certificates.
func explainTLS(err error) (plain.Problem, bool) {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var remote *net.OpError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return plain.Problem{Sentence: "The API server's certificate has expired or is not valid yet.", Remedy: "Check this machine's clock; if it is right, an administrator has to renew the certificate (kubeadm certs renew)."}, true
	case errors.As(err, &unknown):
		return plain.Problem{Sentence: "The API server's certificate is signed by an authority that the kubeconfig does not trust.", Remedy: "Correct certificate-authority-data of the cluster entry, or the server address."}, true
	case errors.As(err, &host):
		return plain.Problem{Sentence: "The API server's certificate is for another name: " + oneLine(host) + ".", Remedy: "Correct the server address of the context, or set tls-server-name there."}, true
	case errors.As(err, &remote) && remote.Op == "remote error":
		return plain.Problem{Sentence: "The API server refuses the TLS connection: " + oneLine(remote.Err) + ".", Remedy: loginRemedy}, true
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return plain.Problem{Sentence: "The server does not speak HTTPS, so it is no Kubernetes API server.", Remedy: wrongRemedy}, true
	case errors.As(err, &invalid):
		return plain.Problem{Sentence: "The API server's certificate is not valid: " + oneLine(invalid) + ".", Remedy: "An administrator has to correct the certificate, or you the server address."}, true
	}
	return plain.Problem{}, false
}

// explainNetwork knows connections that did not come about.
func explainNetwork(err error) (plain.Problem, bool) {
	server := "The API server"
	var u *url.Error
	if errors.As(err, &u) {
		if parsed, e := url.Parse(u.URL); e == nil && parsed.Host != "" {
			server = "The API server at " + parsed.Host
		}
	}
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return plain.Problem{Sentence: "The read was interrupted.", Remedy: "Run it again."}, true
	case errors.As(err, &dns):
		return plain.Problem{Sentence: fmt.Sprintf("The name %s cannot be resolved.", dns.Name), Remedy: reachRemedy}, true
	case errors.Is(err, syscall.ECONNREFUSED):
		return plain.Problem{Sentence: server + " refuses connections.", Remedy: reachRemedy}, true
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		strings.Contains(err.Error(), "previous attempt: EOF"): // client-go tries that again until the timeout
		return plain.Problem{Sentence: server + " closed the connection.", Remedy: reachRemedy}, true
	case isTimeout(err):
		return plain.Problem{Sentence: server + " does not answer in time.", Remedy: reachRemedy + " --request-timeout allows more time."}, true
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return plain.Problem{Sentence: server + " cannot be reached from here: no route.", Remedy: reachRemedy}, true
	case u != nil:
		return plain.Problem{Sentence: server + " cannot be reached: " + oneLine(u.Err) + ".", Remedy: reachRemedy}, true
	}
	return plain.Problem{}, false
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
	case errors.Is(err, apiserver.ErrBounded), errors.Is(err, apiserver.ErrFull):
		return advisor.Bounded
	case errors.Is(err, errLate):
		return advisor.Late
	case errors.Is(err, apiserver.ErrTooLarge), errors.Is(err, apiserver.ErrName):
		return advisor.Unreadable
	case errors.Is(err, apiserver.ErrSlow):
		return advisor.TimedOut
	case apierrors.IsForbidden(err):
		return advisor.Forbidden
	case apierrors.IsNotFound(err), apierrors.IsMethodNotSupported(err):
		return advisor.NotServed
	case errors.Is(err, apiserver.ErrMalformed), errors.Is(err, apiserver.ErrNotKubernetes):
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
