package node

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
)

// habitsOf are the habits of a report with these sections, of the node's own network.
func habitsOf(t *testing.T, settings string, sections ...string) []advisor.NodeHabits {
	t.Helper()
	return only(t, written(append([]string{SectionNode, "n", "sysctls", settings}, sections...)...)).Habits
}

// event is a line of conntrack -E.
func event(at float64, kind, state string, port int) string {
	return fmt.Sprintf("[%.6f]\t%9s tcp      6 120 %s src=10.77.1.2 dst=10.96.0.10 sport=%d dport=80 [UNREPLIED] src=10.77.0.2 dst=10.77.1.2 sport=80 dport=%[4]d\n", at, "["+kind+"]", state, port)
}

// events are of connections, 20 a second from 1,000 ports on, each of 0.1 s, for 10 s.
func events(ports int) string {
	var b strings.Builder
	b.WriteString("100.00 50.00\n")
	for i := range 200 {
		at, port := 1764434343+float64(i)/20, 1000+i%ports
		b.WriteString(event(at, "NEW", "SYN_SENT", port) + event(at, "UPDATE", "SYN_RECV", port) + event(at, "UPDATE", "ESTABLISHED", port) + event(at+0.1, "UPDATE", "FIN_WAIT", port))
	}
	return b.String() + "110.00 60.00\n"
}

const tracks = "net.netfilter.nf_conntrack_events = 2\nnet.netfilter.nf_conntrack_tcp_timeout_time_wait = 120\n"

// TestCountedEvents: events of the command are counted as those that a program of ours hears.
func TestCountedEvents(t *testing.T) {
	table := ""
	for port := range 200 {
		table += fmt.Sprintf("ipv4     2 tcp      6 100 TIME_WAIT src=10.77.1.2 dst=10.96.0.10 sport=%d dport=80 src=10.77.0.2 dst=10.77.1.2 sport=80 dport=%[1]d [ASSURED] mark=0 zone=0 use=2\n", 1000+port)
	}
	open := strings.ReplaceAll(strings.ReplaceAll(table, "TIME_WAIT", "ESTABLISHED"), "sport=1", "sport=2")
	for name, c := range map[string]struct {
		table  string
		reused float64
		open   int
	}{"none before": {"udp 17\n", 0, 0}, "all before": {table, 1, 0}, "others open": {open, 0, 200}} {
		all := habitsOf(t, tracks, "conntrack", c.table, "conntrack.events", events(200))
		if len(all) != 1 || all[0].Method != advisor.ByConntrack {
			t.Fatalf("%s: %+v", name, all)
		}
		h := all[0]
		if x := h.New.Or(-1); x < 19.9 || x > 20.2 || h.Reused.Or(-1) != c.reused || h.Open.Or(-1) != c.open || h.Onward.Value != h.New.Value || h.Addresses.Or(0) != 1 {
			t.Errorf("%s: %+v", name, h)
		}
		if d := h.Life.Or(0).Round(time.Millisecond); d != 100*time.Millisecond {
			t.Errorf("%s: life %v", name, d)
		}
	}
}

// TestCountedUnknown: what cannot be known from what was read is unknown, with the reason.
func TestCountedUnknown(t *testing.T) {
	report := func(settings, marks string) string {
		return "kpadvisor.node/v1 " + word + "\n" + marked(SectionNode, "n", "", 0) + marked("sysctls", settings, "", 0) + marks + "@@" + word + " done\n"
	}
	for name, c := range map[string]struct{ text, says string }{
		"no events told": {report("net.netfilter.nf_conntrack_events = 0\n", marked("conntrack.events", events(200), "", 0)), "nf_conntrack_events is 0"},
		"no right":       {report(tracks, marked("conntrack.events", "1.0 1\n", "conntrack v1.4.7: Operation not permitted", 1)), "not permitted"},
		"lost":           {report(tracks, marked("conntrack.events", events(200), "WARNING: We have hit ENOBUFS! We are losing events.", 0)), "were lost: at least 2"},
		"too long":       {report(tracks, marked("conntrack.events", events(200)+strings.Repeat("x\n", scriptLimit/2), "", 0)), "more connections than a section holds"},
		"no time":        {report(tracks, marked("conntrack.events", "hello\n", "", 0)), "not told"},
		"time back":      {report(tracks, marked("conntrack.events", "100.0 1\n50.0 1\n", "", 0)), "not told"},
		"not loaded":     {report(tracks, "@@"+word+" skipped conntrack.events nf_conntrack_netlink is not loaded\n"), "is not loaded"},
		"no ls":          {report("", "@@"+word+" skipped processes.1 ls is not here\n"), "ls is not here"},
		"nothing at all": {report(tracks, marked("conntrack.events", "100.0 1\n105.0 1\n", "", 0)), "holds no connection"},
		"counters":       {report("", marked("ipvs.reading.0", "100.0 1\nhello\n", "", 0)), "make no sense"},
		"one reading":    {report("", marked("ipvs.reading.0", "100.0 1\n"+statistics(1)+"Pro FromIP\n", "", 0)), "not read twice"},
	} {
		all := only(t, c.text).Habits
		if len(all) != 1 || all[0].New.IsKnown() || all[0].Reused.IsKnown() || !strings.Contains(all[0].New.Detail, c.says) {
			t.Errorf("%s: %+v", name, all)
		}
	}
	if all := habitsOf(t, tracks); all != nil {
		t.Errorf("nothing was counted: %+v", all)
	}
}

// TestCountedTable: readings of the table of IPVS are followed.
func TestCountedTable(t *testing.T) {
	reading := func(i int) string {
		var b strings.Builder
		fmt.Fprintf(&b, "%d.00 50.00\n%sPro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n", 100+5*i, statistics(uint64(100+50*i), 1))
		for n := range 50 * i { // of each 5 s 50, closed at once
			fmt.Fprintf(&b, "TCP 0ADF0001 %04X 0A60000A 0050 0AC00001 1F90 TIME_WAIT   %5d\n", 20_000+n, 119-5*(i-1-n/50))
		}
		return b.String()
	}
	all := habitsOf(t, "net.ipv4.vs.conn_reuse_mode = 1\n", "ipvs.reading.0", reading(0), "ipvs.reading.1", reading(1), "ipvs.reading.2", reading(2), "ipvs.reading.3", reading(3))
	if len(all) != 1 || all[0].Method != advisor.ByIPVS {
		t.Fatalf("%+v", all)
	}
	if h := all[0]; h.New.Or(-1) != 10 || h.Reused.Or(-1) != 0 || h.Over != 15*time.Second || h.Open.Or(-1) != 0 || h.Addresses.Or(-1) != 1 {
		t.Errorf("%+v", h)
	}
}

// TestCountedNamespaces: the node's own namespace is left out.
func TestCountedNamespaces(t *testing.T) {
	look := func(at, own, a, b int) string {
		text := fmt.Sprintf("%d.00 1\n", at)
		for id, n := range []int{own, a, b} {
			kind := map[bool]string{true: "own", false: "other"}[id == 0]
			text += fmt.Sprintf("namespace %d %s\nTcp: RtoMin ActiveOpens\nTcp: 1 %d\n", id+7, kind, n)
		}
		return text
	}
	all := habitsOf(t, "", "processes.1", look(100, 5, 10, 10), "processes.2", look(110, 9999, 110, 30))
	if len(all) != 1 || all[0].New.Or(-1) != 12 || all[0].Busiest.Or(-1) != 10 || all[0].Open.IsKnown() {
		t.Errorf("%+v", all)
	}
}
