package state

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"kpadvisor/files"
)

// Store is a folder with a file for each cluster. The zero value keeps nothing and finds
// nothing.
type Store struct{ dir string }

// Private is the mode of the folder; its files are of [files.Private].
const Private fs.FileMode = 0o700

// Folder is where state belongs by the XDG Base Directory Specification, empty where the
// environment does not say: what is no absolute path is to be ignored.
func Folder(env func(string) string) string {
	if dir := env("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "kpadvisor")
	}
	if home := env("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "kpadvisor")
	}
	return ""
}

// In is the store in a folder, which need not be there yet.
func In(dir string) Store { return Store{dir} }

// Key names a cluster, by a context and by what tells its API server from others: neither
// can be read from it, and the same name elsewhere is another cluster.
func Key(context, server string) string {
	sum := sha256.Sum256([]byte(context + "\x00" + server))
	return hex.EncodeToString(sum[:16])
}

// path is the file of a cluster.
func (s Store) path(key string) string { return filepath.Join(s.dir, key+".json") }

// Read returns what is kept for a cluster, nothing if there is no file. The error is that
// of a file that is not used, as an [fs.PathError].
func (s Store) Read(ctx context.Context, key string) (Kept, error) {
	if s.dir == "" {
		return Kept{}, nil
	}
	name := s.path(key)
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Kept{}, nil
	case err != nil:
		return Kept{}, err
	case !info.Mode().IsRegular():
		return Kept{}, &fs.PathError{Op: "read", Path: name, Err: errors.New("it is no ordinary file")}
	}
	text, err := files.Read(ctx, name, mostBytes)
	if err != nil {
		return Kept{}, err
	}
	k, err := decode(text)
	if err != nil {
		return Kept{}, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return k, nil
}

// Write keeps that for a cluster in the place of what was kept; of nothing no file is
// left. What is there is exchanged whole.
func (s Store) Write(key string, k Kept) error {
	if s.dir == "" {
		return nil
	}
	name := s.path(key)
	if k.Empty() {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	text, err := k.encode()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, Private); err != nil {
		return err
	}
	if err := os.Chmod(s.dir, Private); err != nil { // it may have been there
		return err
	}
	return files.Write(name, files.Private, text)
}
