package apiserver

import (
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"kpadvisor/plain"
)

// Asked names what was asked for in the error of a request, in the few words that a
// user sees: "endpointslices watch forbidden".
func Asked(what string, err error) error {
	if err == nil {
		return nil
	}
	return &requestError{what, err}
}

type requestError struct {
	what string
	err  error
}

// mostSaid is how much of a server's own words is told, in bytes.
const mostSaid = 1024

func (e *requestError) Error() string {
	switch {
	case apierrors.IsForbidden(e.err):
		return e.what + " forbidden"
	case apierrors.IsUnauthorized(e.err):
		return e.what + " unauthorized"
	}
	said, _, _ := strings.Cut(strings.TrimSpace(e.err.Error()), "\n")
	return e.what + ": " + plain.Line(strings.TrimSuffix(strings.TrimSpace(said), "."), mostSaid)
}

func (e *requestError) Unwrap() error { return e.err }
