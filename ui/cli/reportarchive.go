package cli

import (
	"archive/tar"
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"kpadvisor/files"
	"kpadvisor/plain"
)

// reportArchive keeps the reports of nodes as they came, in a tar archive that
// --node-report reads: a report that is cut off must not swallow the next.
type reportArchive struct {
	b       bytes.Buffer
	to      *tar.Writer
	without []string // nodes for whose reports there was no room
}

// add keeps the report of a node, while there is room in what --node-report reads.
func (r *reportArchive) add(node string, report []byte) {
	const ends = 4 << 10 // of the archive, and the head of an entry
	if r.b.Len()+len(report)+ends > maxInput {
		r.without = append(r.without, node)
		return
	}
	if r.to == nil {
		r.to = tar.NewWriter(&r.b)
	}
	head := tar.Header{Name: filepath.Base(node) + ".txt", Mode: int64(files.Private), Size: int64(len(report)), ModTime: time.Now(), Typeflag: tar.TypeReg}
	_ = r.to.WriteHeader(&head) // into memory; Close tells
	_, _ = r.to.Write(report)
}

// write writes what was kept to a new file, says where, and for which nodes there was no
// room.
func (r *reportArchive) write(a *app, name string) error {
	if r.to == nil {
		return nil
	}
	if err := r.to.Close(); err != nil {
		return fmt.Errorf("writing the archive: %w", err)
	}
	end := filepath.Ext(name)
	paths, err := files.New(strings.TrimSuffix(name, end), files.Private, files.Part{End: end, Content: r.b.Bytes()})
	if err != nil {
		return err
	}
	fmt.Fprintln(a.err, a.voice.Sprintf("The reports are in %s, for --node-report.", plain.Line(paths[0], 0)))
	if len(r.without) > 0 {
		fmt.Fprintln(a.err, a.voice.Sprintf("There was no room in it for the reports of %s.", plain.Line(strings.Join(r.without, ", "), 0)))
	}
	return nil
}
