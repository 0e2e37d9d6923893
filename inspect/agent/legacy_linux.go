package agent

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's tables of iptables-legacy (x_tables.h, ip_tables.h, ip6_tables.h).
const (
	optionInfo, optionEntries = 64, 65 // IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES; those of IPv6 are the same

	sizeofName    = 32 // XT_TABLE_MAXNAMELEN
	sizeofInfo    = sizeofName + 4 + 5*4 + 5*4 + 4 + 4
	sizeofEntries = sizeofName + 8 // before the entries, with padding
	mostLegacy    = 96 << 20       // bytes of a table: 200,000 rules of kube-proxy, which have comments
	targetName    = 29             // XT_EXTENSION_MAXNAMELEN
)

// entry is the beginning of a rule, before its matches.
type entry struct{ size, offsets int } // in bytes: of it, and where the offsets of its target and of the next rule are

func entryOf(family uint8) entry {
	if family == unix.AF_INET6 {
		return entry{168, 140} // struct ip6t_entry
	}
	return entry{112, 88} // struct ipt_entry
}

// legacyTable counts the rules of the chains of a table that is there.
func legacyTable(family uint8, table string) ([]chain, error) {
	level := unix.SOL_IP
	if family == unix.AF_INET6 {
		level = unix.SOL_IPV6
	}
	fd, err := unix.Socket(int(family), unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	defer func() { _ = unix.Close(fd) }()
	for range 5 { // it may grow between the two questions
		info := make([]byte, sizeofInfo)
		copy(info[:sizeofName-1], table)
		if err := getsockopt(fd, level, optionInfo, info); err != nil {
			return nil, fmt.Errorf("ask for the table: %w", err)
		}
		valid := binary.NativeEndian.Uint32(info[sizeofName:])
		size := binary.NativeEndian.Uint32(info[sizeofInfo-4:])
		if size > mostLegacy {
			return nil, errors.New("the table is too large to read")
		}
		entries := make([]byte, sizeofEntries+int(size))
		copy(entries[:sizeofName-1], table)
		binary.NativeEndian.PutUint32(entries[sizeofName:], size)
		err := getsockopt(fd, level, optionEntries, entries)
		if errors.Is(err, unix.EAGAIN) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("ask for the rules: %w", err)
		}
		hooks := map[int]string{}
		for i, name := range []string{"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"} {
			if valid&(1<<i) != 0 {
				hooks[int(binary.NativeEndian.Uint32(info[sizeofName+4+4*i:]))] = name
			}
		}
		return legacyChains(entries[sizeofEntries:], hooks, entryOf(family))
	}
	return nil, errChanged
}

// legacyChains counts the rules of each chain, which begins at a hook or with a target
// ERROR that has its name.
func legacyChains(b []byte, hooks map[int]string, of entry) ([]chain, error) {
	broken := errors.New("the table makes no sense")
	var all []chain
	for at := 0; at < len(b); {
		if at+of.size > len(b) {
			return nil, broken
		}
		target := at + int(binary.NativeEndian.Uint16(b[at+of.offsets:]))
		next := at + int(binary.NativeEndian.Uint16(b[at+of.offsets+2:]))
		if target < at+of.size || next < target+2+targetName+1 || next > len(b) {
			return nil, broken
		}
		name, hook := hooks[at]
		switch kind := word(b[target+2 : target+2+targetName]); {
		case hook:
			all = append(all, chain{name: name, rules: 1})
		case kind == "ERROR":
			if next == len(b) { // the end of the table
				return lessPolicies(all), nil
			}
			all = append(all, chain{name: word(b[target+2+targetName+1 : next])})
		case len(all) == 0:
			return nil, broken
		default:
			all[len(all)-1].rules++
		}
		at = next
	}
	return nil, broken
}

// lessPolicies takes off the last entry of each chain, which is its policy or its return.
func lessPolicies(all []chain) []chain {
	for i := range all {
		all[i].rules = max(0, all[i].rules-1)
	}
	return all
}

// getsockopt asks with a value of which the kernel reads the beginning.
func getsockopt(fd, level, option int, value []byte) error {
	length := uint32(len(value))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option),
		uintptr(unsafe.Pointer(&value[0])), uintptr(unsafe.Pointer(&length)), 0)
	runtime.KeepAlive(value)
	if errno != 0 {
		return errno
	}
	return nil
}
