package cluster

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"kpadvisor/apiserver"
	"kpadvisor/plain"
)

// explainProxy knows the proxy between here and the API server.
func explainProxy(err error) (plain.Problem, bool) {
	const remedy = "Correct proxy-url of the kubeconfig's cluster, or HTTPS_PROXY and NO_PROXY of the environment."
	slow := func(at string) (plain.Problem, bool) {
		return plain.Problem{Sentence: "The API server, or the proxy " + at + " on the way to it, does not answer in time.", Remedy: remedy + " --request-timeout allows more time."}, true
	}
	var p *apiserver.ProxyError
	if !errors.As(err, &p) {
		return plain.Problem{}, false
	}
	proxy := "The proxy " + p.Proxy + " on the way to the API server"
	var dns *net.DNSError
	switch refusal := p.Refusal(); {
	case refusal != "":
		return plain.Problem{Sentence: fmt.Sprintf("%s does not connect to it: %s.", proxy, refusal), Remedy: remedy}, true
	case !p.Dialing():
		if isTimeout(err) {
			return slow(p.Proxy)
		}
		return plain.Problem{}, false
	case errors.As(err, &dns):
		return plain.Problem{Sentence: "The name of the proxy " + p.Proxy + " on the way to the API server cannot be resolved.", Remedy: remedy}, true
	case errors.Is(err, syscall.ECONNREFUSED):
		return plain.Problem{Sentence: proxy + " refuses connections.", Remedy: remedy}, true
	case isTimeout(err):
		return plain.Problem{Sentence: proxy + " does not answer in time.", Remedy: remedy}, true
	}
	return plain.Problem{Sentence: fmt.Sprintf("%s cannot be reached: %s.", proxy, oneLine(p.Unwrap())), Remedy: remedy}, true
}
