package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Bounds of endChildren: what a process may have under it, and how long a child may
// take to end by itself.
const (
	mostChildren = 1000
	childrenEnd  = 150 * time.Millisecond
)

// endChildren ends what this program started and what that started, as ctrl-C would in
// a terminal: those of its process group. What a credential plugin has put into a group
// or session of its own, a browser say, is meant to stay. What does not end when asked
// is killed.
func endChildren() {
	var all []*os.Process
	for pids := children(os.Getpid()); len(pids) > 0 && len(all) < mostChildren; pids = pids[1:] {
		p, err := os.FindProcess(pids[0]) // by pidfd: its number cannot become another's
		if err != nil || !ours(pids[0]) {
			continue
		}
		all = append(all, p)
		pids = append(pids, children(pids[0])...)
	}
	for _, p := range all {
		_ = p.Signal(syscall.SIGTERM) // it may have ended
	}
	for until := time.Now().Add(childrenEnd); len(all) > 0 && time.Now().Before(until) && anyRuns(all); {
		time.Sleep(5 * time.Millisecond)
	}
	for _, p := range all {
		_ = p.Kill()
	}
}

func ours(pid int) bool {
	group, err := syscall.Getpgid(pid)
	return err == nil && group == syscall.Getpgrp()
}

// anyRuns reports a process that has not ended. One that nobody has waited for has.
func anyRuns(all []*os.Process) bool {
	for _, p := range all {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Pid))
		if after, ok := strings.CutPrefix(string(stat[strings.LastIndexByte(string(stat), ')')+1:]), " "); err == nil && ok && after[:1] != "Z" {
			return true
		}
	}
	return false
}

// children are the processes that one has started, by any of its threads.
func children(pid int) []int {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil
	}
	var all []int
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // a thread that has ended
		}
		for _, field := range strings.Fields(string(text)) {
			if n, err := strconv.Atoi(field); err == nil {
				all = append(all, n)
			}
		}
	}
	return all
}
