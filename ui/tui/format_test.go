package tui

import (
	"testing"

	"kpadvisor/plain"
	"kpadvisor/ui/kit"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		plain.Number(0): "0", plain.Number(999): "999", plain.Number(1000): "1,000", plain.Number(-1234567): "-1,234,567",
		plain.Count(1, "node"): "1 node", plain.Count(2000, "node"): "2,000 nodes",
		latency(0): "about 0", latency(30): "< 0.1 us", latency(1249): "+1.2 us", latency(48710): "+49 us", latency(999_400): "+999 us",
		latency(999_600): "+1.0 ms", latency(-2000): "-2.0 us",
		decimal(14): "14", decimal(0.25): "0.25", decimal(1234.5): "1,234.5", decimal(0): "0",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if kit.Cells(latency(1<<40)) == 0 {
		t.Error("a huge latency has no text")
	}
}
