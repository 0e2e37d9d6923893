package incluster

import (
	"testing"

	"kpadvisor/jobs"
)

// FuzzServiceRef: the name of a Service that is taken leads nowhere else.
func FuzzServiceRef(f *testing.F) {
	for _, s := range []string{"shop/cart:80", "cart", "http://shop/cart:http/healthz?x=1", "tcp://db:5432", "a/../../kube-system:80", "..:80", "shop/:80", "udp://dns:53", "a b:80", "x/y/z:1/p"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseServiceRef(text)
		if err == nil && (!jobs.IsName(r.Name) || r.Namespace != "" && !jobs.IsName(r.Namespace)) {
			t.Errorf("%q is read as %+v", text, r)
		}
	})
}
