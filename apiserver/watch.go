package apiserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// Watch hands over what changes in a list since its version, until the server ends the
// request, which it is asked to do after so long, or ctx does. No event may be larger
// than an object; there may be any number. An event is valid until each returns.
func Watch[T any](ctx context.Context, c *Client, l List, version string, lasts time.Duration, each func(watch.EventType, *T) error) error {
	params := map[string]string{
		"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": version,
		"timeoutSeconds": strconv.Itoa(max(1, int(lasts.Seconds()))),
	}
	if l.Labels != "" {
		params["labelSelector"] = l.Labels
	}
	answer, err := c.Stream(ctx, l.Resource, nil, params)
	if err != nil {
		return err
	}
	defer answer.Close()
	in := &bounded{r: answer}
	events := json.NewDecoder(in)
	var event struct {
		Type   watch.EventType `json:"type"`
		Object json.RawMessage `json:"object"`
	}
	for {
		in.next()
		event.Type, event.Object = "", event.Object[:0]
		if err := events.Decode(&event); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if event.Type == watch.Error {
			return watchError(event.Object)
		}
		var o T
		if err := Into(event.Object, &o); err != nil {
			return fmt.Errorf("decoding an event: %w", err)
		}
		if err := each(event.Type, &o); err != nil {
			return err
		}
	}
}

// watchError is the error that an event is.
func watchError(text []byte) error {
	var s metav1.Status
	if err := Into(text, &s); err != nil {
		return fmt.Errorf("decoding an event: %w", err)
	}
	if s.Code == http.StatusGone {
		return apierrors.NewResourceExpired("the watch is too old")
	}
	return &apierrors.StatusError{ErrStatus: s}
}
