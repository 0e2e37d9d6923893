package cli

import (
	"fmt"
	"strconv"
	"strings"

	"kpadvisor/advisor/cluster"
	"kpadvisor/ui/kit/form"
)

// typedCounts takes what was typed on a screen; empty means not known. What is wrong with
// one of the fields is a [form.FieldError].
func typedCounts(services, endpoints, nodes, kernel, version, mode string) (cluster.TypedFacts, error) {
	t := cluster.TypedFacts{
		Kernel: strings.TrimSpace(kernel), KubernetesVersion: strings.TrimSpace(version),
		ProxyMode: strings.TrimSpace(mode),
	}
	for i, field := range []struct {
		name, text string
		to         *int
	}{{"Services", services, &t.Services}, {"endpoints", endpoints, &t.Endpoints}, {"nodes", nodes, &t.Nodes}} {
		text := strings.ReplaceAll(strings.TrimSpace(field.text), ",", "")
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return t, form.FieldError{At: i, Err: fmt.Errorf("the number of %s %q is not a whole number", field.name, field.text)}
		}
		*field.to = n
	}
	for i, one := range []cluster.TypedFacts{
		{Services: t.Services},
		{Endpoints: t.Endpoints},
		{Nodes: t.Nodes},
		{Kernel: t.Kernel},
		{KubernetesVersion: t.KubernetesVersion},
		{ProxyMode: t.ProxyMode},
	} {
		if err := one.Check(); err != nil {
			return t, form.FieldError{At: i, Err: err}
		}
	}
	return t, nil
}

// typedAgain are the flags that give the same counts. Without the Services there are none:
// a command line without them reads a cluster.
func typedAgain(t cluster.TypedFacts) string {
	if t.Services == 0 {
		return ""
	}
	values := []string{strconv.Itoa(t.Services), strconv.Itoa(t.Endpoints), strconv.Itoa(t.Nodes), t.Kernel, t.KubernetesVersion, t.ProxyMode}
	var words []string
	for i, flag := range typedFlags() {
		if values[i] != "" && values[i] != "0" {
			words = append(words, "--"+flag, shellWord(values[i]))
		}
	}
	return strings.Join(words, " ")
}
