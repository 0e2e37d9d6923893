package clustertest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// process is a server that was started, with its log in a file. It ends with
// stop, or with this process, however that ends.
type process struct {
	name    string
	log     string
	process *os.Process
	ended   chan struct{} // closed when it has ended; err is then set
	err     error
}

// start starts a server with its output going to dir/name.log, at a place.
func (at *place) start(dir, name, path string, args ...string) (*process, error) {
	return at.startWith(dir, name, at.attributes(), path, args...)
}

// startWith is start with attributes of the process.
func (at *place) startWith(dir, name string, attributes *syscall.SysProcAttr, path string, args ...string) (*process, error) {
	p := &process{name: name, log: filepath.Join(dir, name+".log"), ended: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("could not open the log of %s: %w", name, err)
	}
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, dir
	cmd.SysProcAttr = attributes
	started := make(chan error)
	// The kernel ends the child when the thread that made it ends, so that thread
	// has to live as long as the child (golang.org/issue/27505).
	at.thread(func(err error) {
		if err == nil {
			err = cmd.Start()
		}
		started <- err
		if err == nil {
			p.err = cmd.Wait()
		}
		_ = log.Close() // nothing of ours is buffered in it
		close(p.ended)
	})
	if err := <-started; err != nil {
		return nil, fmt.Errorf("could not start %s: %w", name, err)
	}
	p.process = cmd.Process
	return p, nil
}

// await returns when ready does not fail any more, or an error with the end of
// the log when the server ends or the context does.
func (p *process) await(ctx context.Context, ready func(context.Context) error) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended before it was ready (%w): %s", p.name, p.err, p.tail())
		case <-ctx.Done():
			return fmt.Errorf("%s was not ready in time (%w): %s", p.name, err, p.tail())
		case <-tick.C:
		}
	}
}

// stop asks the server to end, and kills it when it has not within 10 s.
func (p *process) stop() {
	if p == nil {
		return
	}
	_ = p.process.Signal(syscall.SIGTERM) // fails only if it has ended already
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		_ = p.process.Kill()
		<-p.ended
	}
}

func (p *process) tail() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-2000):])
}

// freePort returns a port of loopback that nobody listened on a moment ago.
// Somebody may take it before it is used: the caller tries again then.
func freePort() (string, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("could not find a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
