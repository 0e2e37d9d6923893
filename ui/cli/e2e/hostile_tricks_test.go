package e2e

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

const (
	nodesPath     = "/api/v1/nodes"
	servicesPath  = "/api/v1/services"
	configMapPath = "/configmaps/kube-proxy"
	versionPath   = "/version"

	listBegins = `{"kind":"NodeList","apiVersion":"v1","metadata":{},"items":[`
)

// What any trick may come to: no report and a sentence, or a report that says what is
// missing. Which of the two depends on what the server still lets be read.
var (
	failed = []int{failure}
	either = []int{failure, partial}
	any6   = []int{fine, failure, change, exposed, partial}
)

// tricks are the table.
func tricks() []trick {
	return slicesOf(sizeTricks(), pageTricks(), timeTricks(), formTricks(), textTricks())
}

func slicesOf(all ...[]trick) (out []trick) {
	for _, some := range all {
		out = append(out, some...)
	}
	return out
}

// sizeTricks are answers that are too large.
func sizeTricks() []trick {
	huge := strings.Repeat("k", 10<<20)
	large := func(change func(n *corev1.Node)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			n := node("node-1")
			change(n)
			list(w, r, "NodeList", metav1.ListMeta{}, n)
		}
	}
	nodeOf := func(i int) string {
		return fmt.Sprintf(`%s{"metadata":{"name":"n%d"},"status":{"nodeInfo":{"kernelVersion":"6.%d.%d"}}}`, comma(i), i, i%97, i)
	}
	return []trick{
		{name: "gzip bomb as a list", at: nodesPath, serve: bomb(200, listBegins+`{"metadata":{"name":"`), codes: either, says: tooLarge},
		{name: "gzip bomb as a list over HTTP/1", http1: true, at: nodesPath, serve: bomb(200, listBegins+`{"metadata":{"name":"`), codes: either, says: tooLarge},
		{name: "gzip bomb as the version", at: versionPath, serve: bomb(200, `{"gitVersion":"`), codes: either, says: tooLarge},
		{name: "gzip bomb as a refusal", at: nodesPath, serve: bomb(500, `{"kind":"Status","message":"`), codes: either, says: []string{"Nodes"}},
		{name: "gzip bomb as every refusal", serve: bomb(403, `{"kind":"Status","message":"`), codes: failed, says: []string{"."}},
		{name: "gzip bomb as a ConfigMap", at: configMapPath, serve: bomb(200, `{"kind":"ConfigMap","data":{"config.conf":"`), codes: any6, says: []string{"onfig"}},
		{name: "a kernel of 10 MB", at: nodesPath, serve: large(func(n *corev1.Node) { n.Status.NodeInfo.KernelVersion = huge }), codes: either, says: tooLarge},
		{name: "a kernel of 1 MB", at: nodesPath, serve: large(func(n *corev1.Node) { n.Status.NodeInfo.KernelVersion = huge[:1<<20] }), codes: any6, says: []string{"kk..."}},
		{name: "an OS image of 10 MB", at: nodesPath, serve: large(func(n *corev1.Node) { n.Status.NodeInfo.OSImage = huge }), codes: either, says: tooLarge},
		{name: "a node name of 10 MB", at: nodesPath, serve: large(func(n *corev1.Node) { n.Name = huge }), codes: either, says: tooLarge},
		{name: "one object without end", at: nodesPath, serve: endless(listBegins+`{"metadata":{"labels":{"a":"`, 1<<30, func(int) string { return huge[:1<<16] }, ""), codes: either, says: tooLarge},
		{name: "an object of containers", at: "/apis/apps/v1/daemonsets", serve: endless(
			`{"kind":"DaemonSetList","metadata":{},"items":[{"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{}`,
			1<<20, func(int) string { return ",{}" }, `]}}}}]}`), codes: any6, says: []string{"DaemonSets"}},
		{name: "a million nodes, each of its own kernel", at: nodesPath, serve: endless(listBegins, 1<<20, nodeOf, "]}"), codes: either, says: []string{"Nodes", "memory", "larger"}},
		{name: "a million tiny objects", at: servicesPath, serve: endless(`{"kind":"ServiceList","metadata":{},"items":[{}`, 1<<20, func(int) string { return ",{}" }, "]}"), codes: any6, says: []string{"ervice"}},
	}
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

var tooLarge = []string{"larger than any", "unreadable", "Nodes"}

// pageTricks are lists that do not end.
func pageTricks() []trick {
	late := []string{"out of time", "time for the whole read", "bounded", "Nodes"}
	return []trick{
		{name: "one token for ever", at: nodesPath, serve: pages(one, same), codes: either, says: []string{"Nodes", "malformed"}},
		{name: "two tokens in turn", at: nodesPath, serve: pages(one, alternate), codes: either, says: []string{"Nodes", "malformed"}},
		{name: "ever new tokens", at: nodesPath, serve: pages(one, anew), codes: either, says: late},
		{name: "empty pages for ever", at: nodesPath, serve: pages(none, anew), codes: either, says: []string{"Nodes", "malformed"}},
		{name: "full pages for ever", at: nodesPath, serve: pages(many, anew), codes: either, says: late},
		{name: "everything has ever more pages", at: "s", serve: pages(one, anew), codes: either, says: late},
	}
}

// timeTricks are answers that do not come, or bid to wait.
func timeTricks() []trick {
	drip := func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	}
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	headers := func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		_, err = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		for i := 0; err == nil; i++ {
			_, err = fmt.Fprintf(conn, "X-%d: a\r\n", i)
			time.Sleep(50 * time.Millisecond)
		}
	}
	many := func(w http.ResponseWriter, r *http.Request) {
		for i := range 200_000 {
			w.Header().Set(fmt.Sprint("X-", i), "a")
		}
		honest(w, r)
	}
	breaks := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, listBegins)
		panic(http.ErrAbortHandler)
	}
	slow := []string{"time", "slowly", "Nodes"}
	waits := []string{"Nodes", "429", "too many", "requests"}
	return []trick{
		{name: "a body that drips", at: nodesPath, serve: drip, codes: either, says: slow},
		{name: "every body drips", serve: drip, codes: either, says: slow},
		{name: "no answer", at: nodesPath, serve: silent, codes: either, says: slow},
		{name: "headers that drip", http1: true, at: nodesPath, serve: headers, codes: either, says: slow},
		{name: "too many headers", http1: true, at: nodesPath, serve: many, codes: either, says: []string{"Nodes"}},
		{name: "a body that breaks off", http1: true, at: nodesPath, serve: breaks, codes: either, says: []string{"Nodes"}},
		{name: "come again in an hour", at: nodesPath, serve: refuseAfter("3600"), codes: either, says: waits},
		{name: "come again an hour ago", at: nodesPath, serve: refuseAfter("-3600"), codes: either, says: waits},
		{name: "come again when the sun has burnt out", at: nodesPath, serve: refuseAfter("1000000000000000000"), codes: either, says: waits},
		{name: "come again in an hour, always", serve: refuseAfter("3600"), codes: failed, says: []string{"."}},
		{name: "redirects in a circle", at: nodesPath, serve: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
		}, codes: either, says: []string{"circle", "Nodes"}},
	}
}

// formTricks are answers of the wrong form.
func formTricks() []trick {
	proto := func(text ...byte) http.HandlerFunc {
		return raw(200, runtime.ContentTypeProtobuf, "k8s\x00"+string(text))
	}
	negative := bytes.Repeat([]byte{0xff}, 9)
	broken := []string{"Nodes", "malformed", "Kubernetes API server"}
	return []trick{
		{name: "a web page", serve: raw(200, "text/html", "<html>\x1b[31mhello</html>"), codes: failed, says: broken},
		{name: "a list as HTML", at: nodesPath, serve: raw(200, "text/html", "<html>\x1b]0;title\x07</html>"), codes: either, says: broken},
		{name: "no list", at: nodesPath, serve: raw(200, "application/json", `"a"`), codes: either, says: broken},
		{name: "deep JSON", at: nodesPath, serve: raw(200, "application/json", listBegins+strings.Repeat("[", 1<<20)), codes: either, says: broken},
		{name: "deep JSON in an object", at: nodesPath, serve: raw(200, "application/json", listBegins+strings.Repeat(`{"a":`, 1<<18)), codes: either, says: broken},
		{name: "deep JSON as the version", at: versionPath, serve: raw(200, "application/json", strings.Repeat(`{"a":`, 1<<17)), codes: any6, says: []string{"Kubernetes", "version"}},
		{name: "a negative length", at: nodesPath, serve: proto(append([]byte{0x12}, append(negative, 1)...)...), codes: either, says: broken},
		{name: "an overflowing length", at: nodesPath, serve: proto(append([]byte{0x12}, append(negative, 0x7f)...)...), codes: either, says: broken},
		{name: "a negative length in a list", at: nodesPath, serve: proto(append([]byte{0x12, 20, 0x12}, append(negative, 1)...)...), codes: either, says: broken},
		{name: "a length of 2 GiB", at: nodesPath, serve: proto(0x12, 0xff, 0xff, 0xff, 0xff, 0x07, 0x12, 0xf0, 0xff, 0xff, 0xff, 0x07), codes: either, says: broken},
	}
}

// textTricks are texts that a terminal or a path would obey, and numbers beyond sense.
func textTricks() []trick {
	const evil = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\u2066\u009b31m\u2028../../etc\r\n\x00"
	status := func(message string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			writeJSON(w, metav1.Status{
				TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure",
				Reason: metav1.StatusReasonForbidden, Code: http.StatusForbidden, Message: message,
			})
		}
	}
	names := func(w http.ResponseWriter, r *http.Request) {
		n := node(evil)
		i := &n.Status.NodeInfo
		i.KernelVersion, i.OSImage, i.KubeletVersion = "6.8.0"+evil, "Ubuntu"+evil, "v1.33.4"+evil
		list(w, r, "NodeList", metav1.ListMeta{}, n)
	}
	left := func(n int64) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			list(w, r, "NodeList", metav1.ListMeta{RemainingItemCount: &n, Continue: "next"}, node("node-1"))
		}
	}
	paths := func(w http.ResponseWriter, r *http.Request) {
		d := kubeProxy()
		d.Spec.Template.Spec.Volumes[0].ConfigMap.Name = "../../../namespaces/kube-system/secrets/a?x=y"
		list(w, r, "DaemonSetList", metav1.ListMeta{}, d)
	}
	return []trick{
		{name: "a huge refusal", at: nodesPath, serve: status(strings.Repeat(evil, 20_000)), codes: either, says: []string{"Nodes"}},
		{name: "every refusal is evil", serve: status(evil), codes: failed, says: []string{"."}},
		{name: "evil names", at: nodesPath, serve: names, codes: any6, says: []string{"6.8.0"}},
		{name: "an evil version", at: versionPath, serve: raw(200, "application/json", `{"gitVersion":"v1.33.4\u001b[31m\u202e"}`), codes: any6, says: []string{"1.33.4"}},
		{name: "names that are paths", at: "/apis/apps/v1/daemonsets", serve: paths, codes: any6, says: []string{"kube-proxy"}},
		{name: "2^63 are left", at: nodesPath, serve: left(math.MaxInt64), codes: either, says: []string{"Nodes"}},
		{name: "2^63 are left, less than none", at: nodesPath, serve: left(math.MinInt64), codes: either, says: []string{"Nodes"}},
	}
}
