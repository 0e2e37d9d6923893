package habit

import (
	"net/netip"
	"testing"
	"time"
)

// TestParseConntrack reads lines as the kernel and the tool print them.
func TestParseConntrack(t *testing.T) {
	flow := Flow{netip.MustParseAddrPort("10.77.1.2:40000"), netip.MustParseAddrPort("10.96.0.10:80"), netip.MustParseAddrPort("10.77.0.2:8080")}
	for line, want := range map[string]Tracked{
		"ipv4     2 tcp      6 117 TIME_WAIT src=10.77.1.2 dst=10.96.0.10 sport=40000 dport=80 src=10.77.0.2 dst=10.77.1.2 sport=8080 dport=40000 [ASSURED] mark=0 zone=7 use=2": {},
		"ipv4     2 tcp      6 117 TIME_WAIT src=10.77.1.2 dst=10.96.0.10 sport=40000 dport=80 src=10.77.0.2 dst=10.77.1.2 sport=8080 dport=40000 [ASSURED] mark=0 zone=0 use=2": {Flow: flow, State: TimeWait, Left: 117 * time.Second},
		"tcp      6 431999 ESTABLISHED src=10.77.1.2 dst=10.96.0.10 sport=40000 dport=80 src=10.77.0.2 dst=10.77.1.2 sport=8080 dport=40000 [ASSURED] mark=0 use=1":              {Flow: flow, State: Established, Left: 431999 * time.Second},
		"[1764434343.5]	    [NEW] tcp      6 120 SYN_SENT src=10.77.1.2 dst=10.96.0.10 sport=40000 dport=80 [UNREPLIED] src=10.77.0.2 dst=10.77.1.2 sport=8080 dport=40000":      {Kind: Begun, At: 1764434343500 * time.Millisecond, Flow: flow, State: SynSent, Left: 120 * time.Second},
		"[1764434343.5]	 [UPDATE] tcp      6 60 SYN_RECV src=10.77.1.2 dst=10.96.0.10 sport=40000 dport=80 src=10.77.0.2 dst=10.77.1.2 sport=8080 dport=40000":                   {Kind: Changed, At: 1764434343500 * time.Millisecond, Flow: flow, State: SynRecv, Left: 60 * time.Second},
		"[1764434343.5]	[DESTROY] tcp      6 src=10.77.1.2 dst=10.96.0.10 sport=40000 dport=80 src=10.77.0.2 dst=10.77.1.2 sport=8080 dport=40000 [ASSURED]":                     {Kind: Gone, At: 1764434343500 * time.Millisecond, Flow: flow},
		"udp      17 29 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=53 src=10.0.0.2 dst=10.0.0.1 sport=53 dport=1":                                                                   {},
		"tcp      6 117 TIME_WAIT src=10.77.1.2%eth0 dst=10.96.0.10 sport=40000 dport=80":                                                                                        {},
		"tcp      6 117 TIME_WAIT src=10.77.1.2 dst=10.96.0.10 sport=400000 dport=80":                                                                                            {},
		"tcp      6 -1 TIME_WAIT src=10.77.1.2 dst=10.96.0.10 sport=40000 dport=80":                                                                                              {},
		"[1e300] [NEW] tcp 6 1 SYN_SENT src=10.77.1.2 dst=10.96.0.10 sport=40 dport=80":                                                                                          {},
		"tcp": {}, "": {}, "ipv4": {}, "[NEW]": {},
	} {
		got, ok := ParseConntrack(line)
		if wants := want != (Tracked{}); ok != wants || ok && got != want {
			t.Errorf("%q: %+v, %v", line, got, ok)
		}
	}
}

// TestParseIPVS reads lines as the kernel prints them.
func TestParseIPVS(t *testing.T) {
	line := "TCP 0ADF0001 4E20 0A60000A 0050 0AC00001 1F90 TIME_WAIT     119"
	e, ok := ParseIPVS([]byte(line))
	if !ok || e.Flow.From.String() != "10.223.0.1:20000" || e.Flow.To.String() != "10.96.0.10:80" || e.Flow.Server.String() != "10.192.0.1:8080" ||
		e.State != TimeWait || e.Left != 119*time.Second || !e.TCP {
		t.Errorf("%+v %v", e, ok)
	}
	six := "UDP [fd00:0000:0000:0000:0000:0000:0000:0001] 4E20 [fd00:0000:0000:0000:0000:0000:0000:0002] 0035 [fd00:0000:0000:0000:0000:0000:0000:0003] 0035 UDP             5"
	if e, ok = ParseIPVS([]byte(six)); !ok || e.TCP || e.Flow.From.String() != "[fd00::1]:20000" || e.State != None {
		t.Errorf("%+v %v", e, ok)
	}
	for _, line := range []string{
		"", "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData",
		"TCP 0ADF0001 0000 0A60000A 0050 0AC00001 1F90 NONE     119", // a template of affinity
		"TCP 0ADF000 4E20 0A60000A 0050 0AC00001 1F90 TIME_WAIT     119", "TCP 0ADF0001 14E20 0A60000A 0050 0AC00001 1F90 TIME_WAIT     119",
		"TCP 0ADF0001 4E20 0A60000A 0050 0AC00001 1F90 TIME_WAIT     -1", "TCP [fe80::1%eth0] 4E20 0A60000A 0050 0AC00001 1F90 TIME_WAIT 1",
	} {
		if e, ok := ParseIPVS([]byte(line)); ok {
			t.Errorf("%q: %+v", line, e)
		}
	}
}

// TestCounters reads the files of counters.
func TestCounters(t *testing.T) {
	snmp := "Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens\nTcp: 1 200 120000 -1 70 12\nUdp: InDatagrams\nUdp: 1\n"
	if n, ok := Opens([]byte(snmp)); !ok || n != 70 {
		t.Error(n, ok)
	}
	for _, text := range []string{"", "Tcp: ActiveOpens\n", "Tcp: ActiveOpens\nTcp: -1\n", "Tcp: ActiveOpens\nTcp:\n", "Tcp: Other\nTcp: 1\n"} {
		if n, ok := Opens([]byte(text)); ok {
			t.Errorf("%q: %d", text, n)
		}
	}
	var s Sockets
	s.Add([]byte("  sl  local_address rem_address   st\n   0: 00000000:0050 00000000:0000 0A 0\n   1: 0100000A:0050 0200000A:9C40 01 0\n   2: 0100000A:9C41 0300000A:0050 01 0\n   3: 0100000A:9C42 0300000A:0050 06 0\n"))
	s.Add([]byte("   0: 0000000000000000FFFF00000100000A:9C43 0000000000000000FFFF00000300000A:0050 01 0\n   1: x\n"))
	if n := s.Begun(); n != 2 {
		t.Errorf("%d sockets", n)
	}
}

// FuzzParse: no line makes the program fail.
func FuzzParse(f *testing.F) {
	f.Add("tcp 6 1 TIME_WAIT src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2")
	f.Add("TCP 0ADF0001 4E20 0A60000A 0050 0AC00001 1F90 TIME_WAIT 119")
	f.Add("Tcp: ActiveOpens\nTcp: 1")
	f.Fuzz(func(t *testing.T, text string) {
		v, c := NewIPVS(0), NewConntrack(120*time.Second)
		v.Begin(0, 0)
		c.Begin(1)
		if e, ok := ParseIPVS([]byte(text)); ok {
			v.Entry(e)
		}
		if e, ok := ParseConntrack(text); ok {
			c.Seed(0, e.Flow, e.State, e.Left)
			c.New(e.At, e.Flow, e.State)
			c.Update(e.At, e.Flow, e.State)
		}
		v.End()
		v.Habits()
		c.Habits(time.Second)
		Opens([]byte(text))
		Conns([]byte(text))
		var s Sockets
		s.Add([]byte(text))
	})
}
