package page

import (
	"testing"

	"kpadvisor/plain"
)

func TestRate(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		plain.Number(0): "0", plain.Number(999): "999", plain.Number(1000): "1,000", plain.Number(-1234567): "-1,234,567",
		plain.Count(1, "node"): "1 node", plain.Count(2000, "node"): "2,000 nodes",
		Rate(14): "14", Rate(0.25): "0.25", Rate(1234.5): "1,234.5", Rate(0): "0",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
