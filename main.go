// kpadvisor says which kube-proxy mode a cluster should run.
package main

func main() {}
