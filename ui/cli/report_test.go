package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kpadvisor/probe"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/evidence/evidencetest"
	"kpadvisor/ui/pack"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

// oddCluster is the small cluster with every name in it one that stands for nothing else,
// and those names.
func oddCluster(t *testing.T) (config string, names []string) {
	t.Helper()
	f := newFakeServer(t)
	odd := map[string]string{
		"n1": "zqx-node-ü", "n2": "zqx.node-2.corp.example", "n3": "zqx-3<b>", "shop": "zqx-namespace", "cart": "zqx-cart",
		"10.0.0.1": "10.97.31.1", "10.0.0.2": "10.97.31.2", "10.1.0.1": "10.97.32.1", "10.1.0.2": "10.97.32.2",
	}
	for path, objects := range f.lists {
		text := string(must(json.Marshal(objects)))
		for name, other := range odd {
			quoted := string(must(json.Marshal(other)))
			text = strings.ReplaceAll(text, `"`+name+`"`, quoted)
			text = strings.ReplaceAll(text, `"kube-proxy-`+name+`"`, string(must(json.Marshal("kube-proxy-"+other))))
			text = strings.ReplaceAll(text, `"`+name+`-1"`, string(must(json.Marshal(other+"-1"))))
		}
		text = strings.ReplaceAll(text, `"status":{"nodeInfo"`, `"spec":{"taints":[{"key":"zqx-taint","value":"zqx","effect":"NoSchedule"}]},"status":{"nodeInfo"`)
		var back []any
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatal(err)
		}
		f.lists[path] = back
	}
	file := f.kubeconfig(t, tokenUser)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	renamed := strings.NewReplacer("current-context: test", "current-context: zqx-context", "name: test", "name: zqx-context", "name: c,", "name: zqx-cluster,",
		"cluster: c,", "cluster: zqx-cluster,", "user: u}", "user: zqx-user}", "name: u,", "name: zqx-user,").Replace(string(text))
	if err := os.WriteFile(file, []byte(renamed), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, []string{"zqx", "10.97.", strings.TrimPrefix(f.URL, "https://"), token}
}

// kept writes a document as a file.
func kept(t *testing.T, name string, write func(b *bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// evidenceFiles are a run with odd names, a sweep and a drill.
func evidenceFiles(t *testing.T) []string {
	t.Helper()
	r := evidencetest.Run()
	for i := range r.Series {
		r.Series[i].Target.Address, r.Series[i].Resolved = "zqx-cart.zqx-namespace:80", fmt.Sprintf("10.97.31.%d:80", i)
		r.Series[i].Target.Name, r.Series[i].From = fmt.Sprint("zqx-target-", i), fmt.Sprint("zqx-node-", i)
	}
	var args []string
	for _, file := range []string{
		kept(t, "run.json", func(b *bytes.Buffer) error { return probe.Write(b, r) }),
		kept(t, "sweep.json", func(b *bytes.Buffer) error { return report.LabJSON(b, page.Lab{Result: evidencetest.Sweep()}) }),
		kept(t, "drill.json", func(b *bytes.Buffer) error {
			return report.DrillJSON(b, page.Drill{Result: evidencetest.Drill("5.15.0-105-generic", drill.Safe)})
		}),
	} {
		args = append(args, "--measured", file)
	}
	return args
}

// TestReport: a change request of a cluster is the same twice, verifies, and names nothing
// of the cluster unless asked to.
func TestReport(t *testing.T) {
	config, names := oddCluster(t)
	dir := t.TempDir()
	args := append([]string{"report", "--kubeconfig", config, "--to", "nftables", "--connections", "short", "--new-connections", "20"}, evidenceFiles(t)...)
	written := func(name string, more ...string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		run(t, append(append(args, "-o", file), more...)...).wants(t, Fine, "", "")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	taken := regexp.MustCompile(`read\s+\d{4}-\d{2}-\d{2}\s+\d{2}:\d{2}\s+UTC|"takenAt": "[^"]*"|&#34;takenAt&#34;: &#34;[^&]*&#34;|SHA-256 of the data:[0-9a-f\s]+`)
	for _, name := range []string{"change.html", "change.md", "change.txt", "change"} {
		text := written(name)
		if again := written(name); taken.ReplaceAllString(again, "") != taken.ReplaceAllString(text, "") { // the cluster is read at another time
			t.Errorf("%s differs when it is made again", name)
		}
		for _, secret := range names {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %q", name, secret)
			}
		}
		for _, want := range []string{"move to nftables", "What stands in the way", "Rehearsed", "Measured", "Runbook", "Go on, stop or go back", "Rollback", "kube-proxy by node group", "Sources"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s has no %q", name, want)
			}
		}
		if strings.Contains(text, "snapshot file") {
			t.Errorf("%s: the cluster was read", name)
		}
	}
	file := filepath.Join(dir, "change.html")
	run(t, "report", "--verify", file).wants(t, Fine, "is what its data make, byte for byte", "")
	named := written("named.html", "--with-names")
	for _, name := range []string{"zqx-context", "zqx.node-2.corp.example", "zqx-3&lt;b&gt;", "10.97.31.0:80", "zqx-node-1"} {
		if !strings.Contains(named, name) {
			t.Errorf("with names, and without %s", name)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "named.html")); err != nil || info.Mode() != 0o600 {
		t.Errorf("others may read the names: %v, %v", info.Mode(), err)
	}
	run(t, "report", "--verify", filepath.Join(dir, "named.html")).wants(t, Fine, "byte for byte", "")
}

// TestReportSources: a request can be made from all that an audit can.
func TestReportSources(t *testing.T) {
	facts := filepath.Join(t.TempDir(), "facts.json")
	run(t, "snapshot", "--demo", "mixed", "-o", facts)
	for name, args := range map[string][]string{
		"facts": {"--facts", facts}, "demo": {"--demo", "ipvs-late", "--to", "iptables"},
		"typed": {"--services", "4000", "--kernel", "5.15.0", "--kubernetes-version", "1.33", "--proxy-mode", "iptables", "--connections", "short"},
	} {
		o := run(t, append([]string{"report"}, args...)...)
		if o.code != Fine && o.code != Partial || !strings.HasPrefix(o.out, "<!DOCTYPE html>") || o.errOut != "" {
			t.Errorf("%s: code %d, %q, %.200q", name, o.code, o.errOut, o.out)
		}
		if again := run(t, append([]string{"report"}, args...)...); again.out != o.out {
			t.Errorf("%s: another document the second time", name)
		}
		at(t, t.Context(), o.out, "report", "--verify", "-").wants(t, Fine, "The change request standard input is what its data make", "")
	}
}

// TestVerify: each outcome has its code and its sentence.
func TestReportVerify(t *testing.T) {
	file := filepath.Join(t.TempDir(), "change.html")
	run(t, "report", "--demo", "mixed", "-o", file).wants(t, Partial, "", "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(old, other string) string {
		t.Helper()
		out := strings.Replace(string(text), old, other, 1)
		if out == string(text) {
			t.Fatalf("there is no %s", old)
		}
		return kept(t, "changed.html", func(b *bytes.Buffer) error { b.WriteString(out); return nil })
	}
	version := (&app{}).version()
	for _, c := range []struct {
		file, want, remedy string
		code               int
	}{
		{changed("To go back", "To go \x1b[31mon"), version + " may be another build that made it: they cannot be compared.", "Verify it with the very program that wrote it.", Partial},
		{changed("&#34;version&#34;: &#34;"+version, "&#34;version&#34;: &#34;0.9"), "it was made by kpadvisor 0.9, and this is " + version + ": they cannot be compared.", "Verify it with kpadvisor 0.9.", Partial},
		{changed("kpadvisor.change/v1", "kpadvisor.audit/v1"), "the data in it are not those of a change request", "kpadvisor report -o", Failure},
		{filepath.Join("testdata", "help.txt"), "holds no data of a change request", "kpadvisor report -o", Failure},
		{"/does/not/exist", "no such file", "kpadvisor report -o", Failure},
		{"/dev/zero", "larger than", "kpadvisor report -o", Failure},
	} {
		o := run(t, "report", "--verify", c.file)
		o.wants(t, c.code, "", c.want)
		o.wants(t, c.code, "", c.remedy)
		o.isOneSentence(t)
		if o.out != "" || strings.Contains(o.errOut, "\x1b") {
			t.Errorf("%q, %q", o.out, o.errOut)
		}
	}
	run(t, "report", "--verify", file, "--demo", "short", "-o", "x").wants(t, Fine, "byte for byte", "--demo, --output are not used, because --verify looks at one file.")
	if _, err := os.Stat("x"); err == nil {
		t.Error("it wrote a file")
	}
}

// TestNotVerified: what somebody changed is named where the version is of one program alone.
func TestNotVerified(t *testing.T) {
	v := pack.Verdict{Differ: pack.Difference{Where: `in the section "Rollback"`, Line: 1200, Has: "To go on", Wants: ""}}
	var f failure
	if err := notVerified(t.Context(), "x.html", v, nil); !errors.As(err, &f) || f.code != Failure ||
		f.Sentence != `The change request x.html is not what its data make: the first difference is in the section "Rollback", line 1,200.` ||
		f.Remedy != `Ask who changed it: it has "To go on" where no text belongs.` {
		t.Errorf("%+v", f)
	}
	if err := notVerified(t.Context(), "x.html", pack.Verdict{Same: true}, nil); err != nil {
		t.Error(err)
	}
}

// TestBareRequest: what carries no data does not say that it does.
func TestBareRequest(t *testing.T) {
	for _, name := range []string{"change.md", "change.txt", "change.html"} {
		file := filepath.Join(t.TempDir(), name)
		run(t, "report", "--demo", "short", "-o", file)
		text := string(must(os.ReadFile(file)))
		if carries := strings.HasSuffix(name, "html"); strings.Contains(text, "--verify") != carries || strings.Contains(text, "SHA-256") != carries {
			t.Errorf("%s speaks of data that it does not carry, or not of those that it carries", name)
		}
		if !strings.Contains(strings.Join(strings.Fields(text), " "), "are left out; --with-names keeps them") {
			t.Errorf("%s does not say what is left out", name)
		}
	}
}

func TestReportRefuses(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"report", "--demo", "short", "-o", "x.pdf"}, Usage, `A change request is .html, .md or .txt, and --output ends in ".pdf".`},
		{[]string{"report", "--demo", "short", "-o", "html"}, Usage, `--output names a file here, such as change.html, and "html" was given.`},
		{[]string{"report", "--demo", "short", "--to", "fast"}, Usage, "is none of"},
		{[]string{"report", "--demo", "short", "-o", "/does/not/exist/x.html"}, Failure, "The change request was not written"},
		{[]string{"report", "--demo", "short", "--measured", "/does/not/exist"}, Failure, "is no evidence"},
		{[]string{"report"}, Failure, "No kubeconfig was found"},
		{[]string{"report", "x"}, Usage, "takes no argument"},
	} {
		o := run(t, c.args...)
		o.wants(t, c.code, "", c.want)
		o.isOneSentence(t)
		if o.out != "" {
			t.Errorf("%q: %q", c.args, o.out)
		}
	}
	run(t, "__complete", "report", "--to", "").wants(t, Fine, "nftables", "")
	run(t, "__complete", "report", "--demo", "").wants(t, Fine, demoNames()[0], "")
}
