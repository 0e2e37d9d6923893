package probe

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// question is the DNS query that a hit on a UDP target sends; nil for other kinds.
// Its first two bytes are the ID, which is put in anew for each hit.
func (t Target) question() ([]byte, error) {
	if t.Kind != UDP {
		return nil, nil
	}
	text, kind := strings.Trim(t.Path, "/"), dnsmessage.TypeA
	if text == "" {
		kind = dnsmessage.TypeNS // of the root, which every resolver has at hand
	}
	name, err := dnsmessage.NewName(strings.TrimSuffix(text, ".") + ".")
	if err != nil {
		return nil, fmt.Errorf("target %q: %q is no name to ask for: %w", t.Address, text, err)
	}
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: name, Type: kind, Class: dnsmessage.ClassINET}},
	}
	query, err := m.Pack()
	if err != nil {
		return nil, fmt.Errorf("target %q: %q is no name to ask for: %w", t.Address, text, err)
	}
	return query, nil
}

var errNoAnswer = errors.New("no answer to the query")

// checkAnswer says whether data answers the query with that ID. "No such name" is a
// good answer; a server that refuses or fails is not.
func checkAnswer(data []byte, id uint16) error {
	var parser dnsmessage.Parser
	head, err := parser.Start(data)
	switch {
	case err != nil || !head.Response || head.ID != id:
		return errNoAnswer
	case head.RCode != dnsmessage.RCodeSuccess && head.RCode != dnsmessage.RCodeNameError:
		return errNoAnswer
	}
	return nil
}

// answer ends a hit on a UDP target with what came back.
func (h *hit) answer(data []byte, id uint16, now int64) {
	h.first, h.done = now, now
	if checkAnswer(data, id) != nil {
		h.failure = BadResponse
		return
	}
	h.reached = answered
}

// diagnoseUDP is Diagnose for queries, which have no handshake to tell by.
func diagnoseUDP(s Series, add func(Cause, string, string, ...any)) {
	good, lost, gone := s.Phases[Total].N, s.Errors[Timeout], s.Errors[NoRoute]+s.Errors[Refused]
	counts := fmt.Sprintf("%d without an answer, %d no route, %d refused; %d answered", lost, s.Errors[NoRoute], s.Errors[Refused], good)
	switch {
	case lost+gone > 0 && good == 0:
		add(Unreachable, "Nothing behind the address answers queries.", "%s", counts)
	case gone > 0:
		add(DeadPod, "Some queries reach a backend and some do not: a backend is gone and still receives them, or conntrack remembers it for the source port.", "%s", counts)
	case lost > 0:
		add(DeadPod, "Some queries are never answered: they or their answers were lost, or go to a backend that is gone.", "%s", counts)
	}
	if k := s.Errors[BadResponse]; k > 0 {
		add(ServerFault, "The target answered, but refused the query or failed at it.", "%d of %d answers", k, k+good)
	}
}
