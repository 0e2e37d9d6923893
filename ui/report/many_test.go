package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"kpadvisor/ui/page"

	"kpadvisor/advisor"
)

// manyGroups is the large cluster with so many node groups, no two alike, whose strings
// are as long as a snapshot may have them.
func manyGroups(t *testing.T, groups int) page.Audit {
	t.Helper()
	doc := decided(t)
	from := doc.Facts.Groups
	doc.Facts.Groups = nil
	for i := range groups {
		g := from[i%len(from)]
		g.Nodes = 1 + i%7
		g.Kernel = fmt.Sprintf("5.%d.%d-%d-generic%s", 4+i%12, i%200, i, strings.Repeat("x", 100))
		g.OSImage = fmt.Sprintf("%d%s", i, strings.Repeat("o", 900))
		g.Kubelet = fmt.Sprintf("v1.%d.%d", 24+i%12, i%9)
		g.Managed, g.Leaving, g.Spared = "", "", ""
		g.Proxy.Sysctls = map[string]int{"net.ipv4.vs.conn_reuse_mode": i % 3}
		g.Proxy.SysctlDoubts = []string{fmt.Sprintf("doubt %d %s", i, strings.Repeat("d", 900))}
		doc.Facts.Groups = append(doc.Facts.Groups, g)
	}
	doc.Advice = advisor.Decide(doc.Facts, doc.Habits, doc.Measured)
	return doc
}

// TestManyGroups: what a person reads of 2,000 node groups is as long as of 200, and
// says what it leaves out; JSON has all.
func TestManyGroups(t *testing.T) {
	few, many := manyGroups(t, 200), manyGroups(t, 2000)
	for name, write := range map[string]func(io.Writer, page.Audit) error{"text": Audits().in(Style{}), "markdown": Audits().markdown} {
		var a, b bytes.Buffer
		if err := write(&a, few); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := write(&b, many); err != nil {
			t.Fatal(err)
		}
		lines := strings.Count(b.String(), "\n")
		t.Logf("%s: %d lines, %d bytes, in %v", name, lines, b.Len(), time.Since(began))
		if b.Len() > a.Len()+a.Len()/5 || lines > 5_000 || b.Len() > 512<<10 {
			t.Errorf("%s: %d bytes for 200 groups, %d for 2,000", name, a.Len(), b.Len())
		}
		if !strings.Contains(b.String(), "And 1,950 more") {
			t.Errorf("%s does not say that there are more", name)
		}
	}
	var whole bytes.Buffer
	began := time.Now()
	if err := JSON(&whole, many); err != nil {
		t.Fatal(err)
	}
	t.Logf("json: %d bytes, in %v", whole.Len(), time.Since(began))
	var back struct {
		Facts struct {
			NodeGroups []json.RawMessage `json:"nodeGroups"`
		} `json:"facts"`
	}
	if err := json.Unmarshal(whole.Bytes(), &back); err != nil || len(back.Facts.NodeGroups) != 2000 {
		t.Errorf("%v: %d groups", err, len(back.Facts.NodeGroups))
	}
}
