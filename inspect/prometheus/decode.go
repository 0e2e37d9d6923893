package prometheus

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// What is more than any answer has that is asked for here.
const (
	maxAnswer = 32 << 20 // bytes
	maxOne    = 64 << 10 // bytes of a series
	maxSeries = 20_000
	maxLabels = 100 // of a series
	maxLabel  = 1 << 10
)

var (
	errTooMuch       = errors.New("the answer is too large")
	errNotPrometheus = errors.New("the answer is not that of Prometheus")
)

// series is one of an answer: its labels and its only sample.
type series struct {
	labels map[string]string
	at     float64 // seconds since 1970
	value  float64
}

func (s series) name() string { return s.labels["__name__"] }

// UnmarshalJSON bounds what is kept of one.
func (s *series) UnmarshalJSON(b []byte) error {
	var raw struct {
		Metric map[string]string
		Value  []json.RawMessage
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	var text string
	if raw.Value == nil { // a native histogram, which nothing here is
		s.value = math.NaN()
		return nil
	}
	if len(raw.Value) != 2 || json.Unmarshal(raw.Value[0], &s.at) != nil || json.Unmarshal(raw.Value[1], &text) != nil {
		return errNotPrometheus
	}
	if len(raw.Metric) > maxLabels {
		return errTooMuch
	}
	for _, v := range raw.Metric {
		if len(v) > maxLabel {
			return errTooMuch
		}
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return err
	}
	s.labels, s.value = raw.Metric, x
	return nil
}

// decode hands over the series of an answer one after another, and returns the time that
// they are of.
func decode(body io.Reader, each func(series)) (evaluated float64, err error) {
	in := &meter{r: body, left: maxAnswer}
	d := json.NewDecoder(in)
	err = object(d, in, map[string]func() error{
		"status": func() error {
			var status string
			if err := d.Decode(&status); err != nil || status != "success" {
				return errNotPrometheus
			}
			return nil
		},
		"data": func() error {
			return object(d, in, map[string]func() error{
				"resultType": func() error {
					var kind string
					if err := d.Decode(&kind); err != nil || kind != "vector" {
						return errNotPrometheus
					}
					return nil
				},
				"result": func() error {
					evaluated, err = vector(d, in, each)
					return err
				},
			})
		},
	})
	switch {
	case err == nil:
		return evaluated, nil
	case in.err != nil:
		return 0, in.err
	case errors.Is(err, errTooMuch):
		return 0, errTooMuch
	}
	return 0, fmt.Errorf("%w: %w", errNotPrometheus, err)
}

// vector reads the series of an instant query.
func vector(d *json.Decoder, in *meter, each func(series)) (evaluated float64, err error) {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return 0, errNotPrometheus
	}
	for n := 0; d.More(); n++ {
		if n == maxSeries {
			return 0, errTooMuch
		}
		in.begin()
		var s series
		if err := d.Decode(&s); err != nil {
			return 0, err
		}
		evaluated = s.at
		if !math.IsNaN(s.value) {
			each(s)
		}
	}
	_, err = d.Token()
	return evaluated, err
}

// object reads an object, whose known fields it leaves to others.
func object(d *json.Decoder, in *meter, known map[string]func() error) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errNotPrometheus
	}
	for d.More() {
		in.begin()
		key, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if read := known[name]; read != nil {
			err = read()
		} else {
			var ignored json.RawMessage
			err = d.Decode(&ignored)
		}
		if err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// meter lets no more through than an answer may have, and no more at once than a series
// may: the decoder keeps one whole.
type meter struct {
	r         io.Reader
	left, one int
	err       error // that of the reader, or errTooMuch
}

func (m *meter) begin() { m.one = maxOne }

// Read implements [io.Reader].
func (m *meter) Read(p []byte) (int, error) {
	if m.one == 0 && m.left == maxAnswer {
		m.begin()
	}
	most := min(len(p), m.left, m.one)
	if most <= 0 && len(p) > 0 {
		m.err = errTooMuch
		return 0, m.err
	}
	n, err := m.r.Read(p[:most])
	m.left -= n
	m.one -= n
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err
}
