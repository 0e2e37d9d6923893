package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"kpadvisor/ui/page"
)

func TestHTML(t *testing.T) {
	var b bytes.Buffer
	if err := HTML(&b, page.Document{Title: "a <b>"}); err != nil || !strings.HasPrefix(b.String(), "<!DOCTYPE html>") || !strings.Contains(b.String(), "<h1>a &lt;b&gt;</h1>") {
		t.Errorf("%v: %s", err, b.String())
	}
	if err := HTML(&failing{}, page.Document{}); !errors.Is(err, errFull) {
		t.Errorf("a full disk gave %v", err)
	}
}
