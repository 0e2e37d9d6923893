#!/bin/bash
# build.sh          build Prometheus once, and print the folder it is in
# build.sh --where  print that folder only
#
# The folder is ${XDG_CACHE_HOME:-$HOME/.cache}/kpadvisor-test/prometheus-HASH, where HASH
# stands for everything the binary depends on: go.mod, go.sum, this script and the Go
# version. About 4 minutes on 2 cores the first time, nothing afterwards. Targets are
# found by static configuration alone, and there is no web interface: neither is needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export GOWORK=off CGO_ENABLED=0

cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
if [[ $cache != /* ]]; then
	echo "build.sh: no cache folder: set HOME or XDG_CACHE_HOME to an absolute path" >&2
	exit 2
fi
hash=$({ go env GOVERSION GOOS GOARCH; cat go.mod go.sum build.sh; } | git hash-object --stdin)
dir=$cache/kpadvisor-test/prometheus-${hash:0:16}
if [[ ${1:-} == --where ]]; then echo "$dir"; exit; fi

mkdir -p "$(dirname "$dir")"
if command -v flock >/dev/null; then # two builds at once would only do the same work twice
	exec 9>"$dir.lock"
	flock 9
fi
if [[ -d $dir ]]; then echo "$dir"; exit; fi

tmp=$(mktemp -d "$dir.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
echo "building Prometheus into $dir (about 4 minutes the first time)" >&2
go build -trimpath -buildvcs=false -tags remove_all_sd -ldflags "-s -w" -o "$tmp/" github.com/prometheus/prometheus/cmd/prometheus
chmod 755 "$tmp"
mv -T "$tmp" "$dir" 2>/dev/null || mv "$tmp" "$dir" # all or nothing
echo "$dir"
