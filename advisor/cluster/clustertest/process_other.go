//go:build !linux

package clustertest

import "syscall"

// attributes is the default: elsewhere a killed test leaves its servers behind.
func (*place) attributes() *syscall.SysProcAttr { return nil }
