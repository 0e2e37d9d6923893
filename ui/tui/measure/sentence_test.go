package measure

import (
	"strings"
	"testing"

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
