#!/bin/bash
# build.sh          build a user-mode Linux that has every mode of the lab, once, and print its path
# build.sh --where  print that path only
#
# For "kpadvisor lab --in uml --uml-kernel PATH". Needs gcc, make, flex, bison, bc, git
# and the kernel's source: Debian's package linux-source-6.12, or the tarball that
# KPADVISOR_LINUX_SOURCE names. No root.
#
# The path is ${XDG_CACHE_HOME:-$HOME/.cache}/kpadvisor-test/uml-HASH/linux, where HASH
# stands for the source, the configuration and this script. About 5 minutes on 2 cores
# and 1 GB of disk the first time, nothing afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
here=$PWD
source=${KPADVISOR_LINUX_SOURCE:-/usr/src/linux-source-6.12.tar.xz}

cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
if [[ $cache != /* ]]; then
	echo "build.sh: no cache folder: set HOME or XDG_CACHE_HOME to an absolute path" >&2
	exit 2
fi
if [[ ! -r $source ]]; then
	echo "build.sh: $source is not there: install linux-source-6.12, or name a tarball in KPADVISOR_LINUX_SOURCE" >&2
	exit 2
fi
hash=$({ stat -Lc %s "$source"; basename "$source"; cat config build.sh registers.patch; } | sha256sum)
dir=$cache/kpadvisor-test/uml-${hash:0:16}
if [[ ${1:-} == --where ]]; then echo "$dir/linux"; exit; fi

mkdir -p "$(dirname "$dir")"
if command -v flock >/dev/null; then # two builds at once would only do the same work twice
	exec 9>"$dir.lock"
	flock 9
fi
if [[ -x $dir/linux ]]; then echo "$dir/linux"; exit; fi

tmp=$(mktemp -d "$dir.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
echo "building a user-mode Linux into $dir (about 5 minutes the first time)" >&2
mkdir "$tmp/source" "$tmp/out"
# What no line of the configuration can ask for is half of the source.
tar xf "$source" -C "$tmp/source" --strip-components=1 \
	--exclude='*/drivers/gpu/*.[ch]' --exclude='*/drivers/net/ethernet/*.[ch]' --exclude='*/Documentation/*/*'
# It saves as many registers as CPUs had when it was written, and the host takes none back
# where there are more (AMX) or fewer.
(cd "$tmp/source" && GIT_CEILING_DIRECTORIES=$tmp git apply "$here/registers.patch")
export ARCH=um LC_ALL=C KBUILD_BUILD_USER=kpadvisor KBUILD_BUILD_HOST=lab KBUILD_BUILD_TIMESTAMP=1970-01-01
unset MAKEFLAGS MFLAGS MAKELEVEL GNUMAKEFLAGS SUBARCH
quietly() { "$@" >"$tmp/log" 2>&1 || { tail -n 30 "$tmp/log" >&2; echo "build.sh: failed: $*" >&2; exit 1; }; }
quietly make -C "$tmp/source" KCONFIG_ALLCONFIG="$PWD/config" allnoconfig
if lost=$(grep -x 'CONFIG_.*' config | grep -vxFf "$tmp/source/.config"); then
	echo "build.sh: this source cannot have" $lost >&2
	exit 1
fi
quietly make -C "$tmp/source" -j"$(nproc)" linux
cp "$tmp/source/linux" "$tmp/source/.config" "$tmp/out/"
strip "$tmp/out/linux"
rm -rf "$dir"
mv -T "$tmp/out" "$dir" # all or nothing
echo "$dir/linux"
