// Package clustertest runs a real etcd and a real kube-apiserver on loopback for
// tests, with TLS, RBAC and an audit log, and fills them with the objects of the
// platforms that kpadvisor recognises.
//
// The binaries come from the nested module kubebin, which is no part of the
// product's dependency graph; its build.sh builds them once per machine. In a
// Cluster there is no controller and no kubelet: an object is there because a
// test put it there, and stays as the test wrote it. Nodes is a cluster with all
// of them.
package clustertest
