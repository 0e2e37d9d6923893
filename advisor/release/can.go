package release

import (
	"strings"

	"kpadvisor/say"
)

// Can says whether a kernel can do something.
type Can string

// The answers; unknown is not no.
const (
	CanYes     Can = "yes"
	CanNo      Can = "no"
	CanUnknown Can = "unknown"
)

// lookIPTables prints what tells whether iptables works on a node.
const lookIPTables = "Look on a node: modprobe ip_tables; modprobe nft_compat; iptables -t nat -nL"

// lookIPVS prints what tells whether IPVS works on a node.
const lookIPVS = "Look on a node: modprobe -a ip_vs ip_vs_rr"

// IPTables says whether kube-proxy's iptables mode can run on the kernel.
func (k Kernel) IPTables(v say.Voice) (can Can, why, source string) {
	switch {
	case k.isRHEL10():
		return CanUnknown, v.Text("RHEL 10 and its kin have neither ip_tables nor nft_compat among their base modules. " + lookIPTables),
			"kubernetes/kops issue 17915"
	case !k.AtLeast(6, 17, 0):
		return CanYes, "", "Linux net/ipv4/netfilter/Kconfig"
	case k.distro != "" && !strings.Contains(k.Release, "qcom"):
		return CanYes, v.Text("from 6.17 the legacy tables are an option of their own: iptables needs its nftables backend where they are left out. " + lookIPTables),
			"Linux 6.17, NETFILTER_XTABLES_LEGACY"
	}
	return CanUnknown, v.Text("from 6.17 the legacy tables of iptables are an option of their own, and some kernels have no ip_tables. " + lookIPTables),
		"Linux 6.17, NETFILTER_XTABLES_LEGACY; canonical/microk8s issue 5525"
}

// IPVS says whether kube-proxy's IPVS mode can run on the kernel.
func (k Kernel) IPVS(v say.Voice) (can Can, why, source string) {
	r := strings.ToLower(k.Release)
	switch {
	case k.isRHEL10():
		return CanUnknown, v.Text("IPVS mode needs ipset, which RHEL 10 and its kin no longer maintain. " + lookIPVS), "KEP-5343, discussion"
	case strings.Contains(r, "uek") && k.BasedOn(5, 15, 0):
		return CanUnknown, v.Text("Oracle UEK has, from R7 on, the schedulers of IPVS in a package of extra modules. " + lookIPVS), "replicatedhq/kURL PR 4298"
	}
	return CanYes, "", "Linux net/netfilter/ipvs/Kconfig"
}

// isRHEL10 reports a kernel of RHEL 10 or its kin.
func (k Kernel) isRHEL10() bool {
	if strings.Contains(k.Release, ".el10") {
		return true
	}
	for _, prefix := range []string{"red hat enterprise linux", "rocky linux", "almalinux", "centos stream", "oracle linux"} {
		if strings.HasPrefix(k.image, prefix) && ImageMajor(k.image) >= 10 {
			return true
		}
	}
	return false
}
