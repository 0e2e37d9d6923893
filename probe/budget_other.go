//go:build !linux

package probe

import "net/netip"

// conntrackState is not known here.
func conntrackState() Conntrack { return Conntrack{} }

// portStates is not known here.
func portStates(addresses []netip.AddrPort) ([]PortState, error) {
	return make([]PortState, len(addresses)), nil
}
