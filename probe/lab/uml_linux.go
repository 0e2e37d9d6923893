package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// umlBinary is user-mode Linux as Debian calls it; umlModules are its modules.
const (
	umlBinary  = "linux.uml"
	umlModules = "/usr/lib/uml/modules"
)

// umlProblem says why user-mode Linux cannot be booted, nil if it can.
func umlProblem() error {
	if _, err := exec.LookPath(umlBinary); err != nil {
		return &problem{Reason: "user-mode Linux (linux.uml) is not installed", Remedy: "install the package user-mode-linux"}
	}
	if _, err := os.Stat(umlModules); err != nil {
		return &problem{Reason: "the modules of user-mode Linux are not in " + umlModules, Remedy: "install the package user-mode-linux again"}
	}
	return nil
}

// ready is the first line from the guest. Nothing may be sent before it: the
// serial line loses what arrives while it is being set up.
const ready = "lab ready\n"

// hostUML boots user-mode Linux and relays between it and the outer half. The
// guest's file system is the host's, seen with the rights of whoever runs this;
// its first process is this program again. It runs in the sandbox's process
// namespace, so none of its many processes outlives it.
func hostUML(in io.Reader, out io.Writer) error {
	if err := prepareInner(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("could not find this program: %w", err)
	}
	cmd := exec.CommandContext(context.Background(), umlBinary, "mem=1G", "rootfstype=hostfs", "rootflags=/", "rw", "quiet", "uml_dir=/run/", "umid=lab",
		"con0=null,fd:2", "con=null", "ssl0=fd:0,fd:1", "init="+self, "--", hiddenArg, asInit)
	cmd.Stderr = os.Stderr
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
	for _, m := range []struct{ kind, at string }{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}} {
		if err := unix.Mount(m.kind, m.at, m.kind, 0, ""); err != nil && !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("could not mount %s: %w", m.at, err)
		}
	}
	if err := os.Setenv("PATH", "/usr/local/bin:/usr/bin:/bin"); err != nil {
		return err
	}
	if err := loadModules(umlModules+"/"+kernelRelease(), labModules()); err != nil {
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
