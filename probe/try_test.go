package probe

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestTry(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hi") }))
	defer srv.Close()
	a, err := ParseTarget("A", srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := ParseTarget("B", srv.URL)
	b.Name = "B"
	p := DefaultPlan()
	r, err := NewRunner(p, a, b)
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range res.Series {
		fmt.Println(s.Target.Name, s.Requests, s.Errors, s.OtherError, s.Events)
		for _, p := range Phases() {
			fmt.Printf("  %-10s %+v\n", p, s.Phases[p])
		}
	}
	c := res.Compare(0, 1)
	for _, p := range Phases() {
		fmt.Println(p, c.Phases[p], c.Phases[p].Usable, c.Phases[p].Why)
	}
	fmt.Println(c.Warnings, res.Findings)
	fmt.Printf("%+v\n%+v\n", res.SelfCheck, res.Budget)
	fmt.Println(res.Elapsed, len(res.Series[0].Intervals))
}
