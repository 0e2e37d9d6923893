package lab

import "slices"

// Mode is a data plane the lab can build. iptables comes twice because its two
// backends cost very different amounts to program and to pass.
type Mode string

// The modes; Direct has no rules of any Service and connects to the pod, through
// connection tracking as in every cluster with kube-proxy. Bare does so without:
// the difference is what tracking costs. It is measured beside Direct, and nobody
// chooses it.
const (
	Bare           Mode = "bare"
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

// known reports whether m is one of Modes, or Bare.
func known(m Mode) bool { return m == Bare || slices.Contains(Modes(), m) }

// hasRules reports whether a mode programs Services.
func (m Mode) hasRules() bool { return m != Direct && m != Bare }
