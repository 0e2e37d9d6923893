package clustertest

import (
	"context"
	"fmt"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// The size of the large cluster.
const (
	largeNamespaces = 50
	largePerSpace   = 100 // Services of each namespace, two blocks of 50
	largeNodes      = 500
	largeIPVSNodes  = 40 // the nodes of the old pool, which run IPVS
	largeWorkloads  = 100
	largeVersion    = "v1.35.3"
)

// SeedLarge creates 5,000 Services and 100,000 endpoints in 50 namespaces, and
// 500 nodes halfway through a change from IPVS to iptables.
//
// Of each 50 Services 39 have one slice of 20 endpoints, one has a slice of 100,
// one has slices of 60 and 40, three have none; two are headless, one of them
// with 20 endpoints; one is an ExternalName, one belongs to another proxy, and
// two are NodePorts nobody answers.
func SeedLarge(ctx context.Context, config *rest.Config) error {
	config = rest.CopyConfig(config)
	config.ContentType = runtime.ContentTypeProtobuf
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("could not make the client to seed with: %w", err)
	}
	s := &largeSeed{client: client}
	if err := each(ctx, largeNamespaces, s.namespace); err != nil {
		return err
	}
	if err := s.proxy(ctx); err != nil {
		return err
	}
	if err := each(ctx, largeNodes, s.node); err != nil {
		return err
	}
	if err := each(ctx, largeWorkloads, s.workload); err != nil {
		return err
	}
	return each(ctx, largeNamespaces*largePerSpace, s.service)
}

// each calls f for 0..n-1 on 32 workers and returns the first error.
func each(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var workers sync.WaitGroup
	for range 32 {
		workers.Go(func() {
			for i := range next {
				if err := f(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		next <- i
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}

type largeSeed struct{ client kubernetes.Interface }

func (s *largeSeed) namespace(ctx context.Context, i int) error {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: space(i)}}
	_, err := s.client.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{})
	return err
}

func space(i int) string { return fmt.Sprintf("team-%02d", i) }

// service creates the i-th Service and its slices.
func (s *largeSeed) service(ctx context.Context, i int) error {
	place := i % 50
	svc := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: space(i / largePerSpace), Name: fmt.Sprintf("app-%04d", i),
			Labels: map[string]string{
				"app.kubernetes.io/name":       fmt.Sprintf("app-%04d", i),
				"app.kubernetes.io/instance":   "production",
				"app.kubernetes.io/managed-by": "Helm",
				"helm.sh/chart":                "app-1.2.3",
			},
		},
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{"app.kubernetes.io/name": fmt.Sprintf("app-%04d", i)},
			Ports:    []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(8080)}},
		},
	}
	shape(svc, place)
	made, err := s.client.CoreV1().Services(svc.Namespace).Create(ctx, svc, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("could not create Service %s: %w", svc.Name, err)
	}
	if svc.Spec.Type == corev1.ServiceTypeLoadBalancer {
		made.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: fmt.Sprintf("192.0.2.%d", i/50)}}
		if _, err := s.client.CoreV1().Services(svc.Namespace).UpdateStatus(ctx, made, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("could not set the address of Service %s: %w", svc.Name, err)
		}
	}
	for n, size := range slices(place) {
		if _, err := s.client.DiscoveryV1().EndpointSlices(svc.Namespace).Create(ctx, slice(made, i, n, size), metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("could not create a slice of Service %s: %w", svc.Name, err)
		}
	}
	return nil
}

// shape makes a plain ClusterIP Service into what its place in the block is.
func shape(svc *corev1.Service, place int) {
	spec := &svc.Spec
	switch place {
	case 3:
		spec.Ports = append(spec.Ports, corev1.ServicePort{Name: "metrics", Port: 9090, TargetPort: intstr.FromInt32(9090)})
	case 5, 25:
		spec.Type = corev1.ServiceTypeLoadBalancer
	case 7:
		spec.SessionAffinity = corev1.ServiceAffinityClientIP
	case 9:
		spec.Ports[0].Protocol = corev1.ProtocolUDP
	case 10, 20, 30, 48, 49:
		spec.Type = corev1.ServiceTypeNodePort
	case 44, 45:
		spec.ClusterIP = corev1.ClusterIPNone
	case 46:
		spec.Type, spec.ExternalName, spec.Selector = corev1.ServiceTypeExternalName, "db.example.com", nil
	case 47:
		svc.Labels["service.kubernetes.io/service-proxy-name"] = "other"
	}
}

// slices returns the sizes of the slices of a Service at that place.
func slices(place int) []int {
	switch {
	case place < 39, place == 45:
		return []int{20}
	case place == 39:
		return []int{100}
	case place == 40:
		return []int{60, 40}
	default:
		return nil
	}
}

// slice is the n-th slice of the i-th Service. At place 1 one endpoint is not
// ready, and one is terminating while it still serves.
func slice(svc *corev1.Service, i, n, size int) *discoveryv1.EndpointSlice {
	e := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("%s-%05d", svc.Name, n),
			Labels: map[string]string{
				discoveryv1.LabelServiceName: svc.Name,
				discoveryv1.LabelManagedBy:   "endpointslice-controller.k8s.io",
				"app.kubernetes.io/name":     svc.Name,
			},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
	}
	if svc.Spec.ClusterIP == corev1.ClusterIPNone {
		e.Labels[corev1.IsHeadlessService] = ""
	}
	for _, p := range svc.Spec.Ports {
		protocol, port := p.Protocol, p.TargetPort.IntVal
		e.Ports = append(e.Ports, discoveryv1.EndpointPort{Name: &p.Name, Protocol: &protocol, Port: &port})
	}
	for k := range size {
		yes, no := true, false
		node := fmt.Sprintf("node-%03d", (i*7+k*13)%largeNodes)
		endpoint := discoveryv1.Endpoint{
			Addresses:  []string{fmt.Sprintf("10.%d.%d.%d", 128+i/250, i%250, n*100+k)},
			Conditions: discoveryv1.EndpointConditions{Ready: &yes, Serving: &yes, Terminating: &no},
			NodeName:   &node,
			TargetRef: &corev1.ObjectReference{
				Kind: "Pod", Namespace: svc.Namespace, Name: fmt.Sprintf("%s-6d5f9c7b8-%05d", svc.Name, k),
			},
		}
		switch {
		case i%50 == 1 && k == 0:
			endpoint.Conditions = discoveryv1.EndpointConditions{Ready: &no, Serving: &no, Terminating: &no}
		case i%50 == 1 && k == 1:
			endpoint.Conditions = discoveryv1.EndpointConditions{Ready: &no, Serving: &yes, Terminating: &yes}
		}
		e.Endpoints = append(e.Endpoints, endpoint)
	}
	return e
}

// workload creates a Deployment that has been rolled out three times.
func (s *largeSeed) workload(ctx context.Context, i int) error {
	name, labels := fmt.Sprintf("app-%04d", i*50), map[string]string{"app": fmt.Sprint(i)}
	ns := space(i * 50 / largePerSpace)
	pod := corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: labels},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "app", Image: "registry.example.com/app:1",
			Ports:          []corev1.ContainerPort{{ContainerPort: 8080}},
			ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(8080)}}},
		}}},
	}
	if i%2 == 0 {
		pod.Spec.Containers[0].Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: 5}}}
	}
	deployment, err := s.client.AppsV1().Deployments(ns).Create(ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Spec:       appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: pod},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("could not create Deployment %s: %w", name, err)
	}
	for revision := range 3 {
		_, err := s.client.AppsV1().ReplicaSets(ns).Create(ctx, &appsv1.ReplicaSet{
			ObjectMeta: metav1.ObjectMeta{
				Name: fmt.Sprintf("%s-%d", name, revision), Labels: labels,
				OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(deployment, appsv1.SchemeGroupVersion.WithKind("Deployment"))},
			},
			Spec: appsv1.ReplicaSetSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: pod},
		}, metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("could not create a ReplicaSet of %s: %w", name, err)
		}
	}
	return nil
}

// proxy creates kube-proxy's ConfigMap and two DaemonSets: the one kubeadm
// makes, and one for the old pool that asks for IPVS by flag.
func (s *largeSeed) proxy(ctx context.Context) error {
	config := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "kube-proxy", Labels: map[string]string{"app": "kube-proxy"}},
		Data: map[string]string{"config.conf": `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: 10.128.0.0/9
iptables:
  minSyncPeriod: 1s
`, "kubeconfig.conf": "apiVersion: v1\nkind: Config\n"},
	}
	if _, err := s.client.CoreV1().ConfigMaps("kube-system").Create(ctx, config, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("could not create kube-proxy's ConfigMap: %w", err)
	}
	for name, pod := range map[string]corev1.PodSpec{"kube-proxy": proxyPod(false), "kube-proxy-ipvs": proxyPod(true)} {
		labels := map[string]string{"k8s-app": name}
		d := &appsv1.DaemonSet{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
			Spec: appsv1.DaemonSetSpec{
				Selector: &metav1.LabelSelector{MatchLabels: labels},
				Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: pod},
			},
		}
		made, err := s.client.AppsV1().DaemonSets("kube-system").Create(ctx, d, metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("could not create DaemonSet %s: %w", name, err)
		}
		n := int32(largeNodes - largeIPVSNodes)
		if name != "kube-proxy" {
			n = largeIPVSNodes
		}
		made.Status = appsv1.DaemonSetStatus{DesiredNumberScheduled: n, CurrentNumberScheduled: n, NumberReady: n, NumberAvailable: n}
		if _, err := s.client.AppsV1().DaemonSets("kube-system").UpdateStatus(ctx, made, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("could not set the status of DaemonSet %s: %w", name, err)
		}
	}
	return nil
}

func proxyPod(ipvs bool) corev1.PodSpec {
	command := []string{"/usr/local/bin/kube-proxy", "--config=/var/lib/kube-proxy/config.conf", "--hostname-override=$(NODE_NAME)"}
	pod := corev1.PodSpec{
		HostNetwork: true,
		Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
		Volumes: []corev1.Volume{{Name: "kube-proxy", VolumeSource: corev1.VolumeSource{
			ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-proxy"}},
		}}},
		Containers: []corev1.Container{{
			Name: "kube-proxy", Image: "registry.k8s.io/kube-proxy:" + largeVersion,
			VolumeMounts: []corev1.VolumeMount{{Name: "kube-proxy", MountPath: "/var/lib/kube-proxy"}},
		}},
	}
	if ipvs {
		command = []string{"/usr/local/bin/kube-proxy", "--proxy-mode=ipvs", "--hostname-override=$(NODE_NAME)"}
		pod.Volumes, pod.Containers[0].VolumeMounts = nil, nil
	}
	pod.Containers[0].Command = command
	return pod
}

// node creates the i-th node and the kube-proxy pod on it.
func (s *largeSeed) node(ctx context.Context, i int) error {
	name, old := fmt.Sprintf("node-%03d", i), i < largeIPVSNodes
	info := corev1.NodeSystemInfo{
		KernelVersion: "5.15.0-105-generic", OSImage: "Ubuntu 22.04.4 LTS", Architecture: "amd64",
		OperatingSystem: "linux", KubeletVersion: largeVersion, ContainerRuntimeVersion: "containerd://1.7.27",
	}
	daemonSet := "kube-proxy"
	if old {
		info.KernelVersion, info.OSImage, daemonSet = "5.4.0-96-generic", "Ubuntu 20.04.6 LTS", "kube-proxy-ipvs"
	}
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
			corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64", corev1.LabelHostname: name,
		}},
		Spec: corev1.NodeSpec{PodCIDR: fmt.Sprintf("10.%d.%d.0/24", 128+i/256, i%256)},
		Status: corev1.NodeStatus{
			NodeInfo:   info,
			Addresses:  []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: fmt.Sprintf("172.16.%d.%d", i/250, i%250+1)}},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, LastHeartbeatTime: metav1.Now()}},
		},
	}
	if _, err := s.client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("could not create Node %s: %w", name, err)
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: daemonSet + "-" + name, Labels: map[string]string{"k8s-app": daemonSet}},
		Spec:       proxyPod(old),
	}
	pod.Spec.NodeName = name
	pods := s.client.CoreV1().Pods("kube-system")
	made, err := pods.Create(ctx, pod, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("could not create Pod %s: %w", pod.Name, err)
	}
	started := metav1.NewTime(time.Now().Add(time.Minute)) // not before the ConfigMap was last written
	made.Status = corev1.PodStatus{
		Phase: corev1.PodRunning, StartTime: &started,
		Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
	}
	if _, err := pods.UpdateStatus(ctx, made, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("could not set the status of Pod %s: %w", pod.Name, err)
	}
	return nil
}
