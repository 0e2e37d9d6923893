package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/apiserver"
)

func page(n int) *corev1.ServiceList {
	l := &corev1.ServiceList{ListMeta: metav1.ListMeta{Continue: "next", RemainingItemCount: ptr(int64(7))}}
	for i := range n {
		l.Items = append(l.Items, *serviceNamed(fmt.Sprintf("s%d", i)))
	}
	return l
}

// TestDecodeList reads the same page from protobuf and from JSON, one byte at a time.
func TestDecodeList(t *testing.T) {
	for _, n := range []int{0, 1, 3} {
		for name, body := range map[string][]byte{"protobuf": encodeProtobuf(t, page(n)), "JSON": encodeJSON(t, page(n))} {
			var names []string
			meta, err := apiserver.DecodeList(iotest.OneByteReader(bytes.NewReader(body)), func(s *corev1.Service) { names = append(names, s.Name) })
			if err != nil || meta.Continue != "next" || meta.RemainingItemCount == nil || *meta.RemainingItemCount != 7 || len(names) != n {
				t.Errorf("%s of %d: %v %+v %v", name, n, names, meta, err)
			}
		}
	}
}

// TestDecodedObjectsAreFresh: an object must not inherit what only the one before has.
func TestDecodedObjectsAreFresh(t *testing.T) {
	l := page(2)
	l.Items[0].Labels = map[string]string{"only": "first"}
	l.Items[0].Spec.ExternalIPs = []string{"192.0.2.1"}
	for _, body := range [][]byte{encodeProtobuf(t, l), encodeJSON(t, l)} {
		n := 0
		_, err := apiserver.DecodeList(bytes.NewReader(body), func(s *corev1.Service) {
			if n++; n == 2 && (len(s.Labels) > 0 || len(s.Spec.ExternalIPs) > 0) {
				t.Errorf("the second Service has %v %v of the first", s.Labels, s.Spec.ExternalIPs)
			}
		})
		if err != nil || n != 2 {
			t.Errorf("%d Services, %v", n, err)
		}
	}
}

// TestDecodeTruncated: a page that ends anywhere but at its end is an error, except
// where what follows may be left out.
func TestDecodeTruncated(t *testing.T) {
	for name, body := range map[string][]byte{"protobuf": encodeProtobuf(t, page(2)), "JSON": encodeJSON(t, page(2))} {
		for cut := range body {
			n := 0
			_, err := apiserver.DecodeList(bytes.NewReader(body[:cut]), func(*corev1.Service) { n++ })
			if err == nil && n < 2 {
				t.Errorf("%s cut at %d of %d: %d Services and no error", name, cut, len(body), n)
			}
		}
	}
}

func TestDecodeWhatIsNoList(t *testing.T) {
	for _, tt := range []struct {
		body string
		want error
	}{
		{"", apiserver.ErrNotKubernetes},
		{"<html></html>", apiserver.ErrNotKubernetes},
		{"[]", apiserver.ErrNotKubernetes},
		{`{"kind": "Service"}`, apiserver.ErrNotKubernetes},
		{`{"kind": "ServiceList", "items": null}`, nil},
		{"k8s\x00", apiserver.ErrNotKubernetes},
		{"k8s\x00\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f", apiserver.ErrMalformed}, // longer than anything can be
		{"k8s\x00\x12\x02\x12\x7f", apiserver.ErrMalformed},                         // an item longer than its list
		{"k8s\x00\x13", apiserver.ErrMalformed},                                     // a group
	} {
		_, err := apiserver.DecodeList(strings.NewReader(tt.body), func(*corev1.Service) {})
		if !errors.Is(err, tt.want) {
			t.Errorf("%q: %v, want %v", tt.body, err, tt.want)
		}
	}
}

// FuzzDecodeList: no input makes the decoder panic, hang or take memory that the
// input does not hold.
func FuzzDecodeList(f *testing.F) {
	f.Add(encodeProtobuf(f, page(2)))
	f.Add(encodeJSON(f, page(2)))
	f.Add([]byte("k8s\x00\x12\x04\x12\x02\x0a\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		n := 0
		_, _ = apiserver.DecodeList(bytes.NewReader(body), func(*corev1.Service) { n++ })
		if n > len(body) {
			t.Errorf("%d objects in %d bytes", n, len(body))
		}
	})
}

// BenchmarkServices decodes and counts a page of 500 Services.
func BenchmarkServices(b *testing.B) {
	body := encodeProtobuf(b, page(500))
	s := services{join: newJoin(500)}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := apiserver.DecodeList(bytes.NewReader(body), func(o *corev1.Service) { s.add(o) }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEndpointSlices decodes and counts a page of 500 slices with 20 endpoints.
func BenchmarkEndpointSlices(b *testing.B) {
	s := services{join: newJoin(500)}
	l := &discoveryv1.EndpointSliceList{}
	for i := range 500 {
		name := fmt.Sprintf("s%d", i)
		s.add(serviceNamed(name))
		l.Items = append(l.Items, *sliceNamed(name, name, 20, func(o *discoveryv1.EndpointSlice) {
			for i := range o.Endpoints {
				o.Endpoints[i].NodeName = ptr("node-1")
				o.Endpoints[i].TargetRef = &corev1.ObjectReference{Kind: "Pod", Namespace: "shop", Name: "pod-1", UID: "uid"}
			}
		}))
	}
	body := encodeProtobuf(b, l)
	e := endpoints{join: &s.join}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := apiserver.DecodeList(bytes.NewReader(body), func(o *discoveryv1.EndpointSlice) { e.add(o) }); err != nil {
			b.Fatal(err)
		}
	}
}
