package measure

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/probe/lab/rules"
)

// TestFormsRefuse: whatever is typed into whichever field, it is taken or refused in a
// short sentence without a word of the packages that parse.
func TestFormsRefuse(t *testing.T) {
	foreign := regexp.MustCompile(`strconv|json:|int64|float64|invalid syntax|time: (invalid|unknown|missing)|pars(e|ing) "|range error|%!`)
	noShape := func() (rules.Shape, error) { return rules.Shape{}, errors.New("there is no cluster") }
	noConfigs := func() ([]drill.Config, error) { return nil, errors.New("there is no cluster") }
	forms := map[string]struct {
		good []string
		read func([]string) error
	}{
		"bench": {[]string{"1000", "5", "all", "random", "cold", "600", ""}, func(f []string) error { _, err := readBench(f, noShape); return err }},
		"pair": {
			[]string{"10.96.0.10:80", "", "8", "4000", "", "20", "kernel", "", ""},
			func(f []string) error { _, err := readExperiment(probe.DefaultPlan(), f); return err },
		},
		"nodes": {[]string{"image", "", "", "", "", "", "100", "20"}, func(f []string) error { _, err := readNodes(f); return err }},
		"drill": {[]string{"all", "30", "60", "10", "drains", ""}, func(f []string) error { _, err := readDrilling(f, noConfigs); return err }},
	}
	hostile := []string{
		"", strings.Repeat("x", 200_000), strings.Repeat("9", 200_000), strings.Repeat("1h", 100_000), "9223372036854775808", "9223372036854775807",
		"-9223372036854775808", "-1", "1e308", "1e400", "NaN", "Inf", "-Inf", "1h2", "reuse 9223372036854775807-1", "1-99999999999999999999",
		"\x1b]0;x\a\u202e", strings.Repeat("\x1b[2J\u2028", 40_000),
	}
	for name, form := range forms {
		if err := form.read(append([]string{}, form.good...)); err != nil {
			t.Errorf("%s refuses %q: %v", name, form.good, err)
		}
		for i := range form.good {
			for _, value := range hostile {
				fields := append([]string{}, form.good...)
				fields[i] = value
				err := form.read(fields)
				if err == nil {
					continue
				}
				if said := err.Error(); len(said) > 250 || foreign.MatchString(said) || !plain.Safe(said) {
					t.Errorf("%s, field %d, %.40q: %.400q", name, i, value, said)
				}
			}
		}
	}
}
