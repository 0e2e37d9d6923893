package lab

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"kpadvisor/plain"
)

// WriteJSON writes the Result with its schema, indented.
func (r Result) WriteJSON(w io.Writer) error {
	b, err := plain.JSON(r)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// WriteCSV writes one line per point, a header first. Times are nanoseconds,
// memory is bytes.
func (r Result) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write([]string{
		"mode", "services", "endpointsPerService", "position", "p10Ns", "p50Ns", "p99Ns", "connections", "failed",
		"cpuPerConnectionNs", "programNs", "updateNs", "rules", "kernelMemoryBytes", "coldP10Ns", "coldP50Ns", "coldP99Ns", "coldConnections",
	}); err != nil {
		return err
	}
	for _, p := range r.Points {
		line := []string{plain.Cell(string(p.Mode)), strconv.Itoa(p.Services), strconv.Itoa(p.Endpoints), plain.Cell(string(p.Position))}
		for _, n := range []int64{p.Connect.P10Ns, p.Connect.P50Ns, p.Connect.P99Ns, int64(p.Connections), int64(p.Failed), p.CPUNs, p.ProgramNs, p.UpdateNs, int64(p.Rules), p.MemoryBytes, p.Cold.P10Ns, p.Cold.P50Ns, p.Cold.P99Ns, int64(p.ColdConnections)} {
			line = append(line, strconv.FormatInt(n, 10))
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// String says in a sentence from how many Services on a mode is dearer.
func (e BreakEven) String() string {
	switch e.Outcome {
	case Crosses:
		return fmt.Sprintf("%s becomes dearer than %s at %s Services (95 %% interval %s to %s)", e.A, e.B, plain.Number(e.Services), plain.Number(e.Low), plain.Number(e.High))
	case AlwaysA:
		return fmt.Sprintf("%s is cheaper than %s at every size measured", e.A, e.B)
	case AlwaysB:
		return fmt.Sprintf("%s is cheaper than %s at every size measured", e.B, e.A)
	case AtMost:
		return fmt.Sprintf("%s is dearer than %s from %s Services on at the latest; below that no difference was detected", e.A, e.B, plain.Number(e.High))
	case OneSize:
		return fmt.Sprintf("one size, or one build of each, says nothing about where %s and %s change places", e.A, e.B)
	}
	return fmt.Sprintf("no break-even of %s and %s was detected within the noise", e.A, e.B)
}
