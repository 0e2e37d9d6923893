package apiserver

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
)

const token = "the-token"

func dial(t *testing.T, h http.HandlerFunc, o Options) *Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := Connect(&rest.Config{Host: s.URL, BearerToken: token}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdle)
	return c
}

// TestPath: a name stays one segment, or nothing is asked for.
func TestPath(t *testing.T) {
	for _, name := range []string{
		"..", ".", "", "a/../../kube-system", "a/b", "x?y", "x#y", "a%2fb", "%2e%2e", "a\\b\x00", "a\nb", "a\u202eb",
	} {
		r := Resource{Version: "v1", Kind: "namespaces"}
		at, err := r.Path(name)
		if err == nil && at != "/api/v1/namespaces/"+name {
			t.Errorf("%q becomes %q", name, at)
		}
		if err != nil && !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", name, err)
		}
		asked := ""
		c := dial(t, func(w http.ResponseWriter, q *http.Request) { asked = q.RequestURI }, Options{})
		err = c.Delete(t.Context(), r, name, "uid")
		if err == nil && asked != "/api/v1/namespaces/"+url.PathEscape(name) || err != nil && asked != "" {
			t.Errorf("%q: asked for %q, %v", name, asked, err)
		}
		r.Namespace, asked = name, ""
		if _, err := c.Get(t.Context(), r, "a"); name != "" && err == nil && !strings.HasPrefix(asked, "/api/v1/namespaces/"+url.PathEscape(name)+"/") {
			t.Errorf("%q as a namespace: asked for %q", name, asked)
		}
	}
}

// TestDelete: a delete names the uid; an object that is gone, or another, is no error.
func TestDelete(t *testing.T) {
	for code, ok := range map[int]bool{200: true, 404: true, 409: true, 403: false, 500: false} {
		var got metav1.DeleteOptions
		c := dial(t, func(w http.ResponseWriter, r *http.Request) {
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
				t.Error(err)
			}
			w.WriteHeader(code)
		}, Options{})
		err := c.Delete(t.Context(), Resource{Version: "v1", Kind: "pods", Namespace: "a"}, "b", "the-uid")
		if (err == nil) != ok {
			t.Errorf("%d: %v", code, err)
		}
		if p := got.Preconditions; p == nil || p.UID == nil || *p.UID != "the-uid" {
			t.Errorf("preconditions %+v", p)
		}
		if err := c.Delete(t.Context(), Resource{Version: "v1", Kind: "pods", Namespace: "a"}, "b", ""); !errors.Is(err, ErrMalformed) {
			t.Errorf("without a uid: %v", err)
		}
	}
}

// TestRedirect: of every kind of request, nothing goes to another server.
func TestRedirect(t *testing.T) {
	pods := Resource{Version: "v1", Kind: "pods", Namespace: "a"}
	requests := map[string]func(c *Client) error{
		"get": func(c *Client) error { _, err := c.Get(t.Context(), pods, "b"); return err },
		"list": func(c *Client) error {
			_, err := Walk(t.Context(), c, List{Resource: pods}, func(*metav1.PartialObjectMetadata) {}, func(int64) {})
			return err
		},
		"watch": func(c *Client) error {
			return Watch(t.Context(), c, List{Resource: pods}, "1", time.Second, func(watch.EventType, *metav1.PartialObjectMetadata) error { return nil })
		},
		"log": func(c *Client) error {
			s, err := c.Stream(t.Context(), pods, []string{"b", "log"}, nil)
			if err == nil {
				s.Close()
			}
			return err
		},
		"delete": func(c *Client) error { return c.Delete(t.Context(), pods, "b", "uid") },
		"create": func(c *Client) error { return c.Create(t.Context(), pods, struct{}{}, nil) },
	}
	for name, request := range requests {
		for _, code := range []int{301, 302, 303, 307, 308} {
			thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				t.Errorf("%s %d: %s %s with %q went to another server", name, code, r.Method, r.URL, r.Header.Get("Authorization"))
			}))
			c := dial(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "Bearer "+token {
					t.Errorf("%s: Authorization %q", name, r.Header.Get("Authorization"))
				}
				http.Redirect(w, r, thief.URL+r.URL.Path, code)
			}, Options{})
			var redirect *RedirectError
			if err := request(c); !errors.As(err, &redirect) {
				t.Errorf("%s %d: %v", name, code, err)
			}
			thief.Close()
		}
	}
}

// TestRetryAfter: a wait within the time is waited, one beyond it ends the request at once.
func TestRetryAfter(t *testing.T) {
	for after, tries := range map[string]int{
		"1": 2, "-1": 2, "0": 2, "3600": 1, "1000000000000000000": 1, "99999999999999999999999": 1, "soon": 1,
	} {
		n := 0
		c := dial(t, func(w http.ResponseWriter, r *http.Request) {
			if n++; n == 1 {
				w.Header().Set("Retry-After", after)
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			_, _ = io.WriteString(w, "{}")
		}, Options{Timeout: 20 * time.Second})
		began := time.Now()
		_, err := c.Version(t.Context())
		if n != tries || (err == nil) != (tries == 2) || time.Since(began) > 15*time.Second {
			t.Errorf("%s: %d requests, %v, after %v", after, n, err, time.Since(began))
		}
	}
}

// FuzzRetryAfter: whatever a server says, what is left of it is a wait within the time.
func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "1", "-1", "3600", "1e9", "+5", "9223372036854775807", "Wed, 21 Oct 2015 07:28:00 GMT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := &http.Response{Header: http.Header{"Retry-After": {text}}}
		boundRetry(t.Context(), r)
		got := r.Header.Get("Retry-After")
		if got == "" {
			return
		}
		if d, err := time.ParseDuration(strings.TrimPrefix(got, "+") + "s"); err != nil || d < time.Second || d > time.Hour {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}

// TestSlow: a body that drips is ended, one that only comes late is not.
func TestSlow(t *testing.T) {
	release := make(chan struct{})
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			select {
			case <-release:
				return
			case <-r.Context().Done():
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}, Options{})
	defer close(release)
	for rt := c.http.Transport; rt != nil; {
		if d, ok := rt.(*distrust); ok {
			d.pace = pace{2560, 300 * time.Millisecond}
			break
		}
		w, ok := rt.(interface{ WrappedRoundTripper() http.RoundTripper })
		if !ok {
			t.Fatalf("no transport of this package in %T", rt)
		}
		rt = w.WrappedRoundTripper()
	}
	if _, err := c.Version(t.Context()); !errors.Is(err, ErrSlow) {
		t.Errorf("%v", err)
	}
}
