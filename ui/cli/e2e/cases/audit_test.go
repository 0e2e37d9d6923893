package cases

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kpadvisor/ui/cli"
)

// document is the part of schema kpadvisor.audit/v1 that cases look at.
type document struct {
	Headline    string `json:"headline"`
	Action      string `json:"action"`
	Recommended string `json:"recommended"`
	First       []struct {
		Text string `json:"text"`
	} `json:"first"`
	Confidence string `json:"confidence"`
	Current    []struct {
		Mode           string `json:"mode"`
		Implementation string `json:"implementation"`
		Nodes          int    `json:"nodes"`
	} `json:"current"`
	Ranking []ranked `json:"ranking"`
	Reuse   []struct {
		Exposure string `json:"exposure"`
	} `json:"reuse81775"`
}

type ranked struct {
	Mode     string `json:"mode"`
	Possible bool   `json:"possible"`
	Can      string `json:"can"` // yes, no or unknown
}

// outcome is what kpadvisor audit said, as JSON and as text.
type outcome struct {
	document
	code int
	json bool   // there was a document
	text string // the text report and its errors, white space folded
	all  string // that and the JSON
}

// audit runs kpadvisor audit twice, for its two forms.
func audit(t *testing.T, stdin string, flags ...string) outcome {
	t.Helper()
	run := func(args ...string) (int, string, string) {
		var out, errOut bytes.Buffer
		args = slices.Concat([]string{"audit"}, args, flags)
		code := cli.Run(t.Context(), args, strings.NewReader(stdin), &out, &errOut)
		return code, out.String(), errOut.String()
	}
	var o outcome
	code, raw, complaint := run("-o", "json")
	o.code, o.json = code, json.Unmarshal([]byte(raw), &o.document) == nil
	textCode, text, textComplaint := run()
	if textCode != code {
		t.Errorf("exit code %d with -o json, %d without", code, textCode)
	}
	o.text = fold(text + "\n" + textComplaint)
	o.all = o.text + " " + fold(raw+"\n"+complaint)
	return o
}

// fold makes every run of white space one space: reports wrap their lines.
func fold(text string) string { return strings.Join(strings.Fields(text), " ") }

// modes counts the nodes of each mode in force.
func (o outcome) modes() map[string]int {
	modes := map[string]int{}
	for _, c := range o.Current {
		modes[c.Mode] += c.Nodes
	}
	return modes
}

func (o outcome) ranked(mode string) (ranked, bool) {
	for _, r := range o.Ranking {
		if r.Mode == mode {
			return r, true
		}
	}
	return ranked{}, false
}

// finds reports whether text matches a pattern in any case of its letters.
func finds(pattern, text string) (bool, error) {
	r, err := regexp.Compile("(?i)" + pattern)
	if err != nil {
		return false, err
	}
	return r.MatchString(text), nil
}
