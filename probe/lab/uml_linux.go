package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/cpu"
	"golang.org/x/sys/unix"

	"kpadvisor/plain"
)

// umlBinary is user-mode Linux as Debian calls it.
const umlBinary = "linux.uml"

// What the first process of the guest finds in the private /run of the sandbox:
// this program, and the modules of the kernel if it has any. Fixed names: the
// kernel's command line cannot hold a space.
const (
	guestInit    = "/run/init"
	guestModules = "/run/modules"
)

// umlKernel is a user-mode Linux: an executable, and the folder with its
// modules.dep, empty where everything is built in.
type umlKernel struct{ path, modules string }

// findUML finds the kernel at path, or Debian's if path is empty, and its
// modules: beside it or where Debian has them, in a folder named by the release.
func findUML(ctx context.Context, path string) (umlKernel, error) {
	own := path != ""
	if !own {
		path = umlBinary
		if err := savesRegisters(cpu.X86.HasAMXTile); err != nil {
			return umlKernel{}, err
		}
	}
	found, err := findTool(path)
	switch {
	case err != nil && own:
		return umlKernel{}, plain.Fail(fmt.Sprintf("there is no user-mode Linux at %s", path), "name the kernel that make uml-kernel built (it prints the path), or leave --uml-kernel out for Debian's", err)
	case err != nil:
		return umlKernel{}, plain.Fail("user-mode Linux (linux.uml) is not installed", "install the package user-mode-linux, or build one with make uml-kernel and name it with --uml-kernel", err)
	}
	if found, err = filepath.Abs(found); err != nil {
		return umlKernel{}, fmt.Errorf("could not find user-mode Linux: %w", err)
	}
	release, err := umlRelease(ctx, found)
	if err != nil {
		return umlKernel{}, plain.Fail(fmt.Sprintf("%s is no user-mode Linux that runs here", path), "name a kernel built with ARCH=um for this architecture, as make uml-kernel does", err)
	}
	k := umlKernel{path: found}
	dir := filepath.Dir(found)
	for _, modules := range []string{filepath.Join(dir, "modules"), filepath.Join(dir, "../lib/uml/modules")} {
		if _, err := os.Stat(filepath.Join(modules, release, "modules.dep")); err == nil {
			k.modules = filepath.Join(modules, release)
			return k, nil
		}
	}
	if !own {
		return umlKernel{}, plain.Fail("user-mode Linux lacks its modules of release "+release, "install the package user-mode-linux again", nil)
	}
	return k, nil
}

// savesRegisters refuses Debian's user-mode Linux on a CPU with AMX: it has room for 2,696
// bytes of a process's registers, the host takes them back
// whole or not at all, and with AMX they are 11,008 (arch/x86/um/user-offsets.c; tried on
// such a CPU: it panics with "ptrace set fp regs failed"). Our own has the room.
func savesRegisters(amx bool) error {
	if !amx {
		return nil
	}
	return plain.Fail("Debian's user-mode Linux does not run on this CPU: with AMX it has more registers than that kernel can save",
		"build one that can with make uml-kernel and name it with --uml-kernel", nil)
}

// umlRelease asks a user-mode Linux for its release, which takes it milliseconds.
func umlRelease(ctx context.Context, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--version")
	var out tail // what prints for ever is no kernel
	cmd.Stdout, cmd.WaitDelay = &out, time.Second
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("could not ask it for its release: %w", err)
	}
	release := firstLine(string(out.buf))
	if number, _, ok := strings.Cut(release, "."); !ok || strings.Trim(number, "0123456789") != "" || strings.ContainsAny(release, " /") {
		return "", fmt.Errorf("its release is %q", release)
	}
	return release, nil
}

// ready is the first line from the guest. Nothing may be sent before it: the
// serial line loses what arrives while it is being set up.
const ready = "lab ready\n"

// hostUML boots user-mode Linux and relays between it and the outer half. The
// guest's file system is the host's, seen with the rights of whoever runs this, and
// read-only twice: the guest mounts it so, and for the kernel itself, a process of the
// host, all that is mounted is so but a /run of its own. Its first process is this program again. It runs in the sandbox's process
// namespace, so none of its many processes outlives it.
func hostUML(k umlKernel, in io.Reader, out io.Writer) error {
	if err := prepareInner(); err != nil {
		return err
	}
	if err := onlyReads(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("could not find this program: %w", err)
	}
	if err := os.Symlink(self, guestInit); err != nil {
		return fmt.Errorf("could not lay out the guest: %w", err)
	}
	if k.modules != "" {
		if err := os.Symlink(k.modules, guestModules); err != nil {
			return fmt.Errorf("could not lay out the guest: %w", err)
		}
	}
	cmd := exec.CommandContext(context.Background(), k.path, "mem=1G", "rootfstype=hostfs", "rootflags=/", "ro", "quiet", "uml_dir=/run/", "umid=lab",
		"con0=null,fd:2", "con=null", "ssl0=fd:0,fd:1", "init="+guestInit, "--", hiddenArg, asInit)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "TMPDIR=/run", "TMP=/run", "TEMP=/run") // its memory is a file
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	toGuest, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	fromGuest, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("could not start user-mode Linux: %w", err)
	}
	lines := bufio.NewReader(fromGuest)
	if first, err := lines.ReadString('\n'); err != nil || first != ready {
		return fmt.Errorf("user-mode Linux did not come up: %q, %w", first, errors.Join(err, cmd.Process.Kill(), cmd.Wait()))
	}
	go func() {
		_, _ = io.Copy(toGuest, in) // ends with this process
	}()
	if _, err := io.Copy(out, lines); err != nil {
		return fmt.Errorf("could not relay from user-mode Linux: %w", err)
	}
	return fmt.Errorf("user-mode Linux ended: %w", cmd.Wait())
}

// umlInit is the guest's first process: it sets up what a distribution's init
// would, then is the inner half, talking over the serial line.
func umlInit() error {
	if _, err := os.Stat(guestModules); err == nil {
		if err := loadModules(guestModules, labModules()); err != nil {
			return err
		}
	}
	for _, m := range []struct{ kind, at string }{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}} {
		if err := unix.Mount(m.kind, m.at, m.kind, 0, ""); err != nil && !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("could not mount %s: %w", m.at, err)
		}
	}
	if err := raiseConntrack(); err != nil {
		return err
	}
	if err := os.Setenv("PATH", "/usr/local/bin:/usr/bin:/bin"); err != nil {
		return err
	}
	serial, err := os.OpenFile("/dev/ttyS0", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return fmt.Errorf("could not open the serial line: %w", err)
	}
	if err := rawMode(int(serial.Fd())); err != nil {
		return fmt.Errorf("could not set the serial line up: %w", err)
	}
	if _, err := serial.WriteString(ready); err != nil {
		return fmt.Errorf("could not write to the serial line: %w", err)
	}
	return inner(serial, serial)
}

// rawMode stops the line from echoing, buffering or translating.
func rawMode(fd int) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag |= unix.CS8 | unix.CREAD | unix.CLOCAL
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}
