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
	"slices"
	"sync"
	"time"
)

// moment is when a connection was begun: after the first of these, before the second, in
// ns since the epoch. On a busy machine that can be long.
type moment struct{ After, Before int64 }

// truth is what a pod really did.
type truth struct {
	mu       sync.Mutex
	Begun    []moment
	Tuples   []int // the source port and address of each
	Problems int
}

// reused is the share of connections whose source was used before, of the later half.
func (t *truth) reused() float64 {
	half := len(t.Tuples) / 2
	again := 0
	for i, tuple := range t.Tuples[half:] {
		if slices.Contains(t.Tuples[:half+i], tuple) {
			again++
		}
	}
	return float64(again) / float64(max(1, len(t.Tuples)-half))
}

// podMain is a pod: the server, or a client that begins connections until its input ends.
func podMain() error {
	var l load
	var index int
	if err := json.Unmarshal([]byte(os.Getenv(caseVariable)), &l); err != nil {
		return err
	}
	if _, err := fmt.Sscan(os.Getenv("KPADVISOR_AGENT_TEST_POD"), &index); err != nil {
		return err
	}
	fmt.Println("here")
	input := bufio.NewReader(os.Stdin)
	if line, err := input.ReadString('\n'); err != nil || line != "linked\n" {
		return fmt.Errorf("the node says %q: %w", line, err)
	}
	if err := configure(index, l.Sources); err != nil {
		return err
	}
	if index == 0 {
		if err := errors.Join(listen(80, false), listen(81, true)); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, input)
		cancel()
	}()
	if index == 0 {
		<-ctx.Done()
		return nil
	}
	var made truth
	l.begin(ctx, &made, func() { fmt.Println("begun") })
	return json.NewEncoder(os.Stdout).Encode(&made)
}

// configure gives the pod its address, and if it is a NAT those behind it: in a namespace
// of its own they would be the same to the node.
func configure(index, sources int) error {
	batch := fmt.Sprintf(
		"link set lo up\naddress add 10.77.%[1]d.2/24 dev eth0\nlink set eth0 up\nroute add default via 10.77.%[1]d.1\n",
		index,
	)
	for i := range sources {
		batch += fmt.Sprintf("address add 10.78.%d.%d/32 dev lo\n", index, i+1)
	}
	if err := commands(batch, "ip", "-batch", "-"); err != nil || sources == 0 {
		return err
	}
	return commands(
		"table ip nat {\n chain post {\n type nat hook postrouting priority 100\n oifname eth0 masquerade\n}\n}\n",
		"nft",
		"-f",
		"-",
	)
}

// begin begins connections at a rate until ctx ends. After the first ones it says so.
func (l load) begin(ctx context.Context, made *truth, say func()) {
	var all, pool sync.WaitGroup
	defer all.Wait()
	pool.Add(l.Pool)
	for range l.Pool {
		all.Go(func() { l.connect(ctx, made, 0, 1<<62, pool.Done) })
	}
	pool.Wait()
	if l.PerSecond == 0 {
		say()
		<-ctx.Done()
		return
	}
	every := time.Duration(float64(time.Second) / l.PerSecond)
	tick := time.NewTimer(0)
	defer tick.Stop()
	next := time.Now()
	for n := 0; ; n++ {
		if n == l.Before {
			say()
		}
		tick.Reset(time.Until(next))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		next = next.Add(every)
		all.Go(func() { l.connect(ctx, made, n, l.Hold, func() {}) })
	}
}

// connect begins one connection, says when it has, and holds it.
func (l load) connect(ctx context.Context, made *truth, n int, hold time.Duration, begun func()) {
	port, from := 0, ""
	if l.Ports > 0 {
		port = 20_000 + n%l.Ports
	}
	if l.Sources > 0 {
		from = fmt.Sprintf("10.78.1.%d", 1+n%l.Sources)
	}
	d := net.Dialer{Timeout: 5 * time.Second, LocalAddr: &net.TCPAddr{IP: net.ParseIP(from), Port: port}}
	target := virtualAddress + ":80"
	if l.Server {
		target = virtualAddress + ":81"
	}
	at := time.Now()
	c, err := d.DialContext(context.WithoutCancel(ctx), "tcp4", target)
	made.mu.Lock()
	if err != nil {
		made.Problems++
	}
	if hold < 1<<62 {
		made.Begun, made.Tuples = append(
			made.Begun,
			moment{at.UnixNano(), time.Now().UnixNano()},
		), append(
			made.Tuples,
			port+n%max(1, l.Sources)<<16,
		)
	}
	made.mu.Unlock()
	begun()
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	if l.Server {
		_, _ = io.Copy(io.Discard, c)
		return
	}
	timer := time.NewTimer(hold)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	if t, ok := c.(*net.TCPConn); ok && l.Reset {
		_ = t.SetLinger(0)
	}
}
