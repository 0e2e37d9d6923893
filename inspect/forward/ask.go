package forward

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"

	"kpadvisor/advisor"
	"kpadvisor/apiserver"
	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// MetricsPort is where kube-proxy's metrics are if nothing else is configured.
const MetricsPort = 10249

// Client asks the nodes of one cluster. It is safe for concurrent use.
type Client struct {
	api    *apiserver.Client
	rights *jobs.Client
	// Each is how long one node may take; 0 means 20 s.
	Each time.Duration
}

const (
	eachTakes = 20 * time.Second
	atOnce    = 8  // nodes
	triedEach = 3  // nodes of a group, until one answers
	maxPages  = 10 // of the list of a node's pods
)

// Connect prepares a client of the API server that config names; it sends nothing.
func Connect(config *rest.Config) (*Client, error) {
	api, err := apiserver.Connect(config, apiserver.Options{MaxPages: maxPages})
	if err != nil {
		return nil, err
	}
	rights, err := jobs.Connect(config)
	if err != nil {
		return nil, err
	}
	return &Client{api: api, rights: rights, Each: eachTakes}, nil
}

// Group is nodes of which one speaks for the others, or all if each is wanted.
type Group struct {
	Nodes []string
	Port  int // of kube-proxy's metrics; 0 means MetricsPort
}

// Right is what asking takes beside a list of pods, in a namespace; empty is all of them.
func Right(namespace string) jobs.Right {
	return jobs.Right{
		Verb:      "create",
		Resource:  "pods/portforward",
		Namespace: namespace,
		Why:       "the answers of kube-proxy at the loopback of its node",
	}
}

// Review asks the API server whether the first of these nodes may be asked: the answer is
// about the namespace of a pod that is a way to it, one in which it is allowed if there is
// one. The error says why there is no way.
func (c *Client) Review(ctx context.Context, groups []Group) ([]jobs.Answer, error) {
	err := error(
		plain.Fail(
			"There is no node that could be asked through port-forward.",
			"Give a report of a node instead: kpadvisor node-script, --node-report.",
			nil,
		),
	)
	for _, g := range groups {
		for _, name := range g.Nodes[:min(len(g.Nodes), triedEach)] {
			ways, failed := c.ways(ctx, name)
			if failed != nil {
				return nil, fmt.Errorf("reading the pods of a node: %w", failed)
			}
			var first []jobs.Answer
			for _, w := range ways[:min(len(ways), mostWays)] {
				answers, failed := c.rights.Review(ctx, []jobs.Right{Right(w.namespace)})
				if failed != nil {
					return nil, failed
				}
				if len(jobs.Denied(answers)) == 0 {
					return answers, nil
				}
				if first == nil {
					first = answers
				}
			}
			if first != nil {
				return first, nil
			}
			err = plain.Fail(
				couldNot(name, errNoWay),
				"Give a report of a node instead: kpadvisor node-script, --node-report.",
				nil,
			)
		}
	}
	return nil, err
}

// Result is what came of asking.
type Result struct {
	Reports []advisor.NodeReport
	Said    []string // a sentence for each node that was asked for nothing
}

// Ask asks one node of each group, another of it if that does not answer, or with all each
// of them. tell is called with how many groups or nodes are done. The error, a
// [plain.Error], says why no node could be asked.
func (c *Client) Ask(ctx context.Context, groups []Group, all bool, tell func(done, of int)) (Result, error) {
	if all {
		var each []Group
		for _, g := range groups {
			for _, n := range g.Nodes {
				each = append(each, Group{[]string{n}, g.Port})
			}
		}
		groups = each
	}
	if len(groups) == 0 {
		return Result{}, plain.Fail(
			"There is no node that could be asked through port-forward.",
			"Give a report of a node instead: kpadvisor node-script, --node-report.",
			nil,
		)
	}
	r := round{Client: c, answers: map[string]*allowed{}}
	results := make([]Result, len(groups))
	var done atomic.Int64
	work := make(chan int)
	var workers sync.WaitGroup
	for range min(atOnce, len(groups)) {
		workers.Go(func() {
			for i := range work {
				results[i] = r.group(ctx, groups[i])
				tell(int(done.Add(1)), len(groups))
			}
		})
	}
	for i := range groups {
		work <- i
	}
	close(work)
	workers.Wait()
	var out Result
	for _, one := range results {
		out.Reports, out.Said = append(out.Reports, one.Reports...), append(out.Said, one.Said...)
	}
	switch denied := r.denied(); {
	case ctx.Err() != nil:
		return out, context.Cause(ctx)
	case len(out.Reports) > 0:
		return out, nil
	case len(denied) > 0:
		return out, plain.Fail(fmt.Sprintf("This user may not %s.", Right(denied[0])),
			fmt.Sprintf("\"%s -n %s\" prints the Role to ask for.", RoleCommand, denied[0]), nil)
	}
	return out, plain.Fail(
		"No kube-proxy answered through port-forward. "+out.Said[0],
		"Give a report of a node instead: kpadvisor node-script, --node-report.",
		nil,
	)
}

// round is one time of asking.
type round struct {
	*Client
	mu      sync.Mutex
	answers map[string]*allowed // by namespace
}

// allowed is the answer of the API server about a namespace, once there is one.
type allowed struct {
	once sync.Once
	yes  bool
	err  error
}

// may asks whether this user may forward ports in a namespace.
func (r *round) may(ctx context.Context, namespace string) (bool, error) {
	r.mu.Lock()
	a := r.answers[namespace]
	if a == nil {
		a = &allowed{}
		r.answers[namespace] = a
	}
	r.mu.Unlock()
	a.once.Do(func() {
		var answers []jobs.Answer
		if answers, a.err = r.rights.Review(ctx, []jobs.Right{Right(namespace)}); a.err == nil {
			a.yes = len(jobs.Denied(answers)) == 0
		}
	})
	return a.yes, a.err
}

// denied are the namespaces in which it is not allowed, kube-system first.
func (r *round) denied() []string {
	var out []string
	for namespace, a := range r.answers {
		if a.err == nil && !a.yes {
			out = append(out, namespace)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(rank(a)-rank(b), strings.Compare(a, b))
	})
	return out
}

// group asks nodes of a group until one answers. A panic is a defect of ours and stops
// this group alone.
func (r *round) group(ctx context.Context, g Group) (out Result) {
	name := ""
	defer func() {
		if p := recover(); p != nil {
			out.Said = append(out.Said, couldNot(name, fmt.Errorf("a defect in kpadvisor: %v", p)))
		}
	}()
	for _, name = range g.Nodes[:min(len(g.Nodes), triedEach)] {
		report, err := r.node(ctx, name, g.port())
		if err == nil {
			return Result{Reports: []advisor.NodeReport{report}}
		}
		out.Said = append(out.Said, couldNot(name, err))
		if ctx.Err() != nil || errors.Is(err, errNotAllowed) {
			break
		}
	}
	return out
}

func (g Group) port() int {
	if g.Port > 0 {
		return g.Port
	}
	return MetricsPort
}

// couldNot says why a node was not asked.
func couldNot(node string, err error) string {
	return fmt.Sprintf(
		"kube-proxy on %s was not asked: %s.",
		plain.Line(node, 253),
		plain.Line(strings.TrimSuffix(err.Error(), "."), 300),
	)
}

var (
	errNoWay      = errors.New("no pod that uses the node's network runs there")
	errNotAllowed = errors.New(
		"this user may not create pods/portforward in the namespaces of the pods that use the node's network",
	)
)

// node asks one node, through one of its pods.
func (r *round) node(ctx context.Context, name string, port int) (advisor.NodeReport, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, r.each(), fmt.Errorf("it did not answer within %v", r.each()))
	defer cancel()
	ways, err := r.ways(ctx, name)
	if err != nil {
		return advisor.NodeReport{}, asCause(ctx, apiserver.Asked("pods list", err))
	}
	if len(ways) == 0 {
		return advisor.NodeReport{}, errNoWay
	}
	err = errNotAllowed
	tried := 0
	for _, w := range ways {
		may, asked := r.may(ctx, w.namespace)
		if asked != nil {
			err = asked
			continue
		}
		if !may {
			continue
		}
		var report advisor.NodeReport
		if report, err = r.through(ctx, w, name, port); err == nil {
			return report, nil
		}
		if tried++; tried == mostWays || errors.As(err, new(*silentError)) || ctx.Err() != nil {
			break
		}
	}
	return advisor.NodeReport{}, asCause(ctx, err)
}

func (r *round) each() time.Duration {
	if r.Each > 0 {
		return r.Each
	}
	return eachTakes
}

// asCause is what ended the context, if that is why.
func asCause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
