package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// others is a process that stands for other programs of a node while a paced plan
// is measured: on each CPU, at the least priority there is, it writes to so many
// bytes over and over. That keeps CPUs awake and their caches full of something
// else. It is a process of its own because a thread of this one at that priority
// would hold up the garbage collector.
type others struct {
	cmd   *exec.Cmd
	stdin io.Closer // it ends with this
}

// startOthers starts the process.
func startOthers(p Pacing) (*others, error) {
	cmd := exec.CommandContext(context.Background(), "/proc/self/exe", hiddenArg, asOthers, strconv.Itoa(p.EvictBytes))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	cmd.ExtraFiles = passOutside()
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("could not start what empties the caches: %w", err)
	}
	return &others{cmd: cmd, stdin: stdin}, nil
}

// close ends the process and waits for it.
func (o *others) close() {
	if o == nil {
		return
	}
	_ = o.stdin.Close()
	_ = o.cmd.Process.Kill()
	_ = o.cmd.Wait() // killed, as it should be
}

// beOthers is that process: it works until its standard input ends.
func beOthers(size string, stdin io.Reader) error {
	bytes, err := strconv.Atoi(size)
	if err != nil || bytes < 0 || bytes > maxEvictBytes {
		return errors.New("that is no number of bytes to write")
	}
	runtime.GOMAXPROCS(runtime.NumCPU() + 1)
	var stop atomic.Bool
	var working sync.WaitGroup
	for cpu := range runtime.NumCPU() {
		working.Go(func() { occupy(cpu, max(bytes, cacheLine), &stop) })
	}
	_, err = io.Copy(io.Discard, stdin)
	stop.Store(true)
	working.Wait()
	return err
}

// occupy writes to memory on one CPU whenever nobody else wants it. Where it may
// not have that priority or that CPU it does without.
func occupy(cpu, bytes int, stop *atomic.Bool) {
	runtime.LockOSThread()
	var only unix.CPUSet
	only.Set(cpu)
	_ = unix.SchedSetaffinity(0, &only)
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE}, 0)
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), 19)
	memory := make([]byte, bytes)
	for !stop.Load() {
		for i := 0; i < len(memory); i += cacheLine {
			memory[i]++
		}
	}
}
