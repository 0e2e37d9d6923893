package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// conntrack remembers each connection for two minutes after its end, so a lab in
// use holds many more than are open. Its limit is the machine's, its table the
// namespace's. A full table drops SYNs, and the client cannot tell that from a
// mode that no longer forwards.
const (
	conntrackMax     = "net/netfilter/nf_conntrack_max"
	conntrackBuckets = "net/netfilter/nf_conntrack_buckets"
	conntrackStat    = "/proc/thread-self/net/stat/nf_conntrack"
)

// raiseConntrack sets the limit that kube-proxy sets on a small node
// (--conntrack-min, with a fourth as buckets). It is for a guest: a small machine's
// own limit is 8,192.
func raiseConntrack() error {
	for path, value := range map[string]string{conntrackMax: "131072", conntrackBuckets: "32768"} {
		if err := setSysctl(path, value); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// fitsConntrack refuses a plan that would fill conntrack all by itself.
func fitsConntrack(p probe.Plan) error {
	text, err := os.ReadFile("/proc/sys/" + conntrackMax)
	if err != nil {
		return nil //nolint:nilerr // without conntrack there is no limit
	}
	most, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || p.Requests <= most*9/10 { // the rest is for warming up
		return err
	}
	return plain.Fail(fmt.Sprintf("%s connections to each mode would fill conntrack, which keeps each for two minutes and takes %s on this machine", plain.Number(p.Requests), plain.Number(most)),
		"take fewer connections, or raise net.netfilter.nf_conntrack_max as root", nil)
}

// forget empties conntrack, so that no earlier run counts against this one. Where
// that cannot be done the run may still fit.
func (n *node) forget() {
	_ = n.ns.do(func() error { return netlink.ConntrackTableFlush(netlink.ConntrackTable) })
}

// dropped counts the packets that conntrack had no room for since the node was made.
func (n *node) dropped() int64 {
	var sum int64
	_ = n.ns.do(func() error { // what cannot be read is not told
		text, err := os.ReadFile(conntrackStat)
		sum = statDrops(text)
		return err
	})
	return sum
}

// statDrops adds up the column "drop" of all CPUs in /proc/net/stat/nf_conntrack.
func statDrops(text []byte) int64 {
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	column := -1
	for i, name := range bytes.Fields(lines[0]) {
		if string(name) == "drop" {
			column = i
		}
	}
	var sum int64
	for _, line := range lines[1:] {
		if fields := bytes.Fields(line); column >= 0 && column < len(fields) {
			n, _ := strconv.ParseInt(string(fields[column]), 16, 64)
			sum += n
		}
	}
	return sum
}

// conntrackNotes says which modes lost packets to a full table during a run.
func conntrackNotes(nodes []*node, before map[Mode]int64) []string {
	var out []string
	for _, n := range nodes {
		if k := n.dropped() - before[n.mode]; k > 0 {
			out = append(out, fmt.Sprintf("CONNTRACK WAS FULL: it dropped %s packets on their way in %s mode; failed and late connections say nothing about the mode", plain.Number(int(k)), n.mode))
		}
	}
	return out
}
