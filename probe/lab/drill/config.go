package drill

import "fmt"

// The modes of a drill, by their names in package lab.
const (
	IPTablesLegacy = "iptables-legacy"
	IPTablesNFT    = "iptables-nft"
	NFTables       = "nftables"
	IPVS           = "ipvs"
)

// Config is what one row of a drill runs. Two of them that are equal are the
// same row.
type Config struct {
	Mode    string   `json:"mode"`
	Sysctls *Sysctls `json:"sysctls,omitempty"` // of IPVS; nil for the other modes
}

// Sysctls are the switches of net.ipv4.vs that decide what becomes of a reused
// 5-tuple, in the words of sysctl.
type Sysctls struct {
	ConnReuseMode    int `json:"net.ipv4.vs.conn_reuse_mode"`
	ExpireNodestConn int `json:"net.ipv4.vs.expire_nodest_conn"`
	Conntrack        int `json:"net.ipv4.vs.conntrack"`
}

// Setting is a sysctl and its value.
type Setting struct {
	Name  string // without net.ipv4.vs.
	Value int
}

// List is the sysctls in the order they are written.
func (s Sysctls) List() []Setting {
	return []Setting{{"conn_reuse_mode", s.ConnReuseMode}, {"expire_nodest_conn", s.ExpireNodestConn}, {"conntrack", s.Conntrack}}
}

// String is "ipvs reuse=0 expire=1 conntrack=1", or the mode.
func (c Config) String() string {
	if c.Sysctls == nil {
		return c.Mode
	}
	return fmt.Sprintf("%s reuse=%d expire=%d conntrack=%d", c.Mode, c.Sysctls.ConnReuseMode, c.Sysctls.ExpireNodestConn, c.Sysctls.Conntrack)
}

// Same reports whether two configurations are equal.
func (c Config) Same(d Config) bool {
	if c.Mode != d.Mode || (c.Sysctls == nil) != (d.Sysctls == nil) {
		return false
	}
	return c.Sysctls == nil || *c.Sysctls == *d.Sysctls
}

// Validate says in one sentence what is no configuration.
func (c Config) Validate() error {
	switch c.Mode {
	case IPTablesLegacy, IPTablesNFT, NFTables:
		if c.Sysctls != nil {
			return fmt.Errorf("%s has no sysctls of IPVS", c.Mode)
		}
		return nil
	case IPVS:
	default:
		return fmt.Errorf("%q is no mode of a drill", c.Mode)
	}
	if c.Sysctls == nil {
		return fmt.Errorf("%s needs its sysctls", c.Mode)
	}
	for _, s := range c.Sysctls.List() {
		if s.Value < 0 || s.Value > 1 {
			return fmt.Errorf("%s=%d: a drill knows 0 and 1", s.Name, s.Value)
		}
	}
	return nil
}

// InIPVS is IPVS with these values.
func InIPVS(reuse, expire, conntrack int) Config {
	return Config{IPVS, &Sysctls{reuse, expire, conntrack}}
}

// Matrix is every configuration there is: the modes, and IPVS with each
// combination of the three sysctls, the one that shows the issue first.
func Matrix() []Config {
	all := []Config{{Mode: IPTablesLegacy}, {Mode: IPTablesNFT}, {Mode: NFTables}}
	for _, conntrack := range []int{1, 0} {
		for _, reuse := range []int{0, 1} {
			for _, expire := range []int{0, 1} {
				all = append(all, InIPVS(reuse, expire, conntrack))
			}
		}
	}
	return all
}
