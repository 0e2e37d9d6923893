package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/apiserver"
	"kpadvisor/plain"
	"kpadvisor/ui/tui"
)

// mostContext is how much of the name of a context is shown, in characters.
const mostContext = 200

// contexts are the clusters that the screens can read: those of the kubeconfig, or the one
// that flags name.
type contexts struct {
	app     *app
	ctx     context.Context // of the program
	cmd     *cobra.Command
	named   bool // flags name the cluster
	list    []tui.Context
	leaving func(string)

	mu     sync.Mutex
	files  []string
	stamps []stamp // of the files, when raw was read
	raw    clientcmdapi.Config
	latest map[string]reads // of each
}

// reads are those of one context: the one that was begun last, and the last one that
// brought everything, which is what is known while another goes on or after that failed.
type reads struct{ begun, brought live }

// stamp tells one version of a file from another.
type stamp struct {
	size int64
	at   time.Time
}

// contexts are those there are, where config is that of the one that is read first, nil if
// there is none.
func (a *app) contexts(ctx context.Context, cmd *cobra.Command, config *rest.Config, leaving func(string)) *contexts {
	loader := a.flags.connection.ToRawKubeConfigLoader()
	c := &contexts{app: a, ctx: ctx, cmd: cmd, leaving: leaving, latest: map[string]reads{}}
	c.named = len(given(cmd, connectionFlags()[1:]...)) > 0 || lookup(a.env)("KUBERNETES_MASTER") != ""
	c.files = loader.ConfigAccess().GetLoadingPrecedence()
	if loader.ConfigAccess().IsExplicitFile() {
		c.files = []string{loader.ConfigAccess().GetExplicitFile()}
	}
	if boundedKubeconfigs(loader.ConfigAccess()) != nil {
		return c // Connect says so
	}
	c.stamps = c.now()
	raw, err := loader.RawConfig() // it has been read already
	if err != nil {
		return c
	}
	c.raw, c.named = raw, c.named || len(raw.Contexts) == 0
	current := cmp.Or(*a.flags.connection.Context, raw.CurrentContext)
	_, found := raw.Contexts[current]
	switch {
	case c.named:
		if config != nil {
			one := c.describeAs(current, config)
			one.Current = true
			c.list = append(c.list, one)
		}
		return c
	case found:
		c.list = append(c.list, c.describe(current))
		c.list[0].Current = true
	}
	for _, name := range slices.Sorted(maps.Keys(raw.Contexts)) {
		if name != current {
			c.list = append(c.list, c.describe(name))
		}
	}
	return c
}

// now are the stamps of the files as they are.
func (c *contexts) now() []stamp {
	out := make([]stamp, len(c.files))
	for i, name := range c.files {
		if info, err := os.Stat(name); err == nil {
			out[i] = stamp{info.Size(), info.ModTime()}
		}
	}
	return out
}

// describe is what the kubeconfig says of a context.
func (c *contexts) describe(name string) tui.Context {
	out := tui.Context{Name: name, Limit: c.limit()}
	at := c.raw.Contexts[name]
	if at == nil {
		return out
	}
	if to := c.raw.Clusters[at.Cluster]; to != nil {
		s := serverIn(to)
		out.Address, out.Server = s.address(), s.identity()
	}
	switch user := c.raw.AuthInfos[at.AuthInfo]; {
	case user == nil:
	case user.Exec != nil:
		out.Plugin = filepath.Base(user.Exec.Command)
	case user.AuthProvider != nil:
		out.Plugin = user.AuthProvider.Name
	}
	return out
}

// limit is how long a server has for an answer.
func (c *contexts) limit() time.Duration {
	if d, err := clientcmd.ParseTimeout(*c.app.flags.connection.Timeout); err == nil && d > 0 {
		return d
	}
	return apiserver.DefaultTimeout
}

// describeAs is a context that flags name, or say more of.
func (c *contexts) describeAs(name string, config *rest.Config) tui.Context {
	s := serverOf(config)
	return tui.Context{Name: name, Address: s.address(), Server: s.identity(), Plugin: pluginOf(config), Limit: c.limit()}
}

// current is the context that is read first.
func (c *contexts) current() string {
	if len(c.list) > 0 && c.list[0].Current {
		return c.list[0].Name
	}
	return ""
}

// List implements [tui.Contexts].
func (c *contexts) List() []tui.Context { return c.list }

// Connect implements [tui.Contexts]. A kubeconfig that was changed is read again: somebody
// may have logged in.
func (c *contexts) Connect(name string) tui.Connection {
	out := &connection{of: c, name: name}
	out.client, out.config, out.err = c.app.client(c.config(name))
	return out
}

// config is what the kubeconfig says of a context, or why it cannot be used.
func (c *contexts) config(name string) (*rest.Config, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := reloaded(c.app.flags.connection)
	env := lookup(c.app.env)
	if c.named {
		config, now, err := kubeconfig(f, env)
		if err == nil {
			err = c.changed(name, c.describeAs(now, config))
		}
		return config, now, err
	}
	access := f.ToRawKubeConfigLoader().ConfigAccess()
	if now := c.now(); !slices.Equal(now, c.stamps) {
		if err := boundedKubeconfigs(access); err != nil {
			return nil, "", err
		}
		raw, err := f.ToRawKubeConfigLoader().RawConfig()
		if err != nil {
			return nil, "", err
		}
		c.raw, c.stamps = raw, now
	}
	overrides := &clientcmd.ConfigOverrides{Timeout: *f.Timeout}
	overrides.ClusterInfo.DisableCompression = *f.DisableCompression
	config, _, err := kubeconfigOf(clientcmd.NewNonInteractiveClientConfig(c.raw, name, overrides, access), name, f, env)
	if err == nil {
		err = c.changed(name, c.describe(name))
	}
	return config, name, err
}

// changed refuses a context that has become another than the one in the list: nobody was
// asked whether its plugin may run, and what was answered is of the other cluster. That
// nobody has to sign in any more is no harm.
func (c *contexts) changed(name string, now tui.Context) error {
	at := slices.IndexFunc(c.list, func(one tui.Context) bool { return one.Name == name })
	if at < 0 {
		return nil
	}
	p := plain.Problem{Remedy: "Start kpadvisor again."}
	switch was := c.list[at]; {
	case now.Address != was.Address || now.Server != was.Server:
		p.Sentence = fmt.Sprintf("The kubeconfig names another server for %s now.", plain.Line(name, mostContext))
	case now.Plugin != was.Plugin && now.Plugin != "":
		p.Sentence = fmt.Sprintf("The kubeconfig names another credential plugin for %s now.", plain.Line(name, mostContext))
	default:
		return nil
	}
	return failure{p, Failure}
}

// reloaded are the same flags with a loader that has read nothing yet.
func reloaded(f *genericclioptions.ConfigFlags) *genericclioptions.ConfigFlags {
	out := genericclioptions.NewConfigFlags(false)
	out.KubeConfig, out.ClusterName, out.AuthInfoName = f.KubeConfig, f.ClusterName, f.AuthInfoName
	out.Context, out.Namespace, out.APIServer = f.Context, f.Namespace, f.APIServer
	out.TLSServerName, out.Insecure, out.ProxyURL = f.TLSServerName, f.Insecure, f.ProxyURL
	out.CertFile, out.KeyFile, out.CAFile, out.BearerToken = f.CertFile, f.KeyFile, f.CAFile, f.BearerToken
	out.Impersonate, out.ImpersonateUID = f.Impersonate, f.ImpersonateUID
	out.ImpersonateGroup, out.ImpersonateUserExtra = f.ImpersonateGroup, f.ImpersonateUserExtra
	out.Username, out.Password = f.Username, f.Password
	out.Timeout, out.DisableCompression = f.Timeout, f.DisableCompression
	return out
}

// namespace is that of a context.
func (c *contexts) namespace(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ns := *c.app.flags.connection.Namespace; ns != "" {
		return ns
	}
	if at := c.raw.Contexts[name]; at != nil && at.Namespace != "" {
		return at.Namespace
	}
	return "default"
}

// command gives the report on the facts of a context.
func (c *contexts) command(name string) string {
	if c.named || len(c.list) < 2 && name == c.current() {
		return c.app.sameFacts(c.cmd)
	}
	return c.app.sameFactsOf(c.cmd, name, name == c.current())
}

// began takes note of a read of a context.
func (c *contexts) began(name string, l live) {
	c.mu.Lock()
	defer c.mu.Unlock()
	of := c.latest[name]
	if of.begun.reading != nil && brought(of.begun.reading()) {
		of.brought = of.begun
	}
	of.begun = l
	c.latest[name] = of
}

// known is what is known of a context.
func (c *contexts) known(name string) advisor.Reading {
	c.mu.Lock()
	of := c.latest[name]
	c.mu.Unlock()
	now := of.begun.reading()
	if !brought(now) && of.brought.reading != nil {
		return of.brought.reading()
	}
	return now
}

// brought reports a read that has ended well.
func brought(r advisor.Reading) bool { return r.Done && r.Err == nil }

// bench measures for the read that is in force.
func (c *contexts) bench(name string, l live) clusterBench {
	l.reading = func() advisor.Reading { return c.known(name) }
	return clusterBench{l, c.leaving}
}

// connection is the way to one of them. What is wrong with it is said by the read.
type connection struct {
	of     *contexts
	name   string
	client *cluster.Client
	config *rest.Config
	err    error
}

// SignIn implements [tui.Connection].
func (c *connection) SignIn(ctx context.Context) {
	if c.err == nil {
		c.err = c.of.app.signInTo(ctx, c.name, c.client, c.config)
	}
}

// Start implements [tui.Connection].
func (c *connection) Start(ctx context.Context) tui.Source {
	out := tui.Source{Command: c.of.command(c.name)}
	l := live{client: c.client, podsConfig: podsConfig{c.config, c.of.namespace(c.name)}}
	if c.err != nil {
		l = l.still(advisor.Reading{Err: c.err})
	} else {
		figures, reports := cluster.TypedFacts{}, []advisor.NodeReport(nil)
		if c.of.named || c.name == c.of.current() { // of another cluster nobody gave any
			figures, reports = c.of.app.figures(), c.of.app.reports
		}
		l = l.begin(ctx, figures, reports)
	}
	c.of.began(c.name, l)
	out.Survey, out.Engine = survey{l, c.of.ctx}, engine{l}
	if c.client != nil {
		bench := c.of.bench(c.name, l)
		out.Cluster, out.Asker = bench, asker{c.of.app, &bench.live, c.of.leaving}
	}
	return out
}
