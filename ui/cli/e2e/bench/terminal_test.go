//go:build unix

package main

import (
	"slices"
	"testing"
	"time"
)

// TestRedraws: what arrives together is one redraw, from its first byte to its last.
func TestRedraws(t *testing.T) {
	start := time.Unix(0, 0)
	at := func(ms, bytes int) piece { return piece{start.Add(time.Duration(ms) * time.Millisecond), bytes} }
	got := redraws([]piece{at(0, 10), at(1, 20), at(100, 5), at(120, 5), at(140, 1), at(300, 7)})
	want := []redraw{{at(0, 0).at, at(1, 0).at, 30}, {at(100, 0).at, at(140, 0).at, 11}, {at(300, 0).at, at(300, 0).at, 7}}
	if !slices.Equal(got, want) || redraws(nil) != nil {
		t.Errorf("%v, want %v", got, want)
	}
}
