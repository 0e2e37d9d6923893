package apiserver

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

var (
	// ErrBounded is the end of a list that Options.MaxPages cut short.
	ErrBounded = errors.New("more pages than allowed")
	// ErrMalformed is an answer that a Kubernetes API server gives, but broken.
	ErrMalformed = errors.New("malformed answer")
	// ErrNotKubernetes is an answer that no Kubernetes API server gives.
	ErrNotKubernetes = errors.New("the answer is not that of a Kubernetes API server")
)

// List is a collection to read.
type List struct {
	Resource
	Labels, Fields string // selectors, empty for none
	Metadata       bool   // ask for metadata only
	Most           int    // objects taken before it is ErrFull; 0 means no bound
	Anew           bool   // a list whose token has expired is an error: who watches needs one version
}

// mostShort is how many pages in a row may hold less than a tenth of what was asked for
// and name another. A server that filters may send some.
const mostShort = 64

// Walk lists l page by page and hands every object to each, in the same T each time:
// each must copy what it keeps. After every page it tells how many objects are left: -1
// if the server does not say. It returns the version of the list.
//
// A token that was used before, pages that stay near empty and a heap that grows beyond
// maxHeap end it with an error; tokens that are ever new end with the context.
//
// The resourceVersion of the request stays empty on purpose: 0 would let the watch
// cache ignore the limit and send everything in one answer.
func Walk[T any](ctx context.Context, c *Client, l List, each func(*T), left func(int64)) (version string, err error) {
	w := walk{seed: maphash.MakeSeed(), used: map[uint64]bool{}}
	for pages, taken := 0, 0; ; pages++ {
		if c.o.MaxPages > 0 && pages == c.o.MaxPages {
			return "", ErrBounded
		}
		got := 0
		meta, err := Page(ctx, c, l, c.o.PageSize, w.next, func(o *T) {
			if got++; l.Most == 0 || taken+got <= l.Most {
				each(o)
			}
		})
		if taken += got; l.Most > 0 && taken > l.Most {
			return "", fmt.Errorf("%w: more than %d", ErrFull, l.Most)
		}
		if w.resume(l, err) {
			continue
		}
		if err == nil {
			err = w.advance(meta.Continue, got, c.o.PageSize)
		}
		if err != nil {
			return "", err
		}
		switch {
		case w.next == "":
			left(0)
			return meta.ResourceVersion, nil
		case meta.RemainingItemCount != nil:
			left(*meta.RemainingItemCount)
		default:
			left(-1)
		}
	}
}

// walk is where a list has come to.
type walk struct {
	next    string
	resumed bool // the token has expired, and no page has come since
	short   int  // pages in a row
	seed    maphash.Seed
	used    map[uint64]bool // tokens, by hash
}

// resume goes on with the token that the server offers for one that has expired (410).
// What it lists is newer than what was read before, but every object that lived all the
// while is still seen exactly once, because lists are ordered by name.
func (w *walk) resume(l List, err error) bool {
	var status apierrors.APIStatus
	if err == nil || l.Anew || w.resumed || !apierrors.IsResourceExpired(err) || !errors.As(err, &status) {
		return false
	}
	token := status.Status().Continue
	if token == "" {
		return false
	}
	w.next, w.resumed = token, true
	return true
}

// advance takes the token of the next page from one that came with so many objects of
// those that were asked for.
func (w *walk) advance(token string, got int, asked int64) error {
	w.next, w.resumed = token, false
	if w.short++; got > 0 && int64(got) >= asked/10 {
		w.short = 0
	}
	key := maphash.String(w.seed, token)
	switch {
	case token == "":
		return nil
	case w.used[key]:
		return fmt.Errorf("%w: the same page again", ErrMalformed)
	case w.short > mostShort:
		return fmt.Errorf("%w: %d pages that hold next to nothing, and another after them", ErrMalformed, w.short)
	}
	w.used[key] = true
	return nil
}

// Page reads one page of at most limit objects; next is its token, empty for the first.
// The timeout covers retries and the whole body.
func Page[T any](ctx context.Context, c *Client, l List, limit int64, next string, each func(*T)) (metav1.ListMeta, error) {
	r, err := c.page(l, limit, next)
	if err != nil {
		return metav1.ListMeta{}, err
	}
	ctx, cancel := context.WithTimeout(within(ctx, allowance{bytes: maxPage, paced: true}), c.o.Timeout)
	defer cancel()
	answer, err := r.Stream(ctx)
	if err != nil {
		return metav1.ListMeta{}, told(err)
	}
	defer answer.Close()
	meta, err := decodeList(answer, each, c.most)
	if err != nil && ctx.Err() != nil {
		return meta, ctx.Err() // the decoder saw only a body that broke off
	}
	return meta, err
}

// page builds the GET of one page.
func (c *Client) page(l List, limit int64, next string) (*rest.Request, error) {
	at, err := l.Path()
	if err != nil {
		return nil, err
	}
	r := c.rest.Get().AbsPath(at).Param("limit", strconv.FormatInt(limit, 10))
	for name, value := range map[string]string{"continue": next, "labelSelector": l.Labels, "fieldSelector": l.Fields} {
		if value != "" {
			r.Param(name, value)
		}
	}
	if accept := c.accept(l); accept != "" {
		r.SetHeader("Accept", accept)
	}
	return r, nil
}

// accept is the form that a list may come in; empty is that of every request.
func (c *Client) accept(l List) string {
	switch {
	case l.Metadata && c.o.Protobuf:
		return metadataOnly + protobufOrJSON
	case l.Metadata:
		return metadataJSON + ",application/json"
	}
	return ""
}
