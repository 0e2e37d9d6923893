package reuse

import (
	"kpadvisor/advisor/release"
	"kpadvisor/plain"
)

// Settings are the two sysctls as far as they can be told.
type Settings struct {
	Reuse     int
	ReuseLeft bool // kube-proxy leaves conn_reuse_mode alone: 1 unless something wrote 0
	Expire    bool
	Who       string // who set conn_reuse_mode: a clause
	Row       SysctlRow
	Graceful  bool
	noDrop    string // why no SYN is dropped, a clause; empty where it may be
}

// Settings are those of the version. Where its patch release is not known and
// decides, conn_reuse_mode can be either.
func (in Input) Settings() Settings {
	versions := in.versions()
	last := in
	last.Version = versions[len(versions)-1]
	s := last.settingsOf(in.Version)
	for _, v := range versions {
		at := in
		at.Version = v
		if other := at.settingsOf(in.Version); other.Reuse != s.Reuse {
			s.Reuse, s.ReuseLeft = 1, true
		}
	}
	return s
}

// settingsOf are the settings of one version, called as as.
func (in Input) settingsOf(as release.Version) Settings {
	row := SysctlsOf(in.Version)
	s := Settings{Row: row, Expire: row.expire, Graceful: drainsGracefully(in.Version)}
	if !in.Version.IsKnown() {
		s.Row, s.Graceful = SysctlRow{}, true
	}
	switch {
	case in.KubeRouter:
		s.Row = SysctlRow{ID: "S6", Source: "kube-router network_services_controller.go"}
		s.Reuse, s.Expire, s.Graceful, s.Who = 0, true, true, in.Text("kube-router sets conn_reuse_mode=0")
	case row.Zeroes(in.Kernel):
		s.Who = in.Sprintf("kube-proxy %s sets conn_reuse_mode=0", as)
	default:
		// Kube-proxies that never wrote 0 find the default; later ones may
		// find what an earlier one left.
		s.Reuse, s.ReuseLeft = 1, row.reuse != leavesReuse
		s.Who = in.Sprintf("kube-proxy %s leaves conn_reuse_mode alone", as)
	}
	if live, ok := Live(in.Live, SysctlReuse); ok && (in.InForce || s.Reuse == 1) {
		s.Reuse, s.ReuseLeft = 0, false
		if live != 0 { // 2 and 3 only add cases to 1
			s.Reuse = 1
		}
		s.Who = in.Sprintf("conn_reuse_mode is %d on the nodes%s", live, in.readOn())
	}
	if !in.InForce {
		return s
	}
	if live, ok := Live(in.Live, SysctlExpire); ok {
		s.Expire = live != 0
	}
	if live, ok := Live(in.Live, SysctlConntrack); ok && live == 0 {
		s.noDrop = in.Text("conntrack is 0, and only a connection with conntrack is dropped")
	}
	if live, ok := Live(in.Live, SysctlOldConntrack); ok && live != 0 {
		s.noDrop = in.Text("conn_reuse_old_conntrack is 1, Tencent's way around it")
	}
	return s
}

// exposureOn is what a row does with these settings.
func (s Settings) exposureOn(row Row) Exposure {
	switch {
	case !s.Expire && s.Graceful:
		return StalePod
	case s.ReuseLeft && row.Mode0 == StalePod && row.Mode1 == Safe:
		return IfSysctl0
	case s.Reuse == 0:
		return row.Mode0
	case row.Mode1 == SynDelay && s.noDrop != "":
		return Safe
	}
	return row.Mode1
}

// readOn says on how many nodes live values were read, where that is known.
func (in Input) readOn() string {
	switch {
	case in.Read == 0:
		return ""
	case in.Read >= in.Of:
		return in.Text(" (read)")
	}
	return in.Sprintf(" (read on %d of %s)", in.Read, plain.Number(in.Of))
}
