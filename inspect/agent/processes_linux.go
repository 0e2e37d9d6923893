package agent

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node/habit"
)

// How the network namespaces of processes are looked at.
const (
	lookEvery     = time.Second
	lookShare     = 50      // of the time one look takes, that is waited at least for the next
	mostProcesses = 1 << 17 // of a node
	mostSockets   = 8 << 20 // bytes of /proc/net/tcp of a namespace: 50,000 sockets
	mostMembers   = 3       // processes of a namespace that are kept, as some end
)

// processes counts what the network namespaces of pods begin. It needs no right but to
// see the processes: the number of a file of /proc/PID/net tells namespaces apart, which
// the link /proc/PID/ns/net tells the owner alone.
func (a *agent) processes(ctx context.Context) (advisor.NodeHabits, error) {
	p := habit.NewProcesses()
	for last := false; ; {
		began := a.now()
		all, err := a.namespaces()
		if err != nil {
			return advisor.NodeHabits{}, err
		}
		p.Look(began, all)
		if last {
			return p.Habits(), nil
		}
		last = !pause(ctx, max(lookEvery, lookShare*(a.now()-began)))
	}
}

// namespaces are those of processes, without the node's own.
func (a *agent) namespaces() ([]habit.Namespace, error) {
	members, err := a.members()
	if err != nil {
		return nil, err
	}
	var all []habit.Namespace
	for id, pids := range members {
		for _, pid := range pids {
			if n, ok := a.namespace(id, pid); ok {
				all = append(all, n)
				break
			}
		}
	}
	return all, nil
}

// members are some processes of each network namespace.
func (a *agent) members() (map[uint64][]string, error) {
	proc := filepath.Join(a.root, "/proc")
	folder, err := os.Open(proc)
	if err != nil {
		return nil, err
	}
	defer func() { _ = folder.Close() }()
	names, err := folder.Readdirnames(mostProcesses)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var own []uint64 // of this pod, which is the node's, and of the node's first process
	for _, name := range []string{"self", "1"} {
		if id := inode(filepath.Join(proc, name, "net/snmp")); id != 0 {
			own = append(own, id)
		}
	}
	all := map[uint64][]string{}
	for _, name := range names {
		if _, err := strconv.Atoi(name); err != nil {
			continue
		}
		id := inode(filepath.Join(proc, name, "net/snmp"))
		if id != 0 && !slices.Contains(own, id) && len(all[id]) < mostMembers {
			all[id] = append(all[id], name)
		}
	}
	return all, nil
}

// inode is the number of a file; 0 if it cannot be told.
func inode(path string) uint64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ino
	}
	return 0
}

// namespace is one as a process of it sees it. ok is false if that has ended.
func (a *agent) namespace(id uint64, pid string) (n habit.Namespace, ok bool) {
	dir := filepath.Join("/proc", pid, "net")
	snmp, err := a.read(filepath.Join(dir, "snmp"), 64<<10)
	if err != nil || inode(filepath.Join(a.root, dir, "snmp")) != id {
		return n, false
	}
	opens, ok := habit.Opens(snmp)
	if !ok {
		return n, false
	}
	n = habit.Namespace{ID: id, Opens: opens}
	var sockets habit.Sockets
	for _, name := range []string{"tcp", "tcp6"} {
		text, err := a.read(filepath.Join(dir, name), mostSockets)
		switch {
		case errors.Is(err, os.ErrNotExist): // no IPv6
		case err != nil:
			n.Open = -1
			return n, true
		default:
			sockets.Add(text)
		}
	}
	n.Open = sockets.Begun()
	return n, true
}
