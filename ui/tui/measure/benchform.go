package measure

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/say"
	"kpadvisor/ui/kit/form"
)

// likeCluster stands in the field Services for the shape of the cluster.
const likeCluster = "cluster"

func benchFields(v say.Voice) []form.Field {
	return []form.Field{
		{Label: v.Head("Services"), Example: v.Text("1,000, or cluster"), Free: true},
		{Label: v.Text("Endpoints each"), Example: "5"},
		{Label: v.Text("Modes"), Example: v.Text("all, or iptables, nftables, ipvs"), Choices: modeWords(), Free: true},
		{Label: v.Text("Place of target"), Example: v.Text("among iptables' rules"), Choices: placeWords()},
		{Label: v.Text("Load"), Example: v.Text("cold, or hot, or how many at once"), Choices: []string{string(lab.Cold), string(lab.Hot)}, Free: true},
		{Label: v.Text("Connections"), Example: v.Text("600 cold, 20000 hot; for each mode")},
		{Label: v.Head("Kernel"), Example: v.Text("this machine, or uml, or uml PATH"), Choices: kernelWords(v), Free: true},
	}
}

// laneWidth is what the names of the lab's modes take.
const laneWidth = 11

// modeWords are what the field Modes takes: iptables stands for both backends.
func modeWords() []string {
	words := []string{"all", "iptables"}
	for _, m := range lab.Proxies() {
		words = append(words, string(m))
	}
	return words
}

// usualBench is what empty fields stand for.
func usualBench(v say.Voice) []string {
	return []string{"1,000", "5", "all", string(rules.Random), string(lab.Cold), "", v.Text("this machine")}
}

// thisMachine stands in the field Kernel for the kernel that runs.
const thisMachine = "this machine"

// kernelWords are where a lab can run.
func kernelWords(v say.Voice) []string { return []string{v.Text("this machine"), string(lab.UML)} }

// placeWords are the places of the target.
func placeWords() []string {
	var out []string
	for _, p := range rules.Positions() {
		out = append(out, string(p))
	}
	return out
}

// benchBlocks is how many blocks each mode has: more than an interval needs, and
// few enough to be done while somebody looks on.
const benchBlocks = 20

// maxProgram is how long a mode may take to be programmed before it is left out:
// nobody looks on longer. In user-mode Linux everything is slow.
const (
	maxProgram    = 10 * time.Second
	maxProgramUML = time.Minute
)

// readBench makes sense of the fields. Its error is one sentence.
func readBench(fields []string, like func() (rules.Shape, error)) (lab.Options, error) {
	fields = filled(fields, usualBench(say.Voice{}))
	o := lab.Options{Plan: probe.DefaultPlan(), MaxProgram: maxProgram}
	o.Plan.Blocks = benchBlocks
	o.Shape.Seed = o.Plan.Seed
	var err error
	if fields[0] == likeCluster {
		o.Shape, err = like()
		err = at(0, err)
	} else {
		err = first(at(0, whole("services", fields[0], &o.Shape.Services)), at(1, whole("endpoints each", fields[1], &o.Shape.Endpoints)))
	}
	err = first(err, at(2, labModes(fields[2], &o.Modes)), at(3, place(fields[3], &o.Position)),
		at(4, load(fields[4], &o.Plan)), at(5, connections(fields[5], &o.Plan)), at(6, where(fields[6], &o)))
	if err != nil {
		return o, err
	}
	if o.In == lab.UML {
		o.MaxProgram = maxProgramUML
	}
	if err := o.Plan.Validate(nil); err != nil {
		return o, err
	}
	return o, o.Validate()
}

// labModes reads a list of modes; direct is always among them.
func labModes(text string, into *[]lab.Mode) error {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ' ' })
	for _, w := range words {
		if !slices.Contains(modeWords(), w) && w != string(lab.Direct) {
			return fmt.Errorf("modes: %s is none of %s", given(w), strings.Join(modeWords(), ", "))
		}
	}
	if len(words) == 0 || slices.Contains(words, "all") {
		*into = lab.Modes()
		return nil
	}
	*into = slices.DeleteFunc(lab.Modes(), func(m lab.Mode) bool {
		backend := strings.HasPrefix(string(m), "iptables-") && slices.Contains(words, "iptables")
		return m != lab.Direct && !backend && !slices.Contains(words, string(m))
	})
	return nil
}

// load reads how connections come: paced, or a closed loop.
func load(text string, into *probe.Plan) error {
	switch lab.Load(strings.ToLower(text)) {
	case lab.Cold, "":
		into.Rate, into.Concurrency, into.Threads = lab.DefaultPerSecond, coldConcurrency, coldConcurrency
		return nil
	case lab.Hot:
		into.Concurrency = 1
		return nil
	}
	return whole("load", text, &into.Concurrency)
}

// coldConcurrency is how many paced connections may be open at once: one that
// hangs must not hold up the next.
const coldConcurrency = 4

// connections of each mode: by default what a minute or less is enough for.
func connections(text string, into *probe.Plan) error {
	if text != "" {
		return whole("connections", text, &into.Requests)
	}
	into.Requests = 20_000
	if into.OpenLoop() {
		into.Requests = 600
	}
	return nil
}

func place(text string, into *rules.Position) error {
	*into = rules.Position(strings.ToLower(text))
	if text == "" {
		*into = rules.Random
	}
	if !slices.Contains(rules.Positions(), *into) {
		return fmt.Errorf("place of target: %s is not random, first, middle or last", given(text))
	}
	return nil
}

func where(text string, into *lab.Options) error {
	kind, path, _ := strings.Cut(text, " ")
	switch strings.ToLower(kind) {
	case "", "here", "this":
		into.In, path = lab.Here, ""
	case "uml", "user-mode":
		into.In = lab.UML
	default:
		return fmt.Errorf("kernel: %s is neither this machine nor uml", given(text))
	}
	if into.UMLKernel = strings.TrimSpace(path); strings.EqualFold(into.UMLKernel, "linux") {
		into.UMLKernel = ""
	}
	return nil
}
