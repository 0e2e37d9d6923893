//go:build !unix

package files

import (
	"errors"
	"io/fs"
	"os"
)

func nonblock(fs.FileInfo) int          { return 0 }
func awaitWriter(*os.File) error        { return nil }
func mayWrite(string) error             { return nil }
func syncDir(string) error              { return nil }
func ownAs(*os.File, fs.FileInfo) error { return nil }
func single(*os.File, fs.FileInfo) bool { return true }

func double(int, string) (*os.File, error) {
	return nil, errors.New("this system has no descriptors by name")
}
