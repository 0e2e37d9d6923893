package lab

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"kpadvisor/probe/lab/rules"
)

// plane programs one mode. Every call runs in the node's namespace.
type plane interface {
	// program turns what is there into what is wanted.
	program(ctx context.Context, c rules.Change) error
	// counts are the kernel objects these Services take.
	counts(services []rules.Service) Counts
	close()
}

// newPlane makes the plane of a mode; its tools were found by preflight.
func newPlane(m Mode, rulesPerPort int) (plane, error) {
	switch m {
	case Direct:
		return noPlane{}, nil
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

// noPlane is Direct: no rules, so no connection tracking either.
type noPlane struct{}

func (noPlane) program(context.Context, rules.Change) error { return nil }
func (noPlane) counts([]rules.Service) Counts               { return Counts{} }
func (noPlane) close()                                      {}

// iptablesPlane feeds iptables-restore, as kube-proxy does.
type iptablesPlane struct {
	tool         []string
	rulesPerPort int
	pieces       int // lines of one restore; 0: all in one, as kube-proxy does
}

func (p *iptablesPlane) program(ctx context.Context, c rules.Change) error {
	input := rules.IPTables(c, p.rulesPerPort)
	// In pieces a change is not atomic: what fits one transaction goes in one.
	if p.pieces == 0 || bytes.Count(input, []byte("\n")) <= p.pieces {
		return runTool(ctx, input, p.tool...)
	}
	for _, piece := range rules.Pieces(input, p.pieces) {
		if err := runTool(ctx, piece, p.tool...); err != nil {
			return err
		}
	}
	return nil
}

func (p *iptablesPlane) counts(services []rules.Service) Counts {
	r, chains := rules.CountLines(rules.IPTables(rules.Diff(nil, services), p.rulesPerPort))
	return Counts{Rules: r, Chains: chains}
}

func (*iptablesPlane) close() {}

// runTool runs a program with this input. Its first line on stderr is the error.
func runTool(ctx context.Context, input []byte, args ...string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s failed: %w: %s", args[0], err, firstLine(stderr.String()))
	}
	return nil
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
	return nil, &problem{
		Reason: fmt.Sprintf("no iptables-restore with the %s backend is installed", banner),
		Remedy: "install the package iptables",
	}
}
