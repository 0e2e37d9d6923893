package incluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"kpadvisor/advisor/cluster/clustertest"
)

const testImage = "registry.test/kpadvisor:test"

// atMost bounds a wait for what is sure to come. It ends a test that hangs and measures no
// speed: on a busy machine everything takes many times as long.
const atMost = 3 * time.Minute

// managed selects everything that a run made.
const managed = "app.kubernetes.io/managed-by=kpadvisor"

var (
	up    sync.Once
	nodes *clustertest.Nodes
	dir   string // holds the binary
	upErr error
)

func TestMain(m *testing.M) {
	flag.Parse()
	// These tests wait most of the time: the pods measure, at 100 connections a second.
	if err := flag.Set("test.parallel", "6"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if nodes != nil {
		if err := nodes.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	if dir != "" {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// cluster is the one that the tests of this package share, with kpadvisor's image
// on both nodes as "kpadvisor image" writes it.
func cluster(t testing.TB) *clustertest.Nodes {
	t.Helper()
	b := clustertest.RequireNodes(t)
	up.Do(func() { upErr = start(b) })
	if upErr != nil {
		t.Fatal(upErr)
	}
	return nodes
}

func start(b clustertest.Binaries) (err error) {
	root, err := clustertest.ModuleRoot()
	if err != nil {
		return err
	}
	if dir, err = os.MkdirTemp("", "kpadvisor-incluster-"); err != nil {
		return err
	}
	built := make(chan error, 1)
	archive := filepath.Join(dir, "image.tar")
	go func() {
		cmd := exec.Command("go", "build", "-o", dir, ".")
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		out, err := cmd.CombinedOutput()
		if err == nil { // for two platforms, as make image does: the nodes take theirs
			program := filepath.Join(dir, "kpadvisor")
			out, err = exec.Command(program, "image", "-o", archive, "--name", testImage, "--binary", "linux/s390x="+program, "--binary", "linux/"+runtime.GOARCH+"="+program).CombinedOutput()
		}
		if err != nil {
			err = fmt.Errorf("could not build kpadvisor and its image: %w\n%s", err, out)
		}
		built <- err
	}()
	nodes, err = clustertest.StartNodes(context.Background(), b, "iptables", "nftables")
	if err = errors.Join(err, <-built); err != nil {
		return err
	}
	return nodes.Load(archive)
}

// process is a kpadvisor that runs.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr lockedBuffer
	ended          chan struct{}
}

// lockedBuffer may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// launch starts kpadvisor as a user of the kubeconfig, with streams that are no
// terminal.
func launch(t *testing.T, kubeconfig string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(filepath.Join(dir, "kpadvisor"), args...), ended: make(chan struct{})}
	p.cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "KUBECONFIG=" + kubeconfig}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the exit code is looked at below
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // fails if it has ended, as it should have
		<-p.ended
		if t.Failed() {
			t.Logf("kpadvisor %v said:\n%s", p.cmd.Args[1:], p.stderr.String())
		}
	})
	return p
}

// awaitEnd waits for the end.
func (p *process) awaitEnd() {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(2 * atMost):
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // its goroutines say where it hangs
		<-p.ended
		p.t.Fatalf("kpadvisor %v did not end\nstderr:\n%s", p.cmd.Args[1:], p.stderr.String())
	}
}

// wait waits for the end, and fails the test if that has another exit code.
func (p *process) wait(code int) *process {
	p.t.Helper()
	p.awaitEnd()
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Fatalf("kpadvisor %v: exit code %d, want %d\nstderr:\n%s\nstdout:\n%.2000s", p.cmd.Args[1:], got, code, p.stderr.String(), p.stdout.String())
	}
	return p
}

// measuring waits until some rounds are complete.
func (p *process) measuring() {
	p.t.Helper()
	await(p.t, "a complete round", func() bool {
		for line := range strings.Lines(p.stderr.String()) {
			if strings.HasPrefix(line, "measuring ") && !strings.Contains(line, ", 0 hits") {
				return true
			}
		}
		return false
	})
}

// guard is twice as long as a busy machine may be late for a block; what is later costs a
// round, which is measured again.
const guard = "250ms"

// short is a run of six rounds in a few seconds.
func short(namespace string, more ...string) []string {
	return append([]string{
		"probe", "--in-cluster", "--yes", "--image", testImage, "--image-pull-policy", "Never", "--namespace", namespace,
		"--blocks", "6", "--duration", "1800ms", "--guard", guard,
	}, more...)
}

// tooLate is what the pods say, to whom this machine came too late for too many rounds.
const tooLate = " rounds are complete."

// complete is a run to its whole result. One of which the pods say that this machine came
// too late for too many rounds is neither a result nor a defect, and is made again.
func complete(t *testing.T, kubeconfig string, args ...string) *process {
	t.Helper()
	for range 2 {
		p := launch(t, kubeconfig, args...)
		if p.awaitEnd(); p.cmd.ProcessState.ExitCode() != 1 || !strings.Contains(p.stderr.String(), tooLate) {
			return p.wait(0)
		}
		t.Log("this machine was too busy: it is run again")
	}
	return launch(t, kubeconfig, args...).wait(0)
}

// long is one that lasts until it is ended.
func long(namespace string, more ...string) []string {
	return short(namespace, append([]string{"--blocks", "200", "--duration", "60s"}, more...)...)
}

// adminConfig is a kubeconfig of who may do everything.
func adminConfig(t *testing.T) string { return configOf(t, cluster(t).Admin) }

func configOf(t *testing.T, c *rest.Config) string {
	t.Helper()
	return clustertest.Kubeconfig(t, "nodes", c)
}

// namespace makes a namespace for a test. It is removed, and everything in it,
// when the test ends; what a run made has to be gone before.
func namespace(t *testing.T, labels ...string) string {
	t.Helper()
	c := cluster(t).Client
	o := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-", Labels: map[string]string{}}}
	for i := 0; i+1 < len(labels); i += 2 {
		o.Labels[labels[i]] = labels[i+1]
	}
	made, err := c.CoreV1().Namespaces().Create(t.Context(), o, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		gone(t, made.Name)
		if err := c.CoreV1().Namespaces().Delete(context.Background(), made.Name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	// The Job controller refuses pods until the account is there, and then waits.
	await(t, "the default ServiceAccount", func() bool {
		_, err := c.CoreV1().ServiceAccounts(made.Name).Get(t.Context(), "default", metav1.GetOptions{})
		return err == nil
	})
	return made.Name
}

// leftovers lists what a run made that is still in the namespace.
func leftovers(ns string) ([]string, error) {
	c, ctx, o := nodes.Client, context.Background(), metav1.ListOptions{LabelSelector: managed}
	var left []string
	jobs, err1 := c.BatchV1().Jobs(ns).List(ctx, o)
	pods, err2 := c.CoreV1().Pods(ns).List(ctx, o)
	services, err3 := c.CoreV1().Services(ns).List(ctx, o)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	for _, j := range jobs.Items {
		left = append(left, "Job "+j.Name)
	}
	for _, p := range pods.Items {
		left = append(left, "Pod "+p.Name)
	}
	for _, s := range services.Items {
		left = append(left, "Service "+s.Name)
	}
	return left, nil
}

// gone fails the test if a run left something behind.
func gone(t *testing.T, ns string) {
	t.Helper()
	left, err := leftovers(ns)
	if err != nil || len(left) > 0 {
		t.Errorf("left in %s: %v, %v", ns, left, err)
	}
}

func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(atMost); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come within %v", what, atMost)
		}
	}
}

// probing waits until both probe pods of a namespace run.
func probing(t *testing.T, ns string) []corev1.Pod {
	t.Helper()
	var found []corev1.Pod
	await(t, "the pods of the probe", func() bool {
		list, err := nodes.Client.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{LabelSelector: managed + ",app.kubernetes.io/component in (probe-a,probe-b)"})
		if err != nil && !apierrors.IsServiceUnavailable(err) {
			t.Fatal(err)
		}
		found = list.Items
		running := 0
		for _, p := range found {
			if p.Status.Phase == corev1.PodRunning {
				running++
			}
		}
		return running == 2
	})
	return found
}

// measured is the part of the document that these tests look at.
type measured struct {
	Partial bool `json:"partial"`
	Targets []struct {
		Name     string         `json:"name"`
		From     string         `json:"from"`
		Kernel   string         `json:"kernel"`
		Address  string         `json:"address"`
		Requests int            `json:"requests"`
		Errors   map[string]int `json:"errors"`
		Blocks   []struct {
			Round    int   `json:"round"`
			AtNs     int64 `json:"atNs"`
			LengthNs int64 `json:"lengthNs"`
		} `json:"blocks"`
		Phases map[string]struct {
			N        int   `json:"n"`
			MedianNs int64 `json:"medianNs"`
		} `json:"phases"`
	} `json:"targets"`
	Controls []struct {
		Address  string         `json:"address"`
		Requests int            `json:"requests"`
		Errors   map[string]int `json:"errors"`
	} `json:"controls"`
	Comparison map[string]struct {
		Blocks       int    `json:"blocks"`
		MedianDiffNs int64  `json:"medianDiffNs"`
		LowNs        int64  `json:"lowNs"`
		HighNs       int64  `json:"highNs"`
		Detected     bool   `json:"detected"`
		Over         string `json:"over"`
		Units        [2]int `json:"units"`
	} `json:"comparison"`
	Units []struct {
		Node    string         `json:"node"`
		Service string         `json:"service"`
		N       map[string]int `json:"n"`
	} `json:"units"`
	Direct map[string]struct {
		Blocks int `json:"blocks"`
	} `json:"direct"`
	Windows []struct {
		Changes []struct {
			What string `json:"what"`
		} `json:"changes"`
		Targets []struct {
			Requests int `json:"requests"`
			Failed   int `json:"failed"`
		} `json:"targets"`
	} `json:"windows"`
	SelfCheck struct {
		Usable bool     `json:"usable"`
		Why    []string `json:"why"`
		Steal  struct {
			Known bool `json:"known"`
		} `json:"steal"`
	} `json:"selfCheck"`
	Overlap string            `json:"overlap"`
	Labels  map[string]string `json:"labels"`
	Notes   []string          `json:"notes"`
}

func (p *process) document() measured {
	p.t.Helper()
	var m measured
	if err := json.Unmarshal([]byte(p.stdout.String()), &m); err != nil {
		p.t.Fatalf("%v\n%s", err, p.stdout.String())
	}
	if len(m.Targets) != 2 || len(m.Targets[0].Blocks) == 0 || len(m.Targets[0].Blocks) != len(m.Targets[1].Blocks) {
		p.t.Fatalf("the targets have not the same blocks, or none:\n%.3000s", p.stdout.String())
	}
	return m
}

// busy reports that the document itself says that this machine was too busy to measure.
func (m measured) busy() bool {
	return !m.SelfCheck.Usable || m.Overlap != "" || strings.Contains(strings.Join(m.Notes, "\n"), "came too late for")
}

// planned reports whether there are as many hits as blocks of 300 ms have at 100/s. That
// rate is a cap: some are not sent, and of a busy machine nobody knows how many.
func (m measured) planned(hits, blocks int) bool {
	least := 15 * blocks
	if m.busy() {
		least = 1
	}
	return hits >= least && hits <= 30*blocks
}

// contains fails the test for each part that text lacks.
func contains(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s does not contain %q:\n%s", what, part, text)
		}
	}
}
