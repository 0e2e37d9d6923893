package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"kpadvisor/plain"
)

func some() Kept {
	return Kept{
		Answers: map[string]Answer{"connections": {"short", time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)}},
		Steps:   map[string][]string{"nftables": {"0123456789abcdef", "fedcba9876543210"}},
	}
}

// TestRoundTrip: what was kept for a cluster is found again, for no other, and until it
// is forgotten.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	s := In(filepath.Join(t.TempDir(), "a", "kpadvisor"))
	key := Key("prod", "10.0.0.1:6443")
	if k, err := s.Read(t.Context(), key); err != nil || !k.Empty() {
		t.Fatalf("before anything was kept: %+v, %v", k, err)
	}
	if err := s.Write(key, some()); err != nil {
		t.Fatal(err)
	}
	if k, err := s.Read(t.Context(), key); err != nil || !reflect.DeepEqual(k, some()) {
		t.Errorf("%+v, %v", k, err)
	}
	for _, other := range []string{Key("prod", "10.0.0.2:6443"), Key("prod1", "0.0.0.1:6443"), Key("", "prod10.0.0.1:6443")} {
		if k, err := s.Read(t.Context(), other); err != nil || !k.Empty() {
			t.Errorf("another cluster: %+v, %v", k, err)
		}
	}
	if err := s.Write(key, Kept{}); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(s.dir); len(left) != 0 {
		t.Errorf("of nothing is left: %v", left)
	}
	if err := s.Write(key, Kept{}); err != nil {
		t.Errorf("forgotten twice: %v", err)
	}
}

// TestTicksOfAnEditor: whoever edits a file need not know how ticks are written.
func TestTicksOfAnEditor(t *testing.T) {
	t.Parallel()
	k, err := decode([]byte(`{"version":1,"steps":{"nftables":["b","a","b"],"ipvs":[]}}`))
	if want := map[string][]string{"nftables": {"a", "b"}}; err != nil || !reflect.DeepEqual(k.Steps, want) {
		t.Errorf("%v, %v", k.Steps, err)
	}
}

// TestPrivate: nobody else may read what is kept, also where the folder was there, and a
// name of a cluster stands nowhere.
func TestPrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("modes are those of Unix")
	}
	for _, before := range []fs.FileMode{0, 0o755} {
		dir := filepath.Join(t.TempDir(), "kpadvisor")
		if before != 0 {
			if err := os.Mkdir(dir, before); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, Key("prod", "x")+".json"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := In(dir).Write(Key("prod", "x"), some()); err != nil {
			t.Fatal(err)
		}
		folder, err := os.Stat(dir)
		if err != nil || folder.Mode().Perm() != 0o700 {
			t.Errorf("the folder is %v, %v", folder.Mode(), err)
		}
		all, err := os.ReadDir(dir)
		if err != nil || len(all) != 1 {
			t.Fatalf("%v, %v", all, err)
		}
		info, err := all[0].Info()
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("the file is %v, %v", info.Mode(), err)
		}
		text, err := os.ReadFile(filepath.Join(dir, all[0].Name()))
		if err != nil || strings.Contains(all[0].Name()+string(text), "prod") {
			t.Errorf("%s holds %s, %v", all[0].Name(), text, err)
		}
	}
}

// TestNothing: without a folder nothing is read and nothing written.
func TestNothing(t *testing.T) {
	t.Parallel()
	var s Store
	if err := s.Write("key", some()); err != nil {
		t.Error(err)
	}
	if k, err := s.Read(t.Context(), "key"); err != nil || !k.Empty() {
		t.Errorf("%+v, %v", k, err)
	}
	if _, err := os.Stat("key.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("something was written here")
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ xdg, home, want string }{
		{"/state", "/home/me", "/state/kpadvisor"},
		{"", "/home/me", "/home/me/.local/state/kpadvisor"},
		{"relative", "/home/me", "/home/me/.local/state/kpadvisor"},
		{"", "relative", ""},
		{"", "", ""},
	} {
		env := map[string]string{"XDG_STATE_HOME": tt.xdg, "HOME": tt.home}
		if got := Folder(func(name string) string { return env[name] }); got != filepath.FromSlash(tt.want) {
			t.Errorf("%q and %q: %q, want %q", tt.xdg, tt.home, got, tt.want)
		}
	}
}

// TestHostileFiles: whatever stands in a file, it is used as a whole or not at all, and
// why not is short and harmless.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	many := func(n int, item string) string {
		var all []string
		for i := range n {
			all = append(all, strings.ReplaceAll(item, "#", fmt.Sprint(i)))
		}
		return strings.Join(all, ",")
	}
	s := In(t.TempDir())
	for name, text := range map[string]string{
		"empty": "", "cut": `{"version":1,"answers":{"conn`, "no JSON": "\x00\x01\x1b[2J", "another kind": `[1]`, "null": "null",
		"no version": `{}`, "a later version": `{"version":2,"answers":{}}`, "a huge version": `{"version":99999999999999999999}`,
		"a field that nobody knows": `{"version":1,"facts":{}}`,
		"no day":                    `{"version":1,"answers":{"connections":{"value":"short","on":"\u001b[2Jyesterday"}}}`,
		"an empty value":            `{"version":1,"answers":{"connections":{"value":"","on":"2026-11-28"}}}`,
		"a long value":              `{"version":1,"answers":{"connections":{"value":"` + strings.Repeat("x", 65) + `","on":"2026-11-28"}}}`,
		"a value that is obeyed":    `{"version":1,"answers":{"connections":{"value":"\u001b]0;x\u0007","on":"2026-11-28"}}}`,
		"a step that hides":         `{"version":1,"steps":{"nftables":["\u202e"]}}`,
		"many answers":              `{"version":1,"answers":{` + many(65, `"a#":{"value":"x","on":"2026-11-28"}`) + `}}`,
		"many modes":                `{"version":1,"steps":{` + many(9, `"m#":["x"]`) + `}}`,
		"many steps":                `{"version":1,"steps":{"nftables":[` + many(257, `"#"`) + `]}}`,
		"too large":                 `{"version":1}` + strings.Repeat(" ", mostBytes),
		"deep":                      strings.Repeat("[", 60_000),
	} {
		if err := os.WriteFile(s.path("k"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := s.Read(t.Context(), "k")
		var path *fs.PathError
		if err == nil || !k.Empty() || !errors.As(err, &path) {
			t.Errorf("%s: %+v, %v", name, k, err)
			continue
		}
		if said := path.Err.Error(); len(said) > 200 || !plain.Safe(said) {
			t.Errorf("%s: %q", name, said)
		}
	}
}

// TestNoOrdinaryFile: what could wait for ever or never end is not opened.
func TestNoOrdinaryFile(t *testing.T) {
	t.Parallel()
	s := In(t.TempDir())
	if err := os.Mkdir(s.path("folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", s.path("zero")); err != nil {
		t.Skip(err)
	}
	for _, key := range []string{"folder", "zero"} {
		if k, err := s.Read(context.Background(), key); err == nil || !k.Empty() {
			t.Errorf("%s: %+v, %v", key, k, err)
		}
	}
}

// FuzzDecode: what is taken from a file is within bounds, and is written as it was read.
func FuzzDecode(f *testing.F) {
	text, err := some().encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"version":1,"answers":{"a":{"value":"b","on":"0000-01-01"}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := decode(text)
		if err != nil {
			return
		}
		again, err := k.encode()
		if err != nil {
			t.Fatal(err)
		}
		if len(k.Answers) > mostAnswers || len(k.Steps) > mostModes {
			t.Fatalf("%d answers, %d modes", len(k.Answers), len(k.Steps))
		}
		if back, err := decode(again); err != nil || !reflect.DeepEqual(back, k) {
			t.Fatalf("%+v became %+v, %v", k, back, err)
		}
	})
}
