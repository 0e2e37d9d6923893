//go:build !linux

package probe

// threadTimes is not known here.
func threadTimes() cpuTimes { return cpuTimes{} }

// machineTimes is not known here.
func machineTimes() cpuTimes { return cpuTimes{} }

// kernelRelease is not known here.
func kernelRelease() string { return "" }
