package clustertest

import (
	"os"
	"syscall"
)

// attributes of a process at the place.
func (p *place) attributes() *syscall.SysProcAttr {
	if p == nil || p.pids == os.Getpid() {
		return attributes()
	}
	// It ends with the first process of its pid namespace. A death signal cannot be
	// had from there: the parent has no number inside, and package syscall takes
	// that for a parent that is gone.
	return &syscall.SysProcAttr{Setpgid: true}
}

// attributes has the kernel kill a child whose parent is gone, so that a test
// that times out or is killed leaves no server behind.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
