package prometheus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// fake answers queries as Prometheus does, by the first key that a query holds.
type fake map[string][]string // series as "name{label=value,...} number"

// ServeHTTP implements [http.Handler]. It refuses what the real one refuses.
func (f fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query().Get("query")
	if r.Method != http.MethodGet || r.URL.Path != "/api/v1/query" || query == "" {
		http.NotFound(w, r)
		return
	}
	result := []map[string]any{}
	for _, key := range []string{"timestamp(kubeproxy", "timestamp(node_ipvs", "rate(", "sum without", "__name__=~"} {
		if !strings.HasPrefix(query, key) && (key != "__name__=~" || !strings.Contains(query, key)) {
			continue
		}
		for _, text := range f[key] {
			name, rest, _ := strings.Cut(text, "{")
			labels, value, _ := strings.Cut(rest, "} ")
			metric := map[string]string{}
			if name != "" {
				metric["__name__"] = name
			}
			for pair := range strings.SplitSeq(labels, ",") {
				k, v, _ := strings.Cut(pair, "=")
				metric[k] = v
			}
			result = append(result, map[string]any{"metric": metric, "value": []any{1_790_000_000.5, value}})
		}
		break
	}
	_ = json.NewEncoder(w).
		Encode(map[string]any{"status": "success", "data": map[string]any{"resultType": "vector", "result": result}})
}

func serve(t *testing.T, h http.Handler, edit ...func(*Options)) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	o := Options{URL: server.URL, Timeout: time.Minute}
	for _, e := range edit {
		e(&o)
	}
	c, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.http.CloseIdleConnections)
	return c
}

// proxyAt is what is kept of a kube-proxy in iptables mode at an instance.
func proxyAt(labels string) []string {
	const sync = "kubeproxy_sync_proxy_rules_"
	var out []string
	for _, s := range []string{
		"duration_seconds_bucket{le=+Inf,@} 4", "duration_seconds_bucket{le=0.002,@} 1", "duration_seconds_bucket{le=0.004,@} 4",
		"duration_seconds_sum{@} 0.012", "duration_seconds_count{@} 4", "last_timestamp_seconds{@} 1789999990", "last_queued_timestamp_seconds{@} 1789999980",
		"iptables_total{table=nat,@} 30", "iptables_total{table=filter,@} 12",
	} {
		out = append(out, sync+strings.ReplaceAll(s, "@", "ip_family=IPv4,"+labels))
	}
	return append(out, "kubernetes_build_info{git_version=v1.33.4,major=1,"+labels+"} 1")
}

func nodesOf(names ...string) []Node {
	var out []Node
	for i, n := range names {
		out = append(
			out,
			Node{Name: n, Group: i % 2, Addresses: []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)})}},
		)
	}
	return out
}

// TestRead: targets are matched to nodes by label, by name and by address, and what is
// kept of them is a report; what fits none, or several, is said.
func TestRead(t *testing.T) {
	found := func(labels string) string { return "{ip_family=IPv4," + labels + "} 1789999999" }
	byAddress, byName, byLabel := "instance=10.0.0.1:10249,job=kube-proxy", "instance=NODE-B:10249,job=kube-proxy", "instance=198.51.100.7:9101,job=kube-proxy,node=node-c"
	stranger, twice := "instance=10.9.9.9:10249,job=kube-proxy", "instance=10.0.0.4:10249,job=kube-proxy,cluster="
	f := fake{
		"timestamp(kubeproxy": {
			found(byAddress),
			found(byName),
			found(byLabel),
			found(stranger),
			found(twice + "a"),
			found(twice + "b"),
		},
		"timestamp(node_ipvs": {"{instance=10.0.0.1:9100,job=node} 1789999998"},
		"rate(":               {"{instance=10.0.0.1:9100,job=node} 25.5"},
		"sum without":         {"{instance=10.0.0.1:9100,job=node} 50"},
		"__name__=~":          append(append(proxyAt(byAddress), proxyAt(byName)...), proxyAt(byLabel)...),
	}
	reports, said, err := serve(t, f).Read(t.Context(), nodesOf("node-a", "node-b", "node-c", "node-d"))
	if err != nil || len(reports) != 3 || len(said) != 2 {
		t.Fatalf("%v, %q, %+v", err, said, reports)
	}
	for _, r := range reports {
		if r.Mode.IsKnown() || r.Inferred.Value != advisor.IPTables || r.Rules.Value != 42 ||
			r.Version.Value != "v1.33.4" || !r.Whole ||
			len(r.Syncs) != 1 || r.Syncs[0].Mean() != 3*time.Millisecond ||
			r.Syncs[0].Half.High != 4*time.Millisecond ||
			r.Waiting.Or(-1) != 0 {
			t.Errorf("%s: %+v", r.Node, r)
		}
		if (len(r.Habits) == 1) != (r.Node == "node-a") || (r.NewConnections.Value == 25.5) != (r.Node == "node-a") {
			t.Errorf("%s: %+v, %v", r.Node, r.Habits, r.NewConnections)
		}
	}
	for _, sentence := range []string{"kube-proxy from 1 target, of no node", "kube-proxy from several targets for 1 node"} {
		if !strings.Contains(strings.Join(said, " "), sentence) {
			t.Errorf("%q is not said: %q", sentence, said)
		}
	}
}

// TestUnknownNodes: where no node is known a report goes by the name that its labels give.
func TestUnknownNodes(t *testing.T) {
	labels := []string{"instance=10.0.0.1:10249,nodename=node-a", "instance=10.0.0.2:10249", "instance=10.0.0.3:10249"}
	f := fake{}
	for _, l := range labels {
		f["timestamp(kubeproxy"] = append(f["timestamp(kubeproxy"], "{"+l+"} 1789999999")
		f["__name__=~"] = append(f["__name__=~"], proxyAt(l)...)
	}
	reports, said, err := serve(t, f).Read(t.Context(), nil)
	if err != nil || len(reports) != 3 || len(said) != 0 {
		t.Fatalf("%v, %q, %+v", err, said, reports)
	}
	names := map[string]int{}
	for _, r := range reports {
		names[r.Node]++
	}
	if len(names) != 3 || names["node-a"] != 1 || names["10.0.0.2"] != 1 {
		t.Errorf("%v", names)
	}
}

// TestMost: of many nodes some of each group are read, and that is said.
func TestMost(t *testing.T) {
	f := fake{}
	var nodes []Node
	for i := range 300 {
		name := fmt.Sprintf("node-%03d", i)
		f["timestamp(kubeproxy"] = append(f["timestamp(kubeproxy"], "{instance="+name+":10249} 1789999999")
		nodes = append(nodes, Node{Name: name, Group: i / 290}) // ten of the second group
	}
	reports, said, err := serve(t, f).Read(t.Context(), nodes)
	second := 0
	for _, r := range reports {
		if r.Node >= "node-290" {
			second++
		}
	}
	if err != nil || len(reports) != MostNodes || second != 10 || len(said) != 1 ||
		!strings.Contains(said[0], "Of 300 nodes") {
		t.Errorf("%v, %d reports, %d, %q", err, len(reports), second, said)
	}
}

// TestHostile: whatever answers, there is one sentence and one remedy, soon, and no
// credentials in them.
func TestHostile(t *testing.T) {
	body := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
	}
	vector := func(series string) string {
		return `{"status":"success","data":{"resultType":"vector","result":[` + series + `]}}`
	}
	endless := func(head, more string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, err := w.Write([]byte(head))
			for err == nil && r.Context().Err() == nil {
				_, err = w.Write([]byte(strings.Repeat(more, 1+(64<<10)/len(more))))
			}
		}
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked elsewhere with %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	one := `{"metric":{"instance":"a"},"value":[1,"2"]}`
	for name, c := range map[string]struct {
		h    http.Handler
		says string
	}{
		"HTML":            {body("<html>login</html>"), "not as Prometheus does"},
		"nothing":         {body(""), "not as Prometheus does"},
		"no metrics":      {body(vector("")), "no metrics of kube-proxy"},
		"only strangers":  {body(vector(one)), "none is of a node of this cluster"},
		"a matrix":        {body(strings.Replace(vector(""), "vector", "matrix", 1)), "not as Prometheus does"},
		"an error":        {body(`{"status":"error","error":"x"}`), "not as Prometheus does"},
		"no number":       {body(vector(`{"metric":{},"value":[1,"x"]}`)), "not as Prometheus does"},
		"NaN":             {body(vector(`{"metric":{"instance":"node-a"},"value":[1,"NaN"]}`)), "no metrics of kube-proxy"},
		"two gigabytes":   {endless(`{"status":"`, "x"), "answers more than is read"},
		"a long series":   {endless(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"`, "x"), "answers more than is read"},
		"many series":     {endless(`{"status":"success","data":{"resultType":"vector","result":[`+one, ","+one), "answers more than is read"},
		"many labels":     {body(vector(`{"metric":{` + manyLabels(101) + `},"value":[1,"2"]}`)), "answers more than is read"},
		"a long label":    {body(vector(`{"metric":{"a":"` + strings.Repeat("x", 2<<10) + `"},"value":[1,"2"]}`)), "answers more than is read"},
		"cut off":         {body(vector(one)[:70]), "not as Prometheus does"},
		"slow":            {http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), "does not answer within"},
		"elsewhere":       {http.RedirectHandler(elsewhere.URL+"/api/v1/query", http.StatusFound), "redirects to another server"},
		"in a circle":     {http.RedirectHandler("/api/v1/query", http.StatusFound), "redirects to another server"},
		"unauthorized":    {status(401, "token secret"), "does not let this user read (401)"},
		"forbidden":       {status(403, ""), "does not let this user read (403)"},
		"not found":       {status(404, ""), "not as Prometheus does"},
		"too much for it": {status(422, `{"status":"error","errorType":"execution","error":"query processing would load too many samples\u001b[31m"}`), "too many samples"},
		"broken":          {status(502, "<html>"), "Bad Gateway"},
		"an endless error": {func() http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500); endless("", "x")(w, r) }
		}(), "Internal Server Error"},
	} {
		client := serve(t, c.h, func(o *Options) {
			o.URL = strings.Replace(o.URL, "http://", "http://me:hunter2@", 1)
			if name == "slow" {
				o.Timeout = 300 * time.Millisecond
			}
		})
		_, _, err := client.Read(t.Context(), nodesOf("node-a"))
		var problem *plain.Error
		errors.As(err, &problem)
		if problem == nil || !strings.Contains(problem.Sentence, c.says) || problem.Remedy == "" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if text := problem.Sentence + problem.Remedy; strings.Contains(text, "hunter2") || strings.Contains(text, "\x1b") ||
			len(text) > 500 {
			t.Errorf("%s: %q", name, text)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := serve(t, fake{}).Read(ctx, nil); err == nil {
		t.Error("an interrupted read ends well")
	}
}

func status(code int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(text))
	}
}

func manyLabels(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"l%d":"x"`, i))
	}
	return strings.Join(all, ",")
}

// TestCredentials go to the server, by TLS or on this machine, and are never shown.
func TestCredentials(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got string
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		fake{}.ServeHTTP(w, r)
	})
	c := serve(t, h, func(o *Options) { o.TokenFile = file })
	if _, _, err := c.Read(t.Context(), nil); err == nil || got != "Bearer sesame" {
		t.Errorf("%q, %v", got, err)
	}
	for name, o := range map[string]Options{
		"a token in the clear":    {URL: "http://192.0.2.1:9090", Token: "sesame"},
		"a password in the clear": {URL: "http://me:sesame@192.0.2.1:9090"},
		"no URL":                  {URL: "prometheus:9090"},
		"another scheme":          {URL: "ftp://me:sesame@192.0.2.1"},
		"a token of two lines":    {URL: "https://192.0.2.1", Token: "sesame\nopen"},
		"no such file":            {URL: "https://192.0.2.1", TokenFile: file + "-not"},
		"no certificates":         {URL: "https://192.0.2.1", CAFile: file},
		"no key":                  {URL: "https://192.0.2.1", CertFile: file, KeyFile: file},
		"no matcher":              {URL: "https://192.0.2.1", Match: "up} or vector(1) or {x"},
	} {
		_, err := New(t.Context(), o)
		if err == nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTLS: a certificate is checked, unless nobody wants it to be.
func TestTLS(t *testing.T) {
	server := httptest.NewTLSServer(fake{})
	t.Cleanup(server.Close)
	for name, c := range map[string]struct {
		o    Options
		says string
	}{
		"unknown":   {Options{URL: server.URL}, "nobody known here signed"},
		"unchecked": {Options{URL: server.URL, Insecure: true}, "no metrics of kube-proxy"},
		"plain":     {Options{URL: strings.Replace(server.URL, "https", "http", 1)}, ""},
	} {
		client, err := New(t.Context(), c.o)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err = client.Read(t.Context(), nil); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		client.http.CloseIdleConnections()
	}
}

// FuzzDecode: an answer is read within its bounds or refused, whatever it holds.
func FuzzDecode(f *testing.F) {
	f.Add(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"instance":"a"},"value":[1,"2"]}]}}`)
	f.Add(`{"status":"error","error":"x"}`)
	f.Add(`{"data":{"result":[{"metric":null,"value":[1]}]`)
	f.Fuzz(func(t *testing.T, text string) {
		n := 0
		_, err := decode(strings.NewReader(text), func(s series) {
			if n++; len(s.labels) > maxLabels {
				t.Error("too many labels")
			}
		})
		if err == nil && n > maxSeries {
			t.Errorf("%d series", n)
		}
	})
}
