package cluster

import (
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// serviceNamed returns a ClusterIP Service with one TCP port, changed as asked.
func serviceNamed(name string, change ...func(*corev1.Service)) *corev1.Service {
	s := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name},
		Spec: corev1.ServiceSpec{
			Type: corev1.ServiceTypeClusterIP, ClusterIP: "10.96.0.10", ClusterIPs: []string{"10.96.0.10"},
			Ports: []corev1.ServicePort{{Name: "http", Protocol: corev1.ProtocolTCP, Port: 80}},
		},
	}
	for _, c := range change {
		c(s)
	}
	return s
}

// sliceNamed returns an IPv4 slice of a Service with a port named http and ready
// endpoints, changed as asked.
func sliceNamed(service, name string, ready int, change ...func(*discoveryv1.EndpointSlice)) *discoveryv1.EndpointSlice {
	s := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: "shop", Name: name, Labels: map[string]string{discoveryv1.LabelServiceName: service}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: ptr("http"), Protocol: ptr(corev1.ProtocolTCP), Port: ptr(int32(8080))}},
	}
	for i := range ready {
		s.Endpoints = append(s.Endpoints, endpointAt(fmt.Sprintf("10.0.%d.%d", i/256, i%256), true, true, false))
	}
	for _, c := range change {
		c(s)
	}
	return s
}

func endpointAt(address string, ready, serving, terminating bool) discoveryv1.Endpoint {
	return discoveryv1.Endpoint{
		Addresses:  []string{address},
		Conditions: discoveryv1.EndpointConditions{Ready: &ready, Serving: &serving, Terminating: &terminating},
	}
}

func nodeNamed(name, kernel string) *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Status: corev1.NodeStatus{NodeInfo: corev1.NodeSystemInfo{
			OperatingSystem: "linux", Architecture: "amd64", OSImage: "Ubuntu 22.04.5 LTS", KernelVersion: kernel, KubeletVersion: "v1.33.4",
		}},
	}
}

func deploymentNamed(name string, age time.Duration) *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID("deployment-" + name), CreationTimestamp: metav1.NewTime(epoch.Add(-age))},
		Spec:       appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c"}}}}},
	}
}

// replicaSetOf returns a ReplicaSet of a Deployment.
func replicaSetOf(deployment, name string, age time.Duration) *appsv1.ReplicaSet {
	return &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: name, CreationTimestamp: metav1.NewTime(epoch.Add(-age)),
		OwnerReferences: []metav1.OwnerReference{{Kind: "Deployment", Name: deployment, UID: types.UID("deployment-" + deployment), Controller: ptr(true)}},
	}}
}

func ptr[T any](v T) *T { return &v }
