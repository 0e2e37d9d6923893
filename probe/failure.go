package probe

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// Class is why a hit failed; its text is the key in files.
type Class int

// The classes. NoFailure is not counted anywhere.
const (
	NoFailure Class = iota
	Refused
	Reset
	Timeout
	NoRoute
	AddressNotAvailable
	BadResponse
	OtherFailure
	classCount
)

// Classes lists the classes of failures.
func Classes() []Class {
	return []Class{Refused, Reset, Timeout, NoRoute, AddressNotAvailable, BadResponse, OtherFailure}
}

// String is the class in words.
func (c Class) String() string {
	switch c {
	case NoFailure:
		return "none"
	case Refused:
		return "refused"
	case Reset:
		return "reset"
	case Timeout:
		return "timeout"
	case NoRoute:
		return "no route"
	case AddressNotAvailable:
		return "address not available"
	case BadResponse:
		return "bad response"
	}
	return "other"
}

// MarshalText makes a class usable as a JSON key.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText wrote; an unknown class is OtherFailure.
func (c *Class) UnmarshalText(text []byte) error {
	*c = OtherFailure
	for _, known := range Classes() {
		if known.String() == string(text) {
			*c = known
		}
	}
	return nil
}

// Classify sorts an error of a socket call.
func Classify(err error) Class {
	for _, row := range []struct {
		errno syscall.Errno
		class Class
	}{
		{syscall.ECONNREFUSED, Refused},
		{syscall.ECONNRESET, Reset},
		{syscall.EPIPE, Reset}, // the reset arrived before the request was written
		{syscall.ECONNABORTED, Reset},
		{syscall.ETIMEDOUT, Timeout},
		{syscall.EHOSTUNREACH, NoRoute},
		{syscall.ENETUNREACH, NoRoute},
		{syscall.EHOSTDOWN, NoRoute},
		{syscall.EADDRNOTAVAIL, AddressNotAvailable}, // no free port, or this 4-tuple is taken
		{syscall.EADDRINUSE, AddressNotAvailable},    // bind: the port is taken
	} {
		if errors.Is(err, row.errno) {
			return row.class
		}
	}
	var slow interface{ Timeout() bool } // of package net: a dial has errors of its own
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &slow) && slow.Timeout() {
		return Timeout
	}
	return OtherFailure
}

// Band is where a connection falls that took so long that its SYN must have
// been resent. Old kernels resend after 1, 3 and 7 s; since Linux 6.5
// (tcp_syn_linear_timeouts) after 1, 2, 3, 4 and 5 s, so a band holds all from
// its own second up to the next one's.
type Band int

// The bands.
const (
	Band1s Band = iota
	Band3s
	Band7s
	bandCount
)

// bandOf is the band of a connect time in ns; ok is false below the first. A
// retransmit timer may fire a jiffy early, at most 10 ms at 100 Hz.
func bandOf(connectNs int64) (band Band, ok bool) {
	const jiffy = 10 * time.Millisecond
	switch took := time.Duration(connectNs) + jiffy; {
	case took >= 7*time.Second:
		return Band7s, true
	case took >= 3*time.Second:
		return Band3s, true
	case took >= time.Second:
		return Band1s, true
	}
	return 0, false
}

// Events are connections that were made, but late, what the kernel did for them,
// and hits that were never sent.
type Events struct {
	From1s      int64 `json:"from1s"`      // connected after 1 s or more, less than 3 s
	From3s      int64 `json:"from3s"`      // 3 s or more, less than 7 s
	From7s      int64 `json:"from7s"`      // 7 s or more
	ResentSYNs  int64 `json:"resentSYNs"`  // SYNs the kernel sent again, of connections made and failed (Linux only; see socket.connect)
	SYNTimeouts int64 `json:"synTimeouts"` // hits that timed out before they were connected
	// ResentRequests counts hits that were connected and whose request the kernel sent
	// again, answered in the end or not (Linux only).
	ResentRequests int64 `json:"resentRequests,omitempty"`
	// NotSent counts hits of an open loop that were overdue (see Plan.Overdue): this
	// machine stalled, or all its threads waited for answers. They are no requests.
	NotSent int64 `json:"notSent,omitempty"`
}

// Retransmitted counts the connections that were made late.
func (e Events) Retransmitted() int64 { return e.From1s + e.From3s + e.From7s }

// add adds what others saw.
func (e *Events) add(f Events) {
	e.From1s += f.From1s
	e.From3s += f.From3s
	e.From7s += f.From7s
	e.ResentSYNs += f.ResentSYNs
	e.SYNTimeouts += f.SYNTimeouts
	e.ResentRequests += f.ResentRequests
	e.NotSent += f.NotSent
}
