package jobstest

import (
	"bytes"
	"net/http"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Pod is a pod that writes a log.
type Pod struct {
	API    *API
	Name   string
	Node   string
	Index  int // within its Job
	Args   []string
	Object *corev1.Pod
	Killed chan struct{} // closed when it is told to end

	mu    sync.Mutex
	lines []line
	grown chan struct{} // closed when a line arrives or the pod ends
	ended bool
}

// line is a line of a log with the time stamp of the container runtime.
type line struct {
	at   time.Time
	text string
}

// start runs what is to run in a pod, if it runs.
func (f *API) start(pod *corev1.Pod, index int) {
	if pod.Status.Phase != corev1.PodRunning {
		return
	}
	p := &Pod{
		API: f, Name: pod.Name, Node: pod.Spec.NodeName, Index: index, Args: pod.Spec.Containers[0].Args, Object: pod,
		grown: make(chan struct{}), Killed: make(chan struct{}),
	}
	f.pods[pod.Name] = p
	f.running.Go(func() {
		f.Run(p)
		p.end()
	})
}

// Kill tells the pod to end.
func (p *Pod) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.Killed:
	default:
		close(p.Killed)
	}
}

// Write adds to the log, whole lines or parts of them.
func (p *Pod) Write(at time.Time, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, line{at, text})
	close(p.grown)
	p.grown = make(chan struct{})
}

func (p *Pod) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	close(p.grown)
	p.grown = make(chan struct{})
}

// serveLog follows a pod's log. The hook may cut it off anywhere.
func (f *API) serveLog(w http.ResponseWriter, r *http.Request, name string) {
	f.Mu.Lock()
	p, hook := f.pods[name], f.Logs
	f.Mu.Unlock()
	if p == nil {
		Refuse(w, NotFound("/pods/"+name))
		return
	}
	since := time.Time{}
	if text := r.URL.Query().Get("sinceTime"); text != "" {
		var err error
		if since, err = time.Parse(time.RFC3339, text); err != nil {
			Refuse(w, apierrors.NewBadRequest(err.Error()))
			return
		}
	}
	f.Mu.Lock()
	f.streams++
	f.Most = max(f.Most, f.streams)
	f.Mu.Unlock()
	defer func() {
		f.Mu.Lock()
		f.streams--
		f.Mu.Unlock()
	}()
	w.WriteHeader(http.StatusOK)
	flush := w.(http.Flusher) //nolint:forcetypeassert // net/http's is one
	flush.Flush()
	for sent := 0; ; {
		p.mu.Lock()
		lines, grown, ended := slices.Clone(p.lines[sent:]), p.grown, p.ended
		p.mu.Unlock()
		var out bytes.Buffer
		for _, l := range lines {
			if !l.at.Before(since) {
				out.WriteString(l.text)
			}
		}
		to, cut := out.Len(), false
		if hook != nil {
			if to, cut = hook(p, r, out.Len()); !cut {
				to = out.Len() // a stream that goes on leaves nothing out
			}
		}
		_, _ = w.Write(out.Bytes()[:to]) // a client that is gone ends the request
		flush.Flush()
		sent += len(lines)
		if cut {
			panic(http.ErrAbortHandler)
		}
		if ended && len(lines) == 0 {
			return
		}
		if !ended {
			select {
			case <-grown:
			case <-r.Context().Done():
				return
			}
		}
	}
}
