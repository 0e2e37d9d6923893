package jobs

import (
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"kpadvisor/plain"
)

// MostText is more characters than any sentence needs.
const MostText = 600

// Passes reports whether a failed request may work later: nothing answered, or
// the API server says that it could not for now.
func Passes(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return true
	}
	// A webhook that fails is an internal error to the API server (500), and in its own
	// words; it is not tried again, for it may fail for as long as it is registered.
	return apierrors.IsTooManyRequests(err) || apierrors.IsServiceUnavailable(err) || apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err)
}

// Trouble is that of a request that failed for good. Role is the command that prints the
// rights that it takes.
func Trouble(what string, err error, role string) *plain.Error {
	t := plain.Fail(fmt.Sprintf("%s: %s.", what, ErrorText(err)), "Ask whoever runs the cluster about the reason given.", err)
	switch {
	case apierrors.IsUnauthorized(err):
		t.Sentence = what + ": the API server does not accept the credentials any more (401 Unauthorized)."
		t.Remedy = "Log in again, or renew the token or client certificate of the kubeconfig's user."
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "cannot "):
		t.Remedy = fmt.Sprintf("%q prints the Role to ask an administrator for.", role)
	case Passes(err):
		t.Remedy = "Run it again when \"kubectl version\" works."
	}
	return t
}

// Forbidden is what the API server forbids, in its words; empty if it is another error.
func Forbidden(err error) string {
	if !apierrors.IsForbidden(err) {
		return ""
	}
	return "The API server forbids it: " + ErrorText(err)
}

// ErrorText is an error as part of a sentence.
func ErrorText(err error) string { return strings.TrimSuffix(plain.Line(err.Error(), MostText), ".") }
