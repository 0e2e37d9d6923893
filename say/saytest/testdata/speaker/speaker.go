// Package speaker says what the test of saytest looks for.
package speaker

import (
	"fmt"

	"kpadvisor/plain"
	"kpadvisor/say"
)

const of = "of constants "

type who struct{ say.Voice }

func (w *who) speak(v say.Voice, n int, anything []any) []string {
	return []string{
		v.Text("a text"), v.Sprintf(of+"and %s", "more"), v.Count(n, "thing"), v.Plural(n, "thing does", "things do"),
		w.Sprintf("said by a %s", "who"),
		v.Text(of[:n]), v.Sprintf("of a list: %s", anything...), // no catalogue can hold these
		fmt.Sprintf("not by a %s", "voice"), plain.Text("nor by plain"), plain.Count(n, "thing left out"),
	}
}
