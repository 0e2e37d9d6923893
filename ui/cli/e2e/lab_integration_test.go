package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"kpadvisor/probe/lab"
)

// TestLabLikeTheCluster replays the ports and endpoints of a real cluster, from
// the cluster itself and from a snapshot of it: the lab then holds as many chains
// and elements as there are ports.
func TestLabLikeTheCluster(t *testing.T) {
	c := shared.Small(t)
	c.Seed(t, "services")
	env := kubeconfig(t, c)
	file := filepath.Join(t.TempDir(), "facts.json")
	run(t, env, "snapshot", "-o", file)
	facts := parse(t, run(t, environment(t), "audit", "--facts", file, "-o", "json").stdout).Facts
	ports, endpoints := 0, 0
	for _, row := range facts.PortsByEndpoints {
		ports, endpoints = ports+row.Ports, endpoints+row.Ports*row.Endpoints
	}
	load, _ := facts.Load.Get()
	if ports == 0 || ports != load.Ports || endpoints != load.Endpoints {
		t.Fatalf("the snapshot spreads %d ports and %d endpoints, and its load is %+v", ports, endpoints, load)
	}
	for like, env := range map[string][]string{file: environment(t), "current": env} {
		got := run(t, env, "lab", "run", "--like-cluster", like, "--modes", "nftables", "-o", "json").expect(t, fine)
		var r lab.Result
		if err := json.Unmarshal([]byte(got.stdout), &r); err != nil {
			t.Fatal(err)
		}
		note := fmt.Sprintf("%d ports, %d endpoints, and as many ports with each number of endpoints", ports, endpoints)
		if !strings.Contains(strings.Join(r.Environment.Notes, "\n"), note) {
			t.Errorf("the notes %q lack %q", r.Environment.Notes, note)
		}
		for _, p := range r.Points {
			if p.Services != ports || p.Mode == lab.NFTables && p.Counts.Elements < 2*ports {
				t.Errorf("%+v is not of %d ports", p, ports)
			}
		}
	}
	run(t, environment(t), "lab", "run", "--like-cluster", "current").expect(t, failure)
}

// TestLabEndsWhole ends a lab in a real terminal, at many moments, by ctrl-C, by
// hanging up and by SIGKILL: no process, link, rule or file is left behind.
func TestLabEndsWhole(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has a lab")
	}
	program, tmp := binary(t), t.TempDir()
	before := machine(t, tmp)
	for how, end := range map[string]func(*exec.Cmd, *os.File) error{
		"ctrl-C":  func(_ *exec.Cmd, terminal *os.File) error { _, err := terminal.WriteString("\x03"); return err },
		"hang-up": func(_ *exec.Cmd, terminal *os.File) error { return terminal.Close() },
		"SIGKILL": func(cmd *exec.Cmd, _ *os.File) error { return cmd.Process.Kill() },
	} {
		for _, after := range []time.Duration{5 * time.Millisecond, 60 * time.Millisecond, 250 * time.Millisecond, 1200 * time.Millisecond} {
			t.Run(fmt.Sprintf("%s after %v", how, after), func(t *testing.T) {
				cmd := exec.Command(program, "lab", "sweep", "--services", "300,5000")
				cmd.Env = environment(t, "TMPDIR="+tmp)
				terminal, err := pty.Start(cmd)
				if err != nil {
					t.Fatal(err)
				}
				defer terminal.Close()
				go func() { _, _ = io.Copy(io.Discard, terminal) }() // ends with the terminal
				time.Sleep(after)
				inside := descendants(cmd.Process.Pid)
				if err := end(cmd, terminal); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				_ = cmd.Wait() // its code is looked at below
				status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
				early := after < time.Second && status.Signaled() && status.Signal() == syscall.SIGINT // before it listened
				if code := cmd.ProcessState.ExitCode(); how == "ctrl-C" && after > 100*time.Millisecond && code != interrupted && !early {
					t.Errorf("exit code %d, want %d", code, interrupted)
				}
				for _, pid := range inside {
					for syscall.Kill(pid, 0) == nil && time.Since(began) < 20*time.Second {
						time.Sleep(10 * time.Millisecond)
					}
					if syscall.Kill(pid, 0) == nil {
						t.Errorf("process %d is left", pid)
					}
				}
			})
		}
	}
	if after := machine(t, tmp); after != before {
		t.Errorf("the machine is now\n%s\nand was\n%s", after, before)
	}
}

// machine is what a lab could leave on this machine: rules, links and files. Of
// listings the comments are left out, which hold the time.
func machine(t *testing.T, tmp string) string {
	t.Helper()
	out, err := exec.Command("sh", "-c", `PATH=$PATH:/usr/sbin:/sbin
		for list in iptables-legacy-save iptables-nft-save ip6tables-legacy-save ip6tables-nft-save "ipset save" "nft list ruleset" "ip -o link" "ip route" "ip netns" "ls -A $0"; do
			echo "== $list"; $list 2>&1
		done | grep -v '^#'`, tmp).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// descendants are the processes below one.
func descendants(pid int) []int {
	var all []int
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		list, err := os.ReadFile(task)
		if err != nil {
			continue // it has just ended
		}
		for _, field := range strings.Fields(string(list)) {
			if child, err := strconv.Atoi(field); err == nil {
				all = append(append(all, child), descendants(child)...)
			}
		}
	}
	return all
}
