package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/jobs"
)

// podFlags are those of every command that runs pods in the cluster.
type podFlags struct {
	image       string
	pullPolicy  string
	pullSecrets []string
	priority    string
	tolerate    []string
	start       time.Duration
	temporary   bool
	yes, really bool
	dryRun      string
}

func pullPolicies() []string { return []string{"IfNotPresent", "Always", "Never"} }

// podFlagNames are those flags.
func podFlagNames() []string {
	return []string{"image", "image-pull-policy", "image-pull-secret", "priority-class", "tolerate", "start-timeout", "temporary-namespace", "yes", "yes-really", "dry-run"}
}

// add declares them. Start is how long pods may take to start if nobody says; really is
// the help of --yes-really.
func (f *podFlags) add(cmd *cobra.Command, start time.Duration, really string) {
	group(cmd, groupInCluster, func(fs *pflag.FlagSet) {
		fs.StringVar(&f.image, "image", "", "image that holds kpadvisor; \"kpadvisor image\" writes one")
		fs.StringVar(&f.pullPolicy, "image-pull-policy", pullPolicies()[0], strings.Join(pullPolicies(), ", "))
		fs.StringArrayVar(&f.pullSecrets, "image-pull-secret", nil, "Secret to pull the image with; may be repeated")
		fs.StringVar(&f.priority, "priority-class", "", "PriorityClass of the pods; one whose preemptionPolicy is Never keeps them from evicting others")
		fs.StringArrayVar(&f.tolerate, "tolerate", nil, "taint that the pods tolerate, as KEY=VALUE:EFFECT, or all; may be repeated")
		fs.DurationVar(&f.start, "start-timeout", start, "how long pods may take to start")
		fs.BoolVar(&f.temporary, "temporary-namespace", false, "make a namespace for the run, and remove it afterwards")
		fs.BoolVar(&f.yes, "yes", false, "create the objects without asking")
		fs.BoolVar(&f.really, "yes-really", false, really)
		fs.StringVar(&f.dryRun, "dry-run", "", "client: print the manifests (-o yaml) and create nothing")
		fs.Lookup("dry-run").NoOptDefVal = "client"
	})
	complete(cmd, "image-pull-policy", pullPolicies())
	complete(cmd, "dry-run", []string{"client"})
}

// check refuses values and flags that have no meaning together.
func (f podFlags) check(cmd *cobra.Command, output string) error {
	given := cmd.Flags().Changed
	switch {
	case f.dryRun != "" && f.dryRun != "client":
		return usagef(cmd, "--dry-run %q is not client", f.dryRun)
	case f.dryRun != "" && given("output") && output != "yaml":
		return usagef(cmd, "--dry-run prints yaml, not %s", output)
	case f.image == "":
		return usagef(cmd, "name an image that holds kpadvisor with --image; \"kpadvisor image -o FILE\" writes one")
	case f.temporary && given("namespace"):
		return usagef(cmd, "--temporary-namespace makes a namespace: --namespace has no use beside it")
	}
	return oneOf(cmd, "image-pull-policy", f.pullPolicy, pullPolicies())
}

// pods is what the flags say of all pods. The namespace is for the caller to name.
func (f podFlags) pods(cmd *cobra.Command) (jobs.Pods, error) {
	p := jobs.Pods{Image: f.image, PullPolicy: f.pullPolicy, PullSecrets: f.pullSecrets, PriorityClass: f.priority}
	for _, text := range f.tolerate {
		one, err := jobs.ParseToleration(text)
		if err != nil {
			return p, usagef(cmd, "--tolerate %v", err)
		}
		p.Tolerate = append(p.Tolerate, one)
	}
	return p, nil
}

// ownNamespace gives a run that makes its namespace one that is called after it.
func ownNamespace(p jobs.Pods, temporary bool) jobs.Pods {
	if temporary {
		p.Make, p.Namespace = true, fmt.Sprintf("%s-%s", jobs.Program, p.Run)
	}
	return p
}
