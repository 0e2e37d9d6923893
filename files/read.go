package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

var (
	errDirectory = errors.New("it is a directory")
	errSocket    = errors.New("it is a socket")
)

// Read reads a file of at most so many bytes, which may be a pipe or a device. What
// is known to be larger is not begun. A pipe that nobody writes to is waited for until
// ctx ends; the error is then that of ctx, and otherwise an [fs.PathError] whose Err
// says alone what is wrong.
func Read(ctx context.Context, name string, most int64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	text, err := await(ctx, func() ([]byte, error) { return readFile(ctx, name, most) })
	if ctx.Err() != nil && err != nil {
		return nil, fmt.Errorf("read %s: %w", name, context.Cause(ctx))
	}
	return text, atPath("read", name, err)
}

// From is Read for what is open already, such as standard input. What its Read waits
// for when ctx ends is waited for in a goroutine that ends with it.
func From(ctx context.Context, r io.Reader, most int64) ([]byte, error) {
	return await(ctx, func() ([]byte, error) { return Bounded(r, most) })
}

// Bounded reads all of r if that is at most so many bytes, and of more only one.
func Bounded(r io.Reader, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	return text, fits(int64(len(text)), most)
}

func fits(size, most int64) error {
	switch {
	case size <= most:
		return nil
	case most%(1<<20) == 0:
		return fmt.Errorf("it is larger than %d MiB", most>>20)
	}
	return fmt.Errorf("it is larger than %d bytes", most)
}

func readFile(ctx context.Context, name string, most int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errDirectory
	}
	if info.Mode().IsRegular() {
		if err := fits(info.Size(), most); err != nil {
			return nil, err
		}
	}
	f, err := openReading(name, info)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	// What can wait has deadlines; what has none, a file or a device, does not wait long.
	stop := context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	if info.Mode()&fs.ModeNamedPipe != 0 {
		if err := awaitWriter(f); err != nil {
			return nil, err
		}
	}
	return Bounded(f, most)
}

// openReading opens without waiting for a writer. A socket has no name that can be
// opened, but the descriptors of this program can be doubled.
func openReading(name string, info fs.FileInfo) (*os.File, error) {
	if info.Mode()&fs.ModeSocket != 0 {
		if fd, ok := descriptor(name); ok {
			return double(fd, name)
		}
		return nil, errSocket
	}
	return os.OpenFile(name, os.O_RDONLY|nonblock(info), 0)
}

// await runs fn until ctx ends, and leaves it then to end by itself: there are reads
// that the system does not let anybody end.
func await[T any](ctx context.Context, fn func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o.err = fmt.Errorf("internal error: %v", p)
			}
			done <- o
		}()
		o.value, o.err = fn()
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

// atPath says which file an error is about: the one that the user named, whatever
// stood in for it.
func atPath(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: reason(err)}
}

// reason is what is wrong, without the names of files and calls around it.
func reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	var call *os.SyscallError
	switch {
	case errors.As(err, &path):
		return reason(path.Err)
	case errors.As(err, &link):
		return reason(link.Err)
	case errors.As(err, &call):
		return call.Err
	}
	return err
}
