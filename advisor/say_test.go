package advisor

import (
	"testing"

	"kpadvisor/say/saytest"
	"kpadvisor/say/zh"
)

// TestChineseComplete: every phrase has its Chinese, with the same arguments, and no
// Chinese is left over.
func TestChineseComplete(t *testing.T) {
	saytest.Complete(t, zh.Advisor(), ".", "reuse", "release")
}
