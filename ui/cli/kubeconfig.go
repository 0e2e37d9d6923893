package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"kpadvisor/plain"
)

// kubeconfig loads what kubectl would load, and the name of its context. Where
// kubectl falls back to localhost:8080 because it was told of no cluster at
// all, it says so instead: nobody runs an insecure API server there any more.
// What is wrong with the files is said by their names; other errors are those of
// clientcmd, as they are, for cluster.Explain.
func kubeconfig(f *genericclioptions.ConfigFlags, env func(string) string) (*rest.Config, string, error) {
	return kubeconfigOf(f.ToRawKubeConfigLoader(), *f.Context, f, env)
}

// kubeconfigOf is the same of what a loader has, and of the context that was asked for;
// empty is the current one.
func kubeconfigOf(loader clientcmd.ClientConfig, asked string, f *genericclioptions.ConfigFlags, env func(string) string) (*rest.Config, string, error) {
	if err := boundedKubeconfigs(loader.ConfigAccess()); err != nil {
		return nil, "", err
	}
	raw, rawErr := loader.RawConfig()
	if err := boundedCredentials(raw, asked, f); err != nil {
		return nil, "", err
	}
	config, err := loader.ClientConfig()
	context := cmp.Or(asked, raw.CurrentContext)
	told := *f.APIServer != "" || *f.ClusterName != "" || env("KUBERNETES_MASTER") != ""
	if err == nil && rawErr == nil && (told || config.Host != clientcmd.ClusterDefaults.Server) {
		return config, context, nil
	}
	c := kubeconfigs{raw: raw, context: context, asked: asked != "", flags: f}
	c.files = loader.ConfigAccess().GetLoadingPrecedence()
	if c.explicit = loader.ConfigAccess().IsExplicitFile(); c.explicit {
		c.files = []string{loader.ConfigAccess().GetExplicitFile()}
	}
	c.listed = !c.explicit && env(clientcmd.RecommendedConfigPathEnvVar) != ""
	if p, found := c.wrongFile(); found {
		return nil, "", failure{p, Failure}
	}
	if rawErr != nil {
		return nil, "", rawErr
	}
	if err != nil && !errors.Is(err, genericclioptions.ErrEmptyConfig) && !clientcmd.IsEmptyConfig(err) && told {
		return nil, "", err
	}
	if clientcmdapi.IsConfigEmpty(&raw) {
		if err == nil || clientcmd.IsEmptyConfig(err) || errors.Is(err, genericclioptions.ErrEmptyConfig) {
			return nil, "", c.noCluster()
		}
		return nil, "", err
	}
	if p, found := c.wrongEntry(err); found {
		return nil, "", failure{p, Failure}
	}
	if err != nil {
		return nil, "", err
	}
	return config, context, nil
}

// Bounds of what the library reads whole, in bytes.
const (
	maxKubeconfig = 8 << 20 // one of 1,000 clusters has 5 MiB
	maxCredential = 1 << 20 // a token, a key, or certificates
)

// boundedKubeconfigs refuses what the library would read whole: it has no bound. Of a
// pipe the size is not known before, and it can be read once.
func boundedKubeconfigs(access clientcmd.ConfigAccess) error {
	names := access.GetLoadingPrecedence()
	if access.IsExplicitFile() {
		names = []string{access.GetExplicitFile()}
	}
	for _, name := range names {
		if err := bounded("kubeconfig", name, maxKubeconfig, "Name another with --kubeconfig."); err != nil {
			return err
		}
	}
	return nil
}

// boundedCredentials is the same for the files that a kubeconfig's context, or flags
// in its place, name.
func boundedCredentials(raw clientcmdapi.Config, asked string, f *genericclioptions.ConfigFlags) error {
	at := clientcmdapi.Context{}
	if c := raw.Contexts[cmp.Or(asked, raw.CurrentContext)]; c != nil {
		at = *c
	}
	names := []string{*f.CAFile, *f.CertFile, *f.KeyFile}
	if c := raw.Clusters[cmp.Or(*f.ClusterName, at.Cluster)]; c != nil {
		names = append(names, c.CertificateAuthority)
	}
	if u := raw.AuthInfos[cmp.Or(*f.AuthInfoName, at.AuthInfo)]; u != nil {
		names = append(names, u.ClientCertificate, u.ClientKey, u.TokenFile)
	}
	for _, name := range names {
		if err := bounded("file", name, maxCredential, "Correct the path in the kubeconfig or the flag."); err != nil {
			return err
		}
	}
	return nil
}

// bounded refuses a file that is too large or has no end.
func bounded(what, name string, most int64, remedy string) error {
	info, err := os.Stat(name)
	if err != nil || name == os.DevNull {
		return nil // the library says better what is missing
	}
	p := plain.Problem{Remedy: remedy}
	switch {
	case info.Mode().IsRegular() && info.Size() > most:
		p.Sentence = fmt.Sprintf("The %s %s is larger than %d MiB.", what, plain.Text(name), most>>20)
	case info.Mode()&fs.ModeDevice != 0:
		p.Sentence = fmt.Sprintf("The %s %s is a device.", what, plain.Text(name))
	default:
		return nil
	}
	return failure{p, Failure}
}

// kubeconfigs are the files that were looked at, and what is in them together.
type kubeconfigs struct {
	files    []string
	explicit bool // by --kubeconfig
	listed   bool // by KUBECONFIG
	raw      clientcmdapi.Config
	context  string
	asked    bool // for the context, by --context
	flags    *genericclioptions.ConfigFlags
}

// noCluster says why no file names a cluster; it is [clientcmd.ErrEmptyConfig] as
// well, since without a cluster there are the demos.
func (c kubeconfigs) noCluster() error {
	const remedy = "Name one with --kubeconfig or KUBECONFIG, or go without a cluster: " +
		"--facts FILE, --services N, or --demo NAME."
	because := func(sentence string) error {
		return noCluster{failure{plain.Problem{Sentence: sentence, Remedy: remedy}, Failure}}
	}
	missing := c.missing()
	for _, file := range c.files {
		switch {
		case slices.Contains(missing, file):
		case isBlank(file):
			return because("The kubeconfig " + plain.Text(file) + " is empty.")
		default:
			return because("The kubeconfig " + plain.Text(file) + " names no cluster.")
		}
	}
	if c.listed && len(missing) > 0 {
		return because(fmt.Sprintf("No kubeconfig was found: KUBECONFIG names %s.", notThere(missing)))
	}
	return clientcmd.ErrEmptyConfig
}

// noCluster is a failure that leaves nothing but a demo to show.
type noCluster struct{ failure }

func (n noCluster) Unwrap() []error { return []error{n.failure, clientcmd.ErrEmptyConfig} }

// wrongFile finds a file that is there and cannot be read.
func (c kubeconfigs) wrongFile() (plain.Problem, bool) {
	for _, file := range c.files {
		f, err := os.Open(file)
		if err == nil {
			var info fs.FileInfo
			if info, err = f.Stat(); err == nil && info.IsDir() {
				f.Close()
				return plain.Problem{
					Sentence: "The kubeconfig " + plain.Text(file) + " is a directory.",
					Remedy:   "Name a file in it with --kubeconfig.",
				}, true
			}
			f.Close()
		}
		if p, ok := unreadable("kubeconfig "+plain.Text(file), err); ok {
			return p, true
		}
	}
	return plain.Problem{}, false
}

// unreadable words the error of a file that is there.
func unreadable(what string, err error) (plain.Problem, bool) {
	var path *fs.PathError
	if !errors.As(err, &path) || errors.Is(err, fs.ErrNotExist) {
		return plain.Problem{}, false
	}
	return plain.Problem{
		Sentence: fmt.Sprintf("The %s cannot be read: %v.", what, path.Err),
		Remedy:   "Change its owner or mode, or name another with --kubeconfig.",
	}, true
}

// wrongEntry finds what the entries refer to and is not there.
func (c kubeconfigs) wrongEntry(err error) (plain.Problem, bool) {
	contexts := some(slices.Sorted(maps.Keys(c.raw.Contexts)))
	if len(c.raw.Contexts) == 0 {
		contexts = "no context"
	}
	if missing := c.missing(); c.listed && len(missing) > 0 {
		contexts += ", and KUBECONFIG names " + notThere(missing)
	}
	const another = "Name another with --context, or set it with \"kubectl config use-context\"."
	at, ok := c.raw.Contexts[c.context]
	name := plain.Text(c.context)
	switch {
	case c.context == "" && *c.flags.ClusterName == "":
		return plain.Problem{
			Sentence: fmt.Sprintf("The kubeconfig has no current context; it has %s.", contexts),
			Remedy:   "Name one with --context; \"kubectl config get-contexts\" lists them.",
		}, true
	case !ok && c.asked:
		return plain.Problem{
			Sentence: fmt.Sprintf("The kubeconfig has no context %q; it has %s.", name, contexts),
			Remedy:   "Name another with --context.",
		}, true
	case !ok && c.context != "":
		return plain.Problem{
			Sentence: fmt.Sprintf("The kubeconfig's current-context %q does not exist in it; it has %s.", name, contexts),
			Remedy:   another,
		}, true
	case !ok:
		return plain.Problem{}, false
	}
	user := c.raw.AuthInfos[at.AuthInfo]
	switch {
	case *c.flags.ClusterName == "" && c.raw.Clusters[at.Cluster] == nil:
		return plain.Problem{
			Sentence: fmt.Sprintf("The context %q names the cluster %q, which the kubeconfig does not have.", name, plain.Text(at.Cluster)),
			Remedy:   another,
		}, true
	case user != nil && user.TokenFile != "":
		return wrongTokenFile(at.AuthInfo, user.TokenFile, err)
	}
	return plain.Problem{}, false
}

// wrongTokenFile words the error of the file with the user's token.
func wrongTokenFile(user, file string, err error) (plain.Problem, bool) {
	var path *fs.PathError
	if !errors.As(err, &path) || path.Path != file {
		return plain.Problem{}, false
	}
	what := fmt.Sprintf("tokenFile %s of the kubeconfig's user %q", plain.Text(file), plain.Text(user))
	if p, ok := unreadable(what, err); ok {
		return p, true
	}
	return plain.Problem{
		Sentence: fmt.Sprintf("The %s does not exist.", what),
		Remedy:   "Correct tokenFile of that user, or log in again with what writes the file.",
	}, true
}

// missing are the files that do not exist.
func (c kubeconfigs) missing() []string {
	return slices.DeleteFunc(slices.Clone(c.files), func(file string) bool {
		_, err := os.Stat(file)
		return file != "" && !errors.Is(err, fs.ErrNotExist)
	})
}

// maxBlank bounds what is read to see that a file holds nothing.
const maxBlank = 4096

// isBlank reports whether a file holds nothing but blanks.
func isBlank(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	b := make([]byte, maxBlank)
	n, _ := f.Read(b) // an error is that of an empty file
	return n < maxBlank && strings.TrimSpace(string(b[:n])) == ""
}

// maxNames is how many names a sentence lists.
const maxNames = 5

// some lists names, as many as a sentence bears.
func some(names []string) string {
	var shown []string
	for _, n := range names[:min(len(names), maxNames)] {
		shown = append(shown, plain.Text(n))
	}
	list := strings.Join(shown, ", ")
	if more := len(names) - maxNames; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// notThere names files that do not exist.
func notThere(files []string) string {
	if len(files) == 1 {
		return some(files) + ", which does not exist"
	}
	return some(files) + ", which do not exist"
}
