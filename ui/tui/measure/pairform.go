package measure

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/say"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/kit/form"
)

// pairFields are the fields of its form: the targets, then the plan.
func pairFields(v say.Voice) []form.Field {
	return []form.Field{
		{Label: v.Text("Target A"), Example: v.Text("10.96.0.10:80, or tcp://10.96.0.10:443")},
		{Label: v.Text("Target B"), Example: v.Text("empty: A alone")},
		{Label: v.Text("At once"), Example: "8"},
		{Label: v.Text("Requests or time"), Example: v.Text("4000, or 30s; for each target")},
		{Label: v.Text("Rate per second"), Example: v.Text("empty: closed loop")},
		{Label: v.Text("Blocks per target"), Example: "20"},
		{Label: v.Text("Source ports"), Example: v.Text("kernel, 20000-29999, or reuse 20000-20099"), Choices: []string{"kernel", "20000-29999", "reuse 20000-20099"}, Free: true},
		{Label: v.Text("A runs"), Example: v.Text("of both: the advice then weighs the result"), Choices: runsWords(v)},
		{Label: v.Text("B runs"), Choices: runsWords(v)},
	}
}

// notKnown stands for a mode that nobody said.
const notKnown = "not known"

// runsWords are what a target may run.
func runsWords(v say.Voice) []string {
	out := []string{v.Text("not known")}
	for _, m := range advisor.Modes() {
		out = append(out, string(m))
	}
	return out
}

// modesAt is where the modes stand among the fields.
const modesAt = 7

// planTexts is a plan as it stands in the fields.
func planTexts(p probe.Plan) []string {
	return []string{strconv.Itoa(p.Concurrency), strconv.Itoa(p.Requests), "", strconv.Itoa(p.Blocks), string(probe.KernelPorts)}
}

// other is the plan of ab if base is the default one, and the other way round.
func other(base probe.Plan) probe.Plan {
	if ab := probe.ABPlan(); base.Concurrency != ab.Concurrency {
		return ab
	}
	return probe.DefaultPlan()
}

// readExperiment makes sense of the fields; base says what they don't. Its error
// is one sentence.
func readExperiment(base probe.Plan, fields []string) (experiment, error) {
	e := experiment{plan: base}
	fields = filled(fields, append(append([]string{"", ""}, planTexts(base)...), "", ""))
	if fields[0] == "" {
		return e, at(0, errors.New("target A is missing"))
	}
	for i, name := range []string{"A", "B"} {
		if fields[i] == "" {
			continue
		}
		t, err := probe.ParseTarget(name, fields[i])
		if err != nil {
			return e, at(i, err)
		}
		e.targets = append(e.targets, t)
	}
	p := &e.plan
	err := first(
		at(2, whole("at once", fields[2], &p.Concurrency)), at(3, amount(fields[3], p)), at(4, rate(fields[4], &p.Rate)),
		at(5, whole("blocks", fields[5], &p.Blocks)), at(6, sourcePorts(fields[6], &p.Ports)), at(modesAt, modes(fields[modesAt], fields[modesAt+1], &e)))
	if err != nil {
		return e, err
	}
	return e, p.Validate(e.targets)
}

// modes takes what the targets run: of both, or of neither.
func modes(a, b string, into *experiment) error {
	a, b = strings.TrimPrefix(strings.ToLower(a), notKnown), strings.TrimPrefix(strings.ToLower(b), notKnown)
	for _, m := range []string{a, b} {
		if m != "" && !slices.Contains(advisor.Modes(), advisor.Mode(m)) {
			return fmt.Errorf("what A and B run: %s is not iptables, ipvs or nftables", given(m))
		}
	}
	switch {
	case a == "" && b == "":
		return nil
	case a == "" || b == "":
		return errors.New("what A and B run: say it of both, or of neither")
	case a == b:
		return errors.New("what A and B run: both the same says nothing about another mode; leave both empty")
	}
	into.labels = map[string]string{evidence.LabelModeA: a, evidence.LabelModeB: b}
	return nil
}

// given is what was typed, as it is named in the sentence that refuses it.
func given(text string) string { return strconv.Quote(plain.Line(text, shownOfText)) }

const shownOfText = 40

func whole(name, text string, into *int) error {
	n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
	if err != nil {
		return fmt.Errorf("%s: %s is not a whole number", name, given(text))
	}
	*into = n
	return nil
}

// amount is a number of requests or a time.
func amount(text string, p *probe.Plan) error {
	if whole("", text, &p.Requests) == nil {
		p.Duration = 0
		return nil
	}
	d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		return fmt.Errorf("requests or time: %s is neither a number nor a time such as 30s", given(text))
	}
	p.Requests, p.Duration = 0, d
	return nil
}

func rate(text string, into *float64) error {
	*into = 0
	if text == "" {
		return nil
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	if err != nil || !(v > 0) {
		return fmt.Errorf("rate: %s is not a number above 0", given(text))
	}
	*into = v
	return nil
}

// sourcePorts reads "kernel", "LOW-HIGH" or "reuse LOW-HIGH".
func sourcePorts(text string, into *probe.SourcePorts) error {
	*into = probe.SourcePorts{Mode: probe.KernelPorts}
	if text == "" || text == string(probe.KernelPorts) {
		return nil
	}
	mode := probe.SequentialPorts
	span, reuse := strings.CutPrefix(text, string(probe.ReusePorts))
	if reuse {
		mode = probe.ReusePorts
	}
	low, high, ok := strings.Cut(strings.TrimSpace(span), "-")
	var p [2]int
	if !ok || whole("", strings.TrimSpace(low), &p[0]) != nil || whole("", strings.TrimSpace(high), &p[1]) != nil {
		return fmt.Errorf("source ports: %s is not kernel, a range such as 20000-29999, or reuse and a range", given(text))
	}
	*into = probe.SourcePorts{Mode: mode, Low: p[0], High: p[1]}
	return nil
}
