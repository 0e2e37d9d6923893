#!/bin/bash
# gen.sh v1.37.2  make go.mod and go.sum of this module anew for that Kubernetes release
#
# k8s.io/kubernetes requires its own staging modules (k8s.io/api, ...) at v0.0.0 and
# replaces them, which only works in its own tree. Each is also published as
# v0.MINOR.PATCH of the same release: a module that requires those versions itself
# builds the commands with no replace line, because module graph pruning (Go >= 1.17)
# then never looks at v0.0.0.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export GOWORK=off
release=${1:?usage: gen.sh v1.MINOR.PATCH}
staging=v0.${release#v1.}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
upstream=$(cd "$scratch" && go mod download -json "k8s.io/kubernetes@$release" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')

{
	echo "module kpadvisor/advisor/cluster/clustertest/kubebin"
	sed -n '/^go /p' "$upstream"
	sed -n '/^godebug /p; /^godebug (/,/^)/p' "$upstream" # Go takes these from the main module only
	echo "require k8s.io/kubernetes $release"
	sed -n '/^require (/,/^)/p' "$upstream" | sed -E "s#^(\tk8s\.io/[a-z-]+) v0\.0\.0( |\$)#\1 $staging\2#"
	# etcd's own client commands are left out: they would raise grpc and others above what
	# Kubernetes was released with.
	echo "tool ("
	for c in kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet kubectl; do
		echo "	k8s.io/kubernetes/cmd/$c"
	done
	echo "	go.etcd.io/etcd/server/v3"
	echo ")"
} >go.mod
rm -f go.sum
go mod tidy
