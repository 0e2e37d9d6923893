package incluster

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// hindrance is why the run cannot go on; nil if it can.
func (s *Session) hindrance() *plain.Error {
	if down, why := s.link.Down(s.now()); down > s.patience.outage {
		return plain.Fail(fmt.Sprintf("The API server has not answered for %v: %s.", s.patience.outage, why),
			"Run it again when \"kubectl version\" works.", nil)
	}
	for _, name := range sortedNames(s.roster.echo) {
		if e := s.roster.echo[name]; e.Hopeless {
			return startTrouble(e.Why)
		}
	}
	alive := make([]int, len(s.spec.Pair.Groups()))
	var gone *source
	finished := true
	for _, src := range s.roster.sources {
		switch {
		case src.gone != "" && s.now().Sub(src.toldAt) < s.patience.told: // the reason may follow
			alive[src.group]++
			finished = false
		case src.gone != "":
			gone = src
		case src.end == nil:
			finished = false
			fallthrough
		default:
			alive[src.group]++
		}
		if src.live() && src.hello == nil && src.standing.Hopeless && !s.mayTell(src) {
			return startTrouble(jobs.ReasonText(src.called(), src.standing.Why))
		}
	}
	switch {
	case slices.Contains(alive, 0) && !s.roster.begun:
		return startTrouble(jobs.ReasonText(gone.called(), gone.gone))
	case slices.Contains(alive, 0):
		return plain.Fail(fmt.Sprintf("A side cannot be measured any more: %s: %s.", gone.called(), gone.gone),
			"What was complete until then is shown; run it again when the reason is gone.", nil)
	case finished:
		complete, _ := s.collector.Rounds()
		return plain.Fail(fmt.Sprintf("The pods measured as long as they were told, and %d of %d rounds are complete.", complete, s.spec.Plan.Blocks),
			"The notes say which rounds were missed; run it again.", nil)
	}
	if s.roster.begun {
		return nil
	}
	if since := s.now().Sub(s.roster.refusedAt); len(s.roster.refused) > 0 && since > s.patience.refused {
		for _, name := range sortedNames(s.roster.refused) {
			return plain.Fail(fmt.Sprintf("Job %s can make no pod: %s.", name, s.roster.refused[name]),
				"Ask whoever set that limit, or use another namespace with --namespace.", nil)
		}
	}
	if s.stage.took(s.now()) > s.spec.Start {
		return startTrouble(jobs.ReasonText(s.waitingFor(), "not started within "+s.spec.Start.String()))
	}
	return nil
}

func startTrouble(why string) *plain.Error {
	return plain.Fail(fmt.Sprintf("The pods did not start: %s.", why),
		"Remove the reason and run it again; --start-timeout allows more time, --image names another image.", nil)
}

// waitingFor is the first thing that keeps the run from starting.
func (s *Session) waitingFor() string {
	for _, name := range sortedNames(s.roster.refused) {
		return jobs.ReasonText("Job "+name, s.roster.refused[name])
	}
	if down, why := s.link.Down(s.now()); down > 0 {
		return "the API server does not answer: " + why
	}
	for _, name := range sortedNames(s.roster.echo) {
		return s.roster.echo[name].Why
	}
	for _, src := range s.roster.sources {
		if src.live() && src.hello == nil && src.standing.Why != "" {
			return jobs.ReasonText(src.called(), src.standing.Why)
		}
	}
	for _, src := range s.roster.sources {
		if src.live() && src.standing.Started && src.heard.IsZero() {
			return jobs.ReasonText(src.called(), "it runs and says nothing: is kpadvisor in the image?")
		}
	}
	have := 0
	for _, src := range s.roster.sources {
		if src.pod != "" {
			have++
		}
	}
	return fmt.Sprintf("%d of %d pods have been made", have, len(s.roster.sources))
}

// worry is what is not as it should be while the run goes on.
func (s *Session) worry() string {
	if down, why := s.link.Down(s.now()); down > 0 {
		return "the API server does not answer, the pods go on: " + why
	}
	for _, src := range s.roster.sources {
		if src.gone != "" {
			return jobs.ReasonText(src.called()+" is gone", src.gone)
		}
		if since := s.now().Sub(src.heard); src.live() && since > s.patience.quiet {
			return jobs.ReasonText(fmt.Sprintf("no word from %s for %v", src.called(), since.Truncate(time.Second)), src.standing.Why)
		}
	}
	return ""
}

func sortedNames[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
