// Package probe measures new connections to two targets, alternately, and says
// what the difference is and how sure that is.
//
// Its contract, which the screens and reports are built on:
//
//	Target       what is connected to: an address, and what is sent
//	Plan         schedule: closed loop (concurrency, requests) or open loop (rate), blocks, warm-up
//	Runner       fires the plan; never waits for whoever looks on
//	Snapshot     a copy of the counters, pulled at most 10 times a second
//	Result       per target: an HDR histogram per phase, errors by class, self-check
//	Comparison   per phase: median difference of alternating blocks, its 95 % interval, detected or not
//
// One hit is one short connection; its phases are named as ab names them:
// Connect, Waiting, Processing, Total, and besides them Handshake, the kernel's
// own time from SYN to SYN-ACK. Everything is kept in nanoseconds.
//
// The package knows neither Kubernetes nor a terminal. The engine itself is not
// part of this release.
package probe
