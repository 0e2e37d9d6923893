package clustertest

import (
	"context"
	"crypto/x509/pkix"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Node is one node of Nodes.
type Node struct {
	Name, Mode string
	Address    string

	pods    string // first three numbers of its pods' addresses
	dir     string
	cgroup  string
	nodes   *Nodes
	place   *place
	holder  *process // keeps the namespaces
	runtime *process
	Kubelet *Process
}

// Process is a part of a node that a test may stop and let go on.
type Process struct{ p *process }

// Freeze stops it as a hung machine would; nobody is told.
func (p *Process) Freeze() error { return p.p.process.Signal(syscall.SIGSTOP) }

// Thaw lets it go on.
func (p *Process) Thaw() error { return p.p.process.Signal(syscall.SIGCONT) }

// holderScript makes the folders that a kubelet and containerd write to private,
// and what the kubelet wants of the whole machine true for the node alone.
const holderScript = `set -eu
mount --make-rprivate /
for folder in /run /var/lib /var/log; do mount -t tmpfs tmpfs $folder; done
mkdir -p /var/lib/kubelet /var/log/pods /var/log/containers
while read -r name value; do
	mkdir -p "$(dirname "sysctl/$name")"
	echo "$value" >"sysctl/$name"
	mount --bind "sysctl/$name" "/proc/sys/$name"
done <<END
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
END
hostname "$1"
mount --make-rshared /
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1
touch ready
exec sleep infinity
`

// inNew are the attributes of a process at the place that gets a network, mounts
// and a host name of its own, and what more is said.
func (p *place) inNew(more uintptr) *syscall.SysProcAttr {
	a := p.attributes()
	a.Cloneflags = syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | more
	return a
}

// startHolder makes the node's namespaces.
func (n *Node) startHolder() (err error) {
	if err := os.MkdirAll(filepath.Join(n.dir, "cni"), 0o700); err != nil {
		return err
	}
	n.holder, err = n.nodes.place.startWith(n.dir, "holder", n.nodes.place.inNew(0), "/bin/bash", "-c", holderScript, "holder", n.Name)
	if err != nil {
		return err
	}
	n.place = &place{pids: n.nodes.place.pids, others: n.holder.process.Pid}
	return nil
}

// start starts the node and returns when its kubelet has joined the cluster.
func (n *Node) start(ctx context.Context) error {
	err := n.holder.await(ctx, func(context.Context) error {
		_, err := os.Stat(filepath.Join(n.dir, "ready"))
		return err
	})
	if err != nil {
		return err
	}
	if err := errors.Join(n.link(ctx), n.makeCgroups(), n.writeFiles()); err != nil {
		return err
	}
	file := func(name string) string { return filepath.Join(n.dir, name) }
	if n.runtime, err = n.place.start(n.dir, "containerd", "containerd", "--config", file("containerd.toml")); err != nil {
		return err
	}
	if err := n.runtime.await(ctx, func(ctx context.Context) error { return n.Run(ctx, "ctr", "version") }); err != nil {
		return err
	}
	for _, archive := range []string{"pause.tar", "kube-proxy.tar"} {
		if err := n.load(filepath.Join(n.nodes.dir, archive)); err != nil {
			return err
		}
	}
	kubelet, err := n.place.start(n.dir, "kubelet", n.nodes.Binaries.Path("kubelet"),
		"--config="+file("kubelet.yaml"), "--kubeconfig="+file("kubeconfig"), "--hostname-override="+n.Name, "--node-ip="+n.Address,
		"--node-labels=node.kubernetes.io/instance-type=test.small,test/mode="+n.Mode)
	if err != nil {
		return err
	}
	n.Kubelet = &Process{kubelet}
	return nil
}

// link gives the node its address and routes.
func (n *Node) link(ctx context.Context) error {
	end := "kp" + strings.TrimPrefix(n.Name, "node-")
	commands := [][]string{
		{"ip", "link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", strconv.Itoa(n.holder.process.Pid)},
		{"ip", "link", "set", end, "master", "kp0", "up"},
		{"ip", "route", "add", n.pods + ".0/24", "via", n.Address},
	}
	inside := [][]string{
		{"ip", "addr", "add", n.Address + "/24", "dev", "eth0"},
		{"ip", "link", "set", "eth0", "up"},
		{"ip", "route", "add", "default", "via", controlAddress},
	}
	for _, other := range n.nodes.Nodes {
		if other != n {
			inside = append(inside, []string{"ip", "route", "add", other.pods + ".0/24", "via", other.Address})
		}
	}
	// The network of the control plane, but the process numbers of this machine.
	control := &place{pids: os.Getpid(), others: n.nodes.init.process.Pid, networkOnly: true}
	for _, c := range commands[:2] {
		if err := control.run(ctx, c...); err != nil {
			return err
		}
	}
	for _, c := range inside {
		if err := n.Run(ctx, c...); err != nil {
			return err
		}
	}
	return control.run(ctx, commands[2]...)
}

// Run runs a command on the node to its end.
func (n *Node) Run(ctx context.Context, command ...string) error { return n.place.run(ctx, command...) }

// run runs a command at the place to its end.
func (p *place) run(ctx context.Context, command ...string) error {
	return p.do(func() error {
		if _, err := output(exec.CommandContext(ctx, command[0], command[1:]...)); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(command, " "), err)
		}
		return nil
	})
}

// load puts an image archive on the node.
func (n *Node) load(archive string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return n.Run(ctx, "ctr", "-n", "k8s.io", "images", "import", archive)
}

// awaitProxy waits until the node's kube-proxy has written its rules.
func (n *Node) awaitProxy(ctx context.Context) error {
	return n.Kubelet.p.await(ctx, func(ctx context.Context) error { return proxySynced(ctx, n.place) })
}

var (
	//go:embed testdata/nodes/containerd.toml
	containerdConfig string
	//go:embed testdata/nodes/cni.conflist
	cniConfig string
	//go:embed testdata/nodes/kubelet.yaml
	kubeletConfig string
)

// writeFiles writes what containerd and the kubelet read at start.
func (n *Node) writeFiles() error {
	fill := strings.NewReplacer("@dir@", n.dir, "@pods@", n.pods, "@cgroup@", n.cgroup, "@name@", n.Name, "@pause@", pauseImage, "@ca@", filepath.Join(n.nodes.dir, "ca.crt"))
	for name, text := range map[string]string{"containerd.toml": containerdConfig, "cni/kp.conflist": cniConfig, "kubelet.yaml": kubeletConfig} {
		if err := os.WriteFile(filepath.Join(n.dir, name), []byte(fill.Replace(text)), 0o600); err != nil {
			return err
		}
	}
	if err := n.nodes.writeKubeconfig(filepath.Join(n.dir, "kubeconfig"), "system:node:"+n.Name, "system:nodes"); err != nil {
		return err
	}
	return n.nodes.issueTo(n.dir, "serving", "system:node:"+n.Name, "system:nodes", net.ParseIP(n.Address))
}

// issueTo writes a certificate as name.crt and name.key.
func (c *Cluster) issueTo(dir, name, user, group string, addresses ...net.IP) error {
	p, err := c.authority.issue(pkix.Name{CommonName: user, Organization: []string{group}}, time.Now().Add(24*time.Hour), addresses...)
	if err != nil {
		return err
	}
	return p.write(dir, name)
}

// cgroupPrefix begins the name of every cgroup of a node; the process that made
// it follows.
const cgroupPrefix = "kpadvisor-test-"

// hierarchies are the cgroup v1 controllers' folders.
func hierarchies() []string {
	all, err := filepath.Glob("/sys/fs/cgroup/*/cgroup.procs")
	if err != nil {
		return nil // the pattern is good
	}
	seen, out := map[string]bool{}, []string{}
	for _, file := range all {
		dir, err := filepath.EvalSymlinks(filepath.Dir(file))
		if err == nil && !seen[dir] {
			seen[dir] = true
			out = append(out, dir)
		}
	}
	return out
}

// makeCgroups makes the node's root in each hierarchy: the kubelet wants to find it.
func (n *Node) makeCgroups() error {
	for _, h := range hierarchies() {
		dir := filepath.Join(h, n.cgroup)
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("could not make a cgroup: %w", err)
		}
		for _, name := range []string{"cpuset.cpus", "cpuset.mems"} { // empty in a new one, and then no process may enter
			value, err := os.ReadFile(filepath.Join(h, name))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, name), value, 0o644)
			}
			if err != nil {
				return fmt.Errorf("could not fill a cgroup: %w", err)
			}
		}
	}
	return nil
}

// removeCgroups removes them; the processes inside have been killed.
func (n *Node) removeCgroups() error { return removeCgroups(n.cgroup) }

func removeCgroups(name string) error {
	var failed error
	deadline := time.Now().Add(10 * time.Second) // the kernel may still be ending processes
	for {
		failed = nil
		for _, h := range hierarchies() {
			failed = errors.Join(failed, removeTree(filepath.Join(h, name)))
		}
		if failed == nil || time.Now().After(deadline) {
			return failed
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// removeTree removes a cgroup and those below it: the files in them cannot be
// removed, and need not be.
func removeTree(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if e.IsDir() {
			err = errors.Join(err, removeTree(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(err, os.Remove(dir))
}

// removeOldCgroups removes what runs left that were killed, and waits for it: the
// kernel may still be ending their processes.
func removeOldCgroups() {
	old := map[string]bool{}
	for _, h := range hierarchies() {
		left, err := filepath.Glob(filepath.Join(h, cgroupPrefix+"*"))
		if err != nil {
			return // the pattern is good
		}
		for _, dir := range left {
			owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), cgroupPrefix), "-")
			if _, err := os.Stat("/proc/" + owner); errors.Is(err, fs.ErrNotExist) {
				old[filepath.Base(dir)] = true
			}
		}
	}
	for name := range old {
		_ = removeCgroups(name) // what is left is empty, and the next run tries again
	}
}
