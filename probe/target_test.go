package probe

import (
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	for _, c := range []struct {
		text string
		want Target
		fail string // part of the error
	}{
		{text: "10.0.0.1:80", want: Target{Address: "10.0.0.1:80", Kind: HTTP, Path: "/"}},
		{text: "http://10.0.0.1/x?y=1", want: Target{Address: "10.0.0.1:80", Kind: HTTP, Path: "/x?y=1"}},
		{text: "http://[fd00::1]:8080", want: Target{Address: "[fd00::1]:8080", Kind: HTTP, Path: "/"}},
		{text: "http://shop.cart:8080/", want: Target{Address: "shop.cart:8080", Kind: HTTP, Path: "/"}},
		{text: "tcp://10.0.0.1:5432", want: Target{Address: "10.0.0.1:5432", Kind: TCP}},
		{text: "tcp://10.0.0.1", fail: "not host:port"},
		{text: "tcp://10.0.0.1:5432/x", fail: "no path"},
		{text: "https://10.0.0.1:443", fail: "none of http, tcp and udp"},
		{text: "10.0.0.1:0", fail: "port"},
		{text: "10.0.0.1:70000", fail: "port"},
		{text: "http://user@10.0.0.1:80/", fail: "no use"},
		{text: "http://:80/", fail: "not host:port"},
		{text: "http://10.0.0.1:80/a\r\nX: y", fail: "is no target such as"},
		{text: "", fail: "not host:port"},
	} {
		c.want.Name = "A"
		got, err := ParseTarget("A", c.text)
		switch {
		case c.fail != "" && (err == nil || !strings.Contains(err.Error(), c.fail)):
			t.Errorf("%q: error %v, want one with %q", c.text, err, c.fail)
		case c.fail == "" && (err != nil || got != c.want):
			t.Errorf("%q: got %+v, %v; want %+v", c.text, got, err, c.want)
		}
	}
}

func TestTargetCannotSmuggleHeaders(t *testing.T) {
	for _, bad := range []Target{
		{Address: "h:80", Kind: HTTP, Path: "/\r\nX: y"},
		{Address: "h:80", Kind: HTTP, Path: "/", Host: "h\nX: y"},
		{Address: "h:80", Kind: HTTP, Path: "/a b"},
		{Address: "h\x1b[31m:80", Kind: TCP},
		{Name: "A\x1b[31m", Address: "h:80", Kind: TCP},
	} {
		if bad.Validate() == nil {
			t.Errorf("%+v passes", bad)
		}
	}
}

func TestRequest(t *testing.T) {
	got := string(Target{Address: "10.0.0.1:80", Kind: HTTP, Path: "/x", Host: "shop"}.request())
	if !strings.HasPrefix(got, "GET /x HTTP/1.0\r\nHost: shop\r\n") || !strings.HasSuffix(got, "\r\n\r\n") {
		t.Errorf("request is %q", got)
	}
	if (Target{Kind: TCP}).request() != nil {
		t.Error("a tcp target sends something")
	}
}
