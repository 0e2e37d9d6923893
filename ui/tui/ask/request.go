package ask

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/say"
	"kpadvisor/ui/kit/form"
)

// How long a pod may count connections.
const (
	leastSeconds = 5
	usualSeconds = 60
	mostSeconds  = 600
)

// fields are what a way asks for.
func (w Way) fields(v say.Voice) []form.Field {
	scope := form.Field{Label: v.Head("Nodes"), Choices: scopes(v), Example: v.Text("another one if it does not answer")}
	switch w {
	case Forward:
		return []form.Field{scope}
	case Prometheus:
		return []form.Field{
			{Label: "URL", Example: "https://prometheus.example:9090"},
			{Label: v.Text("Label matchers"), Example: v.Text(`empty, or cluster="prod"`)},
		}
	case Pods:
		return []form.Field{
			{Label: v.Text("Image"), Example: v.Text("registry/kpadvisor:TAG; kpadvisor image writes one")},
			scope,
			{Label: v.Text("What they see"), Choices: depths(v)},
			{Label: v.Text("Seconds"), Example: v.Sprintf("%d; how long connections are counted", usualSeconds)},
			{Label: v.Text("Namespace"), Example: v.Text("empty: the context's; or temporary"), Choices: []string{"", "temporary"}, Free: true},
		}
	case Script:
	}
	return []form.Field{
		{Label: v.Head("File"), Example: "node-1.txt"},
		{Label: v.Head("node"), Example: v.Text("empty: as the report names it")},
	}
}

// scopes and depths are the choices of fields, in the order of their values.
func scopes(v say.Voice) []string {
	return []string{v.Text("one of this group"), v.Text("all of this group"), v.Text("one of each group")}
}

func depths(v say.Voice) []string {
	return []string{v.Text("kube-proxy and the kernel"), v.Text("connections as well"), v.Text("rules as well, as root")}
}

// edit opens the form of a way.
func (s *Page) edit(w Way) tea.Cmd {
	v := s.palette.Voice
	s.way = w
	if s.forms[w] == nil {
		s.forms[w] = form.New(s.palette, w.title(v), w.fields(v))
		s.forms[w].Hint = v.Text("ctrl+s shows what that takes; nothing is sent before you say so")
		if w == Script {
			s.forms[w].Hint = v.Text("A report is read here, and sent to nobody.")
		}
	}
	s.wake()
	return nil
}

// wake goes to the form of the way that was chosen.
func (s *Page) wake() {
	s.forms[s.way].Wake()
	s.turn(typing)
}

func (s *Page) formKey(msg tea.KeyPressMsg) tea.Cmd {
	f := s.forms[s.way]
	switch f.Update(msg) {
	case form.Closed:
		s.back()
	case form.Sent:
		return s.send(f)
	case form.Open:
	}
	return nil
}

// send takes what the form says: reads the file, or asks what a request takes.
func (s *Page) send(f *form.Form) tea.Cmd {
	values := f.Values()
	for i := range values {
		values[i] = strings.TrimSpace(values[i])
	}
	f.Settle()
	if s.way == Script {
		if values[0] == "" {
			f.Refuse(form.FieldError{At: 0, Err: errors.New("name the file with the report")})
			return nil
		}
		return s.read(values[0], values[1])
	}
	r, err := s.way.read(s.palette.Voice, values)
	if err != nil {
		f.Refuse(err)
		return nil
	}
	r.Group = s.group
	s.request = r
	return s.ask(r)
}

// read makes sense of the fields of a way. Its error is about one of them.
func (w Way) read(v say.Voice, values []string) (Request, error) {
	r := Request{Way: w}
	at := func(i int, err error) error { return form.FieldError{At: i, Err: err} }
	switch w {
	case Forward:
		r.Scope = Scope(max(slices.Index(scopes(v), values[0]), 0))
	case Prometheus:
		if r.URL, r.Match = values[0], values[1]; r.URL == "" {
			return r, at(0, errors.New("the URL of the Prometheus server is missing"))
		}
	case Pods:
		r.Image, r.Namespace = values[0], values[4]
		r.Scope = Scope(max(slices.Index(scopes(v), values[1]), 0))
		r.Depth = Depth(max(slices.Index(depths(v), values[2]), 0))
		if r.Image == "" {
			return r, at(0, errors.New("image: pods need an image that holds kpadvisor; \"kpadvisor image -o FILE\" writes one"))
		}
		seconds, err := whole(values[3])
		if err != nil {
			return r, at(3, err)
		}
		r.For = time.Duration(seconds) * time.Second
	case Script:
	}
	return r, nil
}

// whole is how many seconds were typed; nothing is the usual.
func whole(text string) (int, error) {
	if text == "" {
		return usualSeconds, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < leastSeconds || n > mostSeconds {
		return 0, fmt.Errorf("%.20q is not from %d to %d seconds", text, leastSeconds, mostSeconds)
	}
	return n, nil
}
