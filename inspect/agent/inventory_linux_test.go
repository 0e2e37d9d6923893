package agent

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"kpadvisor/advisor/node"
)

// inventoryRules are planted in each backend: chains of kube-proxy, and others.
const inventoryRules = `*nat
:KUBE-SERVICES - [0:0]
:KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]
:KUBE-SEP-BBBBBBBBBBBBBBBB - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-AAAAAAAAAAAAAAAA
-A KUBE-SVC-AAAAAAAAAAAAAAAA -m statistic --mode random --probability 0.5 -j KUBE-SEP-BBBBBBBBBBBBBBBB
-A KUBE-SVC-AAAAAAAAAAAAAAAA -j KUBE-SEP-BBBBBBBBBBBBBBBB
-A KUBE-SEP-BBBBBBBBBBBBBBBB -p tcp -m tcp -j DNAT --to-destination 10.244.0.5:8080
COMMIT
*filter
:KUBE-FIREWALL - [0:0]
-A OUTPUT -j KUBE-FIREWALL
COMMIT
`

const inventoryTable = `table ip kube-proxy {
	set cluster-ips {
		type ipv4_addr
		elements = { 10.96.0.1, 10.96.0.10, 10.96.0.11 }
	}
	map service-ips {
		type ipv4_addr . inet_proto . inet_service : verdict
		elements = { 10.96.0.10 . tcp . 80 : goto service-a }
	}
	chain service-a {
		counter
		accept
	}
	chain services {
		ip daddr . meta l4proto . th dport vmap @service-ips
	}
}
`

// inventoryMain plants rules, and prints the report and what the commands say of them.
func inventoryMain() error {
	if err := ownProc(); err != nil {
		return err
	}
	planted := os.Getenv(caseVariable)
	var plant []error
	if strings.Contains(planted, "legacy") {
		plant = append(
			plant,
			commands(inventoryRules, "iptables-legacy-restore"),
			commands("*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -j RETURN\nCOMMIT\n", "ip6tables-legacy-restore"),
		)
	}
	if strings.Contains(planted, "iptables-nft") {
		plant = append(plant, commands(inventoryRules, "iptables-nft-restore"))
	}
	if strings.Contains(planted, "kube-proxy") {
		plant = append(plant, commands(inventoryTable, "nft", "-f", "-"))
	}
	if strings.Contains(planted, "set") {
		plant = append(plant, commands("create KUBE-CLUSTER-IP hash:ip,port\ncreate other hash:ip\n", "ipset", "restore"))
	}
	for _, err := range plant {
		if err != nil {
			return err
		}
	}
	var report bytes.Buffer
	a := newAgent(&report, Options{Node: "node-1", Deep: true, For: node.ShortestCount})
	a.itself()
	a.file("iptables.legacy.tables", "/proc/net/ip_tables_names")
	a.inventory()
	if err := a.w.Close(); err != nil {
		return err
	}
	fmt.Print(report.String())
	names, err := os.ReadFile("/proc/net/ip_tables_names")
	fmt.Printf("afterwards %q %v\n", names, err)
	list, err := exec.CommandContext(context.Background(), "nft", "list", "tables").CombinedOutput()
	fmt.Printf("nft says %q %v\n", list, err)
	return nil
}

// TestInventory: chains and sets of every backend are counted as they are, and on a node
// without any none is made by looking.
func TestInventory(t *testing.T) {
	for planted, c := range map[string]struct {
		legacy, nft, sets int
		table             bool
		says              []string
	}{
		"none":                                  {says: []string{`afterwards "" <nil>`, `nft says "" <nil>`}},
		"legacy":                                {legacy: 3, says: []string{":KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0] 2\n", ":PREROUTING - [0:0] 1\n", ":POSTROUTING - [0:0] 0\n", ":KUBE-FIREWALL - [0:0] 0\n", ":OUTPUT - [0:0] 1\n", "section ip6tables.legacy.nat.inventory", ":KUBE-SERVICES - [0:0] 1\n"}},
		"iptables-nft":                          {nft: 3, says: []string{":KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0] 2\n", ":PREROUTING - [0:0] 1\n", ":KUBE-FIREWALL - [0:0] 0\n", "table ip nat chains 4 rules 5\n", `afterwards "" <nil>`}},
		"kube-proxy":                            {table: true, says: []string{"table ip kube-proxy chains 2 rules 3\n", "chain ip kube-proxy service-a rules 2\n", "set ip kube-proxy cluster-ips elements 3\n", "set ip kube-proxy service-ips elements 1\n"}},
		"set":                                   {sets: 1, says: []string{"other\n"}},
		"legacy, iptables-nft, kube-proxy, set": {legacy: 3, nft: 3, sets: 1, table: true},
	} {
		t.Run(planted, func(t *testing.T) {
			out := string(
				part(
					t,
					"inventory",
					planted,
					"iptables-legacy-restore",
					"iptables-nft-restore",
					"ip6tables-legacy-restore",
					"nft",
					"ipset",
				),
			)
			for _, words := range c.says {
				if !strings.Contains(out, words) {
					t.Errorf("it does not say %q", words)
				}
			}
			all, err := node.Parse([]byte(out))
			if err != nil {
				t.Fatal(err)
			}
			b := all[0].Backends
			if b.LegacyChains.Or(-1) != c.legacy || b.NFTChains.Or(-1) != c.nft || b.IPSets.Or(-1) != c.sets ||
				b.NFTables.Or(!c.table) != c.table {
				t.Errorf("%+v\n%s", b, out)
			}
		})
	}
}

// TestLegacyChains: a table that makes no sense is refused.
func TestLegacyChains(t *testing.T) {
	for _, b := range [][]byte{{}, make([]byte, 10), make([]byte, 200), bytes.Repeat([]byte{0xff}, 1000)} {
		if all, err := legacyChains(b, map[int]string{0: "PREROUTING"}, entryOf(2)); err == nil {
			t.Errorf("%v", all)
		}
	}
}
