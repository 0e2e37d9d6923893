package probe

import (
	"fmt"
	"os"
	"strings"
)

// threadTimes reads how long the calling thread ran and waited for a CPU.
func threadTimes() cpuTimes {
	var run, wait int64
	data, err := os.ReadFile("/proc/thread-self/schedstat") // "run wait slices", ns
	if err != nil {
		return cpuTimes{}
	}
	if _, err := fmt.Sscan(string(data), &run, &wait); err != nil {
		return cpuTimes{}
	}
	return cpuTimes{part: wait, whole: run + wait, known: true}
}

// machineTimes reads the CPU time of the machine and how much of it the
// hypervisor gave to others; the unit is a tick, which cancels out.
func machineTimes() cpuTimes {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return cpuTimes{}
	}
	line, _, _ := strings.Cut(string(data), "\n")
	var ticks [8]int64 // user nice system idle iowait irq softirq steal; guest time is within user
	var name string
	if _, err := fmt.Sscan(line, &name, &ticks[0], &ticks[1], &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7]); err != nil {
		return cpuTimes{}
	}
	c := cpuTimes{part: ticks[7], known: true}
	for _, t := range ticks {
		c.whole += t
	}
	return c
}

// kernelRelease is uname -r, empty if it can't be read.
func kernelRelease() string {
	data, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
