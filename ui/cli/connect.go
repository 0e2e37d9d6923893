package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"k8s.io/client-go/rest"

	"kpadvisor/advisor/cluster"
	"kpadvisor/plain"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // credential plugins that are compiled in (OIDC, exec)
)

// signInLimit is how long a credential plugin may take: a person may have to
// type a code into a browser.
const signInLimit = 5 * time.Minute

// softMemory is what the collector works harder to stay below, in bytes, whatever a
// server answers. A cluster of 5,000 nodes needs less than half of it.
const softMemory = 88 << 20

// connect prepares a client of the cluster that the kubectl flags name.
func (a *app) connect() (*cluster.Client, *rest.Config, error) {
	return a.client(kubeconfig(a.flags.connection, lookup(a.env)))
}

// client prepares a client of the cluster that a config is of, unless there is none.
func (a *app) client(config *rest.Config, name string, err error) (*cluster.Client, *rest.Config, error) {
	if err != nil {
		return nil, nil, err
	}
	if lookup(a.env)("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
	client, err := cluster.Connect(config, cluster.Options{
		PageSize: a.flags.source.pageSize, MaxPages: a.flags.source.maxPages,
		Whole: a.flags.source.whole, WithNames: true, Name: name,
	})
	return client, config, err
}

// signIn lets a credential plugin ask its questions on the normal screen, with
// its stderr visible, before anything is drawn. Without a plugin it does
// nothing: the first frame does not wait for the network.
//
// A plugin cannot be stopped from here: main ends what still runs when the program
// does, and the goroutine that waits for it ends then as well.
func (a *app) signIn(ctx context.Context, client *cluster.Client, config *rest.Config) error {
	return a.signInTo(ctx, "", client, config)
}

// signInTo says to which of several clusters.
func (a *app) signInTo(ctx context.Context, name string, client *cluster.Client, config *rest.Config) error {
	if config.ExecProvider == nil && config.AuthProvider == nil {
		return nil
	}
	if config.ExecProvider != nil && a.tty.err {
		signing := a.voice.Sprintf("Signing in with %s (ctrl-C to stop)", plain.Text(config.ExecProvider.Command))
		if name != "" {
			signing = a.voice.Sprintf("Signing in to %s with %s (ctrl-C to stop)", plain.Line(name, mostContext), plain.Text(config.ExecProvider.Command))
		}
		fmt.Fprintln(a.err, signing)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, signInLimit, failure{plain.Problem{
		Sentence: "The credential plugin did not finish within " + signInLimit.String() + ".",
		Remedy:   "Sign in with \"kubectl version\" first, then run kpadvisor again.",
	}, Failure})
	defer cancel()
	result := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				result <- fmt.Errorf("sign in: %v", p)
			}
		}()
		err := client.Ready(ctx)
		if errors.Is(err, context.DeadlineExceeded) || os.IsTimeout(err) {
			// The request timed out behind the plugin, whose answer is kept by now.
			err = client.Ready(ctx)
		}
		result <- err
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
