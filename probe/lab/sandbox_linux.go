package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"kpadvisor/plain"
	"kpadvisor/probe/lab/drill"
)

// sandbox is a running inner half.
type sandbox struct {
	cmd    *exec.Cmd
	asking sync.Mutex     // over in
	in     io.WriteCloser // requests
	out    io.ReadCloser
	events *eventReader // reads out
	stderr tail
	ended  chan struct{} // closed when the process has ended
	end    error         // how; not before ended is closed
}

// startSandbox starts this program again in its own namespaces. half is
// asInner or asHost with its arguments. It ends with ctx, with this process, or
// by kill.
func startSandbox(ctx context.Context, half ...string) (*sandbox, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(os.Args) > 1 && os.Args[1] == hiddenArg {
		return nil, errors.New("a lab was started inside a lab: lab.Main must be the first call of main")
	}
	// Root needs no user namespace, and is better off without: only there may the
	// tools raise their socket buffers, so that all rules fit one transaction.
	s, err := launch(0, half...)
	if err != nil {
		s, err = launch(unix.CLONE_NEWUSER, half...)
	}
	if err != nil {
		return nil, userNamespaceProblem("/proc/sys", err)
	}
	context.AfterFunc(ctx, s.kill)
	return s, nil
}

// launch starts the process. The thread that starts it waits for it: the
// death signal is sent when that thread ends, not when the process does.
func launch(user uintptr, half ...string) (*sandbox, error) {
	s := &sandbox{ended: make(chan struct{})}
	s.cmd = exec.CommandContext(context.Background(), "/proc/self/exe", append([]string{hiddenArg}, half...)...)
	s.cmd.Stderr = &s.stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: user | unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWIPC,
		Pdeathsig:  unix.SIGKILL,
		Setpgid:    true, // ctrl-C is for this process, which then ends the other
	}
	if user != 0 {
		s.cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		s.cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	outside, err := openOutside()
	if err != nil {
		return nil, err
	}
	defer closeAll(outside)
	s.cmd.ExtraFiles = outside
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	// Not StdoutPipe: Wait would close it under the reader.
	out, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s.cmd.Stdout, s.out, s.events = w, out, newEventReader(out)
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := s.cmd.Start()
		w.Close()
		started <- err
		if err == nil {
			s.end = s.cmd.Wait()
			close(s.ended)
		}
	}()
	if err := <-started; err != nil {
		out.Close()
		return nil, err
	}
	return s, nil
}

// ask sends a request.
func (s *sandbox) ask(what do, job int, o Options) error {
	return s.request(request{Job: job, Do: what, Options: o})
}

func (s *sandbox) askDrill(p drill.Plan) error { return s.request(request{Do: doDrill, Drill: p}) }

func (s *sandbox) request(r request) error {
	s.asking.Lock()
	defer s.asking.Unlock()
	r.Version = wireVersion
	if err := json.NewEncoder(s.in).Encode(r); err != nil {
		return fmt.Errorf("could not talk to the lab: %w", err)
	}
	return nil
}

// listen reads events until a job is done and says which. If the inner half died, the error
// says what it said last.
func (s *sandbox) listen(ctx context.Context, each func(Event)) (int, error) {
	job, err := s.events.job(each)
	if ctx.Err() != nil {
		return job, ctx.Err()
	}
	if errors.Is(err, errStream) {
		err = s.whyEnded(err)
	}
	return job, err
}

// whyEnded says what is known of an inner half whose stream ended: that the
// system killed it, or what it said last.
func (s *sandbox) whyEnded(stream error) error {
	<-s.ended // the stream ends with the process
	var exit *exec.ExitError
	if errors.As(s.end, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signal() == unix.SIGKILL {
			return plain.Fail("the lab was killed, which a system does when memory runs out", outOfMemoryRemedy, stream)
		}
	}
	if last := s.stderr.lastLine(); last != "" {
		return fmt.Errorf("%w: %s", errStream, last)
	}
	return stream
}

const outOfMemoryRemedy = "take fewer Services or endpoints, or let it have more memory"

// kill ends the inner half and all it started, at once.
func (s *sandbox) kill() { _ = s.cmd.Process.Kill() }

// close kills, waits and frees.
func (s *sandbox) close() {
	s.kill()
	<-s.ended
	s.in.Close()
	s.out.Close()
}

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailSize = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	t.buf = t.buf[max(0, len(t.buf)-tailSize):]
	return len(p), nil
}

func (t *tail) lastLine() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := bytes.Split(bytes.TrimSpace(t.buf), []byte("\n"))
	return string(lines[len(lines)-1])
}

// userNamespaceProblem says why no sandbox could be made, and what to do by the
// sysctls below a folder.
func userNamespaceProblem(sysctls string, err error) error {
	p := plain.Fail("this machine does not let you make user namespaces",
		"run the lab as root, in its own namespaces it touches nothing of the host", err)
	for _, switchOff := range []struct{ path, off, remedy string }{
		{"kernel/apparmor_restrict_unprivileged_userns", "1", "allow them: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run the lab as root"},
		{"kernel/unprivileged_userns_clone", "0", "allow them: sysctl kernel.unprivileged_userns_clone=1, or run the lab as root"},
		{"user/max_user_namespaces", "0", "allow them: sysctl user.max_user_namespaces=1000, or run the lab as root"},
	} {
		if now, err := os.ReadFile(filepath.Join(sysctls, switchOff.path)); err == nil && strings.TrimSpace(string(now)) == switchOff.off {
			p.Remedy = switchOff.remedy
			break
		}
	}
	return p
}
