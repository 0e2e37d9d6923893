package cases

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// want is what must hold of an audit; what is left out may be anything.
type want struct {
	Modes          map[string]nodes  `json:"modes"`          // nodes in each mode in force
	Implementation string            `json:"implementation"` // part of one in force
	Exposure       []string          `json:"exposure"`       // one of these among reuse81775
	ExposureNot    []string          `json:"exposureNot"`    // none of these
	Action         []string          `json:"action"`         // one of these
	ActionNot      []string          `json:"actionNot"`
	Recommended    []string          `json:"recommended"`
	RecommendedNot []string          `json:"recommendedNot"`
	Confidence     []string          `json:"confidence"`
	ConfidenceNot  []string          `json:"confidenceNot"`
	RC             []int             `json:"rc"`
	RCNot          []int             `json:"rcNot"`
	Possible       map[string]bool   `json:"possible"`    // of the ranking
	Can            map[string]string `json:"can"`         // of the ranking: yes, no, unknown
	Headline       []string          `json:"headline"`    // patterns the headline matches
	HeadlineNot    []string          `json:"headlineNot"` // and does not
	Says           []string          `json:"says"`        // patterns in the text report and its errors
	SaysNot        []string          `json:"saysNot"`     // patterns in neither form
}

// nodes is a number of nodes, or "*" for any.
type nodes struct {
	any bool
	n   int
}

// UnmarshalJSON reads a number or "*".
func (n *nodes) UnmarshalJSON(b []byte) error {
	if n.any = string(b) == `"*"`; n.any {
		return nil
	}
	return json.Unmarshal(b, &n.n)
}

// wrong lists what does not hold of an outcome, a clause each.
func (w want) wrong(o outcome) []string {
	var out []string
	add := func(when bool, format string, args ...any) {
		if when {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(slices.Contains(w.RCNot, o.code), "exit %d", o.code)
	add(len(w.RC) > 0 && !slices.Contains(w.RC, o.code), "exit %d, want %v", o.code, w.RC)
	if !o.json {
		// A refusal is an answer where nothing but words is asked for.
		add(w.ofDocument(), "no JSON (exit %d): %.150s", o.code, o.text)
		return append(out, w.words(o)...)
	}
	add(among(w.Action, o.Action) == no, "action %s, want %v: %s", o.Action, w.Action, o.Headline)
	add(among(w.ActionNot, o.Action) == yes, "action %s: %s", o.Action, o.Headline)
	add(among(w.Recommended, o.Recommended) == no, "recommends %q, want %q: %s", o.Recommended, w.Recommended, o.Headline)
	add(among(w.RecommendedNot, o.Recommended) == yes, "recommends %q: %s", o.Recommended, o.Headline)
	add(among(w.Confidence, o.Confidence) == no, "confidence %s, want %v: %s", o.Confidence, w.Confidence, o.Headline)
	add(among(w.ConfidenceNot, o.Confidence) == yes, "confidence %s: %s", o.Confidence, o.Headline)
	out = append(out, w.inForce(o)...)
	out = append(out, w.reuse(o)...)
	out = append(out, w.ranking(o)...)
	return append(out, w.words(o)...)
}

type answer int

const (
	unasked answer = iota
	yes
	no
)

func among(list []string, s string) answer {
	switch {
	case len(list) == 0:
		return unasked
	case slices.Contains(list, s):
		return yes
	}
	return no
}

// ofDocument reports whether anything but words and exit codes is asked for.
func (w want) ofDocument() bool {
	return len(w.Modes)+len(w.Exposure)+len(w.Action)+len(w.Recommended)+len(w.Confidence)+
		len(w.Possible)+len(w.Can)+len(w.Headline) > 0 || w.Implementation != ""
}

func (w want) inForce(o outcome) (out []string) {
	got := o.modes()
	for _, mode := range slices.Sorted(maps.Keys(w.Modes)) {
		want := w.Modes[mode]
		if n, ok := got[mode]; !ok || !want.any && n != want.n {
			out = append(out, fmt.Sprintf("modes in force %v, want %s", got, mode))
		}
	}
	for _, c := range o.Current {
		if w.Implementation == "" || strings.Contains(c.Implementation, w.Implementation) {
			return out
		}
	}
	if w.Implementation != "" {
		out = append(out, fmt.Sprintf("implementation of none is %s: %+v", w.Implementation, o.Current))
	}
	return out
}

func (w want) reuse(o outcome) (out []string) {
	var got []string
	for _, r := range o.Reuse {
		got = append(got, r.Exposure)
	}
	in := func(s string) bool { return slices.Contains(got, s) }
	if len(w.Exposure) > 0 && !slices.ContainsFunc(w.Exposure, in) {
		out = append(out, fmt.Sprintf("exposure %v, want %v", got, w.Exposure))
	}
	if slices.ContainsFunc(w.ExposureNot, in) {
		out = append(out, fmt.Sprintf("exposure %v", got))
	}
	return out
}

func (w want) ranking(o outcome) (out []string) {
	for _, mode := range slices.Sorted(maps.Keys(w.Possible)) {
		if r, ok := o.ranked(mode); !ok || r.Possible != w.Possible[mode] {
			out = append(out, fmt.Sprintf("%s possible %t", mode, r.Possible))
		}
	}
	for _, mode := range slices.Sorted(maps.Keys(w.Can)) {
		if r, ok := o.ranked(mode); !ok || r.Can != w.Can[mode] {
			out = append(out, fmt.Sprintf("%s can %q, want %s", mode, r.Can, w.Can[mode]))
		}
	}
	return out
}

func (w want) words(o outcome) (out []string) {
	check := func(patterns []string, text string, want bool, what string) {
		for _, p := range patterns {
			found, err := finds(p, text)
			if err != nil {
				out = append(out, err.Error())
			} else if found != want {
				out = append(out, fmt.Sprintf("%s %q", what, p))
			}
		}
	}
	check(w.Headline, o.Headline, true, fmt.Sprintf("headline %q lacks", o.Headline))
	check(w.HeadlineNot, o.Headline, false, fmt.Sprintf("headline %q has", o.Headline))
	check(w.Says, o.text, true, "does not say")
	check(w.SaysNot, o.all, false, "says")
	return out
}
