package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node"
)

// This file makes a node of network namespaces: one that is the node's, and one for each
// pod, as processes of this test binary.

// Variables that make this binary a part of a rig.
const (
	partVariable = "KPADVISOR_AGENT_TEST_PART" // node, pod or inventory
	caseVariable = "KPADVISOR_AGENT_TEST_CASE" // JSON of a load
)

func TestMain(m *testing.M) {
	switch os.Getenv(partVariable) {
	case "":
		os.Exit(m.Run())
	case "node":
		end(nodeMain())
	case "pod":
		end(podMain())
	case "inventory":
		end(inventoryMain())
	}
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// load is what pods do, and what the agent is told to do meanwhile.
type load struct {
	Pods      int           // client pods
	PerSecond float64       // connections begun by each
	Hold      time.Duration // before they are closed
	Reset     bool          // closed by a reset
	Pool      int           // connections each keeps open all the time
	Ports     int           // source ports they use in turn; 0 is whatever the kernel chooses
	Sources   int           // addresses each begins from, behind one NAT
	Server    bool          // closes first
	Before    int           // connections begun before the agent is started
	For       time.Duration
	Keeps     string // nf_conntrack_tcp_timeout_time_wait
	Silent    bool   // nf_conntrack_events is 0
	Host      bool   // the node's own namespace begins connections as well
	Script    bool   // read by the script, and not by the agent
}

// told is what a rig tells: the habits, by method, and what really happened meanwhile.
type told struct {
	Habits   []advisor.NodeHabits
	Report   string
	Begun    [][]moment // by pod
	Own      []moment   // of the node's own namespace
	Ended    time.Time  // the measurement
	Reused   float64    // the share of them whose 5-tuple was used before
	Problems int        // connections that failed
}

// figure is what a figure must be: as it was at least, and at most.
type figure struct{ low, high float64 }

func (f figure) plus(g figure) figure { return figure{f.low + g.low, f.high + g.high} }

// begun is the rates at which connections were begun in the time that was measured until
// Ended: of all pods, of the busiest, and of the node itself.
func (t told) begun(over time.Duration) (all, most, own figure) {
	in := func(begun []moment) (f figure) {
		from, until := t.Ended.Add(-over).UnixNano(), t.Ended.UnixNano()
		for _, m := range begun {
			if m.Before > from && m.After <= until {
				f.high += 1 / over.Seconds()
			}
			if m.After > from && m.Before <= until {
				f.low += 1 / over.Seconds()
			}
		}
		return f
	}
	for _, pod := range t.Begun {
		f := in(pod)
		all, most = all.plus(f), figure{max(most.low, f.low), max(most.high, f.high)}
	}
	return all, most, in(t.Own)
}

// run makes a rig, and returns what it tells.
func (l load) run(t *testing.T) told {
	t.Helper()
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	out := part(t, "node", string(text), "ip", "nft", "dash", "conntrack")
	var all told
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return all
}

// part runs this binary as a part in namespaces of its own, and returns what it prints.
func part(t *testing.T, name, of string, needs ...string) []byte {
	t.Helper()
	all := os.Getenv("KPADVISOR_REQUIRE_ALL") != ""
	if os.Geteuid() != 0 { // make test runs as root where a node is needed
		t.Skip("network namespaces need root")
	}
	for _, command := range needs {
		if _, err := exec.LookPath(command); err != nil && !all {
			t.Skip(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe")
	cmd.Env = append(os.Environ(), partVariable+"="+name, caseVariable+"="+of)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID,
		Pdeathsig:  unix.SIGKILL,
	}
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	return out
}

// ownProc gives a part its own /proc.
func ownProc() error {
	return errors.Join(
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount("proc", "/proc", "proc", 0, ""),
	)
}

func commands(input string, name string, words ...string) error {
	cmd := exec.Command(name, words...)
	cmd.Stdin = strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

func setSysctl(name, value string) error {
	return os.WriteFile("/proc/sys/"+name, []byte(value), 0o644)
}

const virtualAddress = "10.96.0.10"

// nodeRules send the Service's address to the server, and have everything tracked. An
// empty table tells that this is where kube-proxy is.
const nodeRules = `table ip kube-proxy {
}
table ip kpadvisor {
	chain pre {
		type nat hook prerouting priority -100
		ip daddr 10.96.0.10 tcp dport 80 dnat to 10.77.0.2:80
		ip daddr 10.96.0.10 tcp dport 81 dnat to 10.77.0.2:81
	}
	chain out {
		type nat hook output priority -100
		ip daddr 10.96.0.10 tcp dport 80 dnat to 10.77.0.2:80
	}
}
`

// nodeMain is the node: it makes pods, has them begin connections, and runs the agent.
func nodeMain() error {
	var l load
	if err := json.Unmarshal([]byte(os.Getenv(caseVariable)), &l); err != nil {
		return err
	}
	if err := ownProc(); err != nil {
		return err
	}
	settings := map[string]string{"net/ipv4/ip_forward": "1", "net/netfilter/nf_conntrack_tcp_timeout_time_wait": l.Keeps}
	if l.Silent {
		settings["net/netfilter/nf_conntrack_events"] = "0"
	}
	if err := errors.Join(
		commands("", "ip", "link", "set", "lo", "up"),
		commands(nodeRules, "nft", "-f", "-"),
	); err != nil {
		return err
	}
	for name, value := range settings {
		if value == "" {
			continue
		}
		if err := setSysctl(name, value); err != nil {
			return err
		}
	}
	server, err := newPod(0, load{})
	if err != nil {
		return err
	}
	var pods []*pod
	for i := range l.Pods {
		p, err := newPod(i+1, l)
		if err != nil {
			return err
		}
		pods = append(pods, p)
	}
	out, err := l.measured(pods)
	_ = server.in.Close()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

// measured runs the agent while pods begin connections.
func (l load) measured(pods []*pod) (told, error) {
	var out told
	for _, p := range pods {
		if err := p.says("begun"); err != nil {
			return out, err
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var own sync.WaitGroup
	var made truth
	if l.Host {
		own.Go(func() { (load{PerSecond: 40}).begin(ctx, &made, func() {}) })
	}
	report, err := l.report(ctx)
	cancel()
	own.Wait()
	out.Ended, out.Report, out.Own, out.Problems = time.Now(), report, made.Begun, made.Problems
	if err != nil {
		return out, err
	}
	for _, p := range pods {
		_ = p.in.Close()
		var made truth
		if err := json.NewDecoder(p.out).Decode(&made); err != nil {
			return out, err
		}
		out.Begun = append(out.Begun, made.Begun)
		out.Reused += made.reused() / float64(len(pods))
		out.Problems += made.Problems
	}
	return out, nil
}

// report reads the node.
func (l load) report(ctx context.Context) (string, error) {
	var report strings.Builder
	if !l.Script {
		err := newAgent(&report, Options{Node: "node-1", Connections: true, Deep: true, For: l.For}).write(ctx)
		return report.String(), err
	}
	script, err := node.ScriptFor(l.For)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "dash", "-s")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(script), &report, os.Stderr
	err = cmd.Run()
	return report.String(), err
}

// pod is a process in a network namespace of its own.
type pod struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// newPod makes pod 10.77.INDEX.2. Pod 0 is the server.
func newPod(index int, l load) (*pod, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(
		os.Environ(),
		partVariable+"=pod",
		caseVariable+"="+string(text),
		fmt.Sprintf("KPADVISOR_AGENT_TEST_POD=%d", index),
	)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: unix.SIGKILL}
	cmd.Stderr = os.Stderr
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		return nil, err
	}
	p := &pod{in: in, out: bufio.NewReader(out)}
	if err := p.says("here"); err != nil {
		return nil, err
	}
	batch := fmt.Sprintf(
		"link add v%[1]d type veth peer name eth0 netns %[2]d\naddress add 10.77.%[1]d.1/24 dev v%[1]d\nlink set v%[1]d up\n",
		index,
		cmd.Process.Pid,
	)
	if index == 0 { // what the node itself begins has a way there
		batch += "route add 10.96.0.0/16 via 10.77.0.2\n"
	}
	if l.Sources > 0 {
		batch += fmt.Sprintf("route add 10.78.%[1]d.0/24 via 10.77.%[1]d.2\n", index)
	}
	if err := commands(batch, "ip", "-batch", "-"); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(in, "linked\n"); err != nil {
		return nil, err
	}
	return p, p.says("ready")
}

// says waits for a line of a pod.
func (p *pod) says(what string) error {
	line, err := p.out.ReadString('\n')
	if err == nil && line != what+"\n" {
		err = fmt.Errorf("and not %q", what)
	}
	if err != nil {
		return fmt.Errorf("a pod says %q: %w", line, err)
	}
	return nil
}

// listen answers at a port: it closes what the client has closed, or closes first.
func listen(port int, first bool) error {
	l, err := net.Listen("tcp4", fmt.Sprintf(":%d", port))
	if err != nil {
		return err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				if !first {
					_, _ = io.Copy(io.Discard, c)
				}
			}()
		}
	}()
	return nil
}
