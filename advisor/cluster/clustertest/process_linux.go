package clustertest

import "syscall"

// attributes has the kernel kill a child whose parent is gone, so that a test
// that times out or is killed leaves no server behind.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
