package incluster

import (
	"os"
	"strconv"
	"strings"
)

// throttled is how often the CPU limit of this container has stopped it; false
// where that is not told.
func throttled() (int64, bool) {
	for _, file := range []string{"/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/cpu/cpu.stat", "/sys/fs/cgroup/cpu,cpuacct/cpu.stat"} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if n, ok := strings.CutPrefix(line, "nr_throttled "); ok {
				times, err := strconv.ParseInt(strings.TrimSpace(n), 10, 64)
				return times, err == nil
			}
		}
	}
	return 0, false
}
