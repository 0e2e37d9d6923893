package clustertest

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// Nodes is a cluster with nodes: controllers, scheduler, and for each node a
// containerd, a kubelet and a kube-proxy, all of them real, on one machine.
//
// The control plane and every node have a network of their own; nothing of this
// machine's network is touched. All processes are in one pid namespace, whose
// first process ends with this one, so that the kernel ends every container,
// mount and network with it, even after SIGKILL. What a kubelet would set of the
// whole machine (vm.overcommit_memory, kernel.panic) is covered by files with
// the values it wants. Only empty cgroups can be left behind, and are removed by
// the next run.
type Nodes struct {
	*Cluster
	Nodes []*Node

	init       *process // first in the pid namespace
	relay      *relay
	components []*process
}

// StartNodes starts a cluster with one node for each kube-proxy mode, called
// node-a, node-b, ..., and returns when each kube-proxy has written its rules.
// That takes about 20 s. The caller stops it.
func StartNodes(ctx context.Context, b Binaries, modes ...string) (*Nodes, error) {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	defer cancel()
	if err := CanRunNodes(); err != nil {
		return nil, err
	}
	n := &Nodes{Cluster: &Cluster{Binaries: b}}
	if err := n.start(ctx, modes); err != nil {
		return nil, errors.Join(err, n.Stop())
	}
	return n, nil
}

// RequireNodesVariable names the environment variable that turns a machine on
// which nodes cannot run (not root, another version of cgroups) from a reason to
// skip into a failure. What is only not installed is one where RequireVariable is
// set. .ci/run sets both.
const RequireNodesVariable = "KPADVISOR_REQUIRE_NODES"

// RequireNodes skips the test where no nodes can run, or fails it where they must.
func RequireNodes(t testing.TB) Binaries {
	t.Helper()
	if err := permitsNodes(); err != nil {
		if os.Getenv(RequireNodesVariable) != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	b := Require(t)
	if err := CanRunNodes(); err != nil {
		if os.Getenv(RequireVariable) != "" || os.Getenv(RequireNodesVariable) != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return b
}

// permitsNodes says what it is about this machine that keeps nodes from running.
func permitsNodes() error {
	if os.Geteuid() != 0 {
		return errors.New("nodes need root: for namespaces, mounts and cgroups")
	}
	return hasCgroups("/sys/fs/cgroup")
}

// hasCgroups says why a kubelet of the rig cannot run on the cgroups mounted there,
// and what is left untested then. On version 2 alone the node's cgroup would have to
// get its controllers by cgroup.subtree_control, and runc to be told of the root: no
// machine to try that on was at hand.
func hasCgroups(root string) error {
	if _, err := os.Stat(filepath.Join(root, "cpuset", "cgroup.procs")); err == nil {
		return nil
	}
	found := "no cgroups at " + root
	if _, err := os.Stat(filepath.Join(root, "cgroup.controllers")); err == nil {
		found = "cgroup version 2 alone, on which they were never tried"
	}
	return fmt.Errorf("nodes need the cgroup v1 hierarchies, and this machine has %s; "+
		"left untested: probe --in-cluster on real kubelets and kube-proxies (package ui/cli/e2e/incluster)", found)
}

// CanRunNodes says why this machine cannot run nodes.
func CanRunNodes() error {
	if err := permitsNodes(); err != nil {
		return err
	}
	for _, command := range []string{"containerd", "ctr", "runc", "ip", "nft", "iptables", "conntrack", "mount"} {
		if _, err := exec.LookPath(command); err != nil {
			return fmt.Errorf("nodes need containerd, runc, iproute2, nftables, iptables and conntrack: %w", err)
		}
	}
	if _, err := os.Stat("/usr/lib/cni/bridge"); err != nil {
		return fmt.Errorf("nodes need containernetworking-plugins: %w", err)
	}
	return nil
}

func (n *Nodes) start(ctx context.Context, modes []string) error {
	removeOldCgroups()
	if err := n.prepare(); err != nil {
		return err
	}
	if err := n.startInit(ctx); err != nil {
		return err
	}
	if err := n.control(ctx); err != nil {
		return err
	}
	if err := n.images(ctx); err != nil {
		return err
	}
	for i, mode := range modes {
		n.Nodes = append(n.Nodes, &Node{
			Name: "node-" + string(rune('a'+i)), Mode: mode, Address: fmt.Sprintf("10.240.0.%d", 11+i),
			pods: fmt.Sprintf("10.244.%d", i+1), dir: filepath.Join(n.dir, fmt.Sprintf("node-%d", i)), cgroup: fmt.Sprintf("%s%d-%d", cgroupPrefix, os.Getpid(), i),
			nodes: n,
		})
	}
	if err := n.wire(); err != nil {
		return err
	}
	if err := atOnce(n.Nodes, func(node *Node) error { return node.start(ctx) }); err != nil {
		return err
	}
	return n.proxies(ctx)
}

// initScript is the first process: it waits, and takes in children whose
// parents are gone.
const initScript = `set -eu
mount --make-rprivate /
mount -t proc proc /proc
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1
ip link add kp0 type bridge
ip addr add ` + controlAddress + `/24 dev kp0
ip link set kp0 up
touch ready
sleep infinity &
wait
`

// startInit makes the pid namespace, and the network of the control plane.
func (n *Nodes) startInit(ctx context.Context) (err error) {
	var here *place
	n.init, err = here.startWith(n.dir, "init", here.inNew(unix.CLONE_NEWPID|unix.CLONE_NEWIPC), "/bin/bash", "-c", initScript)
	if err != nil {
		return err
	}
	pid := n.init.process.Pid
	n.place = &place{pids: pid, others: pid}
	return n.init.await(ctx, func(context.Context) error {
		_, err := os.Stat(filepath.Join(n.dir, "ready"))
		return err
	})
}

// controlPort is where the API server listens.
const controlPort = "6443"

// control starts etcd, the API server, the controllers and the scheduler.
func (n *Nodes) control(ctx context.Context) (err error) {
	if n.relay, err = newRelay(n.place, controlAddress+":"+controlPort); err != nil {
		return err
	}
	n.Server = "https://" + n.relay.listener.Addr().String()
	file := func(name string) string { return filepath.Join(n.dir, name) }
	n.flags = []string{
		"--service-cluster-ip-range=10.96.0.0/12",
		"--bind-address=0.0.0.0", "--advertise-address=" + controlAddress, "--secure-port=" + controlPort,
		"--enable-admission-plugins=NodeRestriction",
		"--kubelet-client-certificate=" + file("kubelet-client.crt"), "--kubelet-client-key=" + file("kubelet-client.key"),
		"--kubelet-certificate-authority=" + file("ca.crt"), "--kubelet-preferred-address-types=InternalIP",
	}
	if err := n.issueTo(n.dir, "kubelet-client", "kube-apiserver-kubelet-client", Admins); err != nil {
		return err
	}
	if err := n.serve(ctx); err != nil {
		return err
	}
	if err := n.writeKubeconfig(file("kubeconfig"), "system:controllers", Admins); err != nil {
		return err
	}
	for name, flags := range map[string][]string{
		"kube-controller-manager": {
			"--root-ca-file=" + file("ca.crt"), "--service-account-private-key-file=" + file("accounts.key"),
			// A node that says nothing is given up after 8 s instead of 50 s.
			"--node-monitor-period=1s", "--node-monitor-grace-period=8s",
		},
		"kube-scheduler": nil,
	} {
		p, err := n.place.start(n.dir, name, n.Binaries.Path(name),
			append([]string{"--kubeconfig=" + file("kubeconfig"), "--bind-address=127.0.0.1", "--leader-elect=false"}, flags...)...)
		if err != nil {
			return err
		}
		n.components = append(n.components, p)
	}
	return nil
}

// writeKubeconfig writes the kubeconfig of a component that runs in the cluster.
func (n *Nodes) writeKubeconfig(path, user string, groups ...string) error {
	config, err := n.user(time.Now().Add(24*time.Hour), user, groups...)
	if err != nil {
		return err
	}
	config.Host = "https://" + controlAddress + ":" + controlPort
	return WriteKubeconfig(path, "inside", config)
}

// wire joins the nodes' networks, which come with their processes: one link to
// the control plane's bridge each, and routes to the pods of the others.
func (n *Nodes) wire() error {
	return atOnce(n.Nodes, func(node *Node) error { return node.startHolder() })
}

// atOnce runs fn for all at once.
func atOnce[T any](all []T, fn func(T) error) error {
	errs := make(chan error, len(all))
	for _, one := range all {
		go func() { errs <- fn(one) }()
	}
	var err error
	for range all {
		err = errors.Join(err, <-errs)
	}
	return err
}

//go:embed testdata/nodes/kube-proxy.yaml
var proxyManifest string

// proxies starts a kube-proxy on each node, as kubeadm does, and waits for the
// first rules of each: a pod that runs is not yet a node that forwards.
func (n *Nodes) proxies(ctx context.Context) error {
	s, err := newSeeder(n.Cluster)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, node := range n.Nodes {
		if seen[node.Mode] {
			continue
		}
		// The first as kubeadm sets it up, the others as one does who tries another mode.
		name, flags := "kube-proxy", "--config=/var/lib/kube-proxy/config.conf"
		if len(seen) > 0 {
			name += "-" + node.Mode
			flags = "--proxy-mode=" + node.Mode + ", --kubeconfig=/var/lib/kube-proxy/kubeconfig.conf, --cluster-cidr=10.244.0.0/16, " +
				"--conntrack-max-per-core=0, --conntrack-min=0, --conntrack-tcp-timeout-established=0, --conntrack-tcp-timeout-close-wait=0"
		}
		seen[node.Mode] = true
		text := strings.NewReplacer("@name@", name, "@flags@", flags, "@mode@", node.Mode, "@image@", n.proxyImage(), "@server@", "https://"+controlAddress+":"+controlPort).Replace(proxyManifest)
		if err := s.createAll(ctx, text); err != nil {
			return err
		}
	}
	return atOnce(n.Nodes, func(node *Node) error { return node.awaitProxy(ctx) })
}

// Dir is the folder of its files: logs, certificates, etcd's data.
func (n *Nodes) Dir() string { return n.dir }

// Restart kills the API server and starts it again after a while.
func (n *Nodes) Restart(ctx context.Context, meanwhile func()) error {
	_ = n.api.process.Kill() // fails if it has ended already
	<-n.api.ended
	meanwhile()
	return n.startAPIServer(ctx)
}

// Cut ends every connection to the API server that comes from outside.
func (n *Nodes) Cut() { n.relay.cut() }

// Line is a way of its own to the API server, and what ends every connection that came
// by it.
func (n *Nodes) Line(t testing.TB) (server string, cut func()) {
	t.Helper()
	r, err := newRelay(n.place, controlAddress+":"+controlPort)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	return "https://" + r.listener.Addr().String(), r.cut
}

// Stop ends everything, and removes what it left on disk and in the cgroups.
func (n *Nodes) Stop() error {
	n.relay.close()
	if n.init != nil {
		_ = n.init.process.Kill() // and with it all processes of its pid namespace
		<-n.init.ended
	}
	var err error
	for _, node := range n.Nodes {
		err = errors.Join(err, node.removeCgroups())
	}
	n.api, n.etcd = nil, nil
	if n.dir == "" {
		return err
	}
	return errors.Join(err, n.Cluster.Stop())
}

// Ready waits until every node is ready and takes pods.
func (n *Nodes) Ready(ctx context.Context) error {
	return wait.PollUntilContextCancel(ctx, 100*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		list, err := n.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, nil //nolint:nilerr // it is asked again until the time is up
		}
		ready := 0
		for _, node := range list.Items {
			for _, c := range node.Status.Conditions {
				if c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue && len(node.Spec.Taints) == 0 {
					ready++
				}
			}
		}
		return ready == len(n.Nodes), nil
	})
}

// proxySynced looks into the metrics of a kube-proxy.
func proxySynced(ctx context.Context, at *place) error {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		return at.dial(ctx, address)
	}}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:10249/metrics", nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		count, ok := strings.CutPrefix(lines.Text(), `kubeproxy_sync_proxy_rules_duration_seconds_count{ip_family="IPv4"} `)
		if ok && count != "0" {
			return nil
		}
	}
	return errors.New("kube-proxy has not written its rules yet")
}
