package agent

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node/habit"
)

// What is asked and heard of conntrack (nfnetlink_conntrack.h).
const (
	subsystemConntrack = 1 << 8
	conntrackNew       = subsystemConntrack // 0: an entry, or an event that one is new or changed
	conntrackGet       = subsystemConntrack | 1
	groupsNewAndUpdate = 1<<0 | 1<<1

	attrOrig, attrReply, attrProtoInfo, attrTimeout, attrZone = 1, 2, 4, 7, 18
)

const (
	eventBuffer   = 16 << 20 // 10,000 new connections a second fill a quarter of it in a second
	eventWait     = 100 * time.Millisecond
	mostTableRead = 1 << 21 // entries
)

// errNoEvents is of a node that tells none.
var errNoEvents = errors.New("net.netfilter.nf_conntrack_events is 0: this node tells no events of conntrack")

// conntrack follows the events of conntrack, after one look at its table for what ended
// shortly before.
func (a *agent) conntrack(ctx context.Context) (advisor.NodeHabits, error) {
	if err := a.canFollow(); err != nil {
		return advisor.NodeHabits{}, err
	}
	s, err := dial(groupsNewAndUpdate)
	if err != nil {
		return advisor.NodeHabits{}, err
	}
	defer s.close()
	s.enlarge(eventBuffer)
	keeps := time.Duration(a.setting("net/netfilter/nf_conntrack_tcp_timeout_time_wait")) * time.Second
	f := &following{clock: a.now, habits: habit.NewConntrack(keeps)}
	// What begins while the table is read is heard already, so that nothing is missed between.
	looking, looked := context.WithCancel(ctx)
	defer looked()
	heard := make(chan error, 1)
	go func() {
		_, err := guarded(func() (struct{}, error) { return struct{}{}, f.hear(looking, s) })
		heard <- err
	}()
	seeding := f.look(true)
	looked()
	if err := <-heard; err != nil {
		return advisor.NodeHabits{}, err
	}
	if seeding != nil && !errors.Is(seeding, errChanged) {
		return advisor.NodeHabits{}, fmt.Errorf("the table of conntrack cannot be read: %w", seeding)
	}
	f.habits.Begin(a.now())
	if err := f.hear(ctx, s); err != nil {
		return advisor.NodeHabits{}, err
	}
	ended := a.now()
	_ = f.look(false) // without it how many are open is what it was before
	return f.habits.Habits(ended), nil
}

// canFollow says what keeps events from being heard, without asking for them: asking
// would load a module.
func (a *agent) canFollow() error {
	switch events := a.setting("net/netfilter/nf_conntrack_events"); {
	case a.setting("net/netfilter/nf_conntrack_count") < 0:
		return errors.New("this node does not use conntrack")
	case events == 0:
		return errNoEvents
	case !a.loaded("nf_conntrack_netlink", "CONFIG_NF_CT_NETLINK"):
		return errors.New("nf_conntrack_netlink is not loaded")
	}
	return nil
}

// following counts what is heard and looked at. Both are done at once at first.
type following struct {
	clock  func() time.Duration
	mu     sync.Mutex
	habits *habit.Conntrack
}

// hear tells events until ctx ends.
func (f *following) hear(ctx context.Context, s *nfnl) error {
	for {
		wait := eventWait
		if ctx.Err() != nil {
			wait = 0 // what has come by now still counts
		}
		b, err := s.receive(wait)
		switch {
		case errors.Is(err, errLost):
			f.lost()
			if ctx.Err() != nil {
				return nil
			}
			continue
		case err != nil:
			return err
		case len(b) == 0 && ctx.Err() != nil:
			return nil
		}
		f.tell(b)
	}
}

func (f *following) lost() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.habits.Lost()
}

func (f *following) tell(b []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.clock()
	for m := range messages(b) {
		if m.kind != conntrackNew {
			continue
		}
		e, ok := tracked(m.body)
		switch {
		case !ok:
		case m.flags&unix.NLM_F_CREATE != 0:
			f.habits.New(now, e.Flow, e.State)
		default:
			f.habits.Update(now, e.Flow, e.State)
		}
	}
}

// look reads the table: what is established, and as a seed all that is in it.
func (f *following) look(seed bool) error {
	open, n := 0, 0
	err := dump(conntrackGet, unix.AF_UNSPEC, nil, func(m message) {
		e, ok := tracked(m.body)
		if n++; !ok || n > mostTableRead {
			return
		}
		if e.State == habit.Established && !e.Flow.Local() {
			open++
		}
		if seed {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.habits.Seed(f.clock(), e.Flow, e.State, e.Left)
		}
	})
	if n > mostTableRead {
		return errors.New("the table of conntrack is too large to read")
	}
	if err == nil || errors.Is(err, errChanged) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.habits.Established(open)
	}
	return err
}

// tracked reads an entry of TCP. ok is false for any other, and for those in a zone of
// their own, which are tracked a second time.
func tracked(body []byte) (t habit.Tracked, ok bool) {
	var orig, reply []byte
	for number, value := range attributes(body) {
		switch number {
		case attrOrig:
			orig = value
		case attrReply:
			reply = value
		case attrProtoInfo:
			if state := attribute(attribute(value, 1), 1); len(state) == 1 { // CTA_PROTOINFO_TCP, its state
				t.State = habit.State(state[0])
			}
		case attrTimeout:
			if len(value) == 4 {
				t.Left = time.Duration(binary.BigEndian.Uint32(value)) * time.Second
			}
		case attrZone:
			if len(value) == 2 && binary.BigEndian.Uint16(value) != 0 {
				return t, false
			}
		}
	}
	from, to, ok := direction(orig)
	if !ok {
		return t, false
	}
	t.Flow = habit.Flow{From: from, To: to}
	if server, _, ok := direction(reply); ok {
		t.Flow.Server = server
	}
	return t, true
}

// direction reads a tuple of TCP: CTA_TUPLE_IP and CTA_TUPLE_PROTO.
func direction(tuple []byte) (from, to netip.AddrPort, ok bool) {
	var source, destination netip.Addr
	var sourcePort, destinationPort uint16
	var protocol byte
	for number, value := range attributes(tuple) {
		switch number {
		case 1:
			for n, address := range attributes(value) {
				a, _ := netip.AddrFromSlice(address)
				if n == 1 || n == 3 { // of IPv4, of IPv6
					source = a
				} else {
					destination = a
				}
			}
		case 2:
			for n, v := range attributes(value) {
				switch {
				case n == 1 && len(v) == 1:
					protocol = v[0]
				case n == 2 && len(v) == 2:
					sourcePort = binary.BigEndian.Uint16(v)
				case n == 3 && len(v) == 2:
					destinationPort = binary.BigEndian.Uint16(v)
				}
			}
		}
	}
	ok = protocol == unix.IPPROTO_TCP && source.IsValid() && destination.IsValid()
	return netip.AddrPortFrom(source, sourcePort), netip.AddrPortFrom(destination, destinationPort), ok
}
