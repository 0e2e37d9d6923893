// Package probe measures new connections to one or more targets, alternately,
// and says what the difference is and how sure that is.
//
// Its contract, which the screens and reports are built on:
//
//	Target       what is connected to: an address, and what is sent
//	Plan         schedule: closed loop (concurrency, requests) or open loop (rate), blocks, warm-up
//	Budget       whether this machine has the source ports and the room in conntrack that the plan needs
//	Runner       fires the plan; never waits for whoever looks on
//	Snapshot     a copy of the counters, pulled at most 10 times a second
//	Result       per target: a histogram per phase, errors by class, blocks; self-check; findings
//	Comparison   per phase: median difference of alternating blocks, its 95 % interval, detected or not
//	Runs         many saved results, each one observation, compared by their spread
//
// One hit is one short connection, or one DNS query from a fresh UDP socket; its
// phases are named as ab names them: Connect, Waiting, Processing, Total, and besides
// them Handshake, the kernel's own time from SYN to SYN-ACK, Established, its shortest
// round trip of the same connection, FirstPacket, the difference of these two, and
// KeptAlive, if asked for. Everything is kept in nanoseconds.
//
// On Linux a hit is made with blocking system calls on a thread of its own, so
// that Connect is the time connect() took and not the time until the Go
// scheduler looked again; Handshake is read from TCP_INFO right after it. On
// other systems net.Dialer is used, there is no Handshake, and Result.Notes
// says what that does to the numbers.
//
// Where this differs from ab (support/ab.c):
//   - times are nanoseconds and are never rounded to milliseconds;
//   - the median and the percentiles are values of the distribution, not of a
//     neighbouring rank;
//   - a phase is recorded when it ended as it should: a connection that was
//     made counts for Connect even if the answer was bad, and a bad answer
//     never counts for Waiting, Processing or Total, so the phases can have
//     different counts;
//   - a status other than 2xx is an error ("bad response");
//   - in an open loop Total runs from when the hit was due, not from when it
//     was sent, and what is long overdue is not sent but counted, so that a stall of
//     this machine is not hidden, and no burst follows it;
//   - Processing includes about 1 µs for asking the kernel for the Handshake.
//
// The package knows neither Kubernetes nor a terminal.
package probe
