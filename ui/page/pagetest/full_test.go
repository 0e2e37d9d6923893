package pagetest

import (
	"os"
	"strings"
	"testing"
)

// A type of block that is added to page is added here, and so to the test of every face.
func TestBlocksAreAll(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../block.go")
	if err != nil {
		t.Fatal(err)
	}
	if want, got := strings.Count(string(source), ") block() "), len(Blocks()); got != want {
		t.Errorf("%d types of blocks, page has %d", got, want)
	}
}
