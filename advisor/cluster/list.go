package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// list is a collection to read.
type list struct {
	what     string // "Services", for the progress line and the coverage
	path     string // "/api/v1/services"
	labels   string // selectors, empty for none
	fields   string
	metadata bool // ask for metadata only: T is metav1.PartialObjectMetadata
}

// resource returns the list of a resource in one namespace, or in all if
// namespace is empty.
func resource(what, group, version, namespace, resource string) list {
	path := "/apis/" + group + "/" + version
	if group == "" {
		path = "/api/" + version
	}
	if namespace != "" {
		path += "/namespaces/" + namespace
	}
	return list{what: what, path: path + "/" + resource}
}

// progress is how far a list has come. A screen reads it while the list is read.
type progress struct {
	read  atomic.Int64
	total atomic.Int64 // objects there are, 0 if the server does not say
}

// errBounded is the end of a read that Options.MaxPages cut short.
var errBounded = errors.New("more pages than --max-pages allows")

// readAll lists l page by page and hands every object to each, in the same T
// each time: each must copy what it keeps. p counts what was read, also when the
// end is an error: errBounded, or that of a request.
//
// resourceVersion stays empty on purpose: resourceVersion=0 would let the watch
// cache ignore the limit and send everything in one answer.
func readAll[T any, P object[T]](ctx context.Context, c *Client, l list, p *progress, each func(P)) error {
	next, resumed := "", false
	for pages := 0; ; pages++ {
		if c.o.MaxPages > 0 && pages == c.o.MaxPages {
			return errBounded
		}
		meta, err := readPage[T, P](ctx, c, l, c.o.PageSize, next, func(o P) {
			p.read.Add(1)
			each(o)
		})
		if token := resumeToken(err); token != "" && !resumed {
			next, resumed = token, true
			continue
		}
		if err == nil && next != "" && meta.Continue == next {
			err = fmt.Errorf("%w: the same page again", errWire)
		}
		if err != nil {
			return fmt.Errorf("listing %s: %w", l.what, err)
		}
		resumed = false
		if meta.RemainingItemCount != nil {
			p.total.Store(p.read.Load() + max(0, *meta.RemainingItemCount))
		}
		if next = meta.Continue; next == "" {
			p.total.Store(p.read.Load())
			return nil
		}
	}
}

// readPage reads one page. The timeout covers retries and the whole body.
func readPage[T any, P object[T]](ctx context.Context, c *Client, l list, limit int64, next string, each func(P)) (metav1.ListMeta, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	body, err := c.request(l, limit, next).Stream(ctx)
	if err != nil {
		return metav1.ListMeta{}, err
	}
	defer body.Close()
	meta, err := decodeList[T, P](body, each)
	if err != nil && ctx.Err() != nil {
		return meta, ctx.Err() // the decoder saw only a body that broke off
	}
	return meta, err
}

// request builds the GET of one page.
func (c *Client) request(l list, limit int64, next string) *rest.Request {
	r := c.rest.Get().AbsPath(l.path).Param("limit", strconv.FormatInt(limit, 10))
	for name, value := range map[string]string{"continue": next, "labelSelector": l.labels, "fieldSelector": l.fields} {
		if value != "" {
			r.Param(name, value)
		}
	}
	if l.metadata {
		r.SetHeader("Accept", metadataOnly)
	}
	return r
}

// resumeToken returns the token that goes on with a list whose own token has
// expired (410). What it lists is newer than what was read before, but every
// object that lived all the while is still seen exactly once, because lists are
// ordered by name.
func resumeToken(err error) string {
	var status apierrors.APIStatus
	if err == nil || !apierrors.IsResourceExpired(err) || !errors.As(err, &status) {
		return ""
	}
	return status.Status().Continue
}
