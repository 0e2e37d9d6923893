package incluster

import "testing"

// FuzzServiceRef: the name of a Service that is taken leads nowhere else.
func FuzzServiceRef(f *testing.F) {
	for _, s := range []string{"shop/cart:80", "cart", "http://shop/cart:http/healthz?x=1", "tcp://db:5432", "a/../../kube-system:80", "..:80", "shop/:80", "udp://dns:53", "a b:80", "x/y/z:1/p"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseServiceRef(text)
		if err == nil && (!IsName(r.Name) || r.Namespace != "" && !IsName(r.Namespace)) {
			t.Errorf("%q is read as %+v", text, r)
		}
	})
}

// FuzzToleration: what is read is read again from what it is written as.
func FuzzToleration(f *testing.F) {
	for _, s := range []string{"all", "dedicated=gpu:NoSchedule", "key", "key:NoExecute", "=x", "a=b=c:NoSchedule", "key:", "all:NoSchedule"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseToleration(text)
		if err != nil {
			return
		}
		if again, err := ParseToleration(r.String()); err != nil || again != r {
			t.Errorf("%q is read as %+v, which is written %q and read as %+v, %v", text, r, r, again, err)
		}
	})
}
