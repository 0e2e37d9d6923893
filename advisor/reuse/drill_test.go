package reuse

import (
	"strings"
	"testing"
)

func ipvsConfig(reuse, expire, conntrack int) Config {
	return Config{Mode: "ipvs", ConnReuseMode: reuse, ExpireNodestConn: expire, Conntrack: conntrack}
}

// TestExpectDrill is the decision table as a drill meets it.
func TestExpectDrill(t *testing.T) {
	for _, c := range []struct {
		kernel string
		config Config
		lost   bool
		want   Exposure
		row    string
	}{
		{"6.1.176", Config{Mode: "iptables"}, false, NotIPVS, ""},
		{"6.1.176", ipvsConfig(0, 0, 1), false, StalePod, "R9"},
		{"6.1.176", ipvsConfig(0, 1, 1), false, Safe, "R8"},
		{"6.1.176", ipvsConfig(1, 0, 1), false, Safe, "R8"}, // only entries in TIME_WAIT
		{"6.1.176", ipvsConfig(1, 0, 1), true, StalePod, "R9"},
		{"6.1.176", ipvsConfig(1, 1, 1), true, Safe, "R8"},
		{"5.4.100", ipvsConfig(0, 1, 1), false, StalePod, "R3"},
		{"5.4.100", ipvsConfig(1, 1, 1), false, Safe, "R3"},
		{"4.19.100", ipvsConfig(1, 1, 1), false, SynDelay, "R2"},
		{"4.19.100", ipvsConfig(1, 1, 0), false, Safe, "R2"}, // dropped only with conntrack
		{"4.19.100", ipvsConfig(0, 1, 0), false, StalePod, "R2"},
		{"4.18.0-305.el8.x86_64", ipvsConfig(0, 1, 1), false, CheckSysctl, "R2"},
		{"4.18.0-305.el8.x86_64", ipvsConfig(0, 0, 1), false, StalePod, "R9"},
		{"4.18.0-553.el8.x86_64", ipvsConfig(0, 1, 1), false, Safe, "V1"},
		{"3.10.0-1160", ipvsConfig(1, 1, 1), false, UnknownReuse, "R1"},
		{"what", ipvsConfig(1, 1, 1), false, UnknownReuse, ""},
	} {
		got := ExpectDrill(c.kernel, c.config, c.lost)
		if got.Exposure != c.want || !strings.HasPrefix(got.Row, c.row) || got.Why == "" {
			t.Errorf("%s %+v, lost %t: %+v, want %s by %s", c.kernel, c.config, c.lost, got, c.want, c.row)
		}
	}
	if !FixesWeightZero("6.1.176") || FixesWeightZero("5.4.100") || FixesWeightZero("what") {
		t.Error("which kernels have c95c07836fa4")
	}
}

func TestExpectationAgrees(t *testing.T) {
	for _, c := range []struct {
		expected, seen Exposure
		agrees, ok     bool
	}{
		{StalePod, StalePod, true, true},
		{StalePod, Safe, false, true},
		{Safe, SynDelay, false, true},
		{NotIPVS, Safe, true, true},
		{NotIPVS, StalePod, false, true},
		{CheckSysctl, StalePod, false, false},
		{Safe, UnknownReuse, false, false},
	} {
		if agrees, ok := (Expectation{Exposure: c.expected}).Agrees(c.seen); agrees != c.agrees || ok != c.ok {
			t.Errorf("%s and %s: %t, %t", c.expected, c.seen, agrees, ok)
		}
	}
}
