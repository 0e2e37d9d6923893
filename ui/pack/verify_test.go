package pack

import (
	"errors"
	"strings"
	"testing"

	"kpadvisor/ui/page"
	"kpadvisor/ui/report/html"
)

// TestEveryByteCounts: a file in which any byte is another one, is missing or is too many
// is not the same.
func TestEveryByteCounts(t *testing.T) {
	r := requests(t)["typed"]
	_, file := made(t, r)
	tried := 0
	for at := 0; at < len(file); at += len(file)/150 + 1 {
		for _, changed := range []string{
			file[:at] + string(file[at]^1) + file[at+1:], file[:at] + file[at+1:], file[:at] + " " + file[at:], file[:at],
		} {
			if changed == file {
				continue
			}
			tried++
			v, err := Verify([]byte(changed), r.Version)
			if v.Same {
				t.Fatalf("byte %d is another, and it is the same", at)
			}
			if err == nil && (v.Differ.Where == "" || v.Differ.Line < 1) {
				t.Errorf("byte %d: %+v", at, v.Differ)
			}
		}
	}
	if tried < 400 {
		t.Errorf("only %d", tried)
	}
}

// TestDiffer: the first difference is named by its section.
func TestDiffer(t *testing.T) {
	r := requests(t)["demo-mixed to nftables"]
	_, file := made(t, r)
	for _, c := range []struct{ old, changed, where, has, wants string }{
		{"To go back", "Never go back", `in the section "Rollback"`, "Never go back", "To go back"},
		{"<title>", "<title>A ", "before the first section", "<title>A Change", "<title>Change"},
		{"DEMO, not your cluster", "Your cluster", "before the first section", "Your cluster", "DEMO, not"},
		{"&#34;answers&#34;: []", "&#34;answers&#34;: [ ]", `in the section "How to check this document"`, "SHA-256", "SHA-256"},
		{"</html>\n", "</html>\nmore", "in the data at its end", "more", ""},
		{`<section id="rollback">`, `<section id="runback">`, `in the section "Rollback"`, "runback", "rollback"},
	} {
		changed := strings.Replace(file, c.old, c.changed, 1)
		if changed == file {
			t.Fatalf("there is no %q", c.old)
		}
		v, err := Verify([]byte(changed), r.Version)
		if err != nil || v.Same || v.Differ.Where != c.where || !strings.Contains(v.Differ.Has, c.has) || !strings.Contains(v.Differ.Wants, c.wants) {
			t.Errorf("%q: %+v, %v", c.changed, v, err)
		}
	}
	// Other data make another document.
	changed := strings.Replace(file, "&#34;to&#34;: &#34;nftables&#34;", "&#34;to&#34;: &#34;ipvs&#34;", 1)
	if v, err := Verify([]byte(changed), r.Version); err != nil || v.Same || v.Differ.Where != "before the first section" {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestOtherVersion(t *testing.T) {
	_, file := made(t, requests(t)["typed"])
	// A build without a version of its own cannot tell that it is the one.
	for _, version := range []string{"devel", "devel-0123456789ab", "v0.0.0-20261130120000-0123456789ab+dirty", "unknown"} {
		r := requests(t)["typed"]
		r.Version = version
		_, file := made(t, r)
		if v, err := Verify([]byte(file), version); err != nil || !v.Same {
			t.Errorf("%s: what it made itself: %+v, %v", version, v, err)
		}
		var other *OtherVersionError
		if _, err := Verify([]byte(strings.Replace(file, "Rollback", "Roll", 1)+" "), version); !errors.As(err, &other) || !other.Unnamed() {
			t.Errorf("%s: %v", version, err)
		}
	}
	var other *OtherVersionError
	if _, err := Verify([]byte(file), "v2"); !errors.As(err, &other) || err.Error() != "it was made by kpadvisor v1.2.3, and this is v2: they cannot be compared" {
		t.Errorf("%v", err)
	}
}

// TestRefuses: what nobody can have made is refused in one sentence.
func TestRefuses(t *testing.T) {
	r := requests(t)["demo-mixed measured"]
	d, _ := made(t, r)
	with := func(old, changed string) string {
		text := strings.Replace(d.Data, old, changed, 1)
		if text == d.Data {
			t.Fatalf("there is no %s in the data", old)
		}
		return html.Page(page.Document{Data: text})
	}
	for _, c := range []struct{ file, want string }{
		{"", "no data"},
		{"<!DOCTYPE html><p>hello</p>", "no data"},
		{html.Page(page.Document{Data: "what"}), "it is no JSON"},
		{html.Page(page.Document{Data: `{"schema": "kpadvisor.audit/v1", "version": "v1.2.3"}`}), "not those of a change request"},
		{html.Page(page.Document{Data: `{"schema": "kpadvisor.change/v9", "version": "v1.2.3"}`}), `schema is "kpadvisor.change/v9" and this version reads`},
		{with(`"language": "en"`, `"language": "tlh"`), "tlh"},
		{with(`"version": "v1.2.3",`, `"version": "v1.2.3", "to": "userspace",`), "userspace"},
		{with(`"value": "short"`, `"value": "often"`), "often"},
		{with(`"a": "iptables"`, `"a": "fast"`), `there is no mode "fast"`},
		{with(`"a": "iptables"`, `"a": "nftables"`), "nftables is compared with itself"},
		{with(`"services": 900`, `"services": -1`), "-1 is no count"},
		{with(`"blocks": 6`, `"blocks": 10000000000`), "is no count"},
		{with(`"lowNs": `, `"lowNs": 9`), "outside its interval"},
		{with(`"outcome": "crosses"`, `"outcome": "wins"`), "wins"},
		{with(`"kernel": "`, `"kernel": "`+strings.Repeat("x", mostWords)), "bytes is longer than 4,000"},
		{with(`"comparisons": [`, `"comparisons": [`+strings.Repeat("{},", mostRows)), "1,001 rows are more than 1,000"},
		{with(`"differences": [`, `"differences": [`+strings.Repeat("{},", mostRows)), "rows are more than 1,000"},
		{with(`"drills": [`, `"drills": [`+strings.Repeat("{},", mostRows)), "rows are more than 1,000"},
		{with(`"rows": [`, `"rows": [`+strings.Repeat("{},", mostRows)), "rows are more than 1,000"},
		{with(`"backend": "legacy"`, `"backend": "old"`), "old"},
		{with(`"arrival": "cold"`, `"arrival": "late"`), "late"},
		{with(`"services": 100,`, `"services": 5000,`), "do not ascend"},
		{with(`"mode": "ipvs"`, `"mode": "warp"`), "warp"},
		{with(`"seen": "`, `"seen": "ghosts `), `a drill does not see "ghosts `},
		{with(`"drills": [`, `"drills": [`+strings.Repeat(`{"rows": [`+strings.Repeat("{},", 999)+`{}]},`, 11)), "rows are more than 10,000"},
		{with(`"medianDiffNs": `, `"medianDiffNs": 99999999999999`), "measured.comparisons"},
		{with("kpadvisor.snapshot/v1", "kpadvisor.snapshot/v7"), "kpadvisor.snapshot/v7"},
		{with(`"state": "known"`, `"state": "maybe"`), "maybe"},
		{with(`"snapshot": {`, `"snapshot": 7, "old": {`), "cannot be used"},
	} {
		v, err := Verify([]byte(c.file), r.Version)
		if err == nil || v.Same || !strings.Contains(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := Verify(make([]byte, MostBytes+1), "v1"); err == nil || !strings.Contains(err.Error(), "larger than 64 MiB") {
		t.Errorf("%v", err)
	}
}

// FuzzVerify: no file breaks it, and none is the same but what its data make.
func FuzzVerify(f *testing.F) {
	page := func(data string) string { return html.Page(page.Document{Data: data}) }
	for _, name := range []string{"nothing", "typed", "demo-short to ipvs"} {
		d, _ := made(f, requests(f)[name])
		f.Add(d.Data)
	}
	f.Add("")
	f.Add("</pre><pre class=\"data\">")
	f.Fuzz(func(t *testing.T, data string) {
		file := page(data)
		v, err := Verify([]byte(file), "v1.2.3")
		switch {
		case err != nil && (strings.ContainsAny(err.Error(), "\n\x1b") || err.Error() == ""):
			t.Errorf("%q", err)
		case err != nil:
			return
		case v.Same:
			t.Error("a page without a section is the same")
		}
		text, _ := html.Data(file)
		d, err := build(text, true)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Verify([]byte(html.Page(d)), "v1.2.3"); err != nil || !again.Same {
			t.Errorf("what was made is not the same: %+v, %v", again, err)
		}
	})
}
