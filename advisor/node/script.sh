#!/bin/sh
# Prints what kpadvisor reads of this node, for kpadvisor audit --node-report FILE.
#
# It changes nothing: no file is written, no kernel module is loaded, no table is
# made. It needs a POSIX sh and cat; head, sleep, uname, curl or wget, nft, iptables,
# ipset, ipvsadm and conntrack are used where they are. Root sees more than others.
# What it prints holds addresses of Services and pods.
#
# --connections adds the connection tables: addresses of clients as well, many MiB. It
# also counts how connections are made, for --for SECONDS (5 to 600; 30 if not given):
# what each network namespace begins, by ls; on a node with IPVS the table every 5 s; as
# root the events of conntrack, where that command is.
# KPADVISOR_METRICS=ADDRESS:PORT is where kube-proxy's metrics are, if not at
# 127.0.0.1:10249.

connections=
lasts=30
usage() {
	echo "usage: sh node-script.sh [--connections [--for SECONDS]] > node.txt" >&2
	exit 2
}
while [ $# -gt 0 ]; do
	case $1 in
	--connections) connections=yes ;;
	--for)
		[ $# -gt 1 ] || usage
		shift
		case $1 in
		[5-9] | [1-9][0-9] | [1-5][0-9][0-9] | 600) lasts=$1 ;;
		*) usage ;;
		esac
		;;
	*) usage ;;
	esac
	shift
done

LC_ALL=C
export LC_ALL
# Never through a proxy: it would be asked for its own loopback.
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY
PATH=${PATH:+$PATH:}/usr/sbin:/sbin
limit=4194304 # bytes of one section
metrics=${KPADVISOR_METRICS:-127.0.0.1:10249}
newline='
'

has() { command -v "$1" >/dev/null 2>&1; }

# copy prints its input as it is, without cat where there is none.
copy() {
	if has cat; then
		cat
	else
		while IFS= read -r line || [ -n "$line" ]; do printf '%s\n' "$line"; done
	fi
}

# show prints a file.
show() { copy <"$1"; }

# bound cuts what is longer than a section may be.
bound() {
	if has head; then head -c "$limit"; else copy; fi
}

# What is read cannot know this word, and so cannot pass for a mark.
nonce=
read -r nonce 2>/dev/null </proc/sys/kernel/random/uuid
nonce=${nonce:-$$-$PPID}

# section NAME COMMAND... prints what a command says, what it complains of apart,
# and how it ended.
section() { marked section copy "$@"; }

# packed is a section that may be long: it is compressed, where that can be done.
packed() {
	if has gzip && has base64; then marked packed squeeze "$@"; else marked section copy "$@"; fi
}

squeeze() { gzip -c | base64; }

# marked KIND FILTER NAME COMMAND... prints a section through a filter.
marked() {
	kind=$1 filter=$2 name=$3
	shift 3
	printf '@@%s %s %s\n' "$nonce" "$kind" "$name"
	{ said=$({ {
		"$@" 2>&4 </dev/null
		printf '\n%s' "$?" >&4
	} | "$filter" | bound >&3; } 4>&1); } 3>&1
	printf '\n@@%s errors %s\n%.2000s\n' "$nonce" "$name" "${said%"$newline"*}"
	printf '@@%s end %s %s\n' "$nonce" "$name" "${said##*"$newline"}"
}

# skipped NAME WHY is a section that was not read, so as to change nothing.
skipped() { printf '@@%s skipped %s %s\n' "$nonce" "$1" "$2"; }

# file NAME PATH is a section of a file, if there is one that may be read.
file() {
	if [ -r "$2" ]; then
		section "$1" show "$2"
	elif [ -e "$2" ]; then
		skipped "$1" "not readable by this user"
	fi
}

# settings prints files of /proc/sys as sysctl does. Most shells read a byte at a time,
# and of a number the kernel gives them the first digit alone: that fails, and what
# fails is left out.
settings() {
	for file in "$@"; do
		[ -r "$file" ] || continue
		value=
		if has cat; then
			value=$(cat "$file" 2>/dev/null) || continue
		else
			read -r value 2>/dev/null <"$file" || continue
		fi
		key=${file#/proc/sys/}
		while :; do
			case $key in
			*/*) key=${key%%/*}.${key#*/} ;;
			*) break ;;
			esac
		done
		printf '%s = %s\n' "$key" "$value"
	done
}

# loaded MODULE reports that asking the kernel for what a module does loads nothing:
# it is there, or the kernel knows no modules.
loaded() {
	[ -e /proc/modules ] || return 0
	[ -d "/sys/module/$1" ] && return 0
	release=
	read -r release 2>/dev/null </proc/sys/kernel/osrelease
	for builtin in "/lib/modules/$release/modules.builtin" "/usr/lib/modules/$release/modules.builtin"; do
		[ -r "$builtin" ] || continue
		while read -r module; do
			case $module in */"$1".ko*) return 0 ;; esac
		done <"$builtin"
	done
	return 1
}

# tool NAME MODULE COMMAND... is a section of a command that asks a module.
tool() {
	name=$1 module=$2
	shift 2
	has "$1" || return 0
	if loaded "$module"; then section "$name" "$@"; else skipped "$name" "$module is not loaded"; fi
}

# fetch NAME PATH is a page of kube-proxy's metrics server.
fetch() {
	if has curl; then
		section "$1" curl -q -sS -f -m 10 --noproxy '*' "http://$metrics$2"
	elif has wget; then
		# That of busybox follows a redirection, and some builds of it crash with -T.
		case $(wget --help 2>&1) in
		*--max-redirect*) section "$1" wget -q -T 10 -t 1 --no-proxy --max-redirect=0 -O - "http://$metrics$2" ;;
		*) section "$1" wget -q -O - "http://$metrics$2" ;;
		esac
	else
		skipped "$1" "neither curl nor wget is here"
	fi
}

# rates reads counters twice, with the seconds since the node started, and with
# --connections the table of IPVS every 5 s between.
rates() {
	[ -r /proc/net/ip_vs_stats_percpu ] || return 0
	file uptime.1 /proc/uptime
	file ipvs.stats.1 /proc/net/ip_vs_stats_percpu
	if follow; then
		file uptime.2 /proc/uptime
		file ipvs.stats.2 /proc/net/ip_vs_stats_percpu
	fi
}

follow() {
	has sleep || return 1
	if [ -z "$connections" ] || [ ! -r /proc/net/ip_vs_conn ]; then
		sleep 5
		return
	fi
	counted=yes
	reading=0
	while packed "ipvs.reading.$reading" table && [ "$((reading * 5))" -lt "$lasts" ]; do
		sleep 5 || return 1
		reading=$((reading + 1))
	done
}

# table prints the counters and the table of IPVS.
table() {
	show /proc/uptime
	show /proc/net/ip_vs_stats_percpu
	show /proc/net/ip_vs_conn
}

# namespaces prints what each network namespace has begun. The number of a file of
# /proc/PID/net tells them apart, for any user.
namespaces() {
	own=" "
	for path in /proc/self/net/snmp /proc/1/net/snmp; do
		inode=$(ls -i "$path" 2>/dev/null) && own="$own${inode%%/*} "
	done
	seen=" "
	# shellcheck disable=SC2012 # find prints no number everywhere
	list=$(ls -i /proc/[0-9]*/net/snmp 2>/dev/null)
	show /proc/uptime # what follows takes no time
	printf '%s\n' "$list" | while read -r inode path; do
		case $seen in *" $inode "*) continue ;; esac
		seen="$seen$inode "
		case $own in
		*" $inode "*) printf 'namespace %s own\n' "$inode" ;;
		*) printf 'namespace %s other\n' "$inode" ;;
		esac
		while read -r line; do
			case $line in Tcp:*) printf '%s\n' "$line" ;; esac
		done 2>/dev/null <"$path"
	done
}

# events prints the events of conntrack for so long, with the time before and after.
events() {
	show /proc/uptime
	conntrack -E -e NEW,UPDATE -p tcp -b 16777216 -o timestamp &
	listener=$!
	sleep "$lasts"
	kill "$listener" || return 1
	wait "$listener" 2>/dev/null
	show /proc/uptime
}

# habits counts how connections are made. The events come first: what the table of
# conntrack holds of before is read at once before them.
habits() {
	has sleep || return 0
	counted=
	if has ls; then section processes.1 namespaces; else skipped processes.1 "ls is not here"; fi
	file ipvs.connections /proc/net/ip_vs_conn
	if [ -r /proc/net/nf_conntrack ]; then
		packed conntrack show /proc/net/nf_conntrack
	else
		tool conntrack nf_conntrack_netlink conntrack -L
	fi
	if [ -e /proc/sys/net/netfilter/nf_conntrack_events ] && has conntrack; then
		if loaded nf_conntrack_netlink; then
			packed conntrack.events events
			counted=yes
		else
			skipped conntrack.events "nf_conntrack_netlink is not loaded"
		fi
	fi
}

# legacy TABLE is a table of iptables-legacy. Asking for a table makes it, so that
# only one that is there already is asked for.
legacy() {
	has iptables-legacy-save || return 0
	there=
	if [ -r /proc/net/ip_tables_names ]; then
		while read -r line; do [ "$line" != "$1" ] || there=yes; done </proc/net/ip_tables_names
	fi
	if [ -n "$there" ]; then
		section "iptables.legacy.$1" iptables-legacy-save -t "$1"
	else
		skipped "iptables.legacy.$1" "there is no legacy $1 table, or only root sees it"
	fi
}

# sets prints the members of the sets of kube-proxy's IPVS mode. Those that kube-router
# names KUBE-SRC- and KUBE-DST-, and those of others, are left out.
sets() {
	ipset list -n | while read -r set; do
		case $set in
		KUBE-SRC-* | KUBE-DST-*) ;;
		KUBE-*) ipset save "$set" ;;
		esac
	done
}

printf 'kpadvisor.node/v1 %s\n' "$nonce"

file hostname /proc/sys/kernel/hostname
file kernel.release /proc/sys/kernel/osrelease
file kernel.version /proc/sys/kernel/version
file kernel.signature /proc/version_signature
file self /proc/self/status
file modules /proc/modules
file os.release /etc/os-release # of the image whose programs run here

section kube-proxy.address printf '%s' "$metrics"
fetch kube-proxy.mode /proxyMode
fetch kube-proxy.config /configz
fetch kube-proxy.metrics /metrics
has date && section time date +%s # of the metrics

section sysctls settings /proc/sys/net/ipv4/vs/* \
	/proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ip_local_port_range /proc/sys/net/ipv4/ip_local_reserved_ports \
	/proc/sys/net/ipv4/tcp_tw_reuse /proc/sys/net/ipv4/tcp_fin_timeout /proc/sys/net/ipv4/conf/all/route_localnet \
	/proc/sys/net/netfilter/nf_conntrack_* /proc/sys/net/core/dev_weight

file iptables.legacy.tables /proc/net/ip_tables_names
file ip6tables.legacy.tables /proc/net/ip6_tables_names
tool iptables.version nfnetlink iptables --version
legacy nat
legacy filter
tool iptables.nft.nat nf_tables iptables-nft-save -t nat
tool iptables.nft.filter nf_tables iptables-nft-save -t filter
has nft && section nft.version nft --version
tool nft.tables nf_tables nft list tables
tool nft.kube-proxy nf_tables nft list table ip kube-proxy

file links /proc/net/dev
[ ! -r /proc/net/ip_vs ] || file ipvs.services.at /proc/uptime
file ipvs.services /proc/net/ip_vs
if [ -e /proc/net/ip_vs ] && has ip && [ -e /sys/class/net/kube-ipvs0 ]; then
	section ipvs.addresses ip -o address show dev kube-ipvs0
fi
tool ipset.names ip_set ipset list -n
if has ipset && loaded ip_set; then section ipset.save sets; fi
# Whether kube-proxy has written meanwhile.
fetch kube-proxy.metrics.after /metrics
if [ -e /proc/net/ip_vs ] && has ipvsadm; then section ipvs.timeouts ipvsadm -l --timeout; fi
[ -z "$connections" ] || habits
rates
if [ -n "$connections" ] && has sleep && has ls; then
	[ -n "$counted" ] || sleep "$lasts"
	section processes.2 namespaces
fi
# After the connections, so that what is in both readings was there between them.
[ ! -r /proc/net/ip_vs ] || file ipvs.services.2.at /proc/uptime
file ipvs.services.2 /proc/net/ip_vs

printf '@@%s done\n' "$nonce"
