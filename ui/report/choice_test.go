package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"kpadvisor/say"

	"kpadvisor/ui/page"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
)

// written as one line, so that where a page ends does not matter.
func wide(t *testing.T, doc page.Audit) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, doc.Page(), Style{Width: 600}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What is not known is never printed as impossible.
func TestPossibleHasThreeValues(t *testing.T) {
	first := []advisor.Reason{{Text: "renew the nodes"}}
	for _, c := range []struct {
		can   release.Can
		first []advisor.Reason
		want  string
	}{
		{release.CanYes, nil, ""},
		{release.CanNo, nil, "not possible here"},
		{release.CanNo, first, "not possible here yet: see what comes first"},
		{release.CanUnknown, nil, "not known whether it is possible here"},
		{"", nil, "not known whether it is possible here"},
	} {
		a := advisor.Advice{Recommended: advisor.NFTables, First: c.first}
		if got := page.Can(say.Voice{}, advisor.Ranked{Mode: advisor.NFTables, Can: c.can}, a); got != c.want {
			t.Errorf("%q: %q, want %q", c.can, got, c.want)
		}
	}
	doc := large(t)
	doc.Advice.First, doc.Advice.Ranking = nil, []advisor.Ranked{{Mode: advisor.NFTables, Can: release.CanUnknown}}
	if text := wide(t, doc); strings.Contains(text, "not possible here") || !strings.Contains(text, "not known whether") {
		t.Errorf("an unknown is printed as impossible:\n%s", text)
	}
}

// What comes first stands before the ranking, and the confidence says why.
func TestFirstAndConfidence(t *testing.T) {
	text := wide(t, large(t))
	first, ranking := strings.Index(text, "First, then nftables"), strings.Index(text, "\nRanking\n")
	if first < 0 || ranking < first {
		t.Errorf("first at %d, ranking at %d", first, ranking)
	}
	for _, want := range []string{
		"Confidence  medium: not everything was read; how clients connect is not known (--connections), and another answer changes the verdict\n",
		"IPVS, 5.4.0-96-generic, kube-proxy v1.33.4. Stays on IPVS until that is settled",
		"iptables, IPVS?, nftables", "?: not known whether it can run there.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	for want, a := range map[string]advisor.Advice{
		"":       {},
		"medium": {Confidence: advisor.Medium},
		"high: 12 combinations of what is not known here were tried, and none changes the verdict": {
			Confidence: advisor.High, ConfidenceBecause: []string{"12 combinations of what is not known here were tried, and none changes the verdict."},
		},
	} {
		if got := page.Confidence(say.Voice{}, a); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	a := advisor.Advice{
		ConfidenceBecause: []string{"not everything was read."}, First: []advisor.Reason{{Text: "renew"}},
		Because: []advisor.Reason{{Text: "a"}, {Text: "renew"}, {Text: "Less sure: not everything was read.", Doubt: true}},
	}
	if got := page.Because(a); len(got) != 1 || len(a.Because) != 3 {
		t.Errorf("because: %v of %v", got, a.Because)
	}
}

func TestGroupsWhereTheyMatter(t *testing.T) {
	calm := advisor.GroupAdvice{Group: "iptables, 6.1.0", Weighs: true, Advice: "Runs iptables: nothing to change."}
	held, leaving := calm, calm
	held.Blockers, leaving.Weighs = []string{"kernel 5.4 is before 5.13"}, false
	for name, c := range map[string]struct {
		groups []advisor.GroupAdvice
		want   bool
	}{
		"none": {nil, false}, "one": {[]advisor.GroupAdvice{calm}, false}, "two": {[]advisor.GroupAdvice{calm, calm}, true},
		"one that is held": {[]advisor.GroupAdvice{held}, true}, "one without a say": {[]advisor.GroupAdvice{leaving}, true},
	} {
		doc := bare()
		doc.Advice.Groups = c.groups
		if got := strings.Contains(wide(t, doc), "\nNode groups\n"); got != c.want {
			t.Errorf("%s: a table: %t", name, got)
		}
	}
	if got := page.GroupAdvice(say.Voice{}, held); !strings.HasSuffix(got, "Held by: kernel 5.4 is before 5.13.") {
		t.Errorf("%q", got)
	}
}

// Capitals are for what is likely to be met.
func TestLikelihoodTonesDown(t *testing.T) {
	for likelihood, loud := range map[reuse.Likelihood]bool{
		reuse.Certain: true, reuse.Likelihood("likely"): true, reuse.UnknownLikelihood: true, reuse.Unlikely: false, reuse.Latent: false,
	} {
		for _, e := range []reuse.Exposure{reuse.StalePod, reuse.SynDelay} {
			doc := large(t)
			doc.Advice.Reuse = []advisor.Reuse{{Group: "IPVS, 5.4", Nodes: 2, Exposure: e, Likelihood: likelihood}}
			text := wide(t, doc)
			if !strings.Contains(text, "; likelihood: "+string(likelihood)+"\n") || strings.Contains(text, "2 nodes, EXPOSED") != loud || strings.Contains(text, "2 nodes, exposed") == loud {
				t.Errorf("%s, %s:\n%s", e, likelihood, text)
			}
			if tone := page.ExposureTone(e, likelihood.Urgent()); (tone == page.Bad) != loud {
				t.Errorf("%s, %s: tone %v", e, likelihood, tone)
			}
		}
	}
	if got := page.Likelihood(say.Voice{}, advisor.Reuse{Exposure: reuse.NotIPVS, Likelihood: reuse.Latent}); got != "" {
		t.Errorf("a group without IPVS: %q", got)
	}
}

// The runbook that was asked for stands in the place of the advice's.
func TestMove(t *testing.T) {
	doc := large(t)
	doc.Move = moving().Move
	text := wide(t, doc)
	for _, want := range []string{"\nRunbook: to IPVS, as asked\n", "\nWhat would differ with IPVS\n", "Whether IPVS can run on every node is not known.", "modprobe -a"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "Write the mode") {
		t.Error("the advised runbook is shown as well")
	}
	doc.Move = &advisor.Move{To: advisor.NFTables, Advised: true}
	if text := wide(t, doc); !strings.Contains(text, "It is the mode that is advised.") || !strings.Contains(text, "There is nothing to run.") {
		t.Errorf("an advised move:\n%s", text)
	}
}

// The fields that were added to the contract are there, and in their words.
func TestNewFieldsInJSON(t *testing.T) {
	doc := large(t)
	doc.Move = moving().Move
	var b bytes.Buffer
	if err := JSON(&b, doc); err != nil {
		t.Fatal(err)
	}
	var got struct {
		ConfidenceBecause, First []any
		Groups                   []struct{ Can map[string]string }
		Ranking                  []struct{ Can string }
		Reuse                    []struct{ Likelihood string } `json:"reuse81775"`
		Move                     struct{ To, Can string }
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.ConfidenceBecause) != 2 || len(got.First) != 1 || got.Groups[1].Can["nftables"] != "no" || got.Ranking[2].Can != "unknown" ||
		got.Reuse[0].Likelihood != "certain" || got.Move.To != "ipvs" || got.Move.Can != "unknown" {
		t.Errorf("%+v", got)
	}
	schemaRefuses(t, "audit-v1.schema.json", "testdata/move.json", map[string]func(map[string]any){
		"a move to nowhere":   func(d map[string]any) { delete(d["move"].(map[string]any), "to") },
		"a fourth value":      func(d map[string]any) { d["move"].(map[string]any)["can"] = "perhaps" },
		"null for first":      func(d map[string]any) { d["first"] = nil },
		"a word for a reason": func(d map[string]any) { d["first"] = []any{"renew"} },
	})
}

// The two counts of ports that a reader meets are told apart.
func TestTwoCountsOfPorts(t *testing.T) {
	load := func(family string, ports, without int) advisor.Fact[advisor.Load] {
		return advisor.KnownFrom(advisor.Load{Family: family, Ports: ports, PortsWithoutEndpoints: without}, "test")
	}
	for _, c := range []struct {
		ports int
		load  advisor.Fact[advisor.Load]
		want  string
	}{
		{4871, load("IPv4", 4871, 54), "54 of them have no usable endpoint"},
		{4871, load("IPv4", 4871, 1), "1 of them has no usable endpoint"},
		{4871, load("IPv6", 4000, 1200), "1,200 of the 4,000 of IPv6 have no usable endpoint"},
		{2, load("IPv4", 2, 2), "none of them has a usable endpoint"},
		{1, load("IPv4", 1, 1), "it has no usable endpoint"},
		{4871, load("IPv4", 4871, 0), ""},
		{4871, advisor.Fact[advisor.Load]{}, ""},
	} {
		if got := page.WithoutEndpoints(say.Voice{}, c.ports, c.load); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if text := wide(t, large(t)); !strings.Contains(text, "4,871 ports (54 of them have no usable endpoint)") {
		t.Errorf("the counts are not explained:\n%s", text)
	}
}
