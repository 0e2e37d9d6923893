package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"kpadvisor/say"

	"kpadvisor/ui/page"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab/drill"
)

// DrillCSV writes one line per configuration and phase, a header first. The
// sysctls of other modes than IPVS are empty.
func DrillCSV(w io.Writer, d page.Drill) error {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	head := []string{"mode", "connReuseMode", "expireNodestConn", "conntrack", "phase", "ok", "failed", "toOldPod", "late"}
	for _, class := range probe.Classes() {
		head = append(head, class.String())
	}
	lines := [][]string{append(head, "seen", "expected", "agrees")}
	for i, v := range page.JudgeDrill(say.Voice{}, d.Result) {
		r := d.Result.Rows[i]
		sysctls := []string{"", "", ""}
		if r.Sysctls != nil {
			for i, s := range r.Sysctls.List() {
				sysctls[i] = strconv.Itoa(s.Value)
			}
		}
		agrees := ""
		if v.Agrees != nil {
			agrees = strconv.FormatBool(*v.Agrees)
		}
		for _, phase := range drill.Parts() {
			n, ok := r.Phases[phase]
			if !ok {
				continue
			}
			line := append([]string{plain.Cell(r.Mode)}, sysctls...)
			line = append(line, string(phase), strconv.Itoa(n.OK), strconv.Itoa(n.Failed), strconv.Itoa(n.ToOldPod), strconv.Itoa(n.Late))
			for _, class := range probe.Classes() {
				line = append(line, strconv.Itoa(n.ByClass[class]))
			}
			lines = append(lines, append(line, plain.Cell(string(v.Seen)), plain.Cell(string(v.Expected)), agrees))
		}
	}
	if err := c.WriteAll(lines); err != nil {
		return fmt.Errorf("encode the report as CSV: %w", err)
	}
	return written(w, b.String())
}
