package advisor

import (
	"fmt"
	"math"
	"math/rand"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// most is the largest count that a snapshot may have, and longest its longest time.
const (
	most    = 1_000_000_000
	longest = 100 * 365 * 24 * time.Hour
)

// fillFacts fills every number that is reachable from v with one that a snapshot may have.
func fillFacts(w world, v reflect.Value) {
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		switch {
		case v.Type() == reflect.TypeFor[time.Duration]():
			v.SetInt(pick(w, 0, 1, int64(time.Second), int64(longest)))
		case v.Type() == reflect.TypeFor[State]():
			v.SetInt(int64(Known))
		default:
			v.SetInt(pick(w, int64(0), 1, 7, 20_000, most-1, most, most))
		}
	case reflect.Float64:
		v.SetFloat(pick(w, 0, 1e-300, 1, float64(most)))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillFacts(w, v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			fillFacts(w, v.Index(i))
		}
	}
}

// TestNothingRunsOver: whatever numbers a snapshot may have, no number of the advice is
// negative, infinite or none, and none of its sentences has such a one.
func TestNothingRunsOver(t *testing.T) {
	wrong := regexp.MustCompile(`NaN|Inf\b|(^|[ (+])-[0-9]|9,?223,?372|e\+[0-9]`)
	eachWorld(t, func(t *testing.T, w world, _ int64) {
		f := w.facts()
		f.PortsByEndpoints = []PortCount{{}, {}, {}}
		f.Workloads = KnownFrom(Workloads{}, "Deployments")
		f.OtherLoad = KnownFrom(Load{}, "EndpointSlices")
		fillFacts(w, reflect.ValueOf(&f).Elem())
		if w.Intn(2) == 0 {
			f = w.hide(f)
		}
		a := Decide(f, w.habits(), Measured{})
		eachValue(reflect.ValueOf(a), "advice", func(path string, v reflect.Value) {
			switch v.Kind() {
			case reflect.Int, reflect.Int64:
				if v.Int() < 0 {
					t.Errorf("%s is %d", path, v.Int())
				}
			case reflect.Float64:
				if x := v.Float(); x < 0 || math.IsNaN(x) || math.IsInf(x, 0) {
					t.Errorf("%s is %g", path, x)
				}
			case reflect.String:
				if wrong.MatchString(v.String()) {
					t.Errorf("%s: %.300s", path, v.String())
				}
			}
		})
	})
}

// eachValue visits what is reachable from v.
func eachValue(v reflect.Value, path string, visit func(string, reflect.Value)) {
	visit(path, v)
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			eachValue(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachValue(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			eachValue(v.Elem(), path, visit)
		}
	}
}

// hostileGroups are node groups of which no two are alike in anything, with strings as
// long as a snapshot may have them.
func hostileGroups(n int) Facts {
	w := world{rand.New(rand.NewSource(1))}
	f := w.facts()
	f.Groups = nil
	for i := range n {
		long := func(what string) string { return fmt.Sprintf("%s-%d-%s", what, i, strings.Repeat("x", 900)) }
		g := linux(1+i%7, fmt.Sprintf("5.%d.%d-%s", 4+i%12, i, long("k")), long("image"), fmt.Sprintf("v1.%d.%d", 11+i%30, i), pick(w, IPTables, IPVS, NFTables))
		g.Arch, g.Proxy.Partial = long("arch"), long("partial")
		g.Proxy.FailingWhy, g.Proxy.Failing = long("why"), i%2
		g.Proxy.Sysctls = map[string]int{"net.ipv4.vs.conn_reuse_mode": i % 4, long("s"): i}
		g.Proxy.SysctlDoubts = []string{long("doubt"), long("another")}
		g.Proxy.Config.Scheduler = KnownFrom(long("rr"), long("source"))
		if i%5 == 0 {
			g.Spared = long("taint")
		}
		if i%11 == 0 {
			g.Managed = long("managed")
			g.Proxy.Mode = UnknownFor[Mode](Failed, long("detail"))
		}
		if i%13 == 0 {
			g.Proxy.Mode = UnknownFor[Mode](Failed, long("detail"))
		}
		if i%7 == 0 {
			g.Leaving = long("cordoned")
		}
		f.Groups = append(f.Groups, g)
	}
	return f
}

// TestDecideHostileGroups: what is allocated for node groups that have nothing in common
// grows with their number, not with its square, and so do the sentences.
func TestDecideHostileGroups(t *testing.T) {
	work := func(n int) (allocations float64, sentences int) {
		f := hostileGroups(n)
		var a Advice
		began := time.Now()
		allocations = testing.AllocsPerRun(1, func() { a = Decide(f, Habits{}, Measured{}) })
		t.Logf("%d groups: %.0f allocations, %v", n, allocations, time.Since(began)/2)
		for _, x := range a.Findings {
			if len(x.Text) > 64<<10 {
				t.Errorf("%d groups: %s has %d bytes", n, x.Rule, len(x.Text))
			}
			sentences += len(x.Text)
		}
		return allocations, sentences
	}
	few, short := work(250)
	many, long := work(2000)
	if many > 16*few {
		t.Errorf("%.0f allocations for 250 groups, %.0f for 2,000", few, many)
	}
	if long > 4*short+4096 {
		t.Errorf("findings of %d bytes for 250 groups, of %d for 2,000", short, long)
	}
}
