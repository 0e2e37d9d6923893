//go:build unix

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestPicture: every character is there, in its place and its colour, and nothing of it
// becomes markup.
func TestPicture(t *testing.T) {
	t.Parallel()
	got := string(picture("a \x1b[1;31mred\x1b[0m <b> 你好\n\x1b[7m x \x1b[0m\n", 20, 3, false))
	for _, want := range []string{
		`>a<`, `font-weight="bold" textLength="25.2"`, `>red<`, `&lt;b&gt; 你好<`, `>x<`, darkTheme().basic[1], `fill="` + darkTheme().text + `"/>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	for in := xml.NewDecoder(strings.NewReader(got)); ; {
		if _, err := in.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if light := string(picture("a", 20, 3, true)); !strings.Contains(light, lightTheme().ground) {
		t.Error("the light theme has no light ground")
	}
}
