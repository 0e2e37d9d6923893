// Package asktest has nodes that answer as a test says.
package asktest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/ui/tui/ask"
	"kpadvisor/ui/tui/measure/tools"
)

// Asker asks nobody. It refuses what a real one refuses, and notes what it was asked.
type Asker struct {
	Reports []advisor.NodeReport // that come of every way
	Said    []string
	Fails   error         // in the place of all answers
	Denied  string        // of every plan
	Hold    chan struct{} // an asking waits for it, or for its end
	Panics  bool

	mu       sync.Mutex
	requests []ask.Request
	begun    int
	ended    int
	left     []string
}

// Ways implements [ask.Asker].
func (*Asker) Ways() []ask.Way { return []ask.Way{ask.Pods, ask.Forward, ask.Script, ask.Prometheus} }

// Commands implements [ask.Asker].
func (*Asker) Commands(node string) []string {
	return []string{
		fmt.Sprintf("kpadvisor node-script | ssh root@%s sh > %s.txt", node, node),
		fmt.Sprintf("kpadvisor node-script | kubectl debug node/%s -qi --image=busybox -- sh > %s.txt", node, node),
	}
}

// File implements [ask.Asker].
func (a *Asker) File(_ context.Context, path, node string) (ask.Answer, error) {
	if path != "node-1.txt" {
		return ask.Answer{}, fmt.Errorf("no such file: %s", path)
	}
	all := slices.Clone(a.Reports)
	if node != "" && len(all) > 0 {
		all[0].Node = node
	}
	return ask.Answer{Reports: all, Said: a.Said, Again: "--node-report " + path}, nil
}

// Plan implements [ask.Asker].
func (a *Asker) Plan(_ context.Context, r ask.Request) (ask.Plan, error) {
	a.mu.Lock()
	a.requests = append(a.requests, r)
	a.mu.Unlock()
	plan := ask.Plan{Denied: a.Denied, Asking: asked{a}}
	right := tools.RightNeeded{Text: "create pods/portforward in kube-system", Why: "the answers of kube-proxy at the loopback of its node", Allowed: a.Denied == ""}
	switch r.Way {
	case ask.Forward:
		plan.Does = []string{"kube-proxy is asked at 127.0.0.1:10249 of the node, through a pod that uses the node's network."}
		plan.Rights, plan.Lasts = []tools.RightNeeded{right}, 5*time.Second
	case ask.Prometheus:
		if !strings.HasPrefix(r.URL, "http") {
			return plan, errors.New("the URL of the Prometheus server is not http or https")
		}
		plan.Does = []string{"The server at " + r.URL + " is asked."}
	case ask.Pods:
		plan.Does = []string{"They change nothing."}
		plan.Objects, plan.Count, plan.Deadline = []string{"Job kpadvisor-abcdef-inspect-0 in namespace default"}, 1, 4*time.Minute
		right.Text = "create jobs.batch in default"
		if r.Depth == ask.Deep {
			plan.Heavy = []string{"its pods run as root with NET_ADMIN on the network of their nodes (--deep)"}
		}
		plan.Rights, plan.Manifests, plan.Lasts = []tools.RightNeeded{right}, "apiVersion: batch/v1\nkind: Job\n", 70*time.Second
	case ask.Script:
		return plan, errors.New("a script is run by hand")
	}
	return plan, nil
}

// asked is an asking of it.
type asked struct{ *Asker }

// Progress implements [ask.Asking].
func (a asked) Progress() ask.Progress {
	if a.Ended() == 0 {
		return ask.Progress{Of: 3, Doing: "waiting for the pods to start"}
	}
	return ask.Progress{Done: 3, Of: 3}
}

// Ask implements [ask.Asking].
func (a asked) Ask(ctx context.Context) (ask.Answer, error) {
	a.mu.Lock()
	a.begun++
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		a.ended++
		a.mu.Unlock()
	}()
	if a.Panics {
		panic("asked too much")
	}
	if a.Hold != nil {
		select {
		case <-a.Hold:
		case <-ctx.Done():
			return ask.Answer{}, ctx.Err()
		}
	}
	if a.Fails != nil {
		return ask.Answer{Said: a.Said}, a.Fails
	}
	return ask.Answer{Reports: a.Reports, Said: a.Said, Again: "--port-forward"}, nil
}

// Leaving implements [ask.Asker].
func (a *Asker) Leaving(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left = append(a.left, what)
}

// Requests are those that a plan was made for.
func (a *Asker) Requests() []ask.Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.requests)
}

// Begun and Ended are how many askings there were, and Left what was waited for.
func (a *Asker) Begun() int { a.mu.Lock(); defer a.mu.Unlock(); return a.begun }

// Ended counts those that have returned.
func (a *Asker) Ended() int { a.mu.Lock(); defer a.mu.Unlock(); return a.ended }

// Left is what somebody was told is waited for.
func (a *Asker) Left() []string { a.mu.Lock(); defer a.mu.Unlock(); return slices.Clone(a.left) }
