package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// labModules are the kernel modules the modes need, without what they depend
// on. In user-mode Linux nothing loads modules on demand.
func labModules() []string {
	return []string{
		"veth", "dummy",
		"nf_conntrack", "nf_conntrack_netlink", "nf_nat",
		"ip_tables", "iptable_filter", "iptable_nat", "iptable_mangle",
		"xt_conntrack", "xt_comment", "xt_mark", "xt_nat", "xt_MASQUERADE", "xt_addrtype", "xt_statistic", "xt_tcpudp", "xt_set", "ipt_REJECT",
		"nf_tables", "nft_compat", "nft_ct", "nft_chain_nat", "nft_nat", "nft_masq", "nft_numgen", "nft_reject", "nft_reject_ipv4",
		"ip_set", "ip_set_hash_ip", "ip_set_hash_ipport", "ip_set_hash_ipportip", "ip_set_hash_ipportnet", "ip_set_bitmap_port",
		"ip_vs", "ip_vs_rr",
	}
}

// loadModules loads modules and what they depend on, as modprobe would. One
// that does not exist is built in, or missing, which a mode's check will find.
func loadModules(dir string, names []string) error {
	table, err := os.ReadFile(filepath.Join(dir, "modules.dep"))
	if err != nil {
		return fmt.Errorf("could not read the list of modules: %w", err)
	}
	deps := parseDeps(string(table))
	done := make(map[string]bool)
	var load func(path string) error
	load = func(path string) error {
		if done[path] {
			return nil
		}
		done[path] = true
		for _, d := range deps[moduleName(path)].needs {
			if err := load(d); err != nil {
				return err
			}
		}
		return loadModule(filepath.Join(dir, path))
	}
	for _, name := range names {
		if d, ok := deps[name]; ok {
			if err := load(d.path); err != nil {
				return err
			}
		}
	}
	return nil
}

func loadModule(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("could not open a module: %w", err)
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("could not load %s: %w", path, err)
	}
	return nil
}

// dependency is a line of modules.dep: a module's path and those it needs.
type dependency struct {
	path  string
	needs []string
}

// parseDeps reads modules.dep: "path: path path ..." per line.
func parseDeps(table string) map[string]dependency {
	deps := make(map[string]dependency)
	for l := range strings.Lines(table) {
		if path, needs, ok := strings.Cut(l, ":"); ok {
			deps[moduleName(path)] = dependency{path: path, needs: strings.Fields(needs)}
		}
	}
	return deps
}

// moduleName is the name of a module file: the file may say - where the kernel says _.
func moduleName(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".ko")
	return strings.ReplaceAll(name, "-", "_")
}
