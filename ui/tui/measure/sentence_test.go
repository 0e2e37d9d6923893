package measure

import (
	"strings"
	"testing"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/measure/measuretest"
)

// TestStoppedRunIsNoWhole: a run that was stopped is told as one that was.
func TestStoppedRunIsNoWhole(t *testing.T) {
	t.Parallel()
	r := measuretest.RunOf(43e3, 31e3, 8)
	for _, partial := range []bool{false, true} {
		r.Partial = partial
		a := start(with(&measuretest.Prober{Shows: measuretest.Live(r), Result: r}).in(kit.Style{}), 120, 40).plan("10.96.0.10:80", "10.96.0.11:80").begin().look().end()
		for _, want := range []string{"So far B is", "The run was stopped before its plan was done.", "95 %, so far"} {
			if strings.Contains(a.text(), want) != partial {
				t.Errorf("partial %v: %q is on the screen or is not:\n%s", partial, want, a.text())
			}
		}
	}
}

// modesOf is a run of a lab, with those of its modes.
func modesOf(blocks int, modes ...lab.Mode) probe.Result {
	r := measuretest.LabResult(blocks)
	all := r.Series
	r.Series = nil
	for _, m := range modes {
		for _, s := range all {
			if s.Target.Name == string(m) {
				r.Series = append(r.Series, s)
			}
		}
	}
	return r
}

// labRuns is the screen of a lab that measures those modes.
func labRuns(blocks, w int, modes ...lab.Mode) app {
	f := measuretest.HeldLab()
	f.Lively = func(int) lab.State {
		state := measuretest.LabState(4871, blocks)
		state.Snapshot.Series = modesOf(blocks, modes...).Series
		return state
	}
	o := with(&measuretest.Prober{})
	measuretest.SetLab(&o.Tools, f)
	a := start(o, w, 40).press("enter").begin()
	<-f.Waiting
	return a.look()
}

// TestEveryLabTells: whatever modes a lab has, the screen says what it compares, or how
// many blocks that takes.
func TestEveryLabTells(t *testing.T) {
	t.Parallel()
	for _, w := range []int{80, 120} {
		for _, tt := range []struct {
			modes  []lab.Mode
			blocks int
			want   string
		}{
			{[]lab.Mode{lab.Direct, lab.NFTables}, 3, "direct, nftables: too early to tell, 3 of at least 6 blocks."},
			{[]lab.Mode{lab.Direct, lab.NFTables}, 20, "So far direct is "},
			{[]lab.Mode{lab.IPTablesNFT, lab.NFTables}, 3, "nftables, ipt nft: too early to tell"},
			{[]lab.Mode{lab.Direct, lab.IPTablesLegacy, lab.IPTablesNFT}, 3, "ipt nft     3 of 6 blocks"},
		} {
			labRuns(tt.blocks, w, tt.modes...).wants(t, tt.want)
		}
	}
}
