package lab

// GuideRow is one row of the UCloud UK8S guide's own test: ab with 1,000
// connections in flight and 10,000 short requests between two nodes, 20
// endpoints per Service, mean milliseconds read off its charts (+-0.5 ms).
// The images are undated, the page is of December 2019; kube-proxy then wrote
// two KUBE-SERVICES rules per port. 1,000 in flight at a mean of 80 ms are 12,500
// requests per second.
type GuideRow struct {
	Services        int
	IPTablesConnect float64
	IPVSConnect     float64
	IPTablesTotal   float64
	IPVSTotal       float64
}

// Guide is the table of UCloudDoc-Team/uk8s userguide/kubeproxy_mode.md.
func Guide() []GuideRow {
	return []GuideRow{
		{100, 35.9, 44.8, 75.5, 93.3},
		{500, 38.4, 44.6, 79.5, 93.8},
		{1000, 46.5, 44.4, 96.7, 93.5},
		{2000, 56.7, 44.3, 121.0, 95.4},
		{3000, 65.2, 46.0, 136.5, 96.6},
		{4000, 89.6, 45.1, 195.4, 95.2},
	}
}

// GuideBreakEven is the number of Services from which on the guide prefers IPVS.
const GuideBreakEven = 1000
