package agent

import (
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// mostConfig bounds the configuration of a kernel, in bytes. A usual one has 250,000.
const mostConfig = 4 << 20

// loaded reports that asking the kernel for what a module does loads nothing: the module
// is there, or built in, or the kernel knows no modules.
func (a *agent) loaded(module, option string) bool {
	if _, err := os.Stat(filepath.Join(a.root, "/proc/modules")); err != nil {
		return true
	}
	if _, err := os.Stat(filepath.Join(a.root, "/sys/module", module)); err == nil {
		return true
	}
	f, err := os.Open(filepath.Join(a.root, "/proc/config.gz"))
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return false
	}
	lines := bufio.NewScanner(io.LimitReader(z, mostConfig))
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == option+"=y" {
			return true
		}
	}
	return false
}
