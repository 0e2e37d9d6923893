package lab

import (
	"context"
	"testing"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab/rules"
)

// No connection waits for a SYN sent again, however often the number of Services
// changes. The same source ports come back to the same pods within the minute
// their old sockets are in TIME_WAIT, by way of another ClusterIP each time.
func TestRebuildLosesNoSYN(t *testing.T) {
	ctx := within(t, 5*time.Minute)
	modes := []Mode{Direct, IPTablesLegacy, IPTablesNFT, NFTables}
	needs(ctx, t, modes...)
	rebuilds(ctx, t, Options{Modes: modes})
}

// IPVS keeps connections of its own. The other modes are those of the test above.
func TestUserModeLinuxRebuildLosesNoSYN(t *testing.T) {
	ctx := within(t, patience)
	o := needsUML(t)["own"]
	o.Modes = []Mode{Direct, IPVS}
	rebuilds(ctx, t, o)
}

// rebuilds runs a session over ten changes of size. There is no session affinity in
// it: with persistent virtual servers IPVS itself (Linux 6.12) takes an answer for
// that to another ClusterIP which the same client port led to the same pod by.
func rebuilds(ctx context.Context, t *testing.T, o Options) {
	t.Helper()
	o.Shape = rules.Shape{Services: 10, Endpoints: 2, Seed: 3, NodePort: 20, LoadBalancer: 20, Local: 40}
	o.Position = rules.Middle
	o.Plan = probe.DefaultPlan()
	o.Plan.Concurrency, o.Plan.Requests, o.Plan.Blocks, o.Plan.WarmUp = 1, 90, 6, 0
	o.Plan.Ports = probe.SourcePorts{Mode: probe.SequentialPorts, Low: 20_000, High: 20_099}
	s, err := Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for rebuild := range 11 {
		size := []int{10, 17, 80, 24}[rebuild%4] // and back again
		if rebuild > 0 {
			if err := s.Resize(size); err != nil {
				t.Fatal(err)
			}
		}
		st := finished(ctx, t, s)
		if n := len(st.Result.Series); n != len(o.Modes) {
			t.Fatalf("%d Services: %d lanes: %+v %+v", size, n, st.Missing, st.Skipped)
		}
		for _, lane := range st.Result.Series {
			if e := lane.Events; lane.Failed() > 0 || e.ResentSYNs > 0 || e.SYNTimeouts > 0 {
				t.Errorf("%d Services, %s: %d of %d failed, %+v", size, lane.Target.Name, lane.Failed(), lane.Requests, e)
			}
		}
	}
}
