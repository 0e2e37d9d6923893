package zh

// nodes: what nodes say of themselves.
func nodes() map[string]string {
	return map[string]string{
		"find out what changed: a configuration that was edited, an upgrade, or a report that is old": "查明变化的原因：配置被修改、版本升级，或者报告已经过时",
		"%s of themselves something else than the API, and it was taken: %s.":                         "%s与 API 不一致，以节点为准：%s。",
		"nodes say": "个节点的自述",
		"look into the log of kube-proxy there: its sync fails or does not end": "查看该处 kube-proxy 的日志：其同步失败或无法结束",
		"Changes of Services wait for a sync of kube-proxy on %s, for up to %s: what was removed is still reached there.":                 "%s上有 Service 变更在等待 kube-proxy 同步，最长%s：已移除的端点在那里仍会被访问。",
		"remove the rules of the backend that kube-proxy does not use, or replace the node":                                               "删除 kube-proxy 未使用的那个后端的规则，或更换节点",
		"Chains of kube-proxy are in iptables-legacy and in iptables-nft on %s: those of one of them are left over, and both are passed.": "%s上 iptables-legacy 和 iptables-nft 中都有 kube-proxy 的链：其中一处是残留，而两处都会经过。",
		"kube-proxy runs in mode %s, where none was seen":                                                                                 "kube-proxy 以%s模式运行，而 API 中看不到它",
		"mode %s, not %s":           "模式是%s，不是%s",
		"kube-proxy %s, not %s":     "kube-proxy 是%s，不是%s",
		"kernel %s, not %s":         "内核是%s，不是%s",
		"minSyncPeriod %s, not %s":  "minSyncPeriod 是%s，不是%s",
		"IPVS scheduler %s, not %s": "IPVS 调度算法是%s，不是%s",
	}
}
