package lab

import "slices"

// Mode is a data plane the lab can build. iptables comes twice because its two
// backends cost very different amounts to program and to pass.
type Mode string

// The modes; Direct has no rules at all and connects to the pod.
const (
	Direct         Mode = "direct"
	IPTablesLegacy Mode = "iptables-legacy"
	IPTablesNFT    Mode = "iptables-nft"
	NFTables       Mode = "nftables"
	IPVS           Mode = "ipvs"
)

// Modes are all of them in the order they are shown.
func Modes() []Mode { return []Mode{Direct, IPTablesLegacy, IPTablesNFT, NFTables, IPVS} }

// Proxies are the modes kube-proxy has.
func Proxies() []Mode { return Modes()[1:] }

// known reports whether m is one of Modes.
func known(m Mode) bool { return slices.Contains(Modes(), m) }
