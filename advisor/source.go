package advisor

// Sources that several texts share.
const (
	srcKEP3866 = "KEP-3866 chart"
	srcKEP5495 = "KEP-5495"
	srcKEP5343 = "KEP-5343 (provisional)"
	srcSync    = "measured, Linux 6.18, 2 vCPU, kube-proxy 1.37.2 rules"
	srcBackend = "measured, kube-proxy 1.37.2, 100,000 endpoints, iptables 1.8.9, Linux 6.18, 2 vCPU"
	srcGuessi  = "guessi/kube-proxy-benchmark (kube-proxy 1.32.6)"
	src81775   = "kubernetes issue 81775"
)

// rulesDate is when the rule table was last checked against its sources.
const rulesDate = "2026-11-23"
