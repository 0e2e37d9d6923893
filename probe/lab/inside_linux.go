package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// errNotOurs is what somebody is told who calls a half of the lab by hand: as root it
// would mount over the machine's own folders and set its sysctls.
var errNotOurs = errors.New("this part of kpadvisor is started by kpadvisor itself, in namespaces that it made: start \"kpadvisor lab\" instead")

// firstOutside is the first descriptor that exec.Cmd gives to ExtraFiles.
const firstOutside = 3

// outside are the kinds of namespaces that the lab must not share with who started it.
// Descriptors of those are inherited, in this order, from firstOutside on.
func outside() []string { return []string{"net", "mnt", "pid", "ipc"} }

// openOutside opens the namespaces of this process, as proof for the half it starts. An
// open descriptor is better proof than a number or a word: it keeps the namespace, so
// that its number stays its own, and nobody types one by mistake.
func openOutside() ([]*os.File, error) {
	var all []*os.File
	for _, kind := range outside() {
		f, err := os.Open("/proc/self/ns/" + kind)
		if err != nil {
			closeAll(all)
			return nil, fmt.Errorf("could not open a namespace: %w", err)
		}
		all = append(all, f)
	}
	return all, nil
}

func closeAll(all []*os.File) {
	for _, f := range all {
		_ = f.Close()
	}
}

// mustBeInside refuses to be a half of the lab but in namespaces made for it: as their
// first process, unless it is the helper of one, with none shared with who started it.
// In user-mode Linux there is nothing of the host to be apart from.
func mustBeInside(half string) error {
	if half != asOthers && os.Getpid() != 1 {
		return errNotOurs
	}
	if inGuestKernel() {
		return nil
	}
	if half == asInit {
		return errNotOurs
	}
	for i, kind := range outside() {
		var theirs, own unix.Stat_t
		fd := firstOutside + i
		was, err := unix.IoctlRetInt(fd, unix.NS_GET_NSTYPE)
		if err != nil || was != nsType(kind) || unix.Fstat(fd, &theirs) != nil || unix.Stat("/proc/self/ns/"+kind, &own) != nil || theirs.Ino == own.Ino && theirs.Dev == own.Dev {
			return errNotOurs
		}
		unix.CloseOnExec(fd) // tools have no use for it
	}
	return nil
}

func nsType(kind string) int {
	return map[string]int{"net": unix.CLONE_NEWNET, "mnt": unix.CLONE_NEWNS, "pid": unix.CLONE_NEWPID, "ipc": unix.CLONE_NEWIPC}[kind]
}

// hostfsMagic is HOSTFS_SUPER_MAGIC: the file system of a user-mode Linux that has its
// host's files, which no other kernel knows.
const hostfsMagic = 0x00c0ffee

func inGuestKernel() bool {
	var root unix.Statfs_t
	return unix.Statfs("/", &root) == nil && int64(root.Type) == hostfsMagic
}

// passOutside are the descriptors that mustBeInside has found, for a helper.
func passOutside() []*os.File {
	if inGuestKernel() {
		return nil
	}
	var all []*os.File
	for i, kind := range outside() {
		all = append(all, os.NewFile(uintptr(firstOutside+i), kind))
	}
	return all
}

// isRoot reports that this process is root of the machine, not of a namespace that an
// ordinary user has made.
func isRoot() bool {
	ids, err := os.ReadFile("/proc/self/uid_map")
	fields := strings.Fields(string(ids))
	return os.Geteuid() == 0 && err == nil && len(fields) > 1 && fields[0] == "0" && fields[1] == "0"
}

// toolPath is where tools are looked for: PATH, and where distributions have those of
// root. Root takes of it what root alone can write to, from the folder up to the first.
func toolPath() []string {
	var dirs []string
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/sbin", "/usr/local/sbin") {
		if !isRoot() || onlyRootWrites(dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// onlyRootWrites reports that nobody but root can change what a folder holds, or put
// another in its place.
func onlyRootWrites(dir string) bool {
	whole, err := filepath.EvalSymlinks(dir)
	if err != nil || !filepath.IsAbs(dir) {
		return false
	}
	for _, path := range []string{filepath.Clean(dir), whole} {
		for {
			var st unix.Stat_t
			if unix.Stat(path, &st) != nil || st.Uid != 0 || st.Mode&0o022 != 0 {
				return false
			}
			if path == "/" {
				break
			}
			path = filepath.Dir(path)
		}
	}
	return true
}

// useToolPath makes toolPath the PATH of this process and of the tools that it starts.
func useToolPath() error {
	return os.Setenv("PATH", strings.Join(toolPath(), string(os.PathListSeparator)))
}

// findTool finds a program by its name, or takes the file that was named.
func findTool(name string) (string, error) {
	if strings.Contains(name, "/") {
		return exec.LookPath(name)
	}
	for _, dir := range toolPath() {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, exec.ErrNotFound)
}

// guestRoom bounds the private /run of user-mode Linux, in bytes: its memory and a
// little more. What is not used takes no memory.
const guestRoom = "size=1100m,mode=755"

// onlyReads makes every mount read-only but for a /run of this process's own.
func onlyReads() error {
	if err := unix.Unmount("/run", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("could not take /run away: %w", err)
	}
	attributes := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	err := unix.MountSetattr(unix.AT_FDCWD, "/", unix.AT_RECURSIVE, &attributes)
	if errors.Is(err, unix.ENOSYS) {
		err = remountReadOnly()
	}
	if err != nil {
		return fmt.Errorf("could not make the host's files read-only: %w", err)
	}
	if err := unix.Mount("lab", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, guestRoom); err != nil {
		return fmt.Errorf("could not mount a private /run: %w", err)
	}
	// What this thread starts, as root too, cannot take that back.
	if err := unix.Prctl(unix.PR_CAPBSET_DROP, unix.CAP_SYS_ADMIN, 0, 0, 0); err != nil {
		return fmt.Errorf("could not give up the right to mount: %w", err)
	}
	return nil
}

// remountReadOnly does that for Linux before 5.12, mount by mount.
func remountReadOnly() error {
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		if len(fields) < 6 {
			continue
		}
		at := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(fields[4])
		flags := uintptr(unix.MS_BIND | unix.MS_REMOUNT | unix.MS_RDONLY)
		for option, flag := range map[string]uintptr{"nosuid": unix.MS_NOSUID, "nodev": unix.MS_NODEV, "noexec": unix.MS_NOEXEC, "noatime": unix.MS_NOATIME, "nodiratime": unix.MS_NODIRATIME, "relatime": unix.MS_RELATIME} {
			if slices.Contains(strings.Split(fields[5], ","), option) {
				flags |= flag
			}
		}
		if err := unix.Mount("", at, "", flags, ""); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
	}
	return nil
}
