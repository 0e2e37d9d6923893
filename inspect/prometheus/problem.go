package prometheus

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"kpadvisor/files"
	"kpadvisor/plain"
)

const (
	addressRemedy = "Name the address that Prometheus itself answers at; \"curl URL/-/healthy\" says whether it does."
	grantRemedy   = "Give a token with --prometheus-token-file or PROMETHEUS_TOKEN, or a certificate with --prometheus-client-certificate."
	trustRemedy   = "Give the certificates that sign the server's with --prometheus-certificate-authority."
)

// failed says in one sentence why there is no answer, and what to do.
func (c *Client) failed(err error) error {
	fail := func(format, remedy string, more ...any) error {
		return plain.Fail(fmt.Sprintf(format, append([]any{c.Server()}, more...)...), remedy, err)
	}
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		dns       *net.DNSError
		timeout   interface{ Timeout() bool }
		told      *toldError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &told):
		return fail("Prometheus at %s does not answer the query: %s.", addressRemedy, told.Error())
	case errors.Is(err, errRedirect):
		return fail(
			"Prometheus at %s redirects to another server, to which nothing was sent.",
			"If that is Prometheus, name it by that address.",
		)
	case errors.Is(err, errTooMuch):
		return fail(
			"Prometheus at %s answers more than is read of it.",
			"Narrow it with --prometheus-match, as in 'cluster=\"prod\"'.",
		)
	case errors.Is(err, errNotPrometheus):
		return fail("Prometheus at %s answers, but not as Prometheus does.", addressRemedy)
	case errors.As(err, &authority):
		return fail("Prometheus at %s has a certificate that nobody known here signed.", trustRemedy)
	case errors.As(err, &host), errors.As(err, &invalid):
		return fail("Prometheus at %s has a certificate that is not valid for it.", trustRemedy)
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return fail("Prometheus at %s does not speak HTTPS.", "Name it by http://.")
	case errors.As(err, &dns):
		return fail("Prometheus at %s cannot be found: there is no such name.", addressRemedy)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fail("Prometheus at %s refuses connections.", addressRemedy)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fail("Prometheus at %s does not answer within %v.", addressRemedy, c.o.Timeout)
	}
	var at *url.Error
	if errors.As(err, &at) { // its own text has the whole URL
		err = at.Err
	}
	return fail("Prometheus at %s cannot be read: %s.", addressRemedy, plain.Line(err.Error(), 200))
}

// maxRefusal is how much is read of an answer that is none, in bytes.
const maxRefusal = 64 << 10

// refused is the error of an answer with another status.
func (c *Client) refused(answer *http.Response) error {
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return plain.Fail(
			fmt.Sprintf("Prometheus at %s does not let this user read (%d).", c.Server(), answer.StatusCode),
			grantRemedy,
			nil,
		)
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return c.failed(errNotPrometheus)
	}
	text, err := files.Bounded(io.LimitReader(answer.Body, maxRefusal), maxRefusal)
	if err != nil {
		return c.failed(err)
	}
	var said struct{ Error string }
	if json.Unmarshal(text, &said) != nil || said.Error == "" {
		return c.failed(&toldError{http.StatusText(answer.StatusCode)})
	}
	return c.failed(&toldError{said.Error})
}

// toldError is what the server itself says is wrong.
type toldError struct{ said string }

func (e *toldError) Error() string { return plain.Line(strings.TrimSuffix(e.said, "."), 200) }
