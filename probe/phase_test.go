package probe

import "testing"

// Modes are compared by what the first packet costs only where places differ.
func TestBetween(t *testing.T) {
	series := func(from string, phases ...Phase) Series {
		s := Series{From: from}
		for _, p := range phases {
			s.Phases[p].N = 1
		}
		return s
	}
	all := []Phase{Connect, Handshake, Established, FirstPacket}
	for _, c := range []struct {
		name string
		of   []Series
		want Phase
	}{
		{"nothing", nil, Handshake},
		{"nothing measured", []Series{series("")}, Handshake},
		{"one machine", []Series{series("", all...), series("", all...)}, Handshake},
		{"one node", []Series{series("a", all...), series("a", all...)}, Handshake},
		{"two nodes", []Series{series("a", all...), series("b", all...)}, FirstPacket},
		{"two nodes, one without an answer", []Series{series("a", all...), series("b", Handshake, Connect)}, Handshake},
		{"queries", []Series{series("a", Waiting, Total), series("b", Waiting, Total)}, Waiting},
		{"no kernel to ask", []Series{series("", Connect), series("", Connect)}, Connect},
	} {
		if got := Between(c.of...); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
