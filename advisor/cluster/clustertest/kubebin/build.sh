#!/bin/bash
# build.sh          build the commands of Kubernetes and etcd once, and print the folder they are in
# build.sh --where  print that folder only
#
# The folder is ${XDG_CACHE_HOME:-$HOME/.cache}/kpadvisor-test/kube-HASH, where HASH
# stands for everything the binaries depend on: go.mod, go.sum, this script and the Go
# version. About 10 minutes on 2 cores the first time, nothing afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export GOWORK=off CGO_ENABLED=0

cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
if [[ $cache != /* ]]; then
	echo "build.sh: no cache folder: set HOME or XDG_CACHE_HOME to an absolute path" >&2
	exit 2
fi
hash=$({ go env GOVERSION GOOS GOARCH; cat go.mod go.sum build.sh; } | git hash-object --stdin)
dir=$cache/kpadvisor-test/kube-${hash:0:16}
if [[ ${1:-} == --where ]]; then echo "$dir"; exit; fi

mkdir -p "$(dirname "$dir")"
if command -v flock >/dev/null; then # two builds at once would only do the same work twice
	exec 9>"$dir.lock"
	flock 9
fi
if [[ -d $dir ]]; then echo "$dir"; exit; fi

# Without these flags /version and kubectl say v0.0.0-master+$Format:%H$.
version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
minor=${version#v1.}
ld="-s -w"
for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
	ld+=" -X $p.gitVersion=$version -X $p.gitMajor=1 -X $p.gitMinor=${minor%%.*}"
	ld+=" -X $p.gitTreeState=clean -X $p.buildDate=1970-01-01T00:00:00Z"
done

tmp=$(mktemp -d "$dir.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
echo "building Kubernetes $version into $dir (about 10 minutes the first time)" >&2
# One after the other: each then reuses the packages of those before it, and none
# needs more than 3 GiB of memory.
for command in kube-apiserver kube-proxy kubectl kube-controller-manager kubelet kube-scheduler; do
	go build -trimpath -buildvcs=false -ldflags "$ld" -o "$tmp/" "k8s.io/kubernetes/cmd/$command"
done
go build -trimpath -buildvcs=false -ldflags "-s -w" -o "$tmp/etcd" go.etcd.io/etcd/server/v3
chmod 755 "$tmp"
mv -T "$tmp" "$dir" 2>/dev/null || mv "$tmp" "$dir" # all or nothing
echo "$dir"
