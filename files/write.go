package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Who may read a new file.
const (
	Ordinary fs.FileMode = 0o666 // whom the umask lets
	Private  fs.FileMode = 0o600 // its owner, also if it replaces a file that others could read
)

// File is a file that is being written. Its content takes its place whole, with
// Commit, and never before; a pipe or a device gets each piece at once.
type File struct {
	name string // as the user says it
	at   place
	file *os.File // a temporary beside the place, or what is written into

	failed error // of a write
}

// Write writes a file in one piece, instead of what may be there already. Links are
// followed; a device, a pipe or a descriptor of this program is written into. The
// error is an [fs.PathError] about that name.
func Write(name string, mode fs.FileMode, content []byte) error {
	f, err := Create(name, mode)
	if err != nil {
		return err
	}
	if f.at.regular() && f.at.inPlace() { // the old content goes once there is room for the new
		err = claim(f.file, int64(len(content)))
	}
	if err != nil {
		f.Discard()
		return atPath("write", name, err)
	}
	_, _ = f.Write(content) // Commit knows
	return f.Commit()
}

// Part is one of several files that have a name in common.
type Part struct {
	End     string // of its name: ".md"
	Content []byte
}

// New writes files that are not there yet, of one name but for its end: all of them, or
// none. If one of the names is taken all of them get a number. It returns the absolute
// paths in the order of the parts.
func New(name string, mode fs.FileMode, parts ...Part) ([]string, error) {
	name, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	for n := 1; n <= mostNumbered; n++ {
		try := name
		if n > 1 {
			try = fmt.Sprintf("%s-%d", name, n)
		}
		paths, err := newSet(try, mode, parts)
		if err == nil || !errors.Is(err, fs.ErrExist) {
			return paths, err
		}
	}
	return nil, atPath("create", name, fmt.Errorf("%d files of that name are there already", mostNumbered))
}

// mostNumbered bounds the search for a name that is not taken.
const mostNumbered = 1000

// newSet writes all parts under names that nobody sees before any of them gets its own,
// so that a disk that is full is full before there is half a set.
func newSet(name string, mode fs.FileMode, parts []Part) ([]string, error) {
	for _, p := range parts {
		if _, err := os.Lstat(name + p.End); err == nil {
			return nil, fs.ErrExist
		}
	}
	var hidden, paths []string
	defer func() {
		for _, h := range hidden { // each has its own name by then, or is of no use
			_ = os.Remove(h)
		}
	}()
	for _, p := range parts {
		f, err := temporary(filepath.Dir(name), mode)
		if err == nil {
			hidden = append(hidden, f.Name())
			err = finish(f, p.Content)
		}
		if err != nil {
			return nil, atPath("create", name+p.End, err)
		}
	}
	for i, p := range parts {
		if err := give(hidden[i], name+p.End, mode, p.Content); err != nil {
			return nil, withdrawn(paths, atPath("create", name+p.End, err))
		}
		paths = append(paths, name+p.End)
	}
	if err := syncDir(filepath.Dir(name)); err != nil {
		return nil, withdrawn(paths, atPath("create", name, err))
	}
	return paths, nil
}

// withdrawn removes what was written of a set that cannot be whole, and says what stays
// if it cannot.
func withdrawn(paths []string, why error) error {
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			why = errors.New(why.Error() + "; " + path + " was written already and could not be removed: " + reason(err).Error())
		}
	}
	return why
}

// give puts what has been written under a name that nothing has: a link, unlike a rename,
// takes no name away. Where there are no links it is written under its name at once.
func give(hidden, name string, mode fs.FileMode, content []byte) error {
	err := os.Link(hidden, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if err := finish(f, content); err != nil {
		_ = os.Remove(name) // a part of it; err says more
		return err
	}
	return nil
}

// finish writes a file and closes it.
func finish(f *os.File, content []byte) error {
	_, err := f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Create begins a file. It is ended by Commit or by Discard.
func Create(name string, mode fs.FileMode) (*File, error) {
	p, err := find(name)
	if err != nil {
		return nil, atPath("write", name, err)
	}
	open := p.open
	if !p.inPlace() {
		open = p.beside
	}
	f, err := open(mode)
	if err != nil {
		return nil, atPath("write", name, err)
	}
	return &File{name: name, at: p, file: f}, nil
}

// Write implements [io.Writer].
func (f *File) Write(b []byte) (int, error) {
	n, err := f.file.Write(b)
	if err != nil {
		f.failed = atPath("write", f.name, err)
	}
	return n, f.failed
}

// Commit puts the file in its place, if all of it could be written.
func (f *File) Commit() error {
	if f.failed != nil {
		f.Discard()
		return f.failed
	}
	var err error
	if f.at.regular() && f.at.inPlace() {
		var end int64
		if end, err = f.file.Seek(0, io.SeekCurrent); err == nil {
			err = f.file.Truncate(end)
		}
	}
	if err == nil && (f.at.regular() || !f.at.inPlace()) {
		err = f.file.Sync()
	}
	err = errors.Join(err, f.file.Close())
	if f.at.inPlace() {
		return atPath("write", f.name, err)
	}
	if err == nil {
		err = os.Rename(f.file.Name(), f.at.name)
	}
	if err != nil {
		_ = os.Remove(f.file.Name()) // err says more
		return atPath("write", f.name, err)
	}
	return atPath("write", f.name, syncDir(filepath.Dir(f.at.name)))
}

// Discard leaves what was there before, as far as it was not written into.
func (f *File) Discard() {
	_ = f.file.Close()
	if !f.at.inPlace() {
		_ = os.Remove(f.file.Name())
	}
}

// temporary makes a new file in a folder, of the mode that the umask leaves. That of
// package os would be readable by its owner alone.
func temporary(dir string, mode fs.FileMode) (*os.File, error) {
	for try := 0; ; try++ {
		name := filepath.Join(dir, fmt.Sprintf(".kpadvisor-%016x", rand.Uint64()))
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
		if !errors.Is(err, fs.ErrExist) || try == 100 {
			return f, err
		}
	}
}

// Check says whether a file can be written, and leaves no trace of that. Of a pipe or
// a device it asks for the right alone: opening it could wait, or wake another.
func Check(name string) error {
	p, err := find(name)
	switch {
	case err != nil:
	case p.fd >= 0:
	case p.info == nil:
		err = mayCreate(filepath.Dir(p.name))
	case !p.regular():
		err = mayWrite(p.name)
	} // find has tried what is there
	return atPath("write", name, err)
}

// Waits reports that writing may wait for somebody who reads: all but regular files.
func Waits(name string) bool {
	p, err := find(name)
	return err == nil && p.inPlace() && !p.regular()
}

// tryCreate makes a file in a folder and removes it.
func tryCreate(dir string) error {
	f, err := temporary(dir, Private)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
