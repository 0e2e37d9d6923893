package agent

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node"
	"kpadvisor/advisor/node/habit"
)

// measure counts connections in all ways at once, and writes what came of it.
func (a *agent) measure(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, a.For)
	defer cancel()
	type way struct {
		method advisor.HabitMethod
		count  func(context.Context) (advisor.NodeHabits, error)
	}
	var ways []way
	if a.Deep {
		ways = append(ways, way{advisor.ByConntrack, a.conntrack})
	}
	if a.virtual() {
		ways = append(ways, way{advisor.ByIPVS, a.ipvs})
	}
	if a.Connections {
		ways = append(ways, way{advisor.ByProcesses, a.processes})
	}
	all := make([]advisor.NodeHabits, len(ways))
	var counting sync.WaitGroup
	for i, w := range ways {
		counting.Go(func() {
			began := a.now()
			h, err := guarded(func() (advisor.NodeHabits, error) { return w.count(ctx) })
			if err != nil {
				h = habit.Failed(w.method, a.now()-began, err)
			}
			all[i] = h
		})
	}
	counting.Wait()
	text, err := json.Marshal(all)
	a.w.Section(node.SectionHabits, text, err)
}

// guarded turns a panic into an error: the rest of the report is worth writing.
func guarded[T any](do func() (T, error)) (out T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	return do()
}

// virtual reports that IPVS has a virtual server: where it has none, what it counts says
// nothing of Services.
func (a *agent) virtual() bool {
	text, err := a.read("/proc/net/ip_vs", 64<<10)
	if err != nil && !errors.Is(err, errLong) {
		return false
	}
	for line := range bytes.Lines(text) {
		for _, kind := range []string{"TCP ", "UDP ", "SCTP ", "FWM "} {
			if bytes.HasPrefix(line, []byte(kind)) {
				return true
			}
		}
	}
	return false
}

// How the table of IPVS is followed.
const (
	tableEvery  = 5 * time.Second
	tableTakes  = time.Second // at most, to read it once
	mostEntries = 1 << 20
)

// ipvs follows the table and the counters of IPVS.
func (a *agent) ipvs(ctx context.Context) (advisor.NodeHabits, error) {
	v := habit.NewIPVS(a.setting("net/ipv4/vs/conn_reuse_mode"))
	for last := false; ; last = !pause(ctx, tableEvery) {
		if err := a.table(v); err != nil {
			return advisor.NodeHabits{}, err
		}
		if last {
			return v.Habits(), nil
		}
	}
}

// table reads the table once.
func (a *agent) table(v *habit.IPVS) error {
	counters, err := a.read("/proc/net/ip_vs_stats_percpu", mostBytes)
	if err != nil {
		return fmt.Errorf("the counters of IPVS cannot be read: %w", err)
	}
	conns, ok := habit.Conns(counters)
	if !ok {
		return errors.New("the counters of IPVS make no sense")
	}
	f, err := os.Open(filepath.Join(a.root, "/proc/net/ip_vs_conn"))
	if err != nil {
		return fmt.Errorf("the table of IPVS cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }()
	began := a.now()
	v.Begin(began, conns)
	lines := bufio.NewReaderSize(f, 64<<10)
	for n := 0; ; n++ {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("the table of IPVS cannot be read: %w", err)
		}
		if n > mostEntries || a.now()-began > tableTakes {
			return errors.New("the table of IPVS is too large to follow")
		}
		if e, ok := habit.ParseIPVS(bytes.TrimSpace(line)); ok {
			v.Entry(e)
		}
	}
	v.End()
	return nil
}
