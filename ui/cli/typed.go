package cli

import (
	"fmt"
	"strconv"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
)

// typedText makes facts of what was typed on a screen; empty means not known.
func typedText(services, endpoints, nodes, kernel, version, mode string) (advisor.Facts, error) {
	t := cluster.TypedFacts{
		Kernel: strings.TrimSpace(kernel), KubernetesVersion: strings.TrimSpace(version),
		ProxyMode: strings.TrimSpace(mode),
	}
	for _, field := range []struct {
		name, text string
		to         *int
	}{{"Services", services, &t.Services}, {"endpoints", endpoints, &t.Endpoints}, {"nodes", nodes, &t.Nodes}} {
		text := strings.ReplaceAll(strings.TrimSpace(field.text), ",", "")
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return advisor.Facts{}, fmt.Errorf("the number of %s %q is not a whole number", field.name, field.text)
		}
		*field.to = n
	}
	return cluster.Typed(t)
}
