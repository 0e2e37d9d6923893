package incluster

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"kpadvisor/advisor/cluster/clustertest"
	"kpadvisor/jobs"
	"kpadvisor/probe"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestCreateAsTheRealOne: one table of requests, against the fake and the real
// API server; both answer with the same reason.
func TestCreateAsTheRealOne(t *testing.T) {
	t.Parallel()
	spec := quickSpec(2)
	job := func(change func(*batchv1.Job)) func() jobs.Object {
		return func() jobs.Object {
			j := spec.probeJob(0, 0, spec.unknownAddresses())
			if change != nil {
				change(j)
			}
			return jobs.Object{Kind: "Job", Name: j.Name, Object: j}
		}
	}
	service := func(change func(*corev1.Service)) func() jobs.Object {
		return func() jobs.Object {
			s := spec.echoService(0)
			if change != nil {
				change(s)
			}
			return jobs.Object{Kind: "Service", Name: s.Name, Object: s}
		}
	}
	long := strings.Repeat("x", 64)
	table := []struct {
		name string
		o    func() jobs.Object
		want metav1.StatusReason // empty if it is created
	}{
		{"a Job", job(nil), ""},
		{"the Job again", job(nil), metav1.StatusReasonAlreadyExists},
		{"a Service", service(nil), ""},
		{"the Service again", service(nil), metav1.StatusReasonAlreadyExists},
		{"a Job in no namespace", job(func(j *batchv1.Job) { j.Namespace = "none" }), metav1.StatusReasonNotFound},
		{"a name with capitals", job(func(j *batchv1.Job) { j.Name = "Probe" }), metav1.StatusReasonInvalid},
		{"a label that is too long", job(func(j *batchv1.Job) { j.Name, j.Labels[jobs.LabelRun] = "x1", long }), metav1.StatusReasonInvalid},
		{"a label of the pods that is none", job(func(j *batchv1.Job) { j.Name, j.Spec.Template.Labels["a b"] = "x2", "y" }), metav1.StatusReasonInvalid},
		{"no container", job(func(j *batchv1.Job) { j.Name, j.Spec.Template.Spec.Containers = "x3", nil }), metav1.StatusReasonInvalid},
		{"no image", job(func(j *batchv1.Job) { j.Name, j.Spec.Template.Spec.Containers[0].Image = "x4", "" }), metav1.StatusReasonInvalid},
		{"restarted for ever", job(func(j *batchv1.Job) { j.Name, j.Spec.Template.Spec.RestartPolicy = "x5", corev1.RestartPolicyAlways }), metav1.StatusReasonInvalid},
		{"a deadline below 0", job(func(j *batchv1.Job) { j.Name, j.Spec.ActiveDeadlineSeconds = "x6", ptr(int64(-1)) }), metav1.StatusReasonInvalid},
		{"indexed without a number", job(func(j *batchv1.Job) { j.Name, j.Spec.Completions = "x7", nil }), metav1.StatusReasonInvalid},
		{"a limit of each index without indices", job(func(j *batchv1.Job) {
			mode := batchv1.NonIndexedCompletion
			j.Name, j.Spec.CompletionMode, j.Spec.BackoffLimitPerIndex = "x8", &mode, ptr(int32(0))
		}), metav1.StatusReasonInvalid},
		{"requests above limits", job(func(j *batchv1.Job) {
			c := &j.Spec.Template.Spec.Containers[0]
			j.Name, c.Resources.Requests[corev1.ResourceMemory] = "x9", c.Resources.Limits[corev1.ResourceMemory].DeepCopy()
			more := c.Resources.Requests[corev1.ResourceMemory]
			more.Add(more)
			c.Resources.Requests[corev1.ResourceMemory] = more
		}), metav1.StatusReasonInvalid},
		{"a Service without ports", service(func(s *corev1.Service) { s.Name, s.Spec.Ports = "y1", nil }), metav1.StatusReasonInvalid},
		{"a Service on port 0", service(func(s *corev1.Service) { s.Name, s.Spec.Ports[0].Port = "y2", 0 }), metav1.StatusReasonInvalid},
		{"a Service with a capital in its name", service(func(s *corev1.Service) { s.Name = "Y3" }), metav1.StatusReasonInvalid},
	}
	against := func(t *testing.T, c *Client) {
		t.Helper()
		for _, row := range table {
			o := row.o()
			err := c.API.Create(t.Context(), jobs.Collection(o.Kind, o.Object.GetNamespace()), o.Object, nil)
			if got := apierrors.ReasonForError(err); got != row.want {
				t.Errorf("%s: %q, want %q (%v)", row.name, got, row.want, err)
			}
		}
		if err := c.API.Delete(t.Context(), jobs.Collection("Job", "default"), "none", "a-uid"); err != nil {
			t.Errorf("removing what is not there: %v", err)
		}
		if err := c.Get(t.Context(), jobs.Collection("Job", "default"), "none", nil); !apierrors.IsNotFound(err) {
			t.Errorf("getting what is not there: %v", err)
		}
		items, _, err := jobs.List[batchv1.Job](t.Context(), c.Client, jobs.Collection("Job", "default"), spec.Selector())
		if err != nil || len(items) != 1 {
			t.Errorf("%d Jobs of the run, %v", len(items), err)
		}
	}
	t.Run("fake", func(t *testing.T) {
		t.Parallel()
		f := newFakeAPI(t)
		f.agent = func(p *fakePod) { <-p.Killed }
		against(t, f.client(t))
		stranger, err := Connect(&rest.Config{Host: f.URL, BearerToken: "wrong"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stranger.Any(t.Context(), jobs.Collection("Job", "default"), ""); !apierrors.IsUnauthorized(err) {
			t.Errorf("a stranger: %v", err)
		}
	})
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		c := clustertest.Start(t)
		admin, err := Connect(c.Admin)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		for ctx.Err() == nil { // the API server makes it itself, a little after it answers
			if err := admin.Get(ctx, jobs.Collection("Namespace", ""), "default", &corev1.Namespace{}); err == nil {
				break
			}
		}
		against(t, admin)
		bad := rest.CopyConfig(c.Admin)
		bad.TLSClientConfig.CertData, bad.TLSClientConfig.KeyData, bad.BearerToken = nil, nil, "wrong"
		stranger, err := Connect(bad)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stranger.Any(t.Context(), jobs.Collection("Job", "default"), ""); !apierrors.IsUnauthorized(err) {
			t.Errorf("a stranger: %v", err)
		}
	})
}

// goldenSpecs are runs whose manifests are kept.
func goldenSpecs() map[string]Spec {
	at := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	base := Spec{Pods: jobs.Pods{Run: "x7k2qa", Namespace: "default", Image: "registry.example/kpadvisor:v1"}, Pair: pairOf(1)}
	service, many := base, base
	service.Service = &Service{Namespace: "shop", Name: "cart", Port: 80, Address: "10.96.0.20:80", Kind: probe.HTTP, Path: "/health", Backends: []string{"10.244.1.7:8080", "10.244.2.9:8080"}, All: 2}
	service.PullSecrets, service.Tolerate, service.PullPolicy = []string{"registry"}, []jobs.Toleration{{Key: "dedicated", Value: "probe", Effect: "NoSchedule"}}, "Always"
	service.PriorityClass = "polite"
	many.Pair, many.Make, many.Namespace = pairOf(3), true, "kpadvisor-x7k2qa"
	return map[string]Spec{"echo": NewSpec(base, at), "service": NewSpec(service, at), "many": NewSpec(many, at)}
}

func TestManifestsGolden(t *testing.T) {
	for name, spec := range goldenSpecs() {
		if err := spec.Validate(); err != nil {
			t.Fatal(err)
		}
		text, err := spec.Manifests()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "manifests-"+name+".yaml", text)
	}
	golden(t, "role.yaml", Role("default"))
}

// TestListed: many of a kind are one line.
func TestListed(t *testing.T) {
	spec := goldenSpecs()["many"]
	want := "Namespace kpadvisor-x7k2qa|Job kpadvisor-x7k2qa-echo|16 Services, kpadvisor-x7k2qa-echo to kpadvisor-x7k2qa-echo-16|2 Jobs, kpadvisor-x7k2qa-probe-a to kpadvisor-x7k2qa-probe-b"
	if got := strings.Join(spec.Listed(), "|"); got != want {
		t.Errorf("%s", got)
	}
}

func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s differs (run with -update and read the diff):\n%s", file, text)
	}
}

// TestPodsAreHarmless: what every pod of every run must be.
func TestPodsAreHarmless(t *testing.T) {
	for name, spec := range goldenSpecs() {
		for _, o := range spec.Objects() {
			j, ok := o.Object.(*batchv1.Job)
			if !ok {
				continue
			}
			p := j.Spec.Template.Spec
			c := p.Containers[0]
			for what, is := range map[string]bool{
				"one container":              len(p.Containers) == 1 && len(p.InitContainers) == 0,
				"no token":                   p.AutomountServiceAccountToken != nil && !*p.AutomountServiceAccountToken,
				"no volume":                  len(p.Volumes) == 0,
				"no host namespace":          !p.HostNetwork && !p.HostPID && !p.HostIPC,
				"not root":                   *p.SecurityContext.RunAsNonRoot && *p.SecurityContext.RunAsUser > 0,
				"seccomp":                    p.SecurityContext.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault,
				"no escalation":              !*c.SecurityContext.AllowPrivilegeEscalation,
				"read-only root":             *c.SecurityContext.ReadOnlyRootFilesystem,
				"no capability":              len(c.SecurityContext.Capabilities.Drop) == 1 && c.SecurityContext.Capabilities.Drop[0] == "ALL" && len(c.SecurityContext.Capabilities.Add) == 0,
				"limits":                     !c.Resources.Limits.Cpu().IsZero() && !c.Resources.Limits.Memory().IsZero(),
				"requests":                   !c.Resources.Requests.Cpu().IsZero() && !c.Resources.Requests.Memory().IsZero(),
				"a deadline":                 j.Spec.ActiveDeadlineSeconds != nil && *j.Spec.ActiveDeadlineSeconds > 0 && *j.Spec.ActiveDeadlineSeconds < 3600,
				"a time to live":             j.Spec.TTLSecondsAfterFinished != nil && *j.Spec.TTLSecondsAfterFinished == 600,
				"no second try":              j.Spec.BackoffLimit != nil && *j.Spec.BackoffLimit == 0 || j.Spec.BackoffLimitPerIndex != nil && *j.Spec.BackoffLimitPerIndex == 0,
				"its labels":                 j.Labels[jobs.LabelRun] == "x7k2qa" && j.Spec.Template.Labels[jobs.LabelRun] == "x7k2qa" && j.Labels[jobs.LabelManagedBy] == jobs.Program,
				"out of every mesh":          j.Spec.Template.Labels["sidecar.istio.io/inject"] == "false" && j.Spec.Template.Labels["istio.io/dataplane-mode"] == "none" && j.Spec.Template.Annotations["linkerd.io/inject"] == "disabled",
				"the priority asked for":     p.PriorityClassName == spec.PriorityClass && p.PreemptionPolicy == nil,
				"few names of nodes":         len(p.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms) <= chunk,
				"only asked-for tolerations": len(p.Tolerations) == len(spec.Tolerate),
			} {
				if !is {
					t.Errorf("%s, Job %s: not %s", name, o.Name, what)
				}
			}
		}
	}
}

func TestSpecValidate(t *testing.T) {
	for want, spoil := range map[string]func(*Spec){
		"name":                    func(s *Spec) { s.Run = "A" },
		"no name of a namespace":  func(s *Spec) { s.Namespace = "" },
		"no image":                func(s *Spec) { s.Image = "" },
		"have 1 and 0 nodes":      func(s *Spec) { s.Pair.B.Nodes = nil },
		"blocks end by the clock": func(s *Spec) { s.Plan.Requests = 10 },
		"is too short":            func(s *Spec) { s.Plan.Duration = time.Millisecond },
		"guard is not from":       func(s *Spec) { s.Guard = time.Hour },
		"300 nodes at 100 hits/s": func(s *Spec) { s.Pair = pairOf(300) },
		"source ports 1-0":        func(s *Spec) { s.Plan.Ports = probe.SourcePorts{Mode: probe.ReusePorts, Low: 1} },
	} {
		s := goldenSpecs()["echo"]
		spoil(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
