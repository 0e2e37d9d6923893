package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"kpadvisor/advisor/node"
	"kpadvisor/inspect"
	"kpadvisor/say"
)

func TestInspectFlags(t *testing.T) {
	for _, c := range []struct {
		flags inspectFlags
		set   []string
		out   string
		want  string
	}{
		{want: "name an image"},
		{flags: inspectFlags{all: true, nodes: []string{"a"}}, want: "--all and --nodes exclude each other"},
		{set: []string{"--for=5s"}, want: "--for has no use without --connections or --deep"},
		{out: "csv", want: "--output"},
		{set: []string{"--output=json"}, out: "json", flags: inspectFlags{podFlags: podFlags{dryRun: "client"}}, want: "--dry-run prints yaml, not json"},
		{flags: inspectFlags{connections: true}, set: []string{"--for=5s"}},
		{flags: inspectFlags{podFlags: podFlags{dryRun: "client"}}, out: "yaml", set: []string{"--output=yaml"}},
	} {
		if c.want != "name an image" {
			c.flags.image, c.flags.pullPolicy = "x", "Never"
		}
		if c.out == "" {
			c.out = "text"
		}
		a := &app{voice: say.In(say.English)}
		cmd := &cobra.Command{Use: "inspect"}
		var ignored inspectFlags
		a.addInspect(cmd, &ignored)
		a.addConnection(cmd)
		if err := cmd.ParseFlags(c.set); err != nil {
			t.Fatal(err)
		}
		err := c.flags.check(cmd, c.out)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.flags, err, c.want)
		}
	}
}

// TestReportArchive: reports that are kept are read again, one that is cut off beside
// others too, by nobody else, and never over a file.
func TestReportArchive(t *testing.T) {
	whole := func(name string) []byte {
		var b bytes.Buffer
		w := node.NewWriter(&b)
		w.Section("hostname", []byte(name), nil)
		_ = w.Close() // into memory
		return b.Bytes()
	}
	file := filepath.Join(t.TempDir(), "nodes.tar")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	var r reportArchive
	cut := whole("a")
	r.add("a", cut[:len(cut)-8])
	r.add("../b", whole("b"))
	r.add("c", make([]byte, maxInput))
	var said bytes.Buffer
	if err := r.write(&app{err: &said, voice: say.In(say.English)}, file); err != nil {
		t.Fatal(err)
	}
	other := strings.TrimSuffix(file, ".tar") + "-2.tar"
	if want := "The reports are in " + other + ", for --node-report.\nThere was no room in it for the reports of c.\n"; said.String() != want {
		t.Errorf("%q, want %q", said.String(), want)
	}
	text, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	reports, err := node.Parse(text)
	if err != nil || len(reports) != 2 || reports[0].Whole || !reports[1].Whole || reports[1].Node != "b" {
		t.Errorf("%+v, %v", reports, err)
	}
	if info, err := os.Stat(other); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if mine, err := os.ReadFile(file); err != nil || string(mine) != "mine" {
		t.Errorf("it wrote over a file: %q, %v", mine, err)
	}
}

func TestInspectLine(t *testing.T) {
	v := say.In(say.English)
	for want, p := range map[string]inspect.Progress{
		"": {},
		"reading nodes: 1 of 3; node-b: the pod is pending": {State: inspect.Reading, Why: "node-b: the pod is pending", Done: 1, Nodes: 3},
		"removing: Job x": {State: inspect.Removing, Why: "Job x"},
	} {
		if got := inspectLine(v, p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
