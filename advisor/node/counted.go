package node

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node/habit"
)

// counted are the habits that follow from what the script read with --connections.
func (r raw) counted() []advisor.NodeHabits {
	var out []advisor.NodeHabits
	for _, way := range []struct {
		method advisor.HabitMethod
		count  func() (advisor.NodeHabits, error)
	}{{advisor.ByConntrack, r.countEvents}, {advisor.ByIPVS, r.countTable}, {advisor.ByProcesses, r.countNamespaces}} {
		h, err := way.count()
		switch {
		case errors.Is(err, errNotCounted):
			continue
		case err != nil:
			h = habit.Failed(way.method, 0, err)
		}
		out = append(out, believable(h))
	}
	return out
}

// errNotCounted is of a way that the script did not go.
var errNotCounted = errors.New("not counted")

// mustRead is a section that was read to its end, without an error.
func (r raw) mustRead(name string) (string, error) {
	s, known := r.sections[name]
	text, ok := s.text()
	switch f := why[int](s, known, name); {
	case !known:
		return "", errNotCounted
	case s.cut:
		return "", errors.New("there were more connections than a section holds")
	case !ok:
		return "", errors.New(f.Detail)
	}
	return text, nil
}

// countNamespaces compares what each network namespace had begun before and after.
func (r raw) countNamespaces() (advisor.NodeHabits, error) {
	p := habit.NewProcesses()
	for _, name := range []string{"processes.1", "processes.2"} {
		text, err := r.mustRead(name)
		if err != nil {
			return advisor.NodeHabits{}, err
		}
		at, rest, err := stamped(text)
		if err != nil {
			return advisor.NodeHabits{}, err
		}
		p.Look(at, namespaces(rest))
	}
	return p.Habits(), nil
}

// stamped takes off the first line, the time since the node started.
func stamped(text string) (at time.Duration, rest string, err error) {
	line, rest, _ := strings.Cut(text, "\n")
	s := seconds(strings.TrimSpace(line))
	if s <= 0 {
		return 0, "", errors.New("when it was read is not told")
	}
	return time.Duration(s * float64(time.Second)), rest, nil
}

// namespaces reads what the script prints of each but the node's own.
func namespaces(text string) (all []habit.Namespace) {
	for part := range strings.SplitSeq("\n"+text, "\nnamespace ") {
		head, counters, _ := strings.Cut(part, "\n")
		number, kind, _ := strings.Cut(strings.TrimSpace(head), " ")
		id, err := strconv.ParseUint(number, 10, 64)
		opens, ok := habit.Opens([]byte(counters))
		if err == nil && ok && id != 0 && kind == "other" {
			all = append(all, habit.Namespace{ID: id, Opens: opens, Open: -1})
		}
	}
	return all
}

// countTable follows the readings of the table of IPVS.
func (r raw) countTable() (advisor.NodeHabits, error) {
	mode, known := r.readSysctls()["net.ipv4.vs.conn_reuse_mode"]
	reuseMode, err := strconv.Atoi(mode)
	if !known || err != nil {
		reuseMode = -1
	}
	v := habit.NewIPVS(reuseMode)
	for i := range maxSections {
		text, err := r.mustRead(fmt.Sprintf("ipvs.reading.%d", i))
		if i > 0 && errors.Is(err, errNotCounted) {
			break
		}
		if err != nil {
			return advisor.NodeHabits{}, err
		}
		at, rest, err := stamped(text)
		if err != nil {
			return advisor.NodeHabits{}, err
		}
		counters, entries, _ := strings.Cut(rest, "Pro FromIP")
		conns, ok := habit.Conns([]byte(counters))
		if !ok {
			return advisor.NodeHabits{}, errors.New("the counters of IPVS make no sense")
		}
		v.Begin(at, conns)
		for line := range bytes.Lines([]byte(entries)) {
			if e, ok := habit.ParseIPVS(bytes.TrimSpace(line)); ok {
				v.Entry(e)
			}
		}
		v.End()
	}
	return v.Habits(), nil
}

// countEvents follows the events of conntrack, after what its table held before them.
func (r raw) countEvents() (advisor.NodeHabits, error) {
	sysctls := r.readSysctls()
	if _, asked := r.sections["conntrack.events"]; asked && sysctls["net.netfilter.nf_conntrack_events"] == "0" {
		return advisor.NodeHabits{}, errors.New("net.netfilter.nf_conntrack_events is 0: this node tells no events of conntrack")
	}
	text, err := r.mustRead("conntrack.events")
	if err != nil {
		return advisor.NodeHabits{}, err
	}
	from, text, err := stamped(text)
	if err != nil {
		return advisor.NodeHabits{}, err
	}
	text = strings.TrimRight(text, "\n")
	last := strings.LastIndexByte(text, '\n') + 1
	until, _, err := stamped(text[last:])
	if err != nil || until <= from {
		return advisor.NodeHabits{}, errors.New("when it was read is not told")
	}
	keeps, _ := strconv.Atoi(sysctls["net.netfilter.nf_conntrack_tcp_timeout_time_wait"])
	c := habit.NewConntrack(time.Duration(min(max(keeps, 0), 1<<20)) * time.Second)
	return r.follow(c, text[:last], until-from), nil
}

// follow tells events, of which the first is taken for the beginning of their time. What
// the command took to begin listening is no part of that: where there are enough events,
// they tell how long it was.
func (r raw) follow(c *habit.Conntrack, events string, over time.Duration) advisor.NodeHabits {
	if strings.Contains(r.sections["conntrack.events"].errs, "ENOBUFS") {
		c.Lost()
	}
	var began, last time.Duration
	n := 0
	begin := func() {
		r.seed(c, began)
		c.Begin(began)
	}
	for line := range strings.Lines(events) {
		t, ok := habit.ParseConntrack(line)
		if !ok || t.At <= 0 {
			continue
		}
		if began == 0 {
			began = t.At
			begin()
		}
		switch t.Kind {
		case habit.Begun:
			n, last = n+1, max(last, t.At)
			c.New(t.At, t.Flow, t.State)
		case habit.Changed:
			c.Update(t.At, t.Flow, t.State)
		case habit.Listed, habit.Gone:
		}
	}
	if began == 0 { // not one event
		began = 1
		begin()
	}
	if span := last - began; n >= enoughEvents {
		over = min(over, max(span+span/time.Duration(n-1), over-over/10))
	}
	return c.Habits(began + over)
}

// enoughEvents are so many that what lies between two of them is no matter.
const enoughEvents = 100

// seed tells what the table held when the events began.
func (r raw) seed(c *habit.Conntrack, at time.Duration) {
	table, ok := r.sections["conntrack"].text()
	if !ok {
		return
	}
	open := 0
	for line := range strings.Lines(table) {
		t, ok := habit.ParseConntrack(line)
		if !ok || t.Kind != habit.Listed {
			continue
		}
		if t.State == habit.Established && !t.Flow.Local() {
			open++
		}
		c.Seed(at, t.Flow, t.State, t.Left)
	}
	c.Established(open)
}
