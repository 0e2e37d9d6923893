package tui

import (
	"context"
	"errors"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/ask"
	"kpadvisor/ui/tui/measure"
)

// errNoCluster stands where nobody gave a survey.
var errNoCluster = errors.New("no cluster to read")

// place is what can be looked at: a cluster of the kubeconfig, or what stands in for one,
// with all that is known and shown of it. Who comes back finds it as it was left.
type place struct {
	session *session
	source  Source
	screens [4]tab // nil until it is looked at
	probe   *measure.Screen
	asks    *ask.Page

	wanted   bool       // somebody asked for it to be read
	signed   Connection // its plugin has asked its questions; nil before, and once it is read
	starting bool       // a command begins to read it
	began    time.Time  // the read
	turn     int        // of the read that is in force: what an older one brings does not count
	last     int        // turn that was given out
	again    reread
}

// next is a turn that no read has had.
func (p *place) next() int {
	p.last++
	return p.last
}

// reread is another read of a cluster. What is known of it stays until that is done.
type reread struct {
	turn    int // 0: nobody asked for it
	source  Source
	reading advisor.Reading
}

// newPlace is a place of which nothing is known; its source has begun already, if it has
// one.
func newPlace(o Options, c Context, s Source) *place {
	p := &place{session: newSession(o, c), source: s, wanted: s.Survey != nil, began: time.Now()}
	p.turn = p.next()
	if f, ok := s.Survey.(Fixed); ok {
		p.session.reading = f.Reading()
	}
	p.session.refresh()
	return p
}

// furnish makes its screens, unless it has them; what they start ends with ctx.
func (p *place) furnish(ctx context.Context, o Options, palette kit.Palette) {
	if p.probe == nil {
		p.probe = measure.New(ctx, o.tools(p.source), palette, weighing{p.session})
		p.asks = ask.New(ctx, palette, asking{p.session})
		p.asks.Equip(p.source.Asker)
		p.screens = [4]tab{newCluster(o, palette, p.session, p.asks), newHabits(palette, p.session), newAdvice(palette, p.session), measuring{p.probe}}
	}
}

// failed reports that it could not be read.
func (p *place) failed() bool { return p.session.lost() }

// known reports that it has been read.
func (p *place) known() bool { return p.session.reading.Done && p.session.reading.Err == nil }

// reading reports that it is being read.
func (p *place) reading() bool { return p.starting || p.source.Survey != nil && !p.session.over() }

// idle reports that it is not read, and that nobody asked for that.
func (p *place) idle() bool { return !p.wanted && p.source.Survey == nil }

// reset forgets what was read and who read it; what was answered stays.
func (p *place) reset() {
	p.turn = p.next()
	p.source.Survey, p.signed, p.wanted, p.starting = nil, nil, false, false
	p.session.restart()
}

// begin takes the source that reads it from now on.
func (p *place) begin(s Source) {
	p.starting, p.source = false, s
	if f, ok := s.Survey.(Fixed); ok {
		p.session.reading = f.Reading()
	}
	p.session.refresh()
}

// saw takes what a look at its read has brought.
func (p *place) saw(l look) {
	s := p.session
	s.reading, s.elapsed = l.reading, l.at.Sub(p.began)
	if at := l.reading.Facts.TakenAt; l.reading.Done && at.After(p.began) && !at.After(l.at) {
		s.elapsed = at.Sub(p.began)
	}
	s.refresh()
}
