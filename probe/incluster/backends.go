package incluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"

	"kpadvisor/apiserver"
	"kpadvisor/jobs"
)

// The pause before a broken watch is taken up again: doubled up to the last.
const (
	firstPause = time.Second
	lastPause  = 30 * time.Second
)

// WatchEndpoints reports changes of the EndpointSlices of the Service that has the
// address (host:port, the host an IP address), as [Client.WatchBackends] does. It reads
// all Services once (and, for a NodePort, Nodes).
func (c *Client) WatchEndpoints(ctx context.Context, address string, each func(at time.Time, what string)) error {
	return c.watchService(ctx, nil, address, each)
}

// WatchBackends reports changes of the EndpointSlices of one Service until ctx ends.
// Each is called with the time at which a change was seen and with what it was, as "1
// added, 1 terminating", and only before WatchBackends returns. A watch that breaks is
// taken up again, and what changed meanwhile is reported then.
//
// The error is nil after ctx ended. Otherwise nothing can be watched, and its
// text is a few words: ErrNoService, or "endpointslices watch forbidden".
func (c *Client) WatchBackends(ctx context.Context, s *Service, each func(at time.Time, what string)) error {
	return c.watchService(ctx, &serviceName{s.Namespace, s.Name}, "", each)
}

func (c *Client) watchService(ctx context.Context, of *serviceName, address string, each func(at time.Time, what string)) error {
	w := &endpointWatch{client: c, service: of, each: each}
	pause := firstPause
	for {
		began, watched := time.Now(), w.version != ""
		err := w.step(ctx, address)
		lasted := time.Since(began) >= firstPause
		switch {
		case ctx.Err() != nil:
			return nil
		case final(err):
			return err
		case lasted:
			pause = firstPause
		}
		if err == nil && (lasted || !watched) {
			continue // a watch that ends at once is taken up again like one that failed
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return nil
		}
		pause = min(2*pause, lastPause)
	}
}

// final tells errors that do not pass.
func final(err error) bool {
	return errors.Is(err, ErrNoService) || errors.Is(err, apiserver.ErrBounded) || apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) ||
		apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err)
}

// endpointWatch is what is known of one Service's backends.
type endpointWatch struct {
	client  *Client
	each    func(time.Time, string)
	service *serviceName      // nil until it was found
	version string            // resourceVersion to watch from; empty asks for a list
	slices  map[string]states // by the slice's name; nil before the first list
}

// states are the endpoints of a slice that matter, by address.
type states map[string]state

type state int

const (
	serving state = iota + 1
	terminating
)

// step does one thing: finds the Service, lists its slices, or watches them until
// the server ends that.
func (w *endpointWatch) step(ctx context.Context, address string) error {
	switch {
	case w.service == nil:
		s, err := w.client.serviceAt(ctx, address)
		if err == nil {
			w.service = &s
		}
		return err
	case w.version == "":
		return apiserver.Asked("endpointslices list", w.list(ctx))
	}
	err := w.watch(ctx)
	if apierrors.IsResourceExpired(err) || apierrors.IsGone(err) {
		w.version = "" // what was missed is found by a list
		return nil
	}
	return apiserver.Asked("endpointslices watch", err)
}

func (w *endpointWatch) what() apiserver.List {
	return apiserver.List{
		Resource: jobs.Collection("EndpointSlice", w.service.namespace), Labels: discoveryv1.LabelServiceName + "=" + w.service.name,
		Anew: true, // a watch needs one version; who asks tries again
	}
}

// list reads the slices anew. What differs from what was known is a change.
func (w *endpointWatch) list(ctx context.Context) error {
	now := map[string]states{}
	version, err := jobs.Each(ctx, w.client.Client, w.what(), func(o *discoveryv1.EndpointSlice) {
		now[strings.Clone(o.Name)] = statesOf(o)
	})
	if err != nil {
		return err
	}
	if version == "" {
		return fmt.Errorf("%w: a list without a version", apiserver.ErrMalformed)
	}
	w.version = version
	if w.slices != nil {
		var d difference
		for name := range w.slices {
			d.add(w.slices[name], now[name])
		}
		for name := range now {
			if _, known := w.slices[name]; !known {
				d.add(nil, now[name])
			}
		}
		w.report(d)
	}
	w.slices = now
	return nil
}

// watch takes in changes until the server ends the request, which it does before
// this client's timeout would.
func (w *endpointWatch) watch(ctx context.Context) error {
	patience := w.client.API.Timeout()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return apiserver.Watch(ctx, w.client.API, w.what(), w.version, patience*2/3, w.take)
}

// take applies one event.
func (w *endpointWatch) take(kind watch.EventType, o *discoveryv1.EndpointSlice) error {
	if o.ResourceVersion == "" {
		return fmt.Errorf("%w: an event without a version", apiserver.ErrMalformed)
	}
	w.version = o.ResourceVersion
	if kind == watch.Bookmark {
		return nil
	}
	var now states
	if kind != watch.Deleted {
		now = statesOf(o)
	}
	var d difference
	d.add(w.slices[o.Name], now)
	if w.slices[o.Name] = now; now == nil {
		delete(w.slices, o.Name)
	}
	w.report(d)
	return nil
}

// statesOf are those endpoints that get connections, and those that are about
// to be gone. Ready counts as true where it is not said, as kube-proxy has it.
func statesOf(o *discoveryv1.EndpointSlice) states {
	out := states{}
	for _, e := range o.Endpoints {
		if len(e.Addresses) == 0 {
			continue
		}
		address := strings.Clone(e.Addresses[0])
		switch yes := func(b *bool, unsaid bool) bool { return b == nil && unsaid || b != nil && *b }; {
		case yes(e.Conditions.Terminating, false):
			out[address] = terminating
		case yes(e.Conditions.Ready, true):
			out[address] = serving
		}
	}
	return out
}

// difference counts what became of endpoints.
type difference struct{ added, terminating, removed int }

func (d *difference) add(before, after states) {
	for address, s := range after {
		switch {
		case before[address] == s:
		case s == serving:
			d.added++
		default:
			d.terminating++
		}
	}
	for address := range before {
		if after[address] == 0 {
			d.removed++
		}
	}
}

func (d difference) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{d.added, "added"}, {d.terminating, "terminating"}, {d.removed, "removed"}} {
		if p.n > 0 {
			parts = append(parts, strconv.Itoa(p.n)+" "+p.what)
		}
	}
	return strings.Join(parts, ", ")
}

func (w *endpointWatch) report(d difference) {
	if d != (difference{}) {
		w.each(time.Now(), d.String())
	}
}
