package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write packs two binaries and returns the files of the archive.
func write(t *testing.T, i Image) map[string][]byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(t.Context(), &b, i); err != nil {
		t.Fatal(err)
	}
	return unpack(t, &b)
}

func unpack(t *testing.T, r io.Reader) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[h.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
}

func binaries(t *testing.T) []Binary {
	t.Helper()
	dir := t.TempDir()
	var all []Binary
	for _, arch := range []string{"amd64", "arm64"} {
		file := filepath.Join(dir, "program-"+arch)
		if err := os.WriteFile(file, []byte("program for "+arch), 0o600); err != nil {
			t.Fatal(err)
		}
		all = append(all, Binary{OS: "linux", Arch: arch, Path: file})
	}
	return all
}

// blob follows a descriptor, and checks what it says of its blob.
func blob(t *testing.T, files map[string][]byte, d descriptor) []byte {
	t.Helper()
	digest := strings.TrimPrefix(d.Digest, "sha256:")
	content, ok := files["blobs/sha256/"+digest]
	sum := sha256.Sum256(content)
	if !ok || hex.EncodeToString(sum[:]) != digest || int64(len(content)) != d.Size {
		t.Fatalf("blob %s: there %v, %d bytes, said %d", d.Digest, ok, len(content), d.Size)
	}
	return content
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

// TestLayout follows the archive from its index to each program, as an importer does.
func TestLayout(t *testing.T) {
	all := binaries(t)
	files := write(t, Image{Name: "registry.example:5000/team/kpadvisor:v1.2", Program: "kpadvisor", User: "65532:65532", Binaries: all, Files: []File{{"terms", []byte("as is")}}})
	var layout struct{ ImageLayoutVersion string }
	decode(t, files["oci-layout"], &layout)
	if layout.ImageLayoutVersion != "1.0.0" {
		t.Errorf("layout %+v", layout)
	}
	var top, platforms index
	decode(t, files["index.json"], &top)
	if len(top.Manifests) != 1 {
		t.Fatalf("%d images in the index", len(top.Manifests))
	}
	names := top.Manifests[0].Annotations
	if names["io.containerd.image.name"] != "registry.example:5000/team/kpadvisor:v1.2" || names["org.opencontainers.image.ref.name"] != "v1.2" {
		t.Errorf("names %v", names)
	}
	decode(t, blob(t, files, top.Manifests[0]), &platforms)
	if len(platforms.Manifests) != len(all) {
		t.Fatalf("%d platforms, want %d", len(platforms.Manifests), len(all))
	}
	for i, d := range platforms.Manifests {
		if *d.Platform != (platform{OS: "linux", Architecture: all[i].Arch}) {
			t.Errorf("platform %+v", d.Platform)
		}
		var m manifest
		decode(t, blob(t, files, d), &m)
		var c config
		decode(t, blob(t, files, m.Config), &c)
		if c.Architecture != all[i].Arch || c.Config.User != "65532:65532" || c.Config.Entrypoint[0] != "/kpadvisor" {
			t.Errorf("configuration %+v", c)
		}
		zip, err := gzip.NewReader(bytes.NewReader(blob(t, files, m.Layers[0])))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(zip)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(plain)
		if c.RootFS.DiffIDs[0] != "sha256:"+hex.EncodeToString(sum[:]) {
			t.Error("the configuration names another layer")
		}
		root := unpack(t, bytes.NewReader(plain))
		if len(root) != 2 || string(root["terms"]) != "as is" || string(root["kpadvisor"]) != "program for "+all[i].Arch {
			t.Errorf("the root holds %v", root)
		}
	}
}

// TestReproducible: nothing of the time or the machine is in the archive.
func TestReproducible(t *testing.T) {
	i := Image{Name: "kpadvisor:test", Program: "kpadvisor", Binaries: binaries(t)}
	var a, b bytes.Buffer
	if err := errors.Join(Write(t.Context(), &a, i), Write(t.Context(), &b, i)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two archives of the same binaries differ")
	}
}

// failing is a disk that is full after some bytes.
type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

func TestErrors(t *testing.T) {
	good := Image{Name: "kpadvisor:test", Program: "kpadvisor", Binaries: binaries(t)}
	for left := range 6 {
		if err := Write(t.Context(), &failing{left * 512}, good); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("full after %d bytes: %v", left*512, err)
		}
	}
	gone := good
	gone.Binaries = []Binary{{OS: "linux", Arch: "amd64", Path: filepath.Join(t.TempDir(), "none")}}
	if err := Write(t.Context(), io.Discard, gone); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a binary that is not there: %v", err)
	}
	if err := Write(t.Context(), io.Discard, Image{Name: "x"}); err == nil {
		t.Error("an image without a program was written")
	}
}

func TestTag(t *testing.T) {
	for name, want := range map[string]string{
		"kpadvisor": "latest", "kpadvisor:v1": "v1", "host:5000/kpadvisor": "latest", "host:5000/a/b:c": "c",
	} {
		if got := tag(name); got != want {
			t.Errorf("tag of %s is %q, want %q", name, got, want)
		}
	}
}
