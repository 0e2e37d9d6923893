package lab

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"kpadvisor/probe/lab/rules"
)

func TestPreflight(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	env, missing, err := Preflight(ctx, Options{})
	t.Logf("%+v\n%+v\n%v", env, missing, err)
}

func TestSweepSmall(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	r, err := Sweep(ctx, Options{Shape: rules.Shape{Endpoints: 5, Seed: 1}, Sizes: []int{100, 1000}}, func(e Event) {
		if e.Stage != nil {
			t.Logf("%+v", *e.Stage)
		}
	})
	b, _ := json.MarshalIndent(r, "", " ")
	t.Logf("%s %v", b, err)
}
