package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/say"
	"kpadvisor/ui/page"
)

func TestLabUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"lab"}, "lab run, lab sweep or lab drill"},
		{[]string{"lab", "swep"}, "did you mean sweep?"},
		{[]string{"lab", "run", "1000"}, `"1000"`},
		{[]string{"lab", "run", "--services", "0"}, "0 Services"},
		{[]string{"lab", "run", "--services", "999999999"}, "the lab takes 1 to"},
		{[]string{"lab", "run", "--endpoints", "-1"}, "-1 endpoints"},
		{[]string{"lab", "run", "--endpoints", "9999"}, "9,999 endpoints"},
		{[]string{"lab", "run", "--modes", "userspace"}, "userspace"},
		{[]string{"lab", "run", "--position", "somewhere"}, "first, middle, last, random"},
		{[]string{"lab", "run", "--rules-per-port", "3"}, "until 1.21"},
		{[]string{"lab", "run", "--in", "moon"}, "here, uml"},
		{[]string{"lab", "run", "--in", "here", "--uml-kernel", "./linux"}, "--in uml"},
		{[]string{"lab", "run", "-o", "yaml"}, "yaml"},
		{[]string{"lab", "run", "--quick"}, "--quick"},
		{[]string{"lab", "run", "--like-cluster", "x", "--services", "3"}, "like-cluster"},
		{[]string{"lab", "sweep", "--quick", "--services", "3"}, "quick"},
		{[]string{"lab", "sweep", "--services", "10,-1"}, "-1 Services"},
		{[]string{"lab", "sweep", "--services", ""}, "--services"},
	} {
		o := run(t, c.args...)
		o.wants(t, Usage, "", c.want)
		o.isOneSentence(t)
	}
	o := run(t, "lab", "run", "-o", "json", "--services", "0")
	var doc struct {
		Schema string
		Error  *plain.Problem
	}
	if err := json.Unmarshal([]byte(o.out), &doc); err != nil || doc.Schema != lab.Schema || doc.Error == nil {
		t.Errorf("%v: %s", err, o.out)
	}
}

// modesRun is the modes of the lab that a command line asks for.
func modesRun(t *testing.T, modes ...string) []lab.Mode {
	t.Helper()
	a := &app{program: "kpadvisor"}
	cmd := a.labRunCommand()
	a.flags.lab.modes = modes
	o, err := a.options(cmd)
	if err != nil {
		t.Fatal(err)
	}
	return o.Modes
}

func TestLabModes(t *testing.T) {
	if got := modesRun(t); !slices.Equal(got, lab.Modes()) {
		t.Errorf("by default %v", got)
	}
	if got := modesRun(t, "iptables", "ipvs"); !slices.Equal(got, []lab.Mode{lab.Direct, lab.IPTablesLegacy, lab.IPTablesNFT, lab.IPVS}) {
		t.Errorf("iptables,ipvs is %v", got)
	}
	if got := modesRun(t, "iptables-nft"); !slices.Equal(got, []lab.Mode{lab.Direct, lab.IPTablesNFT}) {
		t.Errorf("iptables-nft is %v", got)
	}
}

func TestLabLikeCluster(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.json")
	write := func(f advisor.Facts) {
		var b bytes.Buffer
		if err := cluster.WriteSnapshot(&b, f, false); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := &app{program: "kpadvisor"}
	cmd := a.labRunCommand()
	cmd.SetContext(t.Context())
	a.flags.lab.like = file
	demo := cluster.Demos()[0]
	write(demo)
	o, err := a.options(cmd)
	load, _ := demo.Load.Get()
	if err != nil || o.Shape.Services != load.Ports || len(o.Shape.Distribution) != load.Ports || !strings.Contains(o.Notes[0], "was not read") {
		t.Errorf("%v: %d Services of %d ports, %q", err, o.Shape.Services, load.Ports, o.Notes)
	}
	demo.Load = advisor.KnownFrom(advisor.Load{Family: "IPv4", Ports: 6, PortsWithoutEndpoints: 1, PortsWithOneEndpoint: 2, Endpoints: 17}, "test")
	demo.PortsByEndpoints = []advisor.PortCount{{Endpoints: 0, Ports: 1}, {Endpoints: 1, Ports: 2}, {Endpoints: 4, Ports: 2}, {Endpoints: 7, Ports: 1}}
	write(demo)
	o, err = a.options(cmd)
	if got := slices.Sorted(slices.Values(o.Shape.Distribution)); err != nil || !slices.Equal(got, []int{0, 1, 1, 4, 4, 7}) || !strings.Contains(o.Notes[0], "6 ports, 17 endpoints") || strings.Contains(o.Notes[0], "not read") {
		t.Errorf("%v: %v, %q", err, got, o.Notes)
	}
	demo.Load = advisor.Fact[advisor.Load]{}
	write(demo)
	a.flags.lab.services = 0
	if _, err = a.options(cmd); err == nil || !strings.Contains(err.Error(), "is not known from the snapshot facts.json") {
		t.Errorf("without a load: %v", err)
	}
	run(t, "lab", "run", "--like-cluster", "/does/not/exist").wants(t, Failure, "", "cannot be read")
}

// The whole command with the kernel's real rules, as small as it gets.
func TestLabRun(t *testing.T) {
	if runtime.GOOS != "linux" {
		o := run(t, "lab", "run")
		o.wants(t, Failure, "", "needs Linux")
		o.isOneSentence(t)
		return
	}
	if testing.Short() {
		t.Skip("builds network namespaces")
	}
	if _, _, err := lab.Preflight(t.Context(), lab.Options{Modes: []lab.Mode{lab.Direct}}); err != nil {
		skip(t, err.Error())
	}
	file := filepath.Join(t.TempDir(), "lab.csv")
	o := run(t, "lab", "sweep", "--services", "5,10", "--endpoints", "2", "-o", "json", "-O", file)
	var r lab.Result
	if err := json.Unmarshal([]byte(o.out), &r); err != nil || len(r.Points) == 0 {
		t.Fatalf("code %d, %v, %s%s", o.code, err, o.out, o.errOut)
	}
	if strings.ContainsAny(o.errOut, "\r\x1b") {
		t.Errorf("progress where there is no terminal: %q", o.errOut)
	}
	if len(r.Missing) < len(lab.Proxies()) {
		o.wants(t, Fine, "", "")
	}
	if b, err := os.ReadFile(file); err != nil || strings.Count(string(b), "\n") != len(r.Points)+1 {
		t.Errorf("saved %q, %v", b, err)
	}
	run(t, "lab", "run", "-O", "/does/not/exist/lab.json").wants(t, Failure, "", "cannot be saved")
	o = run(t, "lab", "run", "--uml-kernel", "/does/not/exist")
	o.wants(t, Failure, "", "There is no user-mode Linux at /does/not/exist.")
	o.isOneSentence(t)
}

// What was measured before an interruption is delivered, with 130.
func TestLabInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := at(t, ctx, "", "lab", "run", "--services", "10")
	if runtime.GOOS == "linux" {
		o.wants(t, Interrupted, "", "Interrupted before anything was measured.")
		o.isOneSentence(t)
	}
	partial := lab.Result{Points: []lab.Point{{Mode: lab.NFTables, Services: 10, Position: "middle"}}}
	for _, c := range []struct {
		ctx  context.Context
		r    lab.Result
		ran  error
		code int
		says string
	}{
		{ctx, partial, ctx.Err(), Interrupted, "Interrupted before all was measured."},
		{t.Context(), partial, errors.New("the lab broke"), Failure, "The lab broke."},
		{t.Context(), lab.Result{Points: []lab.Point{{Mode: lab.Direct, Services: 10, Position: lab.NoPosition}}}, nil, Failure, "No mode of kube-proxy could be measured here."},
		{t.Context(), partial, nil, Fine, ""},
	} {
		var out, errOut bytes.Buffer
		a := &app{program: "kpadvisor", out: &out, err: &errOut}
		a.flags.output = "text"
		err := a.deliverLab(c.ctx, page.Lab{Result: c.r}, c.ran, terminal{})
		if !errors.Is(err, exit(c.code)) || !strings.Contains(errOut.String(), c.says) || !strings.Contains(out.String(), c.says) {
			t.Errorf("%v, want %d and %q:\n%s%s", err, c.code, c.says, &out, &errOut)
		}
	}
	var out bytes.Buffer
	a := &app{program: "kpadvisor", out: &out, err: &out}
	if err := a.deliverLab(t.Context(), page.Lab{}, errors.New("broken"), terminal{}); err == nil || out.Len() > 0 {
		t.Errorf("%v, %s", err, &out)
	}
}

func TestLabProgress(t *testing.T) {
	var p labProgress
	if got := p.line(say.Voice{}); got != "starting the lab" {
		t.Errorf("%q", got)
	}
	p.follow(lab.Event{Stage: &lab.Stage{Mode: lab.NFTables, Services: 1000, What: "programming", Share: 0.335}})
	p.follow(lab.Event{})
	if got := p.line(say.Voice{}); got != "programming nftables, 1,000 Services: 34 %" {
		t.Errorf("%q", got)
	}
	p.follow(lab.Event{Stage: &lab.Stage{Services: 10, What: "measuring"}})
	if got := p.line(say.Voice{}); got != "measuring, 10 Services: 0 %" {
		t.Errorf("%q", got)
	}
}

// skip leaves out what this machine cannot run; make test accepts no gap.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("KPADVISOR_REQUIRE_ALL") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}
