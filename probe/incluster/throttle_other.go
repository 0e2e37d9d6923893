//go:build !linux

package incluster

func throttled() (int64, bool) { return 0, false }
