package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"kpadvisor/ui/page"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

func probeCases(t *testing.T) map[string]page.Probe {
	return map[string]page.Probe{"compared": compared(t), "same": same(t), "troubled": troubled(t), "dialed": dialed(t), "refused": refused(t), "incluster": inCluster(t), "nodes": fourNodes(t), "lab": fourModes(t)}
}

func TestProbeGolden(t *testing.T) {
	formats := goldenFormats(Probes())
	formats["105.txt"] = Probes().in(Style{Width: 105})
	compareGoldens(t, "probe-", probeCases(t), formats)
}

// Two targets stand side by side from 105 columns on, and one below the other
// on a narrower page; the same times stand in both.
func TestTimesSideBySide(t *testing.T) {
	for w, want := range map[int]string{80: "\n  A (iptables)\n", 97: "\n  A (iptables)\n", 130: "  A (iptables) | B (nftables)\n"} {
		var b bytes.Buffer
		if err := Text(&b, compared(t).Page(), Style{Width: w}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("at %d columns %q is missing:\n%s", w, want, b.String())
		}
	}
}

func TestNoProbeLineIsWiderThanThePage(t *testing.T) {
	checkWidths(t, Probes(), probeCases(t), func(p page.Probe, line string) bool { return strings.TrimSpace(line) == p.Command })
}

// Whatever the run says in words stands in every format.
func TestSameProbeEverywhere(t *testing.T) {
	p, texts := troubled(t), map[string]string{}
	for name, part := range map[string]any{
		"Finding": &p.Result.Findings, "Notes": &p.Result.Notes, "Why": &p.Result.SelfCheck.Why, "Budget": &p.Result.Budget.Why,
		"Version": &p.Result.Environment.Version, "Kernel": &p.Result.Environment.Kernel, "System": &p.Result.Environment.System,
		"Go": &p.Result.Environment.Go, "Engine": &p.Result.Environment.Engine, "Other": &p.Result.Series[0].OtherError,
		"Address": &p.Result.Series[1].Resolved, "Stopped": &p.Result.Stopped,
	} {
		fill(reflect.ValueOf(part).Elem(), name, texts)
	}
	target := p.Result.Findings[0].Target
	for _, s := range []*probe.Series{&p.Result.Series[0], &p.Result.Series[1]} {
		s.Target.Host = "host" + s.Target.Name
		texts["Host "+s.Target.Name] = s.Target.Host
	}
	p.Result.Series[0].Target.Name = target // so that the finding is its own
	for _, w := range p.Result.Compare(0, 1).Warnings {
		texts["warning "+w] = w
	}
	if len(texts) < 15 {
		t.Errorf("only %d texts were looked for", len(texts))
	}
	for format, write := range map[string]func(io.Writer, page.Probe) error{"text": Probes().in(Style{Width: 400}), "Markdown": Probes().markdown, "CSV": ProbeCSV, "JSON": ProbeJSON} {
		var b bytes.Buffer
		if err := write(&b, p); err != nil {
			t.Fatal(err)
		}
		for what, text := range texts {
			if !strings.Contains(b.String(), text) {
				t.Errorf("%s lacks %s: %q", format, what, text)
			}
		}
	}
}

func TestProbeCSV(t *testing.T) {
	var b bytes.Buffer
	if err := ProbeCSV(&b, compared(t)); err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(all[0], ","); got != "target,phase,stat,value_ns,value" {
		t.Errorf("head %s", got)
	}
	seen := map[string]string{}
	for _, row := range all[1:] {
		if row[3] != "" && row[4] != "" {
			t.Errorf("a time and a word in one row: %q", row)
		}
		seen[strings.Join(row[:3], " ")] = row[3] + row[4]
	}
	for what, want := range map[string]string{
		"A handshake max": "4200000", "B connect n": "602", "A - B handshake median difference": "11900",
		"A - B handshake detected": "true", "A  failed: refused": "0", "A  mode": "iptables",
	} {
		if seen[what] != want {
			t.Errorf("%s is %q, want %q", what, seen[what], want)
		}
	}
	for in, want := range map[string]string{"=1+1": "'=1+1", "-x": "'-x", "a=b": "a=b", "": ""} {
		if got := plain.Cell(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestProbeFailingWriter(t *testing.T) {
	checkFailingWriter(t, goldenFormats(Probes()), troubled(t))
}

func TestProbeHostileStrings(t *testing.T) {
	p := troubled(t)
	p.Result.Series[0].OtherError, p.Result.Series[0].Target.Host = hostile, hostile
	p.Result.Findings[0].How, p.Result.Notes[0], p.Result.Environment.Kernel = hostile, hostile, hostile
	p.Result.Budget.Why, p.Result.SelfCheck.Why[0] = hostile, hostile
	checkHostile(t, map[string]func(io.Writer, page.Probe) error{"text": Probes().in(Style{}), "wide": Probes().in(Style{Width: 120}), "md": Probes().markdown, "csv": ProbeCSV}, p)
}

// Every field of a document is in the schema, so that one added to the engine's
// file is documented as well.
func documented(t *testing.T, path string, schema, doc any, defs map[string]any) {
	t.Helper()
	s, _ := schema.(map[string]any)
	if ref, ok := s["$ref"].(string); ok {
		s = defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	switch d := doc.(type) {
	case map[string]any:
		known, _ := s["properties"].(map[string]any)
		for name, v := range d {
			sub, ok := known[name]
			if !ok {
				sub, ok = s["additionalProperties"]
			}
			if !ok {
				t.Errorf("%s.%s is not in the schema", path, name)
				continue
			}
			documented(t, path+"."+name, sub, v, defs)
		}
	case []any:
		for _, v := range d {
			documented(t, path+"[]", s["items"], v, defs)
		}
	}
}

func TestProbeFitsTheSchema(t *testing.T) {
	const schema = "probe-v1.schema.json"
	result := filepath.Join("..", "..", "probe", "testdata", "result.json")
	docs := map[string]any{result: readJSON(t, result)}
	for name := range probeCases(t) {
		docs[name] = readJSON(t, filepath.Join("testdata", "probe-"+name+".json"))
	}
	fitsSchema(t, schema, docs)
	schemaRefuses(t, schema, filepath.Join("testdata", "probe-compared.json"), map[string]func(map[string]any){
		"another schema":      func(d map[string]any) { d["schema"] = "kpadvisor.audit/v1" },
		"neither run nor why": func(d map[string]any) { delete(d, "targets") },
		"a time in words":     func(d map[string]any) { d["elapsedNs"] = "12 s" },
		"a renamed difference": func(d map[string]any) {
			delete(d["comparison"].(map[string]any)["handshake"].(map[string]any), "medianDiffNs")
		},
	})
}

// What JSON writes can be read and shown again, word for word.
func TestProbeShownAgain(t *testing.T) {
	for name, p := range probeCases(t) {
		if p.Empty() {
			continue
		}
		var file, first, second bytes.Buffer
		if err := ProbeJSON(&file, p); err != nil {
			t.Fatal(err)
		}
		r, err := probe.Read(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again := p
		again.Result = r
		for _, write := range []func(io.Writer, page.Probe) error{Probes().in(Style{Width: 110}), ProbeCSV, Probes().markdown, ProbeJSON} {
			first.Reset()
			second.Reset()
			if err := errors.Join(write(&first, p), write(&second, again)); err != nil {
				t.Fatal(err)
			}
			if first.String() != second.String() {
				t.Errorf("%s:\n%s\nbecomes\n%s", name, first.String(), second.String())
			}
		}
	}
}
