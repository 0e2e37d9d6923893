package html

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"kpadvisor/plain/plaintest"
)

// skip leaves out what this machine cannot run; make test accepts no gap.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("KPADVISOR_REQUIRE_ALL") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// site serves a page and a frame that looks at it, and remembers what it was asked for.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

//go:embed testdata/look.html
var look string

func newSite(t *testing.T, p string) *site {
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path)
		s.mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/look":
			_, _ = w.Write([]byte(look))
		case "/page":
			_, _ = w.Write([]byte(p))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// seen is what the frame found wrong at each width.
type seen struct {
	Width                        int
	Dark                         bool
	Texts                        int      // looked at
	Wide, Covered, Outside, Pale []string // what is wrong
	Opened                       []string // texts that stand behind a row or under a picture, and are shown
	Asked                        []string // of the network
}

// browse opens a page in a browser and looks at it in several widths.
func browse(t *testing.T, p string, arguments ...string) ([]seen, []string) {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		skip(t, "chromium is not installed: apt-get install chromium")
	}
	s := newSite(t, p)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, chromium, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--hide-scrollbars", "--user-data-dir=" + t.TempDir(), "--enable-logging=stderr", "--virtual-time-budget=5000", "--dump-dom", s.URL + "/look",
	}, arguments...)...)
	var problems strings.Builder
	cmd.Stderr, cmd.WaitDelay = &problems, 5*time.Second
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("chromium: %v: %s", err, problems.String())
	}
	doc, err := html.Parse(strings.NewReader(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	var found []seen
	walk(doc, func(n *html.Node, _ int) {
		if attribute(n, "id") == "found" {
			err = json.Unmarshal([]byte(spoken(n)), &found)
		}
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%v in what the frame found: %s\n%s", err, out, problems.String())
	}
	var said []string
	for line := range strings.Lines(problems.String()) {
		if strings.Contains(line, "CONSOLE") {
			said = append(said, line)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, path := range s.asked {
		if path != "/look" && path != "/page" && path != "/favicon.ico" { // the last is asked for by the frame
			said = append(said, "asked for "+path)
		}
	}
	return found, said
}

// TestBrowser: in light and dark, on a phone, on a screen and between, nothing leaves the
// page, covers something else or is too pale to be read; nothing is asked for.
func TestBrowser(t *testing.T) {
	const light, dark = "--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0"
	filled := func(text string) string { return Page(document(func(v any) { plaintest.Fill(v, text) })) }
	for _, c := range []struct{ name, page, scheme string }{
		{"every block", Page(every()), light},
		{"every block", Page(every()), dark},
		{"hostile", filled(plaintest.Hostile), dark},
		{"long words", filled(strings.Repeat("node-pool.eu-central-1.example/", 8)), light},
		{"numbers", Page(document(func(v any) { eachNumber(reflect.ValueOf(v).Elem(), 120) })), light},
	} {
		found, said := browse(t, c.page, c.scheme)
		if len(said) > 0 {
			t.Errorf("%s: %q", c.name, said)
		}
		for _, f := range found {
			if f.Dark != (c.scheme == dark) || f.Texts < 50 {
				t.Fatalf("%s: %d texts seen, dark %v", c.name, f.Texts, f.Dark)
			}
			f.check(t, c.name)
			if len(f.Opened) > 0 {
				t.Errorf("%s: open unasked: %q", c.name, f.Opened)
			}
		}
	}
}

func (f seen) check(t *testing.T, name string) {
	t.Helper()
	for what, all := range map[string][]string{"wider than the page": f.Wide, "covered": f.Covered, "outside": f.Outside, "too pale": f.Pale, "asked for": f.Asked} {
		if len(all) > 0 {
			t.Errorf("%s, %d wide, dark %v: %s: %.1000q", name, f.Width, f.Dark, what, all)
		}
	}
}

// TestBrowserSees: the frame finds what it is there to find.
func TestBrowserSees(t *testing.T) {
	found, said := browse(t, `<!DOCTYPE html><html lang="en"><meta http-equiv="Content-Security-Policy" content="`+policy+`"><title>x</title><style>body{margin:0;background:#fff}</style>
<p style="color:#eee">pale</p><div style="width:3000px">wide</div><p style="margin-left:-20px">outside</p><details open><summary>x</summary>open</details>
<svg width="100" height="20"><text x="0" y="10">one</text><text x="3" y="10">two</text></svg><img src="/picture.png"><script>alert(1)</script>`)
	for _, f := range found {
		for i, all := range [][]string{f.Wide, f.Covered, f.Outside, f.Pale, f.Opened, f.Asked} {
			if len(all) != 1 {
				t.Errorf("%d: %+v", i, f)
			}
		}
	}
	if len(said) == 0 {
		t.Error("nothing said of the script")
	}
}

// TestPaper: what can be opened is open on paper.
func TestPaper(t *testing.T) {
	found, _ := browse(t, strings.ReplaceAll(Page(every()), "@media print", "@media all"))
	for _, f := range found {
		if f.Width != 700 { // that of A4 between its margins
			continue
		}
		if f.check(t, "paper"); !slices.Contains(f.Opened, "node-1 to node-180") {
			t.Errorf("open on paper: %q", f.Opened)
		}
	}
}
