package lab

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	nodereport "kpadvisor/advisor/node"
	"kpadvisor/probe"
	"kpadvisor/probe/lab/drill"
)

var updateReports = flag.Bool("update-reports", false, "rewrite the reports of nodes in advisor/node/testdata that user-mode Linux makes")

// reportsVariable names the folder that a guest writes reports into.
const reportsVariable = "KPADVISOR_GUEST_REPORTS"

// guestReports is a folder for the reports of a guest, which keep, with -update-reports,
// copies in the testdata of package node.
func guestReports(t *testing.T) (dir, parameter string) {
	t.Helper()
	dir = t.TempDir()
	t.Cleanup(func() {
		if !*updateReports || t.Failed() {
			return
		}
		made, err := filepath.Glob(filepath.Join(dir, "*.txt"))
		if err != nil {
			t.Error(err)
		}
		for _, path := range made {
			text, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(filepath.Join("../../advisor/node/testdata", filepath.Base(path)), text, 0o644)
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
	return dir, reportsVariable + "=" + dir
}

// keepReport is called in the guest.
func keepReport(t *testing.T, name string, report []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(os.Getenv(reportsVariable), name+".txt"), report, 0o644); err != nil {
		t.Error(err)
	}
}

// samples are how a load is made and read.
type samples struct {
	name  string
	reuse int // net.ipv4.vs.conn_reuse_mode
	ports int // source ports that the client takes in turn
}

const (
	samplesRate  = 25 // connections a second
	samplesEvery = 5 * time.Second
	samplesCount = 3
	fewPorts     = 200 // each comes again after 8 s
)

func allSamples() []samples {
	return []samples{
		{"ipvs-conn-mode0-reuse", 0, fewPorts},
		{"ipvs-conn-mode1-reuse", 1, fewPorts},
		{"ipvs-conn-mode0", 0, 10_000},
		{"ipvs-conn-mode1", 1, 10_000},
	}
}

// TestUserModeLinuxSamples makes a load of short connections to a Service in IPVS mode, from
// few source ports and from many, and reads what a node tells of it.
func TestUserModeLinuxSamples(t *testing.T) {
	besideOthers(t)
	dir, parameter := guestReports(t)
	t.Logf("%s", inGuestWith(t, []string{parameter}, "-test.run=^TestSamplesAsGuest$", "-test.v"))
	for _, s := range allSamples() {
		text, err := os.ReadFile(filepath.Join(dir, s.name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), " TIME_WAIT"); n == 0 {
			t.Errorf("%s: no entry is in TIME_WAIT", s.name)
		}
	}
}

func TestSamplesAsGuest(t *testing.T) {
	if os.Getpid() != 1 {
		t.Skip("is started by TestUserModeLinuxSamples in user-mode Linux")
	}
	// At once, each at a node of its own.
	var all sync.WaitGroup
	for i, s := range allSamples() {
		all.Go(func() {
			var report []byte
			err := guarded(func() (err error) {
				report, err = s.take(t.Context(), i)
				return err
			})
			if err != nil {
				t.Error(err)
				return
			}
			keepReport(t, s.name, report)
		})
	}
	all.Wait()
}

// take makes the load and reads the connections and counters of IPVS some times. The
// report says as well what the client did: "load", with the connections that it had begun
// and ended at each reading. On a busy machine it begins fewer than it should.
func (s samples) take(ctx context.Context, index int) ([]byte, error) {
	client, err := thisNamespace() // the client is many threads
	if err != nil {
		return nil, err
	}
	defer client.close()
	config := drill.Config{Mode: string(IPVS), Sysctls: &drill.Sysctls{ConnReuseMode: s.reuse, ExpireNodestConn: 1, Conntrack: 1}}
	n, err := newDrillNode(ctx, client, index, config, 2)
	if err != nil {
		return nil, err
	}
	defer n.close()
	plan := drill.Plan{Rate: samplesRate, Ports: s.ports, Timeout: time.Minute} // of a machine that is busy
	var made, failed atomic.Int64
	c := newDrillClient(n.target(), plan, time.Now())
	c.skipped = func() {}
	c.ended = func(_ int, conn drill.Conn) {
		made.Add(1)
		if conn.Class != probe.NoFailure {
			failed.Add(1)
		}
	}
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- guarded(func() error { return c.run(ctx, stop) })
	}()
	report, err := s.read(ctx, n, c, &made)
	close(stop)
	if err = errors.Join(err, <-ended); err != nil {
		return nil, err
	}
	if failed.Load() > 0 {
		return nil, fmt.Errorf("%s: of %d connections %d failed", s.name, made.Load(), failed.Load())
	}
	return report, nil
}

// read waits until the load has gone once through its ports, if they are few, so that it
// is steady, and reads.
func (s samples) read(ctx context.Context, n *drillNode, c *drillClient, made *atomic.Int64) ([]byte, error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	await := func(done func() bool) error {
		for !done() {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
	if err := await(func() bool { return made.Load() > fewPorts }); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := nodereport.NewWriter(&out)
	var load strings.Builder
	fmt.Fprintf(&load, "%d connections a second from %d source ports, each ended by the server, in order\n", samplesRate, s.ports)
	for i := range samplesCount {
		began := time.Now()
		err := n.ns.do(func() error {
			for _, f := range []struct{ name, path string }{
				{"uptime", "/proc/uptime"}, {"ipvs.stats", "/proc/thread-self/net/ip_vs_stats_percpu"}, {"ipvs.connections", "/proc/thread-self/net/ip_vs_conn"},
			} {
				text, err := os.ReadFile(f.path)
				w.Section(fmt.Sprintf("%s.%d", f.name, i+1), text, err)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&load, "%d begun, %d ended after reading %d\n", c.begun.Load(), made.Load(), i+1)
		if err := await(func() bool { return time.Since(began) >= samplesEvery }); err != nil {
			return nil, err
		}
	}
	w.Section("load", []byte(load.String()), nil)
	err := w.Close()
	return out.Bytes(), err
}
