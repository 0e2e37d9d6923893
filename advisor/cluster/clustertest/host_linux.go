package clustertest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Host is one machine with a kube-proxy that is a plain process, outside any pod, as a
// systemd unit would run it: nothing in the API shows it or its mode. It has a network
// and a host name of its own, and on it also the API server.
type Host struct {
	*Cluster
	Name, Mode string

	place  *place
	holder *process
	proxy  *process
	relay  *relay
}

// StartHost starts a machine of that name with a kube-proxy in a mode, and returns when
// that has written its first rules; it stops with the test. That takes about 8 s.
func StartHost(t testing.TB, name, mode string) *Host {
	t.Helper()
	if os.Geteuid() != 0 {
		if os.Getenv(RequireNodesVariable) != "" {
			t.Fatal("a kube-proxy needs root")
		}
		t.Skip("a kube-proxy needs root")
	}
	h := &Host{Cluster: &Cluster{Binaries: Require(t)}, Name: name, Mode: mode}
	t.Cleanup(func() {
		if err := h.Stop(); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := h.start(ctx); err != nil {
		t.Fatal(err)
	}
	return h
}

// hostScript makes the network of a host, and waits for its end.
const hostScript = `set -eu
hostname "$1"
mount -t sysfs sysfs /sys 2>/dev/null || true
ip link set lo up
ip addr add 192.0.2.10/32 dev lo
ip route add default dev lo
touch ready
exec sleep infinity
`

func (h *Host) start(ctx context.Context) (err error) {
	if err := h.prepare(); err != nil {
		return err
	}
	var here *place
	h.holder, err = here.startWith(h.dir, "holder", here.inNew(0), "/bin/bash", "-c", "mount --make-rprivate /\n"+hostScript, "holder", h.Name)
	if err != nil {
		return err
	}
	err = h.holder.await(ctx, func(context.Context) error {
		_, err := os.Stat(filepath.Join(h.dir, "ready"))
		return err
	})
	if err != nil {
		return err
	}
	h.place = &place{pids: os.Getpid(), others: h.holder.process.Pid}
	h.Cluster.place = h.place
	const port = "6443"
	if h.relay, err = newRelay(h.place, "127.0.0.1:"+port); err != nil {
		return err
	}
	h.Server = "https://" + h.relay.listener.Addr().String()
	h.flags = []string{
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port=" + port,
		"--service-cluster-ip-range=10.96.0.0/12", "--disable-admission-plugins=ServiceAccount",
	}
	if err := h.serve(ctx); err != nil {
		return err
	}
	return h.startProxy(ctx, "https://127.0.0.1:"+port)
}

// startProxy adds the Node and starts its kube-proxy.
func (h *Host) startProxy(ctx context.Context, server string) error {
	s, err := newSeeder(h.Cluster)
	if err != nil {
		return err
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return err
	}
	err = s.createAll(ctx, strings.NewReplacer("@name@", h.Name, "@kernel@", strings.TrimSpace(string(release))).Replace(hostNode))
	if err != nil {
		return err
	}
	config, err := h.user(time.Now().Add(time.Hour), "system:kube-proxy", Admins)
	if err != nil {
		return err
	}
	config.Host = server
	kubeconfig := filepath.Join(h.dir, "kubeconfig")
	if err := WriteKubeconfig(kubeconfig, "inside", config); err != nil {
		return err
	}
	h.proxy, err = h.place.start(h.dir, "kube-proxy", h.Binaries.Path("kube-proxy"),
		"--proxy-mode="+h.Mode, "--kubeconfig="+kubeconfig, "--hostname-override="+h.Name, "--cluster-cidr=10.244.0.0/16",
		"--conntrack-max-per-core=0", "--conntrack-min=0", "--conntrack-tcp-timeout-established=0", "--conntrack-tcp-timeout-close-wait=0")
	if err != nil {
		return err
	}
	return h.proxy.await(ctx, func(ctx context.Context) error { return proxySynced(ctx, h.place) })
}

// hostNode is what a kubelet would register.
const hostNode = `apiVersion: v1
kind: Node
metadata:
  name: @name@
status:
  addresses:
  - {type: InternalIP, address: 192.0.2.10}
  - {type: Hostname, address: @name@}
  conditions:
  - {type: Ready, status: "True", reason: KubeletReady, message: ready}
  nodeInfo:
    kernelVersion: @kernel@
    osImage: Debian GNU/Linux 12 (bookworm)
    kubeletVersion: v1.37.2
    operatingSystem: linux
    architecture: amd64
    machineID: ""
    systemUUID: ""
    bootID: ""
    containerRuntimeVersion: containerd://2.1.0
    kubeProxyVersion: ""
`

// Output runs a command on the machine to its end, with these variables alone, and
// returns what it printed.
func (h *Host) Output(ctx context.Context, env []string, command ...string) (stdout []byte, err error) {
	err = h.place.do(func() error {
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Env = env
		var err error
		if stdout, err = cmd.Output(); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(command, " "), err)
		}
		return nil
	})
	return stdout, err
}

// Stop ends everything on the machine, which ends with it.
func (h *Host) Stop() error {
	h.relay.close()
	h.proxy.stop()
	var err error
	if h.authority != nil {
		err = h.Cluster.Stop()
	}
	if h.holder != nil {
		err = errors.Join(err, h.holder.process.Kill())
		<-h.holder.ended
	}
	return err
}

// Serve runs a server on the machine until the test ends, and returns an address at which
// what listens on a port of the machine's loopback is reached from here.
func (h *Host) Serve(t testing.TB, name, port string, command ...string) (address string) {
	t.Helper()
	p, err := h.place.start(h.dir, name, command[0], command[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	r, err := newRelay(h.place, "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = p.await(ctx, func(ctx context.Context) error {
		c, err := h.place.dial(ctx, "127.0.0.1:"+port)
		if err == nil {
			err = c.Close()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r.listener.Addr().String()
}

// Listen listens at an address of the machine until the test ends.
func (h *Host) Listen(t testing.TB, address string) net.Listener {
	t.Helper()
	var l net.Listener
	err := h.place.do(func() (err error) {
		l, err = net.Listen("tcp", address)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // a server may have closed it
	return l
}
