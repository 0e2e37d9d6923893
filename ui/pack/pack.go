// Package pack is a change request in one file: the document, and in it the data that all
// of it was made from, so that anybody can make it again and see whether it is the same.
package pack

import (
	"bytes"
	"cmp"
	"encoding/json"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report/html"
)

// Request is what a change request is made from.
type Request struct {
	Facts    advisor.Facts
	Habits   advisor.Habits   // as they were answered
	Measured advisor.Measured // with names in it only if Named
	To       advisor.Mode     // asked for; empty is what the advice says
	Named    bool             // names of the cluster may be in it; otherwise they are left out as in a snapshot
	Language say.Language     // of the document; empty is English
	Version  string           // of this program
	Bare     bool             // the document will not carry its data, as only HTML does, and cannot be verified
}

// Make is a request as a document that holds its data. All that it says is made of the
// data as they are in it: what was left out of them cannot be said.
func Make(r Request) (page.Document, error) {
	text, err := r.encode()
	if err != nil {
		return page.Document{}, err
	}
	return build(text, !r.Bare)
}

// encode writes the data of a request.
func (r Request) encode() (string, error) {
	var facts bytes.Buffer
	if err := cluster.WriteSnapshot(&facts, r.Facts, r.Named); err != nil {
		return "", err
	}
	d := data{
		Schema: Schema, Version: r.Version, Language: cmp.Or(r.Language, say.English), Answers: answersOf(r.Habits), To: r.To,
		Measured: r.Measured, Snapshot: json.RawMessage(facts.Bytes()),
	}
	text, err := plain.JSON(d)
	if err != nil {
		return "", err
	}
	return html.Kept(string(text)), nil // as it will be read back
}

// build makes the document of data, and of nothing else; carried are they where they stand
// in it.
func build(text string, carried bool) (page.Document, error) {
	d, err := decode(text)
	if err != nil {
		return page.Document{}, err
	}
	v, h := say.In(d.Language), advisor.Prefill(d.facts, d.habits)
	c := page.Change{Named: d.named, Audit: page.Audit{
		Voice: v, Advice: advisor.DecideIn(v, d.facts, h, d.Measured), Facts: d.facts, Habits: h, Measured: d.Measured, Version: d.Version,
	}}
	if carried {
		c.Data = text
	}
	if to := d.asked(c.Advice); to != "" {
		move := advisor.MoveToIn(v, d.facts, h, d.Measured, to)
		c.Move = &move
	}
	return c.Page(), nil
}

// asked is the mode that is asked for; empty where no change is.
func (d data) asked(a advisor.Advice) advisor.Mode {
	switch {
	case d.To != "":
		return d.To
	case a.Action == advisor.Change:
		return a.Recommended
	}
	return ""
}
