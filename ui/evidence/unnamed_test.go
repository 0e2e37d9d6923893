package evidence_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"kpadvisor/plain/plaintest"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/evidence/evidencetest"
)

// odd is in every string of a run that somebody may have chosen.
const odd = "zz-odd"

// named is a run with a name in every text but those that the program itself chooses.
func named() probe.Result {
	r := evidencetest.Run()
	kernel := r.Environment.Kernel
	labels := r.Labels
	r.Windows, r.Others = nil, nil
	series := r.Series
	r.Series = nil
	plaintest.Fill(&r.Environment, odd)
	plaintest.Fill(&r.Notes, odd)
	r.Environment.Kernel, r.Labels, r.Stopped = kernel, labels, odd
	r.Labels["zz-odd-label"] = odd
	for i, s := range series {
		s.Target.Name, s.Target.Path, s.Target.Host, s.OtherError = odd+"-name", "/"+odd+string(rune('a'+i)), odd, odd
		s.From, s.Target.Besides = odd+"-node-"+string(rune('a'+i)), odd+":80"
		s.Target.Address, s.Resolved = odd+":80", "198.51.100.7:80"
		s.Conditions.Plan.Sources = []netip.Addr{netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})}
		s.Conditions.Kernel = kernel
		s.Errors = map[probe.Class]int64{probe.OtherFailure: 30}
		r.Series = append(r.Series, s)
	}
	return r
}

// TestUnnamed: what a run without names is evidence of is the same, and holds no name.
func TestUnnamed(t *testing.T) {
	t.Parallel()
	r := named()
	with, err := evidence.OfRun(r)
	if err != nil || !strings.Contains(with[0].Where, odd) || !strings.Contains(with[0].Where, "198.51.100.7") || !strings.Contains(with[0].Where, "differ in path") {
		t.Fatalf("%v, %+v", err, with)
	}
	unnamed := evidence.Unnamed(r)
	without, err := evidence.OfRun(unnamed)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{unnamed, without} {
		text, err := json.Marshal(v)
		if err != nil || strings.Contains(string(text), odd) || strings.Contains(string(text), "198.51") {
			t.Errorf("%v: %s", err, text)
		}
	}
	if got, want := strings.Count(without[0].Where, ";"), strings.Count(with[0].Where, ";"); got != want {
		t.Errorf("%q says less than %q", without[0].Where, with[0].Where)
	}
	if want := "probe of address 1 from node 1 and address 1 from node 2 by "; !strings.HasPrefix(without[0].Where, want) {
		t.Errorf("%q, want %q", without[0].Where, want)
	}
	with[0].Where, without[0].Where = "", ""
	if !reflect.DeepEqual(with, without) {
		t.Errorf("%+v\n%+v", with, without)
	}
	if again := named(); !reflect.DeepEqual(r, again) {
		t.Error("the run given was changed")
	}
}

// TestUnnamedLab keeps the modes, which targets of a lab are called by.
func TestUnnamedLab(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{
		lab.OnThisMachine + ", like " + odd: lab.OnThisMachine, lab.InUML + " " + odd: lab.InUML, odd: lab.OnThisMachine, odd + ", " + odd: lab.OnThisMachine,
	} {
		r := evidencetest.Run()
		r.Labels = map[string]string{evidence.LabelLab: label, evidence.LabelServices: "900"}
		r.Series[0].Target.Name, r.Series[1].Target.Name = "iptables-legacy", "nftables"
		got, err := evidence.OfRun(evidence.Unnamed(r))
		if err != nil || len(got) != 1 || got[0].Services != 900 || !strings.HasPrefix(got[0].Where, "lab on "+want+" by ") || strings.Contains(got[0].Where, odd) {
			t.Errorf("%q: %+v, %v", label, got, err)
		}
	}
}

// TestUnnamedPlace: a sweep and a drill keep where they were, if that is one of the two
// places that there are.
func TestUnnamedPlace(t *testing.T) {
	t.Parallel()
	for where, want := range map[string]string{lab.OnThisMachine: lab.OnThisMachine, lab.InUML: lab.InUML, odd: lab.OnThisMachine} {
		text, err := json.Marshal(evidencetest.Sweep())
		if err != nil {
			t.Fatal(err)
		}
		sweep, err := lab.Read(bytes.NewReader(text)) // which finds where modes break even
		if err != nil {
			t.Fatal(err)
		}
		drilled := evidencetest.Drill("6.12", drill.Safe)
		sweep.Environment.Where, drilled.Environment.Where = where, where
		found, err := evidence.OfSweep(evidence.UnnamedSweep(sweep))
		if err != nil || !strings.HasPrefix(found[0].Where, "lab sweep, "+want+", ") {
			t.Errorf("%+v, %v", found, err)
		}
		seen, err := evidence.OfDrill(evidence.UnnamedDrill(drilled))
		if err != nil || !strings.Contains(seen.Where, want) {
			t.Errorf("%+v, %v", seen, err)
		}
	}
}
