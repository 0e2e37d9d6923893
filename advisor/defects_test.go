package advisor

import (
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor/release"
	"kpadvisor/say"
)

// TestDefectSpans: the releases of each fault, at their edges.
func TestDefectSpans(t *testing.T) {
	table := defectTable(say.Voice{})
	find := func(id RuleID) defect {
		return table[slices.IndexFunc(table, func(d defect) bool { return d.id == id })]
	}
	for _, c := range []struct {
		id      RuleID
		version string
		want    tri
		mended  string
	}{
		{KPA091, "v1.30.9", no, "1.33.6"},
		{KPA091, "v1.32.9", yes, "1.33.6"},
		{KPA091, "v1.33.5", yes, "1.33.6"},
		{KPA091, "v1.33.6", no, "1.33.6"},
		{KPA091, "v1.33", unclear, "1.33.6"},
		{KPA091, "v1.34.0", no, "1.34.0"},
		{KPA091, "v1.34", no, "1.34.0"},
		{KPA092, "v1.33.5", yes, "1.33.6"},
		{KPA092, "v1.34.1", yes, "1.34.2"},
		{KPA092, "v1.34.2", no, "1.34.2"},
		{KPA092, "v1.35.0", no, "1.35.0"},
		{KPA093, "v1.36.9", yes, "1.37.0"},
		{KPA093, "v1.36", yes, "1.37.0"},
		{KPA093, "v1.37.0", no, "1.37.0"},
		{KPA094, "v1.33.13", yes, "1.34.10"},
		{KPA094, "v1.34.9", yes, "1.34.10"},
		{KPA094, "v1.35.8", no, "1.35.8"},
		{KPA094, "v1.36", unclear, "1.36.3"},
		{KPA094, "v1.38.0", no, "1.37.0"},
		{KPA096, "v1.30.0", no, "1.31.2"},
		{KPA096, "v1.31.1", yes, "1.31.2"},
		{KPA096, "v1.31.2", no, "1.31.2"},
		{KPA096, "v1.32.2", yes, "1.32.3"},
		{KPA096, "v1.33.0", no, "1.33.0"},
		{KPA097, "v1.28.4", no, "1.37.0"},
		{KPA097, "v1.36.0", yes, "1.37.0"},
		{KPA098, "v1.33.9", no, "1.34.4"},
		{KPA098, "v1.34.3", yes, "1.34.4"},
		{KPA098, "v1.34.4", no, "1.34.4"},
		{KPA098, "v1.35.0", yes, "1.35.1"},
		{KPA098, "v1.36.0", no, "1.36.0"},
		{KPA099, "v1.36.3", yes, "1.37.0"},
		{KPA099, "v1.37.0", no, "1.37.0"},
	} {
		v, err := release.ParseVersion(c.version)
		if err != nil {
			t.Fatal(err)
		}
		d := find(c.id)
		if got := d.affects(v); got != c.want {
			t.Errorf("%s, %s: %d, want %d", c.id, c.version, got, c.want)
		}
		if got := d.mendedFor(v).String(); got != c.mended {
			t.Errorf("%s, %s: mended in %s, want %s", c.id, c.version, got, c.mended)
		}
	}
}

func TestDefectTableForm(t *testing.T) {
	last := RuleID(0)
	for _, d := range defectTable(say.Voice{}) {
		if d.id <= last || d.text == "" || d.source == "" || len(d.mended) == 0 || strings.HasSuffix(d.text, ".") {
			t.Errorf("%s: %+v", d.id, d)
		}
		for i := 1; i < len(d.mended); i++ {
			if d.mended[i].minor <= d.mended[i-1].minor {
				t.Errorf("%s: %v is not ascending", d.id, d.mended)
			}
		}
		last = d.id
	}
}

// TestDefectsOfAMode: only what bites the mode, in this cluster.
func TestDefectsOfAMode(t *testing.T) {
	f := typed(500, 4_000, "6.12.30", "v1.33.5", IPVS)
	f.Origin = FromCluster
	f.Services.Value.ExternalLocal, f.Services.Value.LongNames = 1, 1
	f.Groups[0].OSImage = "Debian GNU/Linux 13 (trixie)"
	s := newSituation(f, Habits{}, Measured{})
	ids := func(m Mode) (out []RuleID) {
		for _, f := range s.defects(m) {
			out = append(out, f.Rule)
		}
		return out
	}
	if got := ids(NFTables); !slices.Equal(got, []RuleID{KPA091, KPA093, KPA094}) {
		t.Errorf("to nftables: %v", got)
	}
	if got := ids(IPVS); !slices.Equal(got, []RuleID{KPA099}) {
		t.Errorf("on IPVS: %v", got)
	}
	if got := ids(IPTables); len(got) != 0 {
		t.Errorf("to iptables: %v", got)
	}
	first := s.defects(NFTables)[0]
	if !strings.Contains(first.Text, "1.33.5") || !strings.Contains(first.Text, "Mended in 1.33.6") || !strings.Contains(first.Remedy, "1.33.6") {
		t.Errorf("%+v", first)
	}
	f.Version = KnownFrom("v1.33", "typed")
	if text := newSituation(f, Habits{}, Measured{}).defects(NFTables)[0].Text; !strings.Contains(text, "if it is below 1.33.6") {
		t.Errorf("without a patch level: %q", text)
	}
}

func TestHostNFT(t *testing.T) {
	for image, want := range map[string]nftAge{
		"Ubuntu 20.04.6 LTS": nftOld, "Ubuntu 22.04.4 LTS": nftUnknown, "Ubuntu 25.10": nftNew, "Ubuntu 26.04 LTS": nftNew,
		"Debian GNU/Linux 11 (bullseye)": nftOld, "Debian GNU/Linux 12 (bookworm)": nftUnknown, "Debian GNU/Linux 13 (trixie)": nftNew,
		"Talos (v1.11.2)": nftUnknown, "Talos (v1.12.0)": nftNew, "": nftUnknown, "Bottlerocket OS 1.49.0 (aws-k8s-1.34)": nftUnknown,
	} {
		if got := hostNFT(image); got != want {
			t.Errorf("%q: %d, want %d", image, got, want)
		}
	}
}
