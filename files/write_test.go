//go:build unix

package files_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"kpadvisor/files"
)

// umasked makes the umask of this process known while a test runs.
func umasked(t *testing.T, mask int) {
	t.Helper()
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

func link(t *testing.T, target string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
	return name
}

func existing(t *testing.T, mode fs.FileMode) string {
	t.Helper()
	name := path(t, "existing", "old content, which is longer")
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
	return name
}

// A regular file is replaced whole, keeps what it had, and nothing lies beside it.
func TestWriteRegular(t *testing.T) {
	umasked(t, 0o027)
	target := path(t, "target", "old")
	hard := existing(t, 0o644)
	if err := os.Link(hard, hard+"2"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file    string // written
		holds   string // what must hold it then, if that is another
		mode    fs.FileMode
		want    fs.FileMode
		inPlace bool
	}{
		"new":               {file: filepath.Join(t.TempDir(), "n"), mode: files.Ordinary, want: 0o640},
		"new, private":      {file: filepath.Join(t.TempDir(), "n"), mode: files.Private, want: 0o600},
		"existing":          {file: existing(t, 0o664), mode: files.Ordinary, want: 0o664},
		"executable":        {file: existing(t, 0o755), mode: files.Ordinary, want: 0o755},
		"existing, private": {file: existing(t, 0o755), mode: files.Private, want: 0o600},
		"link":              {file: link(t, target), holds: target, mode: files.Ordinary, want: 0o640},
		"dangling link":     {file: link(t, filepath.Join(t.TempDir(), "new")), mode: files.Ordinary, want: 0o640},
		"relative link":     {file: link(t, "beside"), mode: files.Ordinary, want: 0o640},
		"hard link":         {file: hard, holds: hard + "2", mode: files.Ordinary, want: 0o644, inPlace: true},
	} {
		t.Run(name, func(t *testing.T) {
			was, _ := os.Stat(c.file)
			wasLink, _ := os.Readlink(c.file)
			if err := files.Check(c.file); err != nil {
				t.Fatal(err)
			}
			before := list(t, filepath.Dir(c.file))
			if err := files.Write(c.file, c.mode, []byte("new\n")); err != nil {
				t.Fatal(err)
			}
			if isLink, _ := os.Readlink(c.file); isLink != wasLink {
				t.Errorf("the link to %q leads to %q", wasLink, isLink)
			}
			for _, file := range []string{c.file, c.holds} {
				if got, err := os.ReadFile(file); file != "" && (err != nil || string(got) != "new\n") {
					t.Errorf("%s: %q, %v", file, got, err)
				}
			}
			is, err := os.Stat(c.file)
			if err != nil || is.Mode() != c.want {
				t.Errorf("mode %v, %v", is.Mode(), err)
			}
			if was != nil && os.SameFile(was, is) != c.inPlace {
				t.Errorf("written in place: %v", os.SameFile(was, is))
			}
			if after := list(t, filepath.Dir(c.file)); len(after) > len(before)+1 || strings.Contains(strings.Join(after, " "), ".kpadvisor") {
				t.Errorf("%v became %v", before, after)
			}
		})
	}
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A device, a pipe and a descriptor of this program are written into, and are after
// that what they were.
func TestWriteInto(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	named := fifo(t)
	reader, err := os.OpenFile(named, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	redirected, err := os.Create(filepath.Join(t.TempDir(), "redirected"))
	if err != nil {
		t.Fatal(err)
	}
	defer redirected.Close()
	fmt.Fprint(redirected, "before ")
	null := filepath.Join(t.TempDir(), "null")
	if err := syscall.Mknod(null, syscall.S_IFCHR|0o666, 1<<8|3); err != nil {
		null = link(t, os.DevNull) // not root
	}
	fd := func(f *os.File) string { return fmt.Sprintf("/dev/fd/%d", f.Fd()) }
	for _, name := range []string{null, link(t, null), fd(w), link(t, fd(w)), named, link(t, named), fd(redirected)} {
		before, _ := os.Lstat(name)
		if err := files.Check(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := files.Write(name, files.Ordinary, []byte("x")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		after, err := os.Lstat(name)
		if err != nil || after.Mode() != before.Mode() {
			t.Errorf("%s is %v, was %v", name, after.Mode(), before.Mode())
		}
	}
	w.Close()
	if got, _ := io.ReadAll(r); string(got) != "xx" {
		t.Errorf("the pipe had %q", got)
	}
	two := make([]byte, 2)
	if _, err := io.ReadFull(reader, two); err != nil || string(two) != "xx" {
		t.Errorf("the fifo had %q, %v", two, err)
	}
	if got, _ := os.ReadFile(redirected.Name()); string(got) != "before x" {
		t.Errorf("the redirected file has %q", got)
	}
}

// Where nothing can be written, Check and Write say so alike, in the user's words.
func TestWriteNowhere(t *testing.T) {
	dir := t.TempDir()
	loop := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		dir: "it is a directory", link(t, dir): "it is a directory", filepath.Join(dir, "new") + "/": "it is a directory",
		filepath.Join(dir, "no", "x"): "there is no directory " + filepath.Join(dir, "no"), "": "it is a directory",
		link(t, filepath.Join(dir, "no", "x")): "there is no directory " + filepath.Join(dir, "no"),
		path(t, "f", "") + "/x":                "not a directory", loop: "too many levels of symbolic links",
		filepath.Join(dir, strings.Repeat("n", 300)): "file name too long", "/proc/new": "no such file or directory",
		"/dev/fd/987654": "descriptor 987654: bad file descriptor",
	} {
		for call, err := range map[string]error{"Check": files.Check(name), "Write": files.Write(name, files.Ordinary, []byte("x"))} {
			var p *fs.PathError
			if call == "Check" && strings.HasPrefix(name, "/dev/fd") {
				continue
			}
			if !errors.As(err, &p) || p.Path != name || p.Err.Error() != want {
				t.Errorf("%s of %s: %v", call, name, err)
			}
		}
	}
	if got := list(t, dir); len(got) != 0 {
		t.Errorf("%v is left", got)
	}
	if err := files.Write("/dev/full", files.Ordinary, []byte("x")); err == nil || !strings.Contains(err.Error(), "write /dev/full: no space left") {
		t.Error(err)
	}
}

func TestNew(t *testing.T) {
	umasked(t, 0o022)
	dir := t.TempDir()
	name := filepath.Join(dir, "report.v1") // what looks like an end of it is none
	both := func(text string) []files.Part {
		return []files.Part{{End: ".md", Content: []byte("md " + text)}, {End: ".json", Content: []byte("json " + text)}}
	}
	for i, want := range []string{"report.v1", "report.v1-2", "report.v1-3", "report.v1-4"} {
		switch i {
		case 1: // what a link leads to is not written to, even if it is not there
			if err := errors.Join(os.Remove(name+".md"), os.Symlink("elsewhere", name+".md"), os.Remove(name+".json")); err != nil {
				t.Fatal(err)
			}
		case 3: // one name that is taken is taken for all
			if err := os.Remove(name + "-3.md"); err != nil {
				t.Fatal(err)
			}
		}
		text := string(byte('0' + i))
		got, err := files.New(name, files.Ordinary, both(text)...)
		if want := []string{filepath.Join(dir, want+".md"), filepath.Join(dir, want+".json")}; err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q, %v, want %q", got, err, want)
		}
		for k, path := range got {
			info, err := os.Stat(path)
			if err != nil || info.Mode() != 0o644 {
				t.Errorf("%v, %v", info, err)
			}
			if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, both(text)[k].Content) {
				t.Errorf("%s holds %q, %v", path, b, err)
			}
		}
	}
	if got := list(t, dir); len(got) != 6 {
		t.Errorf("%v", got)
	}
	if _, err := files.New("/does/not/exist", files.Ordinary, files.Part{End: ".md"}); err == nil || strings.Contains(err.Error(), ".kpadvisor") {
		t.Error(err)
	}
}

// A set of which one cannot be written is none at all.
func TestNewAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	for _, end := range []string{"/in/no/folder", strings.Repeat("x", 300)} {
		_, err := files.New(filepath.Join(dir, "a"), files.Ordinary, files.Part{End: ".md", Content: []byte("x")}, files.Part{End: end}, files.Part{End: ".html"})
		if err == nil || !strings.Contains(err.Error(), "create "+filepath.Join(dir, "a")+end) || strings.Contains(err.Error(), ".kpadvisor") {
			t.Errorf("%v", err)
		}
		if got := list(t, dir); len(got) > 0 {
			t.Errorf("%q left %v", end, got)
		}
	}
}
