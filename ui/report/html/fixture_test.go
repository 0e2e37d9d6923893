package html

import (
	"math"
	"time"

	"kpadvisor/plain"
	"kpadvisor/ui/page"
)

// every is a document with each kind of block, as a report might have them.
func every() page.Document {
	return page.Document{
		Title: "Give the 32 nodes on kernel 5.4 a newer image, then nftables everywhere", Tone: page.Warn,
		About:   []string{"kpadvisor v1.2.0", "prod-eu", "Kubernetes v1.33.4", "kubeadm", "read 2026-11-29 09:30 UTC"},
		Banner:  "DEMO, not your cluster: every figure below is made up.",
		Problem: &plain.Problem{Sentence: "Not everything could be read: EndpointSlices are forbidden.", Remedy: "kubectl auth can-i list endpointslices; see https://kubernetes.io/docs/reference/access-authn-authz/rbac/."},
		Sections: []page.Section{
			{ID: "verdict", Title: "Verdict", Blocks: []page.Block{verdict(), modes(), growth()}},
			{ID: "cluster", Title: "Cluster", Blocks: []page.Block{counts(), groups()}},
			{ID: "measured", Title: "Measured in the lab", Blocks: []page.Block{phases("A, iptables", "73.0"), phases("B, nftables", "50.0"), times(), differences(), rollout()}},
			{ID: "runbook", Title: "Runbook", Tone: page.Strong, Blocks: []page.Block{
				page.Text{Paragraphs: []string{"Each node's Services are down for about 6 s; clients that retry see nothing of it."}}, runbook(),
			}},
			{ID: "findings", Title: "Findings", Blocks: []page.Block{findings(), page.Text{Tone: page.Muted, Paragraphs: []string{"3 more are in -o json."}}}},
			{ID: "sources", Title: "Sources", Blocks: []page.Block{page.Sources{
				{Rule: "KPA001", Text: "Kubernetes, virtual IPs and service proxies (https://kubernetes.io/docs/reference/networking/virtual-ips/)"},
				{Rule: "KPA031", Text: "kubernetes/kubernetes#81775, https://github.com/kubernetes/kubernetes/issues/81775."},
			}}},
		},
	}
}

func verdict() page.Card {
	return page.Card{Do: "Renew 32 nodes, then move all 212 to nftables", Tone: page.Warn, Confidence: "medium", Lines: []page.Labelled{
		{Label: "Why", Text: "The cost of nftables stays flat; iptables adds 48 µs to each new connection here."},
		{Label: "Risk", Text: "A node's Services are down about 6 s at the switch.", Tone: page.Warn},
		{Label: "Blocks", Text: "Calico 3.27 must go to 3.30 before.", Tone: page.Bad},
	}}
}

func modes() page.Comparison {
	return page.Comparison{Of: "New connection, added at the median", Unit: "µs", Bars: []page.Bar{
		{Name: "nftables", Series: 3, Low: 0.8, High: 0.8, Known: true, Figure: "0.8 µs", Note: "180 of 212 nodes", Chosen: true},
		{Name: "iptables", Series: 1, Low: 38, High: 61, Known: true, Figure: "38 to 61 µs", Note: "all nodes"},
		{Name: "IPVS", Series: 2, Low: 18, High: 18, Known: true, Figure: "18 µs", Note: "off from 1.40"},
		{Name: "userspace", Series: 4, Figure: "not known"},
	}}
}

func growth() page.Curve {
	c := page.Curve{
		X: page.Axis{Name: "Service ports", Log: true}, Y: page.Axis{Name: "New connection, median", Unit: "µs"},
		Lines: []page.Line{{Name: "iptables", Series: 1, Dashed: true}, {Name: "IPVS", Series: 2, Dashed: true}, {Name: "nftables", Series: 3}},
		Marks: []page.Mark{{X: 4817, Y: 48.2, Name: "you: 4,817 ports"}, {X: 7200, Y: 72, Name: "in a year: 7,200"}},
		Bands: []page.Band{{From: 1400, To: 3000, Name: "break-even"}},
	}
	for _, x := range []float64{100, 200, 400, 800, 1500, 2500, 4000, 6000, 8000, 10000} {
		c.Lines[0].Points = append(c.Lines[0].Points, page.Point{X: x, Y: x / 100, Low: x / 130, High: x / 80})
		c.Lines[1].Points = append(c.Lines[1].Points, page.Point{X: x, Y: 18, Low: 18, High: 18})
	}
	for _, x := range []float64{100, 1000, 10000} {
		c.Lines[2].Points = append(c.Lines[2].Points, page.Point{X: x, Y: 0.8, Low: 0.2, High: 1.9})
	}
	return c
}

func counts() page.Figures {
	return page.Figures{
		{Label: "Services", Value: "4,312", Note: "3 without endpoints"},
		{Label: "Endpoints", Value: "38,771"},
		{Label: "Nodes", Value: "212", Note: "3 groups"},
		{Label: "Rollouts a day", Value: "14"},
	}
}

func groups() page.Table {
	return page.Table{
		Head: []string{"Nodes", "Mode", "Kernel", "Runs nftables?", "Seen by"}, Right: []bool{true, false, false, false, false},
		Rows: []page.Row{
			{Cells: []string{"180", "iptables", "5.15.0-105-generic, Ubuntu 22.04.4 LTS", "yes", "the ConfigMap kube-system/kube-proxy"}, Open: []page.Block{
				page.Text{Paragraphs: []string{"node-1 to node-180"}}, page.List{{Mark: "evidence", Text: "mode: iptables, of the ConfigMap, revision 7712"}},
			}},
			{Cells: []string{"32", "IPVS", "5.4.0-150-generic, Ubuntu 20.04.6 LTS", "no: the kernel is older than 5.13", "an argument of the pod"}},
			{Cells: []string{"4", "managed", "", "nobody can set it", "Fargate"}},
		},
	}
}

// phases are tables that may stand side by side.
func phases(title, median string) page.Table {
	return page.Table{Title: title, Tight: true, Head: []string{"", "min", "median", "p99"}, Right: []bool{false, true, true, true}, Rows: []page.Row{
		{Cells: []string{"Handshake µs", "24.8", median, "187.2"}}, {Cells: []string{"Connect µs", "36.0", median, "204.0"}},
	}}
}

func times() page.Distribution {
	spread := func(name string, s page.Series, at float64) page.Spread {
		r := page.Spread{Name: name, Series: s, N: 9214}
		for _, q := range [][2]float64{{0.01, 0.8}, {0.1, 0.9}, {0.25, 0.95}, {0.5, 1}, {0.75, 1.1}, {0.9, 1.4}, {0.99, 3}, {0.999, 9}} {
			r.Quantiles = append(r.Quantiles, page.Quantile{Share: q[0], Value: q[1] * at})
		}
		return r
	}
	return page.Distribution{Of: "Time of connect(), cold cache", Unit: "µs", Rows: []page.Spread{
		spread("direct", 7, 27), spread("nftables", 3, 50), spread("iptables", 1, 73),
	}}
}

func differences() page.Intervals {
	return page.Intervals{Of: "Over a direct connection", Unit: "µs", Level: 0.95, Over: "blocks", Rows: []page.Interval{
		{Name: "nftables", Series: 3, Low: 17, Value: 23, High: 35, Bounded: true, Figure: "+23", Over: "20 blocks", Verdict: "slower", Tone: page.Good},
		{Name: "iptables", Series: 1, Low: 41, Value: 46, High: 57, Bounded: true, Figure: "+46", Over: "20 blocks", Verdict: "slower", Tone: page.Warn},
		{Name: "the same again", Low: -4, Value: -0.5, High: 3, Bounded: true, Figure: "~", Over: "20"},
	}}
}

// rollout is 30 s in which a pod is replaced.
func rollout() page.Strip {
	s := page.Strip{
		Of: "Connect time while a pod is replaced", Unit: "µs", Top: 100, Length: 30 * time.Second,
		Events: []page.Event{{At: 10 * time.Second, Letter: "t", Name: "the old pod's endpoint terminates"}, {At: 11 * time.Second, Letter: "d", Name: "its process is gone"}, {At: 25 * time.Second, Letter: "c", Name: "kube-proxy checks"}},
	}
	for i, name := range []string{"iptables", "nftables", "IPVS reuse 0"} {
		r := page.StripRow{Name: name, Series: []page.Series{1, 3, 2}[i]}
		for k := range 150 {
			p := page.StripPoint{At: time.Duration(k) * 200 * time.Millisecond, Value: 70 - 20*float64(i) + 8*math.Sin(float64(k*(i+3))/5)}
			switch {
			case k == 50:
				p = page.StripPoint{At: p.At, Seen: page.Changed}
			case i == 2 && k > 55 && k < 70:
				p = page.StripPoint{At: p.At, Seen: page.Lost, Amount: 3}
			case i == 0 && k == 57:
				p = page.StripPoint{At: p.At, Seen: page.Late, Amount: 1}
			case i == 1 && k > 100 && k < 104:
				p = page.StripPoint{At: p.At, Seen: page.Stalled}
			}
			r.Points = append(r.Points, p)
		}
		s.Rows = append(s.Rows, r)
	}
	return s
}

func runbook() page.Steps {
	return page.Steps{
		{Title: "Renew the nodes on kernel 5.4", Text: "Any image with kernel 5.13 or later does.", Commands: []string{"kubectl get nodes -l node.kubernetes.io/pool=old -o wide"}},
		{Title: "One node first", Text: "Its Services are down for about 6 s.", Commands: []string{
			"kubectl cordon node-17\nkubectl drain node-17 --ignore-daemonsets",
			`kubectl -n kube-system get configmap kube-proxy -o yaml | sed 's/mode: "iptables"/mode: "nftables"/' | kubectl apply -f -`,
		}},
		{Title: "The others in batches of 36"},
	}
}

func findings() page.List {
	return page.List{
		{Mark: "warning", Label: "KPA012", Tone: page.Warn, Text: "Calico 3.27 writes iptables rules that nftables mode does not see.", Notes: []string{"Felix has had nftables since 3.29, see https://docs.tigera.io/.", "NodeLocal DNS: not known"}, Commands: []string{"kubectl -n calico-system get pods -o wide"}},
		{Mark: "1", Label: "nftables", Tone: page.Good, Text: "Flat cost, and where kube-proxy goes."},
		{Text: "An entry with a text alone."},
	}
}
