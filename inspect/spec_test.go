package inspect

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"kpadvisor/jobs"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenSpecs are inspections whose manifests are kept.
func goldenSpecs() map[string]Spec {
	at := time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)
	base := Spec{
		Pods:  jobs.Pods{Run: "x7k2qa", Namespace: "default", Image: "registry.example/kpadvisor:v1", By: "me"},
		Nodes: []string{"node-a"},
	}
	deep := base
	deep.Nodes, deep.Connections, deep.Deep, deep.For = []string{"node-a", "node-b"}, true, true, 30*time.Second
	deep.Make, deep.Namespace, deep.PullSecrets, deep.Tolerate = true, "kpadvisor-x7k2qa", []string{
		"registry",
	}, []jobs.Toleration{
		{Key: "dedicated"},
	}
	return map[string]Spec{"base": NewSpec(base, at), "deep": NewSpec(deep, at)}
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

func TestManifestsGolden(t *testing.T) {
	for name, spec := range goldenSpecs() {
		if err := spec.Validate(); err != nil {
			t.Fatal(err)
		}
		text, err := jobs.Manifests(spec.Objects())
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "manifests-"+name+".yaml", text)
	}
	golden(t, "role.yaml", Role("default"))
}

// TestPods: what every pod must be, and what it may be only when it was asked for.
func TestPods(t *testing.T) {
	for _, spec := range []Spec{{}, {Connections: true}, {Deep: true}, {Connections: true, Deep: true}} {
		spec.Pods, spec.Nodes = goldenSpecs()["base"].Pods, []string{"a", "b"}
		spec = NewSpec(spec, time.Unix(0, 0))
		for _, o := range spec.Objects() {
			j, ok := o.Object.(*batchv1.Job)
			if !ok {
				t.Fatalf("%T", o.Object)
			}
			p := j.Spec.Template.Spec
			c := p.Containers[0]
			var add []corev1.Capability
			if spec.Deep {
				add = []corev1.Capability{"NET_ADMIN"}
			}
			for what, is := range map[string]bool{
				"one container":        len(p.Containers) == 1 && len(p.InitContainers) == 0,
				"on the node's net":    p.HostNetwork && !p.HostIPC,
				"processes if asked":   p.HostPID == spec.Connections,
				"root if asked":        *p.SecurityContext.RunAsNonRoot == !spec.Deep && (*p.SecurityContext.RunAsUser == 0) == spec.Deep,
				"no other capability":  slices.Equal(c.SecurityContext.Capabilities.Add, add) && slices.Equal(c.SecurityContext.Capabilities.Drop, []corev1.Capability{"ALL"}),
				"not privileged":       c.SecurityContext.Privileged == nil && !*c.SecurityContext.AllowPrivilegeEscalation,
				"seccomp":              p.SecurityContext.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault,
				"read-only root":       *c.SecurityContext.ReadOnlyRootFilesystem,
				"no volume":            len(p.Volumes) == 0,
				"no token":             !*p.AutomountServiceAccountToken,
				"limits":               !c.Resources.Limits.Cpu().IsZero() && !c.Resources.Limits.Memory().IsZero(),
				"a deadline":           *j.Spec.ActiveDeadlineSeconds > 0 && *j.Spec.ActiveDeadlineSeconds < 600,
				"a time to live":       *j.Spec.TTLSecondsAfterFinished == 600,
				"no second try":        *j.Spec.BackoffLimit == 0,
				"out of every mesh":    j.Spec.Template.Labels["sidecar.istio.io/inject"] == "false",
				"a second word if due": (len(spec.Heavy()) > 0) == spec.Deep,
			} {
				if !is {
					t.Errorf("%+v, Job %s: not %s", spec, o.Name, what)
				}
			}
		}
		sees := strings.Join(spec.Sees(), " ")
		if strings.Contains(sees, "hostPID") != spec.Connections || strings.Contains(sees, "as root") != spec.Deep {
			t.Errorf("sees: %s", sees)
		}
	}
}

func TestValidate(t *testing.T) {
	for want, spoil := range map[string]func(*Spec){
		"no image":           func(s *Spec) { s.Image = "" },
		"0 nodes":            func(s *Spec) { s.Nodes = nil },
		"named twice":        func(s *Spec) { s.Nodes = []string{"a", "a"} },
		"the time to start":  func(s *Spec) { s.Start = 2 * time.Hour },
		"connections are":    func(s *Spec) { s.Connections, s.For = true, time.Hour },
		"name of a namespac": func(s *Spec) { s.Namespace = "../x" },
	} {
		s := goldenSpecs()["base"]
		spoil(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestChoose(t *testing.T) {
	node := func(name, os, unfit string, taints ...string) jobs.Node {
		return jobs.Node{Name: name, OS: os, Unfit: unfit, Taints: taints}
	}
	nodes := []jobs.Node{
		node(
			"a1",
			"linux",
			"it is cordoned",
		),
		node("a2", "linux", ""),
		node("b1", "linux", "", "dedicated:NoSchedule"),
		node("c1", "", ""),
		node("w1", "windows", "it runs windows"),
	}
	groups := [][]string{{"a2", "a1"}, {"b1"}, {"w1"}, {"gone"}}
	for name, c := range map[string]struct {
		nodes   []jobs.Node
		want    Want
		chosen  string
		missing string
		fail    string
	}{
		"one of each":         {nodes: nodes, chosen: "a2 c1", missing: "b1: taint dedicated:NoSchedule"},
		"a taint tolerated":   {nodes: nodes, want: Want{Tolerate: []jobs.Toleration{{Key: "dedicated"}}}, chosen: "a2 b1 c1"},
		"all":                 {nodes: nodes, want: Want{All: true}, chosen: "a2 c1", missing: "a1: it is cordoned; b1: taint dedicated:NoSchedule"},
		"by name":             {nodes: nodes, want: Want{Names: []string{"c1", "a2", "a2"}}, chosen: "c1 a2"},
		"one that is not":     {nodes: nodes, want: Want{Names: []string{"c1", "x\x1b"}}, fail: "There is no node x"},
		"one that cannot":     {nodes: nodes, want: Want{Names: []string{"a1"}}, fail: "No node takes a pod: a1: it is cordoned."},
		"no node":             {fail: "No node that runs Linux could be read."},
		"windows alone":       {nodes: nodes[4:], fail: "No node that runs Linux could be read."},
		"windows, named":      {nodes: nodes, want: Want{Names: []string{"w1", "a2"}}, chosen: "a2", missing: "w1: it runs windows"},
		"nobody saw a group ": {nodes: nodes[1:2], chosen: "a2"},
	} {
		chosen, missing, err := Choose(c.nodes, groups, c.want)
		if (err != nil) != (c.fail != "") || err != nil && !strings.Contains(err.Error(), c.fail) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && (strings.Join(chosen, " ") != c.chosen || listed(missing) != c.missing) {
			t.Errorf("%s: %q, missing %q", name, chosen, listed(missing))
		}
	}
}
