//go:build linux

package clustertest_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor/cluster/clustertest"
)

// heldVariable makes this test binary start nodes and hold them until it is killed.
const heldVariable = "KPADVISOR_TEST_HOLD_NODES"

// TestNodes: two nodes come up, each with its mode, and leave nothing behind.
func TestNodes(t *testing.T) {
	b := clustertest.RequireNodes(t)
	before := machine(t)
	n, err := clustertest.StartNodes(t.Context(), b, "iptables", "nftables")
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	list, err := n.Client.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 2 {
		t.Errorf("%d nodes, %v", len(list.Items), err)
	}
	if err := n.Stop(); err != nil {
		t.Error(err)
	}
	compare(t, before)
}

// TestNodesKilled: they end with the process that started them, even if that is killed.
func TestNodesKilled(t *testing.T) {
	b := clustertest.RequireNodes(t)
	if os.Getenv(heldVariable) != "" {
		hold(b)
	}
	before := machine(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestNodesKilled$")
	var out bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), heldVariable+"=1"), &out, &out
	ready, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer ready.Close()
	said, err := os.CreateTemp(t.TempDir(), "held")
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	cmd.ExtraFiles = []*os.File{said}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, 2*time.Minute, func() string {
		text, err := os.ReadFile(said.Name())
		if err != nil || len(text) == 0 {
			return "the nodes are not up"
		}
		return ""
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed, as it should be
	folder, err := os.ReadFile(said.Name())
	if err != nil || !strings.HasPrefix(string(folder), os.TempDir()) {
		t.Fatalf("said %q, %v\n%s", folder, err, &out)
	}
	// The kernel ends them one after the other, on a busy machine slowly.
	await(t, 2*time.Minute, func() string { return strings.Join(processes(t, string(folder)), "\n") })
	if err := os.RemoveAll(string(folder)); err != nil {
		t.Error(err)
	}
	// Empty cgroups are all that is left, and the next cluster removes them.
	n, err := clustertest.StartNodes(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Stop(); err != nil {
		t.Error(err)
	}
	compare(t, before)
}

// hold starts nodes, says where their files are, and waits for its end.
func hold(b clustertest.Binaries) {
	n, err := clustertest.StartNodes(context.Background(), b, "iptables")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_, _ = os.NewFile(3, "said").WriteString(n.Dir()) // who asked looks at it
	select {}
}

// machine is everything of this machine that a node could leave changed.
func machine(t *testing.T) map[string]string {
	t.Helper()
	now := map[string]string{}
	for _, file := range []string{
		"/proc/self/mountinfo",
		"/proc/sys/vm/overcommit_memory", "/proc/sys/vm/panic_on_oom", "/proc/sys/kernel/panic", "/proc/sys/kernel/panic_on_oops",
		"/proc/sys/kernel/keys/root_maxkeys", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/conf/all/route_localnet",
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		now[file] = string(text)
	}
	for _, pattern := range []string{cgroups, "/run/netns/*", "/sys/class/net/*", "/var/lib/kubelet", "/var/lib/cni/*", "/run/containerd/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = slices.DeleteFunc(found, others)
		now[pattern] = strings.Join(found, "\n")
	}
	return now
}

// cgroups are those of nodes.
const cgroups = "/sys/fs/cgroup/*/kpadvisor-test-*"

// isPart reports that no line is in one list that is not in the other.
func isPart(list, of string) bool {
	all := strings.Split(of, "\n")
	return list == "" || !slices.ContainsFunc(strings.Split(list, "\n"), func(l string) bool { return !slices.Contains(all, l) })
}

// others reports a cgroup of nodes that another process has up at the same time.
func others(path string) bool {
	name, isCgroup := strings.CutPrefix(filepath.Base(path), "kpadvisor-test-")
	owner, _, _ := strings.Cut(name, "-")
	if !isCgroup || owner == strconv.Itoa(os.Getpid()) {
		return false
	}
	_, err := os.Stat("/proc/" + owner)
	return err == nil
}

// compare fails the test for everything that is not as it was. The kernel may
// need a moment to end what was killed.
func compare(t *testing.T, before map[string]string) {
	t.Helper()
	await(t, time.Minute, func() string {
		now := machine(t)
		for _, what := range slices.Sorted(maps.Keys(before)) {
			swept := what == cgroups && isPart(now[what], before[what]) // a start removes what a killed run left
			if now[what] != before[what] && !swept {
				return fmt.Sprintf("%s was\n%s\nand is\n%s", what, before[what], now[what])
			}
		}
		return ""
	})
}

// processes are the command lines with a word in them.
func processes(t *testing.T, word string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), word) {
			found = append(found, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return found
}

// await waits until missing says nothing.
func await(t *testing.T, most time.Duration, missing func() string) {
	t.Helper()
	for deadline := time.Now().Add(most); ; time.Sleep(50 * time.Millisecond) {
		text := missing()
		if text == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(text)
		}
	}
}
