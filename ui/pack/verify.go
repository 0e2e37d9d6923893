package pack

import (
	"errors"
	"fmt"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report/html"
)

// MostBytes bounds the file of a change request. One of 5,000 nodes in 100 groups is
// 400 KiB.
const MostBytes = 64 << 20

// Verdict is what a file is, beside what its data make.
type Verdict struct {
	Same   bool       // byte for byte
	MadeBy string     // the version of the program that made the file
	Differ Difference // where they differ first
}

// Difference is the first place at which a file is not what its data make.
type Difference struct {
	Where string // in words: `in the section "Rollback"`
	Line  int    // of the file, from 1 on
	Has   string // what stands there
	Wants string // what is made of the data
}

// OtherVersionError says that a file was made by another version of the program, whose
// words may be others, or may have been.
type OtherVersionError struct{ MadeBy, This string }

// Unnamed reports that the two have the same name, which many builds have.
func (e *OtherVersionError) Unnamed() bool { return e.MadeBy == e.This }

// named reports a version that is of one build of the program alone.
func named(version string) bool {
	return !strings.HasPrefix(version, "devel") && version != "unknown" && !strings.HasSuffix(version, "+dirty")
}

// Error is one sentence without its full stop.
func (e *OtherVersionError) Error() string {
	if e.Unnamed() {
		return fmt.Sprintf("it is not what this build of kpadvisor makes of its data, and %s may be another build that made it: they cannot be compared", e.MadeBy)
	}
	return fmt.Sprintf("it was made by kpadvisor %s, and this is %s: they cannot be compared", e.MadeBy, e.This)
}

// Verify makes the document of a file again from the data in it, and compares the two.
// The error is an [OtherVersionError], or says in one sentence why there is nothing to
// compare.
func Verify(file []byte, version string) (Verdict, error) {
	if int64(len(file)) > MostBytes {
		return Verdict{}, fmt.Errorf("it is larger than %d MiB", MostBytes>>20)
	}
	p := string(file)
	text, ok := html.Data(p)
	if !ok {
		return Verdict{}, errors.New("it holds no data of a change request")
	}
	var head struct{ Schema, Version string }
	if err := plain.Decode([]byte(text), &head); err != nil {
		return Verdict{}, fmt.Errorf("its data cannot be used: %w", err)
	}
	if kind, _, _ := strings.Cut(Schema, "/"); !strings.HasPrefix(head.Schema, kind+"/") {
		return Verdict{}, errors.New("the data in it are not those of a change request")
	}
	if head.Version != version {
		return Verdict{}, &OtherVersionError{plain.Line(head.Version, 60), version}
	}
	d, err := build(text, true)
	if err != nil {
		return Verdict{}, fmt.Errorf("its data cannot be used: %w", err)
	}
	v := Verdict{MadeBy: version}
	again := html.Page(d)
	switch {
	case again == p:
		v.Same = true
	case !named(version):
		return Verdict{}, &OtherVersionError{version, version}
	default:
		v.Differ = differ(d, p, again)
	}
	return v, nil
}

// differ finds the first place at which a file is another than what was made again.
func differ(d page.Document, file, again string) Difference {
	at := 0
	for at < len(file) && at < len(again) && file[at] == again[at] {
		at++
	}
	return Difference{
		Where: place(d, again, at), Line: 1 + strings.Count(file[:at], "\n"), Has: around(file, at), Wants: around(again, at),
	}
}

// place says in words what a byte of a page is part of.
func place(d page.Document, p string, at int) string {
	id := html.Place(p, at)
	for _, s := range d.Sections {
		if s.ID == id {
			return fmt.Sprintf("in the section %q", plain.Line(s.Title, 60))
		}
	}
	if at > strings.Index(p, "<main>") {
		return "in the data at its end"
	}
	return "before the first section"
}

// around is the line of a text around a byte, a part of it if it is long.
func around(s string, at int) string {
	const before, after = 24, 36
	from := max(strings.LastIndex(s[:at], "\n")+1, at-before)
	to := min(len(s), at+after)
	if end := strings.Index(s[at:to], "\n"); end >= 0 {
		to = at + end
	}
	return plain.Line(s[from:to], 0)
}
