package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// namespace is an anonymous network namespace: an open file is all that keeps
// it, besides the sockets and threads inside.
type namespace struct{ file *os.File }

// newNamespace makes a network namespace with lo up, IPv4 forwarding on and
// IPv6 off.
func newNamespace() (*namespace, error) {
	ns := &namespace{}
	err := onOwnThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("could not make a network namespace: %w", err)
		}
		// thread-self, not self: only this thread is in the new namespace.
		f, err := os.Open("/proc/thread-self/ns/net")
		if err != nil {
			return fmt.Errorf("could not open the new network namespace: %w", err)
		}
		ns.file = f
		return prepareNamespace()
	})
	if err != nil {
		ns.close()
		return nil, err
	}
	return ns, nil
}

// prepareNamespace sets what every namespace of the lab needs.
func prepareNamespace() error {
	for path, value := range map[string]string{
		"net/ipv4/ip_forward":                "1",
		"net/ipv4/ip_local_port_range":       "1024 65535",
		"net/ipv6/conf/all/disable_ipv6":     "1", // no address detection, no router solicitations
		"net/ipv6/conf/default/disable_ipv6": "1",
		"net/ipv4/conf/all/rp_filter":        "0",
		"net/ipv4/conf/default/rp_filter":    "0",
	} {
		if err := setSysctl(path, value); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return linkUp("lo")
}

// setSysctl writes a sysctl of the calling thread's network namespace.
func setSysctl(path, value string) error {
	if err := os.WriteFile("/proc/sys/"+path, []byte(value), 0o644); err != nil {
		return fmt.Errorf("could not set %s: %w", path, err)
	}
	return nil
}

// do runs fn in the namespace. Sockets and processes fn starts stay in it.
func (n *namespace) do(fn func() error) error {
	return onOwnThread(func() error {
		if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("could not enter a network namespace: %w", err)
		}
		return fn()
	})
}

func (n *namespace) close() {
	if n != nil && n.file != nil {
		n.file.Close()
	}
}

// onOwnThread runs fn on a thread that is thrown away afterwards. The goroutine
// ends still locked, so the Go runtime ends the thread: handing a thread that
// changed its namespace back to the scheduler would run other goroutines in
// the wrong namespace.
func onOwnThread(fn func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		done <- guarded(fn)
	}()
	return <-done
}

// guarded turns a panic into an error: a goroutine's panic would end the lab
// with a stack trace in place of a sentence.
func guarded(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	return fn()
}
