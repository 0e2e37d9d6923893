package lab

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"kpadvisor/probe/lab/rules"
)

// old is the address of the pod that the update replaces.
func (n *drillNode) old() netip.AddrPort { return rules.LiveEndpoint(0, 0) }

// entries is the real server of every connection IPVS has an entry of, by the
// client's port.
func (n *drillNode) entries() (sentTo map[int]netip.AddrPort, err error) {
	err = n.ns.do(func() error {
		// thread-self, not self: only this thread is in the node's namespace.
		f, err := os.Open("/proc/thread-self/net/ip_vs_conn")
		if err != nil {
			return fmt.Errorf("could not read the entries of IPVS: %w", err)
		}
		defer f.Close()
		sentTo, err = parseEntries(f)
		return err
	})
	return sentTo, err
}

// parseEntries reads /proc/net/ip_vs_conn: after a heading a line for each
// entry, addresses and ports in hexadecimal (ip_vs_conn_seq_show in ip_vs_conn.c):
//
//	TCP 0ADF0001 4E20 0A60000A 0050 0AC00001 1F90 TIME_WAIT     119
//
// Lines that are no IPv4 entry are left out.
func parseEntries(r io.Reader) (map[int]netip.AddrPort, error) {
	sentTo := make(map[int]netip.AddrPort)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 8 || len(f[5]) != 8 {
			continue
		}
		from, err1 := strconv.ParseUint(f[2], 16, 16)
		ip, err2 := strconv.ParseUint(f[5], 16, 32)
		port, err3 := strconv.ParseUint(f[6], 16, 16)
		if err1 != nil || err2 != nil || err3 != nil {
			continue
		}
		sentTo[int(from)] = netip.AddrPortFrom(netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}), uint16(port))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("could not read the entries of IPVS: %w", err)
	}
	return sentTo, nil
}
