package cluster

import (
	"errors"
	"fmt"
	"io"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/files"
	"kpadvisor/plain"
)

// snapshotSchema names the format of a snapshot file. Fields may be added to it;
// a change that older readers would misread gets a new number.
const snapshotSchema = "kpadvisor.snapshot/v1"

// snapshot is a snapshot file.
type snapshot struct {
	Schema string        `json:"schema"`
	Names  bool          `json:"names"` // whether names of the cluster are in it
	Facts  advisor.Facts `json:"facts"`
}

// maxSnapshot bounds a snapshot file. One of 5,000 nodes in 100 groups is 200 KiB.
const maxSnapshot = 32 << 20

// snapshotBounds are a thousand times what any cluster has of anything, and far below
// what the estimates could not multiply: some 10^6 ns for each rule, some 30 rules for
// each object.
func snapshotBounds() plain.Bounds {
	const century = 100 * 365 * 24 * time.Hour
	return plain.Bounds{High: 1_000_000_000, Longest: century}
}

// WriteSnapshot writes facts as indented JSON. Without withNames the file has no
// name, address or label of the cluster: it holds counts, versions, kernels,
// settings of kube-proxy, and names of objects that are the same in every cluster.
func WriteSnapshot(w io.Writer, f advisor.Facts, withNames bool) error {
	if !withNames {
		var err error
		if f, err = withoutNames(f); err != nil {
			return fmt.Errorf("writing the snapshot: %w", err)
		}
	}
	b, err := plain.JSON(snapshot{Schema: snapshotSchema, Names: withNames, Facts: f})
	if err != nil {
		return fmt.Errorf("writing the snapshot: %w", err)
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("writing the snapshot: %w", err)
	}
	return nil
}

// ReadSnapshot reads what WriteSnapshot wrote. The facts are those of the file,
// with every string safe to print and with Origin FromSnapshot, unless nobody ever
// read them from a cluster: a demo stays one, and so do typed figures. The error
// says in one sentence what is wrong with the file.
func ReadSnapshot(r io.Reader) (advisor.Facts, error) {
	f, err := readSnapshot(r)
	if err != nil {
		return advisor.Facts{}, fmt.Errorf("reading the snapshot: %w", err)
	}
	if f.Origin != advisor.FromDemo && f.Origin != advisor.FromTyped {
		f.Origin = advisor.FromSnapshot
	}
	return f, nil
}

func readSnapshot(r io.Reader) (advisor.Facts, error) {
	b, err := files.Bounded(r, maxSnapshot)
	if err != nil {
		return advisor.Facts{}, err
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if err := plain.Decode(b, &head); err != nil {
		return advisor.Facts{}, fmt.Errorf("it is not JSON that kpadvisor wrote: %w", err)
	}
	switch head.Schema {
	case snapshotSchema:
	case "":
		return advisor.Facts{}, errors.New("it has no schema, so it is not a snapshot of kpadvisor")
	default:
		return advisor.Facts{}, fmt.Errorf("its schema is %q and this version reads %q", cleanText(head.Schema), snapshotSchema)
	}
	var s snapshot
	if err := plain.Decode(b, &s); err != nil {
		return advisor.Facts{}, fmt.Errorf("its facts cannot be read: %w", err)
	}
	cleanFacts(&s.Facts)
	if err := snapshotBounds().Check(s.Facts, "facts"); err != nil {
		return advisor.Facts{}, err
	}
	for _, r := range s.Facts.NodeReports {
		if err := r.CheckHabits(); err != nil {
			return advisor.Facts{}, fmt.Errorf("a report of a node in it cannot be: %w", err)
		}
	}
	return advisor.DoubtSysctls(s.Facts), nil
}
