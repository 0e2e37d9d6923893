package cluster

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"kpadvisor/advisor"
)

// randomFacts fills every field, of every type that Facts is made of.
func randomFacts(seed uint64) advisor.Facts {
	var f advisor.Facts
	r := rand.New(rand.NewPCG(seed, 1))
	fill(r, reflect.ValueOf(&f).Elem())
	for i := range f.NodeReports { // which are of some method, once each, and a share is at most 1
		for j := range f.NodeReports[i].Habits {
			h := &f.NodeReports[i].Habits[j]
			h.Method, h.Over = []advisor.HabitMethod{advisor.ByConntrack, advisor.ByIPVS}[j], time.Duration(1+r.IntN(1_000_000))
			if h.Reused.IsKnown() {
				h.Reused.Value = r.Float64()
			}
		}
	}
	return f
}

func fill(r *rand.Rand, v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(1<<32), 0).UTC()))
		return
	case advisor.State:
		v.SetInt(r.Int64N(3))
		return
	case advisor.Origin:
		v.SetString(string(advisor.FromSnapshot))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString([]string{"a", "10.1.2.3:443", "failed", "ns/name", "v1.33.4", ""}[r.IntN(6)])
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64N(1_000_000_000))
	case reflect.Float64:
		v.SetFloat(float64(r.IntN(1000)) / 7)
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" { // in no file
				fill(r, v.Field(i))
			}
		}
		// The value of a fact that is not known is not written.
		if state, ok := v.Field(0).Interface().(advisor.State); ok && state != advisor.Known {
			v.FieldByName("Value").SetZero()
		}
	case reflect.Pointer:
		if r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.Slice:
		if n := r.IntN(3); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(r, v.Index(i))
			}
		}
	case reflect.Map:
		if r.IntN(2) == 0 {
			v.Set(reflect.ValueOf(map[string]int{"net.ipv4.vs.conn_reuse_mode": 1}))
		}
	default:
		panic("Facts has a field of kind " + v.Kind().String() + " that the snapshot is not tested with")
	}
}

// TestSnapshotRoundTrip: what is written with names is read back unchanged.
func TestSnapshotRoundTrip(t *testing.T) {
	for seed := range uint64(300) {
		f := randomFacts(seed)
		var file bytes.Buffer
		if err := WriteSnapshot(&file, f, true); err != nil {
			t.Fatal(err)
		}
		got, err := ReadSnapshot(&file)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, f) {
			t.Fatalf("seed %d\n got %+v\nwant %+v", seed, got, f)
		}
	}
}

// TestSnapshotOfSurvey: a survey's facts come back from a file as they were.
func TestSnapshotOfSurvey(t *testing.T) {
	want := survey(t, smallCluster(t), Options{WithNames: true, Name: "prod"}).Facts
	var file bytes.Buffer
	if err := WriteSnapshot(&file, want, true); err != nil {
		t.Fatal(err)
	}
	got, err := ReadSnapshot(&file)
	want.Origin = advisor.FromSnapshot
	for i := range want.Groups {
		want.Groups[i].Members = nil // in no file
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

// TestSnapshotOrigin: a dump of what nobody read from a cluster stays that.
func TestSnapshotOrigin(t *testing.T) {
	typed, err := Typed(TypedFacts{Services: 10, ProxyMode: "ipvs"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(Demos(), typed, advisor.Facts{Origin: advisor.FromCluster, Name: "prod"}, advisor.Facts{Origin: "made up"}) {
		for _, names := range []bool{true, false} {
			var file bytes.Buffer
			if err := WriteSnapshot(&file, f, names); err != nil {
				t.Fatal(err)
			}
			want, name := advisor.FromSnapshot, ""
			if f.Origin == advisor.FromDemo || f.Origin == advisor.FromTyped {
				want, name = f.Origin, f.Name
			}
			if names {
				name = f.Name
			}
			if got, err := ReadSnapshot(&file); err != nil || got.Origin != want || got.Name != name {
				t.Errorf("%s %q became %s %q (%v), want %s %q", f.Origin, f.Name, got.Origin, got.Name, err, want, name)
			}
		}
	}
}

// TestWithoutTaint keeps the taints that every cluster may have.
func TestWithoutTaint(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "its taint acme=db:NoSchedule": "a taint of another name:NoSchedule",
		"its taint node-role.kubernetes.io/control-plane:NoSchedule": "its taint node-role.kubernetes.io/control-plane:NoSchedule",
		"its taint nvidia.com/gpu=present:NoSchedule":                "its taint nvidia.com/gpu:NoSchedule",
		"the nodeSelector of kube-proxy's DaemonSet":                 "the nodeSelector of kube-proxy's DaemonSet",
	} {
		if got := withoutTaint(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestSnapshotWithoutNames: a cluster whose every name, address and label is a
// secret leaves none of them in the file, and writing changes nothing.
func TestSnapshotWithoutNames(t *testing.T) {
	group := advisor.NodeGroup{
		Nodes: 3, OS: "linux", Kernel: "5.15.0-105-generic", NodeNames: []string{"secret-node"}, Members: []string{"secret-node"},
		Leaving: "NotReady since 2026-08-02", Spared: "its taint secret=secret:NoSchedule",
		Proxy: advisor.Proxy{
			Mode: advisor.UnknownFor[advisor.Mode](advisor.Failed, "Get https://198.51.100.7: secret"),
			Evidence: []advisor.Evidence{
				{Source: "ConfigMap kube-system/kube-proxy, key config.conf, field mode", Says: "ipvs"},
				{Source: "argument --bind-address=198.51.100.7:10249", Says: "198.51.100.0/24, 0.0.0.0 and [2001:db8::7]:443"},
			},
			Config:  advisor.ProxyConfig{NodePortAddresses: advisor.KnownFrom([]string{"198.51.100.0/24", "127.0.0.0/8", "primary", "0.0.0.0/0", "secret"}, "s"), ExcludeCIDRs: advisor.KnownFrom([]string{"198.51.100.9/32"}, "s")},
			Partial: "Cilium at 198.51.100.7",
		},
	}
	f := advisor.Facts{
		Origin: advisor.FromCluster, Name: "secret-context",
		Endpoints: advisor.KnownFrom(advisor.EndpointCounts{Total: 7, LargestName: "secret/service"}, "EndpointSlices"),
		Services:  advisor.UnknownFor[advisor.ServiceCounts](advisor.Forbidden, "harmless"),
		Workloads: advisor.UnknownFor[advisor.Workloads](advisor.Failed, "Get https://198.51.100.7: secret"),
		Groups:    []advisor.NodeGroup{group},

		NodeReports: []advisor.NodeReport{{Node: "secret-node", Placed: true, Habits: []advisor.NodeHabits{{
			Method: advisor.ByConntrack, Over: time.Minute, New: advisor.KnownFrom(20.0, "report of the node, 198.51.100.7:443"),
			Life:      advisor.UnknownFor[time.Duration](advisor.NotAsked, "none of 198.51.100.7 ended"),
			Busiest:   advisor.UnknownFor[float64](advisor.Failed, "dial 198.51.100.7: secret"),
			Addresses: advisor.KnownFrom(7, "report of the node"),
		}}}},
		Components: []advisor.Component{{Name: advisor.ComponentKubeVIP, Setting: "vip 198.51.100.8", Source: "DaemonSet kube-system/kube-vip-ds"}},
	}
	before := f
	before.Groups = []advisor.NodeGroup{group}
	before.Groups[0].Proxy.Evidence = append([]advisor.Evidence(nil), group.Proxy.Evidence...)
	var file bytes.Buffer
	if err := WriteSnapshot(&file, f, false); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"secret", "198.51.100", "2001:db8"} {
		if strings.Contains(file.String(), secret) {
			t.Errorf("%s is in the file:\n%s", secret, file.String())
		}
	}
	if !reflect.DeepEqual(f, before) {
		t.Errorf("writing changed the facts:\n%+v", f)
	}
	got, err := ReadSnapshot(&file)
	if err != nil {
		t.Fatal(err)
	}
	g := got.Groups[0]
	if g.Nodes != 3 || g.Kernel != group.Kernel || g.Proxy.Evidence[0] != group.Proxy.Evidence[0] || got.Endpoints.Value.Total != 7 || got.Services.Detail != "harmless" {
		t.Errorf("more than names is gone: %+v", got)
	}
	if h := got.NodeReports[0].Habits[0]; h.New.Value != 20 || h.Addresses.Value != 7 || h.Method != advisor.ByConntrack || h.Over != time.Minute || h.Life.IsKnown() {
		t.Errorf("habits: %+v", h)
	}
	if want := []string{"another range", "127.0.0.0/8", "primary", "0.0.0.0/0", "another range"}; !reflect.DeepEqual(g.Proxy.Config.NodePortAddresses.Value, want) {
		t.Errorf("node port addresses %v, want %v", g.Proxy.Config.NodePortAddresses.Value, want)
	}
}

func TestReadSnapshotRefuses(t *testing.T) {
	for _, tt := range []struct{ file, want string }{
		{"", "not JSON"},
		{"services: 3", "not JSON"},
		{"{}", "no schema"},
		{`{"schema": "kpadvisor.snapshot/v2", "facts": {}}`, `its schema is "kpadvisor.snapshot/v2" and this version reads "kpadvisor.snapshot/v1"`},
		{`{"schema": "kpadvisor.audit/v1"}`, `its schema is "kpadvisor.audit/v1"`},
		{`{"schema": "kpadvisor.snapshot/v1", "facts": {"nodes": {"state": "perhaps"}}}`, `fact state "perhaps"`},
		{`{"schema": "kpadvisor.snapshot/v1", "facts": {"nodes": {"state": "known", "value": -1}}}`, "facts.nodes.value is -1, and a number from 0 to 1,000,000,000"},
		{`{"schema": "kpadvisor.snapshot/v1", "facts": {"nodeGroups": [{"nodes": -1}]}}`, "facts.nodeGroups[0].nodes is -1, and a number from 0 to"},
		{`{"schema": "kpadvisor.snapshot/v1", "facts": {"load": {"state": "known", "value": {"endpoints": 9223372036854775807}}}}`, "facts.load.value.endpoints is 9223372036854775807, and"},
		{`{"schema": "kpadvisor.snapshot/v1", "facts": {"rolloutsPerDay": {"state": "known", "value": 1e308}}}`, "facts.rolloutsPerDay.value is 1e+308, and"},
		{`{"schema": "kpadvisor.snapshot/v1", "facts": {"workloads": {"state": "known", "value": {"windowNs": 9223372036854775807}}}}`, "facts.workloads.value.windowNs is"},
		{`{"schema": "kpadvisor.snapshot/v1", "facts": {"nodeReports": [{"habits": [{"method": "guess", "overNs": 1000}]}]}}`, `a report of a node in it cannot be: habits are not measured by "guess"`},
		{`{"schema": "kpadvisor.snapshot/v1", "facts": {"nodeReports": [{"habits": [{"method": "ipvs", "overNs": 1000, "reusedShare": {"state": "known", "value": 1.5}}]}]}}`, "reusedShare is 1.5, and a number from 0 to 1"},
		{`{"schema": "kpadvisor.snapshot/v1", "facts": {"nodeReports": [{"habits": [{"method": "ipvs", "overNs": 1000, "newPerSecond": {"state": "known", "value": 20000000}}]}]}}`, "newPerSecond is 2e+07, and a number from 0 to 10,000,000"},
		{`{"schema": "kpadvisor.snapshot/v1", "facts": {"nodeReports": [{"habits": [{"method": "ipvs", "overNs": 1000}, {"method": "ipvs", "overNs": 1000}]}]}}`, "habits were measured twice"},
		{`{"schema": "kpadvisor.snapshot/v1"} and more`, "not JSON"},
		{`{"schema": "kpadvisor.snapshot/v1", "facts": {"services": {"value": {"total": 1e99}}}}`, "cannot be read"},
	} {
		_, err := ReadSnapshot(strings.NewReader(tt.file))
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", tt.file, err, tt.want)
		}
	}
	broken := errors.New("broken disk")
	if _, err := ReadSnapshot(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("%v, want the reader's error", err)
	}
	if _, err := ReadSnapshot(bytes.NewReader(make([]byte, maxSnapshot+1))); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a file too large: %v", err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteSnapshotFails(t *testing.T) {
	if err := WriteSnapshot(brokenWriter{}, advisor.Facts{}, false); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("%v, want the writer's error", err)
	}
}

// FuzzReadSnapshot: whatever is read is clean, not negative, and can be written
// and read again.
func FuzzReadSnapshot(f *testing.F) {
	f.Add([]byte(`{"schema": "kpadvisor.snapshot/v1", "facts": {"nodes": {"state": "known", "value": 3}, "nodeGroups": [{"nodes": 3, "proxy": {"sysctls": {"a": 1}, "evidence": [{"source": "a", "says": "10.0.0.1"}]}}]}}`))
	f.Add([]byte(`{"schema": "kpadvisor.snapshot/v1", "facts": {"name": "\u001b[31m"}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		facts, err := ReadSnapshot(bytes.NewReader(file))
		if err != nil {
			return
		}
		checkClean(t, facts)
		var again bytes.Buffer
		if err := WriteSnapshot(&again, facts, false); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSnapshot(&again); err != nil {
			t.Errorf("what was read cannot be read again: %v", err)
		}
	})
}

// TestSnapshotDoubtsSysctls: values that no kernel can have are doubts, not values.
func TestSnapshotDoubtsSysctls(t *testing.T) {
	f, err := ReadSnapshot(strings.NewReader(`{"schema": "kpadvisor.snapshot/v1", "facts": {"nodeGroups": [{"nodes": 3, "proxy":
		{"sysctlNodes": 3, "sysctls": {"net.ipv4.vs.conn_reuse_mode": 9223372036854775807, "expire_nodest_conn": 2}}}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	p := f.Groups[0].Proxy
	if len(p.Sysctls) != 1 || p.Sysctls["expire_nodest_conn"] != 1 || p.SysctlNodes != 3 ||
		len(p.SysctlDoubts) != 1 || !strings.Contains(p.SysctlDoubts[0], "no value of it") {
		t.Errorf("%+v", p)
	}
}
