package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"kpadvisor/advisor"
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
	b, err := json.MarshalIndent(snapshot{Schema: snapshotSchema, Names: withNames, Facts: f}, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the snapshot: %w", err)
	}
	if _, err := w.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("writing the snapshot: %w", err)
	}
	return nil
}

// ReadSnapshot reads what WriteSnapshot wrote. The facts are those of the file,
// with Origin FromSnapshot and every string safe to print. The error says in one
// sentence what is wrong with the file.
func ReadSnapshot(r io.Reader) (advisor.Facts, error) {
	f, err := readSnapshot(r)
	if err != nil {
		return advisor.Facts{}, fmt.Errorf("reading the snapshot: %w", err)
	}
	f.Origin = advisor.FromSnapshot
	return f, nil
}

func readSnapshot(r io.Reader) (advisor.Facts, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxSnapshot+1))
	if err != nil {
		return advisor.Facts{}, err
	}
	if len(b) > maxSnapshot {
		return advisor.Facts{}, fmt.Errorf("the file is larger than %d MiB", maxSnapshot>>20)
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
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
	if err := json.Unmarshal(b, &s); err != nil {
		return advisor.Facts{}, fmt.Errorf("its facts cannot be read: %w", err)
	}
	cleanFacts(&s.Facts)
	if path := negative(reflect.ValueOf(s.Facts), "facts"); path != "" {
		return advisor.Facts{}, fmt.Errorf("%s is negative", path)
	}
	return s.Facts, nil
}

// negative returns the path of the first number below zero that is reachable from v.
func negative(v reflect.Value, path string) string {
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		if v.Int() < 0 {
			return path
		}
	case reflect.Float64:
		if v.Float() < 0 {
			return path
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				continue
			}
			if p := negative(v.Field(i), path+"."+v.Type().Field(i).Name); p != "" {
				return p
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if p := negative(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); p != "" {
				return p
			}
		}
	}
	return ""
}
