package inspect

import (
	"fmt"
	"slices"
	"strings"

	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// Want says which nodes are asked for; the zero value is one of each group.
type Want struct {
	All      bool
	Names    []string // these, and no other
	Tolerate []jobs.Toleration
}

// Missing is a node of which there is no report, or not a whole one, and why.
type Missing struct{ Node, Why string }

// Choose says which nodes are read. A group is the names of nodes of which one stands for
// all. Nodes that take no pods are missing, each with the reason: of a group only where
// none of its nodes does. Nodes that run no Linux are left out.
func Choose(nodes []jobs.Node, groups [][]string, want Want) (chosen []string, missing []Missing, err error) {
	known := map[string]jobs.Node{}
	var names []string
	for _, n := range nodes {
		known[n.Name] = n.Tolerated(want.Tolerate)
		if n.OS == "" || n.OS == "linux" {
			names = append(names, n.Name)
		}
	}
	slices.Sort(names)
	if len(want.Names) > 0 || want.All {
		chosen, missing, err = chooseThese(known, names, want)
	} else {
		chosen, missing = chooseOfEach(known, append(groups, ungrouped(names, groups)...))
	}
	switch {
	case err != nil:
		return nil, nil, err
	case len(chosen) == 0 && len(missing) > 0:
		return nil, nil, plain.Fail(
			fmt.Sprintf("No node takes a pod: %s.", listed(missing)),
			"--tolerate a taint, or name other nodes with --nodes.",
			nil,
		)
	case len(chosen) == 0:
		return nil, nil, plain.Fail(
			"No node that runs Linux could be read.",
			"\"kpadvisor rbac\" prints the rights that are needed.",
			nil,
		)
	}
	return chosen, missing, nil
}

// chooseThese takes nodes by name, or all.
func chooseThese(known map[string]jobs.Node, all []string, want Want) (chosen []string, missing []Missing, err error) {
	names := want.Names
	if want.All {
		names = all
	}
	for _, name := range names {
		n, ok := known[name]
		switch {
		case !ok:
			return nil, nil, plain.Fail(
				fmt.Sprintf("There is no node %s.", plain.Line(name, jobs.MostText)),
				"\"kubectl get nodes\" lists those there are.",
				nil,
			)
		case n.Unfit != "":
			missing = append(missing, Missing{name, n.Unfit})
		case !slices.Contains(chosen, name):
			chosen = append(chosen, name)
		}
	}
	return chosen, missing, nil
}

// chooseOfEach takes the first node of each group that takes pods.
func chooseOfEach(known map[string]jobs.Node, groups [][]string) (chosen []string, missing []Missing) {
	for _, group := range groups {
		group = slices.DeleteFunc(slices.Sorted(slices.Values(group)), func(name string) bool {
			n, ok := known[name]
			return !ok || n.OS != "" && n.OS != "linux"
		})
		at := slices.IndexFunc(group, func(name string) bool { return known[name].Unfit == "" })
		switch {
		case at >= 0:
			chosen = append(chosen, group[at])
		case len(group) > 0:
			missing = append(missing, Missing{group[0], known[group[0]].Unfit})
		}
	}
	return chosen, missing
}

// ungrouped are nodes that are in no group, as one.
func ungrouped(names []string, groups [][]string) [][]string {
	rest := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.ContainsFunc(groups, func(g []string) bool { return slices.Contains(g, name) })
	})
	if len(rest) == 0 {
		return nil
	}
	return [][]string{rest}
}

// listed names the first few.
func listed(all []Missing) string {
	const most = 3
	var out []string
	for _, m := range all[:min(len(all), most)] {
		out = append(out, m.Node+": "+m.Why)
	}
	text := strings.Join(out, "; ")
	if more := len(all) - most; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}
