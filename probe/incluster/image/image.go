// Package image writes a container image that holds one static program and
// nothing else, as an OCI image layout in a tar archive: what a Dockerfile with
// FROM scratch and one COPY would build, without a Docker daemon.
//
// containerd, Podman, Skopeo, kind and Docker from 25 on read it. It is made
// with archive/tar and encoding/json alone: a layout is five kinds of small JSON
// documents, and a library for it would bring in clients of registries.
//
// The same binaries give the same archive, byte for byte.
package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"kpadvisor/files"
)

// Image is what an archive holds: one program, built for one platform or more.
type Image struct {
	Name     string // what it is called once it was loaded: "registry.example/kpadvisor:v1"
	Program  string // file name in the image's root, and its entry point
	User     string // "uid:gid", numbers: there is no /etc/passwd
	Binaries []Binary
	Files    []File // beside the program
}

// File is one that every platform's image holds in its root.
type File struct {
	Name    string
	Content []byte
}

// Binary is the program for one platform, as Go names it.
type Binary struct {
	OS, Arch string
	Path     string // of a static binary on this machine
}

// The media types of an OCI image (image-spec 1.1).
const (
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// descriptor points to a blob.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Platform    *platform         `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
}

type index struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Manifests     []descriptor `json:"manifests"`
}

type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
}

// config is what a runtime reads; see image-spec config.md.
type config struct {
	Created string `json:"created"`
	platform
	Config struct {
		User       string   `json:"User,omitempty"`
		Entrypoint []string `json:"Entrypoint"`
		WorkingDir string   `json:"WorkingDir"`
	} `json:"config"`
	RootFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
	History []history `json:"history"`
}

type history struct {
	Created   string `json:"created"`
	CreatedBy string `json:"created_by"`
}

// epoch is the time of everything, so that an archive depends on its content alone.
func epoch() time.Time { return time.Unix(0, 0).UTC() }

// Write writes the archive. It holds the compressed binaries in memory.
func Write(ctx context.Context, w io.Writer, i Image) error {
	if i.Name == "" || i.Program == "" || len(i.Binaries) == 0 {
		return errors.New("an image needs a name, a program and at least one binary")
	}
	a := &archive{tar: tar.NewWriter(w), written: map[string]bool{}}
	all := index{SchemaVersion: 2, MediaType: typeIndex}
	for _, b := range i.Binaries {
		d, err := a.platform(ctx, i, b)
		if err != nil {
			return fmt.Errorf("could not put %s into the image: %w", b.Path, err)
		}
		all.Manifests = append(all.Manifests, d)
	}
	d, err := a.document(typeIndex, all)
	if err != nil {
		return err
	}
	d.Annotations = map[string]string{"io.containerd.image.name": i.Name, "org.opencontainers.image.ref.name": tag(i.Name)}
	top, err := json.Marshal(index{SchemaVersion: 2, MediaType: typeIndex, Manifests: []descriptor{d}})
	if err != nil {
		return err
	}
	a.file("index.json", top, 0o644)
	a.file("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644)
	if err := errors.Join(a.err, a.tar.Close()); err != nil {
		return fmt.Errorf("could not write the image: %w", err)
	}
	return nil
}

// tag is what stands behind the last colon of a name, if that is no port.
func tag(name string) string {
	for i := len(name) - 1; i >= 0 && name[i] != '/'; i-- {
		if name[i] == ':' {
			return name[i+1:]
		}
	}
	return "latest"
}

// archive is the tar being written, and which blobs are in it.
type archive struct {
	tar     *tar.Writer
	written map[string]bool
	err     error // the first of a write
}

// maxBinary bounds a program, in bytes; this one has about 60 MiB.
const maxBinary = 512 << 20

// platform writes what one platform needs and returns its manifest.
func (a *archive) platform(ctx context.Context, i Image, b Binary) (descriptor, error) {
	program, err := files.Read(ctx, b.Path, maxBinary)
	if err != nil {
		return descriptor{}, err
	}
	packed, diffID, err := layer(i, program)
	if err != nil {
		return descriptor{}, err
	}
	c := config{Created: epoch().Format(time.RFC3339), platform: platform{OS: b.OS, Architecture: b.Arch}}
	c.Config.User, c.Config.Entrypoint, c.Config.WorkingDir = i.User, []string{"/" + i.Program}, "/"
	c.RootFS.Type, c.RootFS.DiffIDs = "layers", []string{diffID}
	c.History = []history{{Created: c.Created, CreatedBy: "COPY " + path.Base(b.Path) + " /" + i.Program}}
	configured, err := a.document(typeConfig, c)
	if err != nil {
		return descriptor{}, err
	}
	m := manifest{SchemaVersion: 2, MediaType: typeManifest, Config: configured, Layers: []descriptor{a.blob(typeLayer, packed)}}
	d, err := a.document(typeManifest, m)
	d.Platform = &c.platform
	return d, err
}

// layer packs the program and the files, and says the digest of the tar before it was
// compressed.
func layer(i Image, program []byte) (packed []byte, diffID string, err error) {
	var out bytes.Buffer
	sum := sha256.New()
	zip, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, "", err
	}
	t := &archive{tar: tar.NewWriter(io.MultiWriter(zip, sum))}
	t.file(i.Program, program, 0o755)
	for _, f := range i.Files {
		t.file(f.Name, f.Content, 0o644)
	}
	if err := errors.Join(t.err, t.tar.Close(), zip.Close()); err != nil {
		return nil, "", err
	}
	return out.Bytes(), "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// document writes a JSON document as a blob.
func (a *archive) document(mediaType string, v any) (descriptor, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return descriptor{}, err
	}
	return a.blob(mediaType, text), nil
}

// blob writes content under its digest, once.
func (a *archive) blob(mediaType string, content []byte) descriptor {
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	if !a.written[digest] {
		a.written[digest] = true
		a.file("blobs/sha256/"+digest, content, 0o644)
	}
	return descriptor{MediaType: mediaType, Digest: "sha256:" + digest, Size: int64(len(content))}
}

func (a *archive) file(name string, content []byte, mode int64) {
	if a.err != nil {
		return
	}
	a.err = a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(content)), ModTime: epoch(), Format: tar.FormatUSTAR})
	if a.err == nil {
		_, a.err = a.tar.Write(content)
	}
}
