package incluster

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// The tests that are not parallel run first, one after the other: what they do to
// the cluster would be felt by the others.

// TestBreaks: the log streams break twice and the API server is away for a while.
// The pods go on, the log tells all of it afterwards, and no round is lost but those
// for which a pod says that the machine was too busy to begin in time.
func TestBreaks(t *testing.T) {
	c := cluster(t)
	ns := namespace(t)
	p := launch(t, adminConfig(t), short(ns, "-o", "json", "--blocks", "9", "--duration", "2700ms")...)
	p.measuring()
	c.Cut()
	time.Sleep(time.Second) // so that they have begun again
	c.Cut()
	if err := c.Restart(t.Context(), func() { time.Sleep(3 * time.Second) }); err != nil { // which is how long it is away
		t.Fatal(err)
	}
	d := p.wait(0).document()
	notes := strings.Join(d.Notes, "\n")
	late := strings.Contains(notes, "came too late for")
	if strings.Contains(notes, "never arrived") || strings.Contains(notes, "given up") && !late {
		t.Errorf("notes:\n%s", notes)
	}
	for _, target := range d.Targets {
		if len(target.Blocks) != 9 || !d.planned(target.Requests, 9) {
			t.Errorf("%s: %d blocks, %d hits", target.Name, len(target.Blocks), target.Requests)
		}
		for i, b := range target.Blocks {
			if b.Round != target.Blocks[0].Round+i && !late {
				t.Errorf("%s: round %d follows round %d; notes:\n%s", target.Name, b.Round, target.Blocks[i-1].Round, notes)
			}
		}
	}
}

// TestCredentialsExpire: what is left is told, with the way to remove it, and the
// partial result is kept.
func TestCredentialsExpire(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	ns := namespace(t)
	server, cut := c.Line(t)
	config, expire := account(t, ns, server)
	p := launch(t, config, long(ns, "-o", "json")...)
	p.measuring()
	expire()
	cut()
	d := p.wait(1).document()
	if !d.Partial {
		t.Error("the result is not marked as partial")
	}
	contains(t, "stderr", p.stderr.String(), "does not accept the credentials any more (401 Unauthorized)", "could not be removed", "kpadvisor clean -n "+ns)
	// Whoever cleans is not who made the run, which might be under way.
	spared := launch(t, adminConfig(t), "clean", "--namespace", ns).wait(0)
	contains(t, "stdout", spared.stdout.String(), "left Job "+ns+"/kpadvisor-", "by system:serviceaccount:"+ns+":expiring; may be under way until")
	cleaned := launch(t, adminConfig(t), "clean", "--namespace", ns, "--running").wait(0)
	contains(t, "stdout", cleaned.stdout.String(), "removed Job "+ns+"/kpadvisor-", "removed Service "+ns+"/kpadvisor-")
	gone(t, ns)
}

// account is a kubeconfig of a ServiceAccount that may do everything until it expires.
func account(t *testing.T, ns, server string) (config string, expire func()) {
	t.Helper()
	const name = "expiring"
	kubectl(t, "", "-n", ns, "create", "serviceaccount", name)
	kubectl(t, "", "create", "clusterrolebinding", ns, "--clusterrole=cluster-admin", "--serviceaccount="+ns+":"+name)
	t.Cleanup(func() { kubectl(t, "", "delete", "clusterrolebinding/"+ns) })
	user := rest.AnonymousClientConfig(nodes.Admin)
	user.Host = server
	user.BearerToken = strings.TrimSpace(kubectl(t, "", "-n", ns, "create", "token", name))
	nodes.AwaitPermission(t, "system:serviceaccount:"+ns+":"+name, authorizationv1.SubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "create", Group: "batch", Resource: "jobs", Namespace: ns},
	})
	return configOf(t, user), func() {
		kubectl(t, "", "-n", ns, "delete", "serviceaccount", name)
		client, err := kubernetes.NewForConfig(user)
		if err != nil {
			t.Fatal(err)
		}
		await(t, "the end of the token", func() bool { // a token that was good is taken for good for some seconds
			_, err := client.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{})
			return apierrors.IsUnauthorized(err)
		})
	}
}

// TestSilentNode: a node hangs half-way. Its own state is the reason given.
func TestSilentNode(t *testing.T) {
	c := cluster(t)
	ns := namespace(t)
	p := launch(t, adminConfig(t), long(ns, "-o", "json")...)
	p.measuring()
	b := c.Nodes[1]
	if err := b.Kubelet.Freeze(); err != nil {
		t.Fatal(err)
	}
	thawed := false
	thaw := func() {
		if err := b.Kubelet.Thaw(); err != nil && !thawed {
			t.Error(err)
		}
		thawed = true
	}
	t.Cleanup(thaw)
	await(t, "the removal", func() bool { return strings.Contains(p.stderr.String(), "removing") })
	thaw()
	d := p.wait(1).document()
	if !d.Partial {
		t.Error("the result is not marked as partial")
	}
	contains(t, "stderr", p.stderr.String(), "no word from the pod on node-b", "the pod on node-b: no word for 30s: node node-b is NotReady")
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestPending: a node has no room.
func TestPending(t *testing.T) {
	c := cluster(t)
	ns, hogs := namespace(t), namespace(t)
	node, err := c.Client.CoreV1().Nodes().Get(t.Context(), "node-b", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	room := node.Status.Allocatable.Cpu().DeepCopy()
	room.Sub(resource.MustParse("50m"))
	hog := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "hog"}}
	now := int64(0)
	hog.Spec = corev1.PodSpec{NodeSelector: map[string]string{corev1.LabelHostname: "node-b"}, TerminationGracePeriodSeconds: &now, Containers: []corev1.Container{{
		Name: "hog", Image: testImage, ImagePullPolicy: corev1.PullNever, Args: []string{"agent", "echo"},
		Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: room}},
	}}}
	if _, err := c.Client.CoreV1().Pods(hogs).Create(t.Context(), hog, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	await(t, "the hog", func() bool {
		p, err := c.Client.CoreV1().Pods(hogs).Get(t.Context(), "hog", metav1.GetOptions{})
		return err == nil && p.Spec.NodeName != ""
	})
	p := launch(t, adminConfig(t), short(ns, "--start-timeout", "15s")...).wait(1)
	contains(t, "stderr", p.stderr.String(), "waiting for pods: ", "The pods did not start: ", "Unschedulable: 0/2 nodes are available", "Insufficient cpu", "not started within 15s")
	gone(t, ns)
	if err := c.Client.CoreV1().Pods(hogs).Delete(t.Context(), "hog", metav1.DeleteOptions{}); err != nil {
		t.Error(err)
	}
}

// TestRefused: what stands in the way of a run is told in its own words, at once,
// and nothing is left. The table is that of the fake as well, where it can be.
func TestRefused(t *testing.T) {
	t.Parallel()
	cluster(t)
	for name, c := range map[string]struct {
		arrange func(t *testing.T, ns string)
		args    []string
		want    []string
	}{
		"image that is not there": {
			args: []string{"--image", "registry.test/none:1"},
			want: []string{"The pods did not start", "ErrImageNeverPull: Container image \"registry.test/none:1\" is not present with pull policy of Never"},
		},
		"image that says nothing": {
			args: []string{"--image", "registry.test/pause:1", "--start-timeout", "20s"},
			want: []string{"The pods did not start: the pod on node-a: it runs and says nothing: is kpadvisor in the image?: not started within 20s"},
		},
		"image name that is none": {
			args: []string{"--image", "UPPER/case", "--image-pull-policy", "IfNotPresent"},
			want: []string{"The pods did not start", "invalid reference format: repository name must be lowercase"},
		},
		"quota of Jobs": {
			arrange: quota("count/jobs.batch", "1"),
			want:    []string{"was not created: jobs.batch \"kpadvisor-", "exceeded quota: q, requested: count/jobs.batch=1, used: count/jobs.batch=1, limited: count/jobs.batch=1"},
		},
		"quota of pods": {
			arrange: quota("pods", "1"),
			want:    []string{"can make no pod: pods \"kpadvisor-", "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"},
		},
		"webhook for Jobs": {
			arrange: webhook("batch", "v1", "jobs"),
			want:    []string{"was not created: Internal error occurred: failed calling webhook \"refuse.kpadvisor.test\""},
		},
		"webhook for pods": {
			arrange: webhook("", "v1", "pods"),
			want:    []string{"can make no pod: Internal error occurred: failed calling webhook \"refuse.kpadvisor.test\""},
		},
		"namespace that is not there": {
			args: []string{"--namespace", "none-of-that-name"},
			want: []string{"was not created: namespaces \"none-of-that-name\" not found"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns := namespace(t)
			if c.arrange != nil {
				c.arrange(t, ns)
			}
			p := launch(t, adminConfig(t), short(ns, append(c.args, "-o", "json")...)...).wait(1)
			gone(t, ns)
			contains(t, "stderr", p.stderr.String(), append(c.want, "Remedy: ")...)
			contains(t, "stdout", p.stdout.String(), `"error"`, `"sentence"`)
		})
	}
}

func quota(what, most string) func(*testing.T, string) {
	return func(t *testing.T, ns string) {
		t.Helper()
		q := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "q"}}
		q.Spec.Hard = corev1.ResourceList{corev1.ResourceName(what): resource.MustParse(most)}
		if _, err := nodes.Client.CoreV1().ResourceQuotas(ns).Create(t.Context(), q, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		await(t, "the quota", func() bool {
			q, err := nodes.Client.CoreV1().ResourceQuotas(ns).Get(t.Context(), "q", metav1.GetOptions{})
			return err == nil && len(q.Status.Used) > 0
		})
	}
}

// webhook has every object of a kind in the namespace looked at by nobody.
func webhook(group, version, kind string) func(*testing.T, string) {
	return func(t *testing.T, ns string) {
		t.Helper()
		nowhere, fail, none, timeout := "https://127.0.0.1:1/", admissionv1.Fail, admissionv1.SideEffectClassNone, int32(2)
		hooks := nodes.Client.AdmissionregistrationV1().ValidatingWebhookConfigurations()
		o := &admissionv1.ValidatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: ns}, Webhooks: []admissionv1.ValidatingWebhook{{
			Name: "refuse.kpadvisor.test", ClientConfig: admissionv1.WebhookClientConfig{URL: &nowhere}, FailurePolicy: &fail, SideEffects: &none,
			TimeoutSeconds: &timeout, AdmissionReviewVersions: []string{"v1"},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: ns}},
			Rules: []admissionv1.RuleWithOperations{{
				Operations: []admissionv1.OperationType{admissionv1.Create},
				Rule:       admissionv1.Rule{APIGroups: []string{group}, APIVersions: []string{version}, Resources: []string{kind}},
			}},
		}}}
		if _, err := hooks.Create(t.Context(), o, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := hooks.Delete(t.Context(), ns, metav1.DeleteOptions{}); err != nil && t.Context().Err() == nil {
				t.Error(err)
			}
		})
		await(t, "the webhook", func() bool { // the API server learns of it by a watch of its own
			return refused(t, ns, kind)
		})
	}
}

// refused reports whether a webhook keeps the admin from creating such an object.
func refused(t *testing.T, ns, kind string) bool {
	t.Helper()
	spec := corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{Name: "x", Image: testImage}}}
	dry := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
	var err error
	if kind == "pods" {
		_, err = nodes.Client.CoreV1().Pods(ns).Create(t.Context(), &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "x"}, Spec: spec}, dry)
	} else {
		_, err = nodes.Client.BatchV1().Jobs(ns).Create(t.Context(), &batchv1.Job{
			ObjectMeta: metav1.ObjectMeta{Name: "x"}, Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: spec}},
		}, dry)
	}
	return err != nil && strings.Contains(err.Error(), "refuse.kpadvisor.test")
}

// TestEvicted: a pod is evicted half-way.
func TestEvicted(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	ns := namespace(t)
	p := launch(t, adminConfig(t), long(ns, "-o", "json")...)
	p.measuring()
	for _, pod := range probing(t, ns) {
		if pod.Spec.NodeName == "node-b" {
			e := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: pod.Name}}
			if err := c.Client.PolicyV1().Evictions(ns).Evict(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	d := p.wait(1).document()
	gone(t, ns)
	if n := len(d.Targets[0].Blocks); !d.Partial || !d.planned(d.Targets[1].Requests, n) {
		t.Errorf("partial %v, %d blocks, %d hits", d.Partial, n, d.Targets[1].Requests)
	}
	contains(t, "stderr", p.stderr.String(), "A side cannot be measured any more: the pod on node-b: EvictionByEvictionAPI: Eviction API: evicting")
}

// TestSignals: ended by the user, by the system or by a terminal that is closed.
func TestSignals(t *testing.T) {
	t.Parallel()
	cluster(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			ns := namespace(t)
			p := launch(t, adminConfig(t), long(ns, "-o", "json")...)
			p.measuring()
			if err := p.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			d := p.wait(130).document()
			gone(t, ns)
			if !d.Partial {
				t.Error("the result is not marked as partial")
			}
		})
	}
}

// TestKilled: killed at random points, it leaves what clean removes.
func TestKilled(t *testing.T) {
	t.Parallel()
	cluster(t)
	ns := namespace(t)
	for i := range 6 {
		after := time.Duration(i)*time.Second + time.Duration(rand.Int64N(int64(time.Second)))
		p := launch(t, adminConfig(t), long(ns)...)
		time.Sleep(after)
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-p.ended
		before, err := leftovers(ns)
		if err != nil {
			t.Fatal(err)
		}
		cleaned := launch(t, adminConfig(t), "clean", "--namespace", ns).wait(0)
		left, err := leftovers(ns)
		if err != nil || len(left) > 0 {
			t.Errorf("killed after %v (try %d) it left %v; clean left %v, %v, and said:\n%s", after, i, before, left, err, cleaned.stdout.String())
		}
		t.Logf("killed after %v: %d objects and pods to remove", after, len(before))
	}
	nothing := launch(t, adminConfig(t), "clean", "--namespace", ns).wait(0)
	contains(t, "stdout", nothing.stdout.String(), "Nothing of a run is left in namespace "+ns)
}

// TestKilledInANamespaceOfItsOwn: clean removes the namespace that the run made,
// and no other.
func TestKilledInANamespaceOfItsOwn(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	bystander := namespace(t)
	args := []string{"probe", "--in-cluster", "--yes", "--image", testImage, "--image-pull-policy", "Never", "--temporary-namespace"}
	p := launch(t, adminConfig(t), args...)
	var made string
	await(t, "the namespace", func() bool {
		for line := range strings.Lines(p.stderr.String()) {
			if _, name, ok := strings.Cut(line, "Creating Namespace "); ok {
				made, _, _ = strings.Cut(name, " ")
			}
		}
		return made != "" && exists(t, made)
	})
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.ended
	list := launch(t, adminConfig(t), "clean", "--all-namespaces", "--list").wait(0)
	contains(t, "the list", list.stdout.String(), "found Namespace "+made)
	// What other tests have under way is not to be removed by this one.
	if err := c.Client.CoreV1().Namespaces().Delete(t.Context(), made, metav1.DeleteOptions{}); err != nil {
		t.Error(err)
	}
	await(t, "the end of the namespace", func() bool { return !exists(t, made) })
	if strings.Contains(list.stdout.String(), "Namespace "+bystander) || !exists(t, bystander) {
		t.Errorf("a namespace that no run made is in the list:\n%s", list.stdout.String())
	}
}

// TestAsk: at a terminal the manifests and rights are shown, and nothing happens
// without a yes.
func TestAsk(t *testing.T) {
	t.Parallel()
	cluster(t)
	for answer, code := range map[string]int{"n\n": 1, "\n": 1, "\x04": 1, "y\n": 0} {
		t.Run(fmt.Sprintf("%q", answer), func(t *testing.T) {
			t.Parallel()
			answered(t, answer, code)
		})
	}
}

// answered runs a probe at a terminal and gives an answer.
func answered(t *testing.T, answer string, code int) {
	t.Helper()
	ns := namespace(t)
	args := []string{"probe", "--in-cluster", "--image", testImage, "--image-pull-policy", "Never", "--namespace", ns, "--blocks", "6", "--duration", "600ms", "--guard", guard, "--warm-up", "0"}
	cmd := exec.Command(filepath.Join(dir, "kpadvisor"), args...)
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TERM=xterm", "KUBECONFIG=" + adminConfig(t)}
	var said lockedBuffer
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = terminal.WriteTo(&said) // ends when the program does
	}()
	await(t, "the question", func() bool { return strings.Contains(said.String(), "Create these objects? [y/N]") })
	gone(t, ns)
	if _, err := terminal.WriteString(answer); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the exit code says how it went
	<-read
	_ = terminal.Close()
	busy := strings.Contains(said.String(), tooLate)
	if got := cmd.ProcessState.ExitCode(); got != code && (got == 0 || !busy) {
		t.Errorf("after %q exit code %d, want %d:\n%s", answer, got, code, said.String())
	}
	contains(t, "the screen", said.String(), "create jobs.batch in "+ns, "get pods/log in "+ns, "kind: Job", "runAsNonRoot: true", "Load: at most 100 new connections per second")
	gone(t, ns)
}
