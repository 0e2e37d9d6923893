package cli

import (
	"fmt"
	"strconv"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/ui/kit/form"
)

// typedText makes facts of what was typed on a screen; empty means not known. What is
// wrong with one of the fields is a [form.FieldError].
func typedText(services, endpoints, nodes, kernel, version, mode string) (advisor.Facts, error) {
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
			return advisor.Facts{}, form.FieldError{At: i, Err: fmt.Errorf("the number of %s %q is not a whole number", field.name, field.text)}
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
			return advisor.Facts{}, form.FieldError{At: i, Err: err}
		}
	}
	return cluster.Typed(t)
}
