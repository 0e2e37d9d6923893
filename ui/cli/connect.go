package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/ui/report"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // credential plugins that are compiled in (OIDC, exec)
)

// signInLimit is how long a credential plugin may take: a person may have to
// type a code into a browser.
const signInLimit = 5 * time.Minute

// connect prepares a client of the cluster that the kubectl flags name.
func (a *app) connect() (*cluster.Client, *rest.Config, error) {
	config, name, err := kubeconfig(a.flags.connection, lookup(a.env))
	if err != nil {
		return nil, nil, err
	}
	client, err := cluster.Connect(config, cluster.Options{
		PageSize: a.flags.source.pageSize, MaxPages: a.flags.source.maxPages,
		ProxyMode: advisor.Mode(a.flags.source.proxy), WithNames: true, Name: name,
	})
	return client, config, err
}

// kubeconfig loads what kubectl would load, and the name of its context. Where
// kubectl falls back to localhost:8080 because it was told of no cluster at
// all, it says so instead: nobody runs an insecure API server there any more.
// Errors are those of clientcmd, as they are, for cluster.Explain.
func kubeconfig(f *genericclioptions.ConfigFlags, env func(string) string) (*rest.Config, string, error) {
	loader := f.ToRawKubeConfigLoader()
	config, err := loader.ClientConfig()
	if err != nil && !errors.Is(err, genericclioptions.ErrEmptyConfig) {
		return nil, "", err
	}
	raw, rawErr := loader.RawConfig()
	if rawErr != nil {
		return nil, "", rawErr
	}
	context := raw.CurrentContext
	if f.Context != nil && *f.Context != "" {
		context = *f.Context
	}
	told := *f.APIServer != "" || *f.ClusterName != "" || env("KUBERNETES_MASTER") != ""
	if err != nil || !told && config.Host == clientcmd.ClusterDefaults.Server {
		if clientcmdapi.IsConfigEmpty(&raw) {
			return nil, "", clientcmd.ErrEmptyConfig
		}
		if context == "" {
			return nil, "", failure{report.Problem{
				Sentence: "The kubeconfig has no current context.",
				Remedy:   "Name one with --context; \"kubectl config get-contexts\" lists them.",
			}, Failure}
		}
	}
	if err != nil {
		return nil, "", err
	}
	return config, context, nil
}

// signIn lets a credential plugin ask its questions on the normal screen, with
// its stderr visible, before anything is drawn. Without a plugin it does
// nothing: the first frame does not wait for the network.
//
// A plugin cannot be stopped from here. On ctrl-C it gets the signal itself, as
// part of the terminal's foreground group, and the goroutine that waits for it
// ends with the program.
func (a *app) signIn(ctx context.Context, client *cluster.Client, config *rest.Config) error {
	if config.ExecProvider == nil && config.AuthProvider == nil {
		return nil
	}
	if config.ExecProvider != nil && a.tty.err {
		fmt.Fprintf(a.err, "Signing in with %s (ctrl-C to stop)\n", plainText(config.ExecProvider.Command))
	}
	ctx, cancel := context.WithTimeoutCause(ctx, signInLimit, failure{report.Problem{
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
