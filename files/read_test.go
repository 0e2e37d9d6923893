//go:build unix

package files_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"kpadvisor/files"
)

func path(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func fifo(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// What is larger than the bound is refused by it, and what is known to be larger is
// not begun.
func TestReadIsBounded(t *testing.T) {
	sparse := path(t, "sparse", "")
	if err := os.Truncate(sparse, 1<<40); err != nil {
		t.Fatal(err)
	}
	endless := fifo(t)
	go func() {
		if f, err := os.OpenFile(endless, os.O_WRONLY, 0); err == nil {
			_, _ = io.Copy(f, zeros{}) // until the reader has enough
			f.Close()
		}
	}()
	socket := filepath.Join(t.TempDir(), "socket")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	loop := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"/dev/zero":                    "it is larger than 1 MiB",
		sparse:                         "it is larger than 1 MiB",
		"/proc/kcore":                  "it is larger than 1 MiB",
		endless:                        "it is larger than 1 MiB",
		"/":                            "it is a directory",
		socket:                         "it is a socket",
		loop:                           "too many levels of symbolic links",
		filepath.Join(sparse, "x"):     "not a directory",
		"/does/not/exist":              "no such file or directory",
		"":                             "no such file or directory",
		"a\x00b":                       "invalid argument",
		"/" + strings.Repeat("n", 300): "file name too long",
	} {
		if name == "/proc/kcore" {
			if _, err := os.Stat(name); err != nil {
				continue // hidden in a container
			}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := files.Read(t.Context(), name, 1<<20)
		runtime.ReadMemStats(&after)
		var p *fs.PathError
		if !errors.As(err, &p) || p.Path != name || p.Err.Error() != want {
			t.Errorf("%q: %v", name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
			t.Errorf("%q: %d bytes were taken", name, used)
		}
	}
	if _, err := files.From(t.Context(), zeros{}, 1000); err == nil || err.Error() != "it is larger than 1000 bytes" {
		t.Error(err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestRead(t *testing.T) {
	pipe, late := fifo(t), fifo(t)
	go func() { _ = os.WriteFile(pipe, []byte("by pipe"), 0) }()
	go func() {
		f, err := os.OpenFile(late, os.O_WRONLY, 0)
		if err == nil {
			f.Close()
		}
	}()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	fmt.Fprint(w, "anonymous")
	w.Close()
	for name, want := range map[string]string{
		path(t, "a", "content"): "content", path(t, "full", "0123456789"): "0123456789", "/dev/null": "",
		pipe: "by pipe", late: "", fmt.Sprintf("/dev/fd/%d", r.Fd()): "anonymous",
	} {
		if got, err := files.Read(t.Context(), name, 10); string(got) != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// A read that waits ends with its context, and leaves no goroutine and no descriptor
// but what the system cannot be made to let go.
func TestReadEnds(t *testing.T) {
	silent := fifo(t)
	holder, err := os.OpenFile(silent, os.O_RDWR, 0) // a writer that says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	before := runtime.NumGoroutine()
	for name, file := range map[string]string{"nobody writes": fifo(t), "the writer is silent": silent} {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, err := files.Read(ctx, file, 100)
			ended <- err
		}()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines were %d", runtime.NumGoroutine(), before)
		}
	}
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := files.From(ctx, r, 100); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
