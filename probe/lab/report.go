package lab

import (
	"encoding/csv"
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
