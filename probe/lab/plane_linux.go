package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"kpadvisor/plain"
	"kpadvisor/probe/lab/rules"
)

// plane programs one mode. Every call runs in the node's namespace.
type plane interface {
	// plan prepares all that can be known before the kernel is asked, so that the
	// time of the returned work is that of the kernel and the tools.
	plan(c rules.Change) work
	// counts are the kernel objects these Services take.
	counts(services []rules.Service) Counts
	close()
}

// work turns what is there into what is wanted.
type work func(context.Context) error

// newPlane makes the plane of a mode; its tools were found by preflight.
func newPlane(m Mode, rulesPerPort int) (plane, error) {
	switch m {
	case Bare:
		return noPlane{}, nil
	case Direct:
		return newTrackingPlane(), nil
	case IPTablesLegacy, IPTablesNFT:
		tool, err := findRestore(m)
		if err != nil {
			return nil, err
		}
		p := &iptablesPlane{tool: tool, rulesPerPort: rulesPerPort}
		if m == IPTablesNFT && !mayRaiseBuffers() {
			p.pieces = rules.MaxUnprivileged / iptablesNFTLineBytes
		}
		return p, nil
	case NFTables:
		return newNFTPlane()
	case IPVS:
		return newIPVSPlane()
	}
	return nil, fmt.Errorf("%q is no mode of the lab", m)
}

// iptablesNFTLineBytes is what iptables-nft makes of a line, about.
const iptablesNFTLineBytes = 900

// mayRaiseBuffers reports whether tools may raise their netlink socket buffers,
// which takes CAP_NET_ADMIN outside of any user namespace.
func mayRaiseBuffers() bool {
	ids, err := os.ReadFile("/proc/self/uid_map")
	return err == nil && strings.Join(strings.Fields(string(ids)), " ") == "0 0 4294967295"
}

// noPlane is Bare: no rules, so no connection tracking either.
type noPlane struct{}

func (noPlane) plan(rules.Change) work        { return func(context.Context) error { return nil } }
func (noPlane) counts([]rules.Service) Counts { return Counts{} }
func (noPlane) close()                        {}

// iptablesPlane feeds iptables-restore, as kube-proxy does.
type iptablesPlane struct {
	tool         []string
	rulesPerPort int
	pieces       int // lines of one restore; 0: all in one, as kube-proxy does
}

func (p *iptablesPlane) plan(c rules.Change) work {
	inputs := [][]byte{rules.IPTables(c, p.rulesPerPort)}
	// In pieces a change is not atomic: what fits one transaction goes in one.
	if p.pieces > 0 && bytes.Count(inputs[0], []byte("\n")) > p.pieces {
		inputs = rules.Pieces(inputs[0], p.pieces)
	}
	return func(ctx context.Context) error {
		for _, input := range inputs {
			if err := runTool(ctx, input, p.tool...); err != nil {
				return err
			}
		}
		return nil
	}
}

func (p *iptablesPlane) counts(services []rules.Service) Counts {
	r, chains := rules.CountLines(rules.IPTables(rules.Diff(nil, services), p.rulesPerPort))
	return Counts{Rules: r, Chains: chains}
}

func (*iptablesPlane) close() {}

// runTool runs a program with this input. Its first line on stderr is the error.
// The input is a file in memory, not a pipe: with a pipe the tool would wait for
// this process between two pieces, which is time that no rule takes.
func runTool(ctx context.Context, input []byte, args ...string) error {
	stdin, err := memoryFile(input)
	if err != nil {
		return err
	}
	defer stdin.Close()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin = stdin
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	return toolError(ctx, filepath.Base(args[0]), cmd.Run(), stderr.String())
}

// toolError is what a tool's end means: its own first line, or that the system
// killed it.
func toolError(ctx context.Context, tool string, err error, stderr string) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // we killed it
	case errors.As(err, &exit):
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signal() == unix.SIGKILL {
			return plain.Fail(tool+" was killed, which a system does when memory runs out", outOfMemoryRemedy, err)
		}
	}
	if strings.Contains(stderr, "emory") { // "Memory allocation problem", "Cannot allocate memory", "malloc: memory exhausted"
		return plain.Fail(tool+" ran out of memory: "+firstLine(stderr), outOfMemoryRemedy, err)
	}
	return fmt.Errorf("%s failed: %w: %s", tool, err, firstLine(stderr))
}

// memoryFile is an open file without a name that holds this, at its start.
func memoryFile(content []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("input", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("could not make a file in memory: %w", err)
	}
	f := os.NewFile(uintptr(fd), "input")
	if _, err = f.Write(content); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("could not write a file in memory: %w", err)
	}
	return f, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// findRestore finds the iptables-restore of one backend. Distributions ship it
// under its own name, as one of the xtables multi binaries, or as plain
// iptables-restore, which says in its version which one it is.
func findRestore(m Mode) ([]string, error) {
	backend, banner := "legacy", "legacy"
	if m == IPTablesNFT {
		backend, banner = "nft", "nf_tables"
	}
	flags := []string{"--noflush", "--counters"}
	if path, err := exec.LookPath("iptables-" + backend + "-restore"); err == nil {
		return append([]string{path}, flags...), nil
	}
	if path, err := exec.LookPath("xtables-" + backend + "-multi"); err == nil {
		return append([]string{path, "iptables-restore"}, flags...), nil
	}
	if path, err := exec.LookPath("iptables-restore"); err == nil {
		if out, err := exec.CommandContext(context.Background(), path, "--version").Output(); err == nil && strings.Contains(string(out), banner) {
			return append([]string{path}, flags...), nil
		}
	}
	return nil, plain.Fail(fmt.Sprintf("no iptables-restore with the %s backend is installed", banner),
		"install the package iptables", nil)
}
