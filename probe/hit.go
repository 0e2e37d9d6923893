package probe

// hit is one short connection as a worker saw it. Times are ns of the run's
// monotonic clock; which of them mean something follows from reached.
type hit struct {
	due       int64 // when it should have been sent
	sent      int64 // connect() called
	connected int64 // connect() returned
	written   int64 // request handed to the kernel
	first     int64 // first byte read
	done      int64 // end of the answer, or of the attempt

	handshakeNs    int64 // from the kernel, if hasHandshake
	establishedNs  int64 // from the kernel, if hasEstablished
	hasHandshake   bool
	hasEstablished bool
	resentSYNs     int64
	resentRequest  bool
	keptNs         int64 // if hasKept
	hasKept        bool

	query   bool // of a UDP target: there is no connection
	place   int  // which of the target's addresses
	reached stage
	failure Class
	err     error // of OtherFailure, to name it
	dropped bool  // ended by a cancel; says nothing about the target
}

// stage is how far a hit got.
type stage int

const (
	begun     stage = iota // not connected
	connected              // connected; for a TCP target that is all
	answered               // complete answer with status 2xx
)

// phase is the time of one phase and whether the hit has it.
func (h *hit) phase(p Phase, openLoop bool) (ns int64, ok bool) {
	switch p {
	case Handshake:
		return h.handshakeNs, h.hasHandshake
	case KeptAlive:
		return h.keptNs, h.hasKept
	case Established:
		return h.establishedNs, h.hasEstablished
	case FirstPacket:
		return max(0, h.handshakeNs-h.establishedNs), h.hasHandshake && h.hasEstablished
	case Connect:
		return h.connected - h.sent, h.reached >= connected && !h.query
	case Waiting:
		return h.first - h.written, h.reached == answered
	case Processing:
		return h.done - h.connected, h.reached == answered && !h.query
	}
	if openLoop {
		return h.done - h.due, h.reached == answered
	}
	return h.done - h.sent, h.reached == answered
}

// fail ends the hit with the class of err.
func (h *hit) fail(err error, now int64) {
	h.failure, h.err, h.done = Classify(err), err, now
}

// goodStatus reports whether an answer begins as HTTP/1.x with a status 2xx.
func goodStatus(head []byte) bool {
	return len(head) >= 12 && string(head[:7]) == "HTTP/1." && head[8] == ' ' && head[9] == '2' &&
		isDigit(head[10]) && isDigit(head[11])
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// statusLength is how much of an answer is kept: "HTTP/1.1 200".
const statusLength = 12

// finish ends an HTTP hit whose server has closed, head being the beginning of
// the answer.
func (h *hit) finish(head []byte, now int64) {
	h.done = now
	if !goodStatus(head) {
		h.failure = BadResponse
		return
	}
	h.reached = answered
}
