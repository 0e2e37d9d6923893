package apiserver

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/fields"

	"kpadvisor/plain"
)

// ErrName is a name that no object of a Kubernetes API can have.
var ErrName = errors.New("no object can have that name")

// Resource is a collection of the API: all Jobs, or those of a namespace.
type Resource struct {
	Group     string // empty for the core
	Version   string
	Namespace string // empty for all, or for objects that are in none
	Kind      string // "jobs"
}

// Path is that of the collection or, with a name, of an object in it and of what is
// below that (log). Each is one segment whatever a server calls it: a name that could
// reach another path is ErrName.
func (r Resource) Path(below ...string) (string, error) {
	all := []string{"apis", r.Group, r.Version}
	if r.Group == "" {
		all = []string{"api", r.Version}
	}
	if r.Namespace != "" {
		all = append(all, "namespaces", r.Namespace)
	}
	all = append(append(all, r.Kind), below...)
	for _, segment := range all {
		if segment == "" || len(content.IsPathSegmentName(segment)) > 0 || !plain.ASCII(segment) {
			return "", fmt.Errorf("%w: %q", ErrName, plain.Line(segment, mostName))
		}
	}
	return "/" + strings.Join(all, "/"), nil
}

// mostName is how many characters of a name a sentence holds.
const mostName = 100

// FieldIs selects objects with that value in a field, whatever is in the value.
func FieldIs(field, value string) string {
	return fields.OneTermEqualSelector(field, value).String()
}
