package apiserver

import (
	"fmt"
	"net/http"
)

// RedirectError is an answer that sends the request elsewhere. Nothing was sent there.
type RedirectError struct {
	From, To string // scheme and host
	Loop     bool   // it is the same place, again and again
}

func (e *RedirectError) Error() string {
	if e.Loop {
		return "the API server at " + e.From + " redirects in a circle"
	}
	return fmt.Sprintf("the API server at %s redirects to %s", e.From, e.To)
}

// mostRedirects is how often a read may be sent to another path of the same server.
const mostRedirects = 3

// checkRedirect lets a read be sent to another path of the same server, and nothing
// else anywhere. client-go adds the token to every request, whoever it goes to.
func checkRedirect(next *http.Request, via []*http.Request) error {
	from := via[0].URL
	e := &RedirectError{From: from.Scheme + "://" + from.Host, To: next.URL.Scheme + "://" + next.URL.Host}
	switch {
	case from.Scheme != next.URL.Scheme, from.Host != next.URL.Host, via[0].Method != http.MethodGet:
		return e
	case len(via) > mostRedirects:
		e.Loop = true
		return e
	}
	return nil
}
