package advisor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fixture is one file of testdata/rules/KPA###: hit*, miss* or unknown*.
type fixture struct {
	Facts    Facts    `json:"facts"`
	Habits   Habits   `json:"habits"`
	Measured Measured `json:"measured"`
}

// TestRules walks the fixtures: every rule has at least one of each kind, and
// every folder belongs to a rule.
func TestRules(t *testing.T) {
	const root = "testdata/rules"
	folders, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	rules := Rules()
	for _, folder := range folders {
		if !slices.ContainsFunc(rules, func(r Rule) bool { return r.ID.String() == folder.Name() }) {
			t.Errorf("%s: no such rule", folder.Name())
		}
	}
	for _, r := range rules {
		for _, outcome := range []Outcome{Hit, Miss, CantSay} {
			files, err := filepath.Glob(filepath.Join(root, r.ID.String(), string(outcome)+"*.json"))
			if err != nil || len(files) == 0 {
				t.Errorf("%s has no fixture %s*.json", r.ID, outcome)
			}
			for _, file := range files {
				checkFixture(t, r, outcome, file)
			}
		}
	}
}

func checkFixture(t *testing.T, r Rule, want Outcome, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var x fixture
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&x); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	s := newSituation(x.Facts, x.Habits, x.Measured)
	if got, _ := r.eval(s); got != want {
		t.Errorf("%s: got %s", file, got)
	}
	found := slices.ContainsFunc(Decide(x.Facts, x.Habits, x.Measured).Findings, func(f Finding) bool { return f.Rule == r.ID })
	if found != (want == Hit) {
		t.Errorf("%s: finding in the advice: %t", file, found)
	}
}

// TestRuleRows checks the form of every row.
func TestRuleRows(t *testing.T) {
	id := regexp.MustCompile(`^KPA\d{3}$`)
	last := RuleID(0)
	for _, r := range Rules() {
		switch {
		case !id.MatchString(r.ID.String()):
			t.Errorf("%q is not an ID", r.ID)
		case r.ID <= last:
			t.Errorf("%s stands after %s", r.ID, last)
		case r.Source == "" || len(r.Needs) == 0 || r.text == nil:
			t.Errorf("%s lacks its source, its needs or its text", r.ID)
		case (r.fires == nil) == (r.group == nil):
			t.Errorf("%s must look at the cluster or at groups, not both", r.ID)
		case r.Severity.rank() < 0:
			t.Errorf("%s has severity %q", r.ID, r.Severity)
		}
		last = r.ID
	}
}

func TestFindingsAreOrdered(t *testing.T) {
	f := typed(6_000, 120_000, "5.4.0-96-generic", "v1.34.0", IPVS)
	findings := Decide(f, Habits{}, Measured{}).Findings
	for i := 1; i < len(findings); i++ {
		a, b := findings[i-1], findings[i]
		if a.Severity.rank() > b.Severity.rank() || a.Severity == b.Severity && a.Rule >= b.Rule {
			t.Errorf("%s %s stands before %s %s", a.Severity, a.Rule, b.Severity, b.Rule)
		}
	}
}
