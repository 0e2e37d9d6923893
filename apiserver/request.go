package apiserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

// Version returns the JSON of GET /version.
func (c *Client) Version(ctx context.Context) ([]byte, error) {
	return c.do(ctx, c.rest.Get().AbsPath("/version"), maxAnswer)
}

// Get returns the JSON of one object, or of what is below it.
func (c *Client) Get(ctx context.Context, r Resource, name string) ([]byte, error) {
	at, err := r.Path(name)
	if err != nil {
		return nil, err
	}
	most := int64(maxAnswer)
	if r.Kind == "configmaps" {
		most = maxConfigMap
	}
	return c.do(ctx, c.rest.Get().AbsPath(at), most)
}

// Into decodes the JSON of one object that Get or Create returned.
func Into(body []byte, into any) error {
	if err := elements(body); err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%w: decoding an object: %w", ErrMalformed, err)
	}
	return nil
}

// Create makes an object and decodes the answer, unless into is nil.
func (c *Client) Create(ctx context.Context, r Resource, o, into any) error {
	body, err := c.post(ctx, r, o, nil)
	if err != nil || into == nil {
		return err
	}
	return Into(body, into)
}

// Try lets the API server do all that it does when it makes an object, but for making it.
func (c *Client) Try(ctx context.Context, r Resource, o any) error {
	_, err := c.post(ctx, r, o, map[string]string{"dryRun": metav1.DryRunAll})
	return err
}

func (c *Client) post(ctx context.Context, r Resource, o any, params map[string]string) ([]byte, error) {
	at, err := r.Path()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encoding an object: %w", err)
	}
	request := c.rest.Post().AbsPath(at).SetHeader("Content-Type", runtime.ContentTypeJSON).Body(text)
	for name, value := range params {
		request.Param(name, value)
	}
	return c.do(ctx, request, maxAnswer)
}

// Delete removes the object with that name and uid, and in the background what belongs
// to it. One that is not there, or is another by now, is no error.
func (c *Client) Delete(ctx context.Context, r Resource, name string, uid types.UID) error {
	at, err := r.Path(name)
	if err != nil {
		return err
	}
	if uid == "" {
		return fmt.Errorf("%w: %s has no uid, and another object may have its name by now", ErrMalformed, at)
	}
	background := metav1.DeletePropagationBackground
	body, err := json.Marshal(metav1.DeleteOptions{
		TypeMeta:          metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"},
		Preconditions:     &metav1.Preconditions{UID: &uid},
		PropagationPolicy: &background,
	})
	if err != nil {
		return fmt.Errorf("encoding what to delete: %w", err)
	}
	_, err = c.do(ctx, c.rest.Delete().AbsPath(at).SetHeader("Content-Type", runtime.ContentTypeJSON).Body(body), maxAnswer)
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}

// Stream follows what the server sends as it comes: a watch, or a log. It ends with
// ctx; no other time is set to it, and no bound but that of who decodes it.
func (c *Client) Stream(ctx context.Context, r Resource, below []string, params map[string]string) (io.ReadCloser, error) {
	at, err := r.Path(below...)
	if err != nil {
		return nil, err
	}
	request := c.rest.Get().AbsPath(at).SetHeader("Accept", runtime.ContentTypeJSON)
	if len(below) > 0 {
		request.SetHeader("Accept", "*/*") // a log is plain text
	}
	for name, value := range params {
		request.Param(name, value)
	}
	return request.Stream(within(ctx, allowance{}))
}

// do sends a request and returns its answer.
func (c *Client) do(ctx context.Context, r *rest.Request, most int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(within(ctx, allowance{bytes: most, paced: true}), c.o.Timeout)
	defer cancel()
	result := r.SetHeader("Accept", runtime.ContentTypeJSON).Do(ctx)
	if err := result.Error(); err != nil { // Raw would not read the Status that says what is not there
		return nil, told(err)
	}
	body, err := result.Raw()
	return body, told(err)
}

// told finds what this package said of an answer in an error of client-go, which keeps
// its text and, of an answer that broke off, little else.
func told(err error) error {
	for _, known := range []error{ErrTooLarge, ErrSlow} {
		if errors.Is(err, known) {
			return fmt.Errorf("%w: %w", known, err)
		}
	}
	return err
}
