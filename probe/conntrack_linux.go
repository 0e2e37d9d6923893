package probe

import "time"

// conntrackState reads the table of this network namespace. An empty one is taken
// for one that nothing uses: the module is there, and no rule asks for it.
func conntrackState() Conntrack {
	const directory = "/proc/sys/net/netfilter/nf_conntrack_"
	var c Conntrack
	var seconds int
	for file, into := range map[string]*int{"count": &c.Count, "max": &c.Max, "tcp_timeout_time_wait": &seconds} {
		if err := scanFile(directory+file, into); err != nil {
			return Conntrack{} // the module is not loaded
		}
	}
	c.Known, c.Holds = c.Count > 0 && c.Max > 0, time.Duration(seconds)*time.Second
	if !c.Known {
		return Conntrack{}
	}
	return c
}
