package probe

import (
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// answering is a DNS server that does as it likes with each query.
func answering(t *testing.T, answer func(n int, query dnsmessage.Message) []dnsmessage.Message) Target {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 4096)
		for n := 0; ; n++ {
			length, from, err := c.ReadFromUDP(buf)
			if err != nil {
				return
			}
			var query dnsmessage.Message
			if err := query.Unpack(buf[:length]); err != nil {
				t.Errorf("an unreadable query: %v", err)
				continue
			}
			for _, m := range answer(n, query) {
				packed, _ := m.Pack()
				_, _ = c.WriteToUDP(packed, from)
			}
		}
	}()
	t.Cleanup(func() { _ = c.Close(); <-done })
	return Target{Name: "A", Address: c.LocalAddr().String(), Kind: UDP}
}

func reply(q dnsmessage.Message, code dnsmessage.RCode) []dnsmessage.Message {
	q.Response, q.RCode = true, code
	return []dnsmessage.Message{q}
}

func TestQueries(t *testing.T) {
	engines(t, func(t *testing.T, measure func(Plan, ...Target) Result) {
		a := answering(t, func(_ int, q dnsmessage.Message) []dnsmessage.Message {
			if q.Questions[0].Name.String() != "." || q.Questions[0].Type != dnsmessage.TypeNS {
				t.Errorf("asked for %+v", q.Questions)
			}
			return reply(q, dnsmessage.RCodeSuccess)
		})
		b := answering(t, func(_ int, q dnsmessage.Message) []dnsmessage.Message {
			if q.Questions[0].Name.String() != "x.y." || q.Questions[0].Type != dnsmessage.TypeA {
				t.Errorf("asked for %+v", q.Questions)
			}
			return reply(q, dnsmessage.RCodeNameError)
		})
		b.Name, b.Path = "B", "/x.y"
		r := measure(plan60(), a, b)
		for _, s := range r.Series {
			for _, p := range Phases() {
				if want := map[bool]int64{true: 60, false: 0}[UDP.Has(p)]; s.Phases[p].N != want {
					t.Errorf("%s: %d values of %s, want %d; errors %v %s", s.Target.Name, s.Phases[p].N, p, want, s.Errors, s.OtherError)
				}
			}
			for _, i := range s.Intervals {
				if i.Empty() {
					t.Errorf("an interval with answers is empty: %+v", i)
				}
			}
		}
		if len(r.Findings) != 0 || Between(r.Series...) != Waiting || r.Compare(0, 1).Phases[Waiting].Blocks != 6 {
			t.Errorf("findings %v, compared by %s", r.Findings, Between(r.Series...))
		}
	})
}

func TestQueriesThatFail(t *testing.T) {
	engines(t, func(t *testing.T, measure func(Plan, ...Target) Result) {
		for name, tt := range map[string]struct {
			answer func(n int, q dnsmessage.Message) []dnsmessage.Message
			class  Class
			failed int64
			cause  Cause
		}{
			"every second one is lost": {func(n int, q dnsmessage.Message) []dnsmessage.Message {
				return reply(q, 0)[n%2:]
			}, Timeout, 4, DeadPod},
			"all are lost": {func(int, dnsmessage.Message) []dnsmessage.Message { return nil }, Timeout, 8, Unreachable},
			"refused":      {func(_ int, q dnsmessage.Message) []dnsmessage.Message { return reply(q, dnsmessage.RCodeRefused) }, BadResponse, 8, ServerFault},
			"another ID": {func(_ int, q dnsmessage.Message) []dnsmessage.Message {
				q.ID++
				return reply(q, 0)
			}, BadResponse, 8, ServerFault},
			"its own query": {func(_ int, q dnsmessage.Message) []dnsmessage.Message { return []dnsmessage.Message{q} }, BadResponse, 8, ServerFault},
		} {
			plan := plan60()
			plan.Requests, plan.Blocks, plan.WarmUp, plan.Concurrency, plan.Timeout = 8, 1, 0, 1, 150*time.Millisecond
			r := measure(plan, answering(t, tt.answer))
			s := r.Series[0]
			if s.Errors[tt.class] != tt.failed || s.Failed() != tt.failed || s.Events.SYNTimeouts != 0 || len(r.Findings) == 0 || r.Findings[0].Cause != tt.cause {
				t.Errorf("%s: errors %v, events %+v, findings %+v", name, s.Errors, s.Events, r.Findings)
			}
		}
		gone := answering(t, nil)
		gone.Address = "127.0.0.1:1" // nobody's, and never the source port of the query itself
		if r := measure(plan60(), gone); r.Series[0].Errors[Refused] != 60 || r.Findings[0].Cause != Unreachable {
			t.Errorf("nobody listens: errors %v, findings %+v", r.Series[0].Errors, r.Findings)
		}
	})
}

func TestNamesToAskFor(t *testing.T) {
	for text, want := range map[string]string{
		"udp://10.0.0.1":       "10.0.0.1:53 ",
		"udp://10.0.0.1:5353/": "10.0.0.1:5353 ",
		"udp://[::1]:53/a.b":   "[::1]:53 /a.b",
		"udp://10.0.0.1/a..b":  "",
		"udp://10.0.0.1/a?x":   "",
		"udp://10.0.0.1/" + strings.Repeat("a", 64) + ".b": "",
	} {
		got, err := ParseTarget("A", text)
		if (err != nil) != (want == "") || err == nil && got.Address+" "+got.Path != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	q, err := Target{Address: "a:1", Kind: UDP}.question()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(q, uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, id uint16) {
		if checkAnswer(data, id) == nil && (len(data) < 12 || data[2]&0x80 == 0) {
			t.Errorf("%x answers", data)
		}
	})
}

// Judging an answer is on the hot path.
func TestAnswersAllocateNothing(t *testing.T) {
	query, err := Target{Address: "a:1", Kind: UDP}.question()
	if err != nil {
		t.Fatal(err)
	}
	query[2] |= 0x80 // an answer
	var h hit
	if n := testing.AllocsPerRun(100, func() { h = hit{}; h.answer(query, 0, 5) }); n != 0 || h.reached != answered {
		t.Errorf("%g allocations, %+v", n, h)
	}
}
