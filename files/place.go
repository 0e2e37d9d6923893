package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// place is where a name leads.
type place struct {
	name     string      // the end of its links
	info     fs.FileInfo // what is there; nil if nothing is
	fd       int         // of this program, if it leads to one, else -1
	exchange bool        // of a regular file: a new one may take its name
}

func (p place) regular() bool { return p.fd < 0 && p.info != nil && p.info.Mode().IsRegular() }

// inPlace reports that what is there is written into.
func (p place) inPlace() bool { return p.fd >= 0 || p.info != nil && !p.exchange }

// mostLinks is how many links Linux follows.
const mostLinks = 40

// find follows the links of a name. The system follows them first: it refuses those
// that others have laid in a folder that all may write to.
func find(name string) (place, error) {
	if _, err := os.Stat(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		if _, own := descriptor(name); !own {
			return place{}, err
		}
	}
	for range mostLinks {
		if fd, ok := descriptor(name); ok {
			return place{name: name, fd: fd}, nil
		}
		info, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return place{name: name, fd: -1}, parent(name)
		}
		if err != nil {
			return place{}, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			return at(name, info)
		}
		target, err := os.Readlink(name)
		if err != nil {
			return place{}, err
		}
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
			// Links below /proc lead to what has no name.
			if _, err := os.Lstat(target); err != nil {
				return at(name, info)
			}
		}
		if !filepath.IsAbs(target) {
			target = filepath.Dir(name) + "/" + target // not cleaned: what .. means is the system's to say
		}
		name = target
	}
	return place{}, errors.New("too many links lead to it")
}

// parent refuses a name whose folder is not there, and one that asks for a folder.
func parent(name string) error {
	if strings.HasSuffix(name, "/") || name == "" {
		return errDirectory
	}
	info, err := os.Stat(filepath.Dir(name))
	if err == nil && !info.IsDir() {
		err = errors.New(filepath.Dir(name) + " is no directory")
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("there is no directory " + filepath.Dir(name))
	}
	return err
}

// at is the place of what is there.
func at(name string, info fs.FileInfo) (place, error) {
	switch mode := info.Mode(); {
	case mode.IsDir():
		return place{}, errDirectory
	case mode&fs.ModeSocket != 0:
		return place{}, errSocket
	case !mode.IsRegular():
		return place{name: name, info: info, fd: -1}, nil
	}
	// Who may not write to a file may not replace it either, whatever its folder allows.
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666) // created never: for the rules of folders that all write to
	if err != nil {
		return place{}, err
	}
	p := place{name: name, info: info, fd: -1}
	p.exchange = single(f, info) && mayCreate(filepath.Dir(name)) == nil
	return p, f.Close()
}

// open opens what is written into.
func (p place) open(mode fs.FileMode) (*os.File, error) {
	if p.fd >= 0 {
		return double(p.fd, p.name)
	}
	f, err := os.OpenFile(p.name, os.O_WRONLY, 0)
	if err != nil || !p.regular() || mode != Private || p.info.Mode().Perm()&^Private == 0 {
		return f, err
	}
	if err := f.Chmod(Private); err != nil {
		return nil, errors.Join(errors.New("others may read it, and that cannot be changed"), f.Close())
	}
	return f, nil
}

// beside makes the file that takes the place later, with the mode and the owner of the
// one that is there.
func (p place) beside(mode fs.FileMode) (*os.File, error) {
	f, err := temporary(filepath.Dir(p.name), mode)
	if err != nil || p.info == nil {
		return f, err
	}
	was := p.info.Mode().Perm()
	if mode == Private {
		was &= Private
	}
	if err = ownAs(f, p.info); err == nil {
		err = f.Chmod(was)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f, nil
}

// descriptor is the number of a name for an open file of this program.
func descriptor(name string) (int, bool) {
	switch name = filepath.Clean(name); name {
	case "/dev/stdin":
		return 0, true
	case "/dev/stdout":
		return 1, true
	case "/dev/stderr":
		return 2, true
	}
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/", "/proc/" + strconv.Itoa(os.Getpid()) + "/fd/"} {
		if number, ok := strings.CutPrefix(name, dir); ok {
			fd, err := strconv.ParseUint(number, 10, 31)
			return int(fd), err == nil
		}
	}
	return 0, false
}
