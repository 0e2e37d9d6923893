package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/say"
)

// isChinese: every line of a text is Chinese, but for what others wrote.
func isChinese(t *testing.T, what, text string) {
	t.Helper()
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		if words := englishWords(foreign().ReplaceAllString(l, "…")); !strings.ContainsFunc(l, han) || words != "" || strings.Contains(l, "%!") {
			t.Errorf("%s: %q is English in %q", what, words, l)
		}
	}
}

// TestNoticesInChinese: what is said beside a report is in the language of the report.
func TestNoticesInChinese(t *testing.T) {
	f := newFakeServer(t)
	f.lists["/apis/batch/v1/jobs"] = []any{map[string]any{"metadata": map[string]any{
		"namespace": "shop", "name": "kpadvisor-live-probe-a", "uid": "u", "creationTimestamp": "2026-11-01T00:00:00Z",
		"labels":      map[string]string{"app.kubernetes.io/instance": "live"},
		"annotations": map[string]string{"kpadvisor/until": time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "kpadvisor/by": "somebody"},
	}}}
	f.lists["/api/v1/namespaces"], f.lists["/api/v1/services"] = []any{}, []any{}
	config := f.kubeconfig(t, tokenUser)
	for _, c := range []struct {
		args []string
		code int
		says string // on stderr, or on stdout where that is said to a person
	}{
		{[]string{"audit", "--demo", "mixed", "--page-size", "3"}, Exposed, "未使用 --page-size，因为 --demo 代替了集群。"},
		{[]string{"audit", "--demo", "mixed", "--services", "77", "--nodes", "5"}, Exposed, "未使用 --nodes 5，因为读取到的是 212 个节点。"},
		{[]string{"audit", "--demo", "mixed", "--kernel", "6.8.0", "--proxy-mode", "ipvs"}, Exposed, "未使用 --kernel 6.8.0，因为读取到另一种内核：5.15.0-105-generic（180 个节点）"},
		{[]string{"probe", "127.0.0.1:1", "--requests", "20", "--blocks", "1", "--warm-up", "0", "--max-p99", "1ms"}, Failure, "未达到阈值："},
		{[]string{"probe", "127.0.0.1:1", "--ports", "40000-40099", "--source-ports", "reuse", "--requests", "10", "--blocks", "1"}, Failure, "警告：有意复用源端口。"},
		{[]string{"clean", "-A", "--list", "--kubeconfig", config}, Fine, "找到 Job shop/kpadvisor-live-probe-a（运行 live，由 somebody 创建于 2026-11-01 00:00:00 UTC；到"},
		{[]string{"probe", "--in-cluster", "--image", "x", "--node-a", "n1", "--node-b", "n2", "--dry-run", "--kubeconfig", config}, Fine, "负载：任何时候最多每秒 100 个新建连接，从一个节点到本次运行自带的回显服务器（经 16 个 Service）。"},
	} {
		o := run(t, append(c.args, "--lang", "zh")...)
		said := o.errOut
		if c.args[0] == "clean" {
			said = o.out
		}
		if o.code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%q: code %d, want %q in %q", c.args, o.code, c.says, said)
		}
		isChinese(t, strings.Join(c.args, " "), said)
	}
}

// TestConsentInChinese: rights, manifests and the question of an in-cluster probe.
func TestConsentInChinese(t *testing.T) {
	isolate(t)
	f := newFakeServer(t)
	reads := f.Config.Handler
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/apis/auth") {
			var review map[string]any
			_ = json.NewDecoder(r.Body).Decode(&review)
			resource := ""
			if spec, ok := review["spec"].(map[string]any); ok {
				resource, _ = spec["resourceAttributes"].(map[string]any)["resource"].(string)
			}
			review["status"] = map[string]any{"allowed": resource != "events"}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(review)
			return
		}
		reads.ServeHTTP(w, r)
	})
	config := f.kubeconfig(t, tokenUser)
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "创建这些对象吗？[y/N] "},
		{[]string{"--rate", "0"}, "该运行需要再次确认，因为其速率没有上限（--rate 0）：同时 16 个连接，一个接一个。\n要创建这些对象，请输入 really："},
	} {
		var out, errOut bytes.Buffer
		a := &app{
			program: "kpadvisor", env: os.Environ(), in: strings.NewReader("n\n"), out: &out, err: &errOut, screen: &out, ending: newEnding(), tty: tty{in: true},
			args: append([]string{"probe", "--in-cluster", "--image", "x", "--node-a", "n1", "--node-b", "n2", "--lang", "zh", "--kubeconfig", config}, c.args...),
		}
		code := a.run(t.Context())
		before, rest, found := strings.Cut(errOut.String(), "\n清单：\n")
		if !found || code != Failure || !strings.Contains(rest, c.want) || !strings.Contains(rest, "没有创建任何对象。\n处理办法：") {
			t.Errorf("code %d, want %q:\n%s", code, c.want, errOut.String())
		}
		isChinese(t, "before the manifests", rightsOnly().ReplaceAllString(before, "权限"))
		if !strings.Contains(before, "（被拒绝：运行仍可进行，但结果会少一些）") {
			t.Errorf("no right is denied:\n%s", before)
		}
	}
}

// rightsOnly are rights, which are named as RBAC does.
func rightsOnly() *regexp.Regexp {
	return regexp.MustCompile(`(create|delete|list|watch|get) [a-z./]+( in [a-z-]+)?`)
}

// TestAskInChinese: the accessible mode asks in Chinese, and takes the same answers.
func TestAskInChinese(t *testing.T) {
	v := say.In(say.Chinese)
	f := advisor.Facts{RolloutsPerDay: advisor.KnownFrom(14.0, "x")}
	var out bytes.Buffer
	h := askEach(t.Context(), strings.NewReader("2\nmany\n300\nyes\n"), &out, v, f, advisor.Habits{})
	if h.Connections.Value != advisor.Short || h.NewConnectionsPerSecond.Value != 300 || !h.BehindNAT.Value {
		t.Errorf("%+v", h)
	}
	isChinese(t, "questions", out.String())
	if want := `new-connections 需要数字，而不是 "many"。`; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, out.String())
	}
}

// TestProgressInChinese: lines of progress.
func TestProgressInChinese(t *testing.T) {
	v := say.In(say.Chinese)
	for want, got := range map[string]string{
		"正在读取 EndpointSlices：3120/4530": progressLine(v, advisor.Reading{Stage: "EndpointSlices", Read: 3120, Total: 4530}),
		"正在读取总数":                        progressLine(v, advisor.Reading{Stage: "totals"}),
		"正在启动实验环境":                      (&labProgress{}).line(v),
		"等待 Pod：等待回显服务器":                probeLine(v, probe.Snapshot{Progress: probe.Progress{State: "waiting for pods", Why: "waiting for the echo server"}}),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestFilesInChinese: what is saved is named as it is called, also where that is Chinese.
func TestFilesInChinese(t *testing.T) {
	t.Chdir(t.TempDir())
	file := filepath.Join("目录a", "快照b.json")
	o := run(t, "audit", "--demo", "mixed", "--save-facts", file, "--lang", "zh")
	if want := "快照没有写出：写入" + file + "：没有目录目录a。\n"; !strings.HasPrefix(o.errOut, want) {
		t.Errorf("%q, want %q", o.errOut, want)
	}
}
