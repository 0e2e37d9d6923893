package advisor

import (
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor/release"
)

func chainsIn(legacy, nft int) func(*NodeReport) {
	return func(r *NodeReport) {
		for n, of := range map[*Fact[int]]int{&r.Backends.LegacyChains: legacy, &r.Backends.NFTChains: nft} {
			if of >= 0 {
				*n = KnownFrom(of, NodeReportSource)
			}
		}
	}
}

func programs(osImage, iptables, nft string) func(*NodeReport) {
	return func(r *NodeReport) {
		if osImage != "" {
			r.OSImage = KnownFrom(osImage, NodeReportSource)
		}
		r.Backends.IPTablesVersion, r.Backends.NFTVersion = KnownFrom(iptables, NodeReportSource), KnownFrom(nft, NodeReportSource)
	}
}

// TestReportBackend: chains that are there tell more than what a program says of itself, a
// program of a container tells nothing of the node, and a contradiction tells nothing.
func TestReportBackend(t *testing.T) {
	const image, nft, legacy = "Ubuntu 22.04.4 LTS", "1.8.7 (nf_tables)", "1.8.7 (legacy)"
	for name, c := range map[string]struct {
		edit []func(*NodeReport)
		want release.Backend
	}{
		"nothing":                      {nil, ""},
		"chains in legacy":             {[]func(*NodeReport){chainsIn(7, 0), programs(image, nft, "")}, release.BackendLegacy},
		"chains in nft":                {[]func(*NodeReport){chainsIn(0, 7), programs(image, legacy, "")}, release.BackendNFT},
		"chains in both":               {[]func(*NodeReport){chainsIn(7, 7), programs(image, nft, "")}, ""},
		"in nft, the other not seen":   {[]func(*NodeReport){chainsIn(-1, 7), programs(image, nft, "")}, release.BackendNFT},
		"and iptables says otherwise":  {[]func(*NodeReport){chainsIn(-1, 7), programs(image, legacy, "")}, ""},
		"in legacy, nft not seen":      {[]func(*NodeReport){chainsIn(7, -1)}, release.BackendLegacy},
		"legacy, and iptables is nft":  {[]func(*NodeReport){chainsIn(7, -1), programs(image, nft, "")}, ""},
		"none, and iptables says nft":  {[]func(*NodeReport){chainsIn(0, 0), programs(image, nft, "")}, release.BackendNFT},
		"not seen, and it says legacy": {[]func(*NodeReport){programs("", legacy, "")}, release.BackendLegacy},
		"that of a container":          {[]func(*NodeReport){programs("Alpine Linux v3.22", nft, "")}, ""},
		"chains, seen from one":        {[]func(*NodeReport){chainsIn(7, 0), programs("Alpine Linux v3.22", nft, "")}, release.BackendLegacy},
	} {
		if got := nodeSaying("a", IPTables, c.edit...).iptablesBackend(image); got.Value != c.want || got.IsKnown() != (c.want != "") {
			t.Errorf("%s: %v, not %q", name, got, c.want)
		}
	}
}

// large is a cluster in iptables mode with so many chains that the backend decides.
func large(osImage string) Facts {
	f := typed(10_000, 100_000, "6.1.0", "v1.36.0", IPTables)
	f.Origin = FromCluster
	g := &f.Groups[0]
	g.Nodes, g.OSImage, g.Members = 3, osImage, []string{"a", "b", "c"}
	f.Nodes = KnownFrom(3, "")
	return f
}

// TestBackendTold: what every node told stands in the place of the guess and is none any
// more; one that differs from it is a group of its own; of a part it is still guessed.
func TestBackendTold(t *testing.T) {
	same := func(r *NodeReport) { r.Version = Fact[string]{} }
	all := func(names string, edit ...func(*NodeReport)) (out []NodeReport) {
		for name := range strings.SplitSeq(names, "") {
			out = append(out, nodeSaying(name, IPTables, append(edit, same)...))
		}
		return out
	}
	const ubuntu = "Ubuntu 22.04.4 LTS" // likely nft
	for name, c := range map[string]struct {
		image     string
		reports   []NodeReport
		groups    int
		told      int // nodes
		guessed   bool
		sync, not string
	}{
		"nothing":      {ubuntu, nil, 1, 0, true, "the OS images suggest nft", ""},
		"one agrees":   {ubuntu, all("a", chainsIn(0, 9)), 1, 0, true, "the OS images suggest nft", ""},
		"all agree":    {ubuntu, all("abc", chainsIn(0, 9)), 1, 3, false, "nft, as the nodes tell", "suggest"},
		"one differs":  {ubuntu, all("a", chainsIn(9, 0)), 2, 1, true, "nft on most nodes, as they tell", ""},
		"all differ":   {ubuntu, all("abc", chainsIn(9, 0)), 1, 3, false, "legacy, as the nodes tell", "suggest"},
		"no guess":     {"Flatcar", all("ab", chainsIn(9, 0)), 2, 2, true, "legacy on most nodes, as they tell", ""},
		"all, no word": {"Flatcar", all("abc", chainsIn(9, 0)), 1, 3, false, "legacy, as the nodes tell", "suggest"},
		"no rights":    {ubuntu, all("abc"), 1, 0, true, "the OS images suggest nft", ""},
	} {
		f, why := WithReports(large(c.image), c.reports)
		told := 0
		for _, g := range f.Groups {
			if g.Proxy.IPTables.IsKnown() {
				told += g.Nodes
			}
		}
		if len(why) != 0 || len(f.Groups) != c.groups || told != c.told {
			t.Errorf("%s: %q, %d groups, %d told", name, why, len(f.Groups), told)
		}
		a := Decide(f, Habits{}, Measured{})
		guessed := strings.Contains(mustJSON(t, a.ConfidenceBecause), "guessed from the OS image") ||
			strings.Contains(mustJSON(t, a), "the backend of iptables is guessed")
		sync := a.Estimates[slices.Index(Modes(), IPTables)].FullSync
		if !strings.Contains(sync, c.sync) || c.not != "" && strings.Contains(sync, c.not) {
			t.Errorf("%s: %s", name, sync)
		}
		if guessed && !c.guessed {
			t.Errorf("%s: told, and still a guess: %s", name, mustJSON(t, a.ConfidenceBecause))
		}
		text := ""
		for _, x := range a.Findings {
			if x.Rule == KPA024 {
				text = x.Text
			}
		}
		if c.told == 3 && strings.Contains(text, "likely") || c.told == 3 && (text == "") != strings.Contains(sync, "legacy,") {
			t.Errorf("%s: %q", name, text)
		}
	}
}

// TestNFTTold: the version of nft that nodes told stands in the place of what their OS
// image suggests.
func TestNFTTold(t *testing.T) {
	for version, want := range map[string]nftAge{
		"0.9.3": nftOld, "0.9": nftOld, "1.0.0": nftOld, "1.0.1": nftUnknown, "1.0.6": nftUnknown, "1.1.1": nftUnknown, "1.1.2": nftNew,
		"1.1.10": nftNew, "1.2": nftNew, "": nftUnknown, "x.y": nftUnknown, "1": nftUnknown, "99999999999999999999.1": nftUnknown,
	} {
		if got := ageOfNFT(version); got != want {
			t.Errorf("%q: %d, want %d", version, got, want)
		}
	}
	const ubuntu = "Ubuntu 20.04.6 LTS" // likely 0.9.3
	texts := func(reports ...NodeReport) (all string) {
		f, _ := WithReports(large(ubuntu), reports)
		for _, x := range Decide(f, Habits{}, Measured{}).Findings {
			if x.Rule == KPA094 || x.Rule == KPA095 {
				all += x.Text
			}
		}
		return all
	}
	every := func(versions ...string) (out []NodeReport) {
		for i, v := range versions {
			out = append(out, nodeSaying(string(rune('a'+i)), IPTables, programs(ubuntu, "", v), func(r *NodeReport) { r.Version = Fact[string]{} }))
		}
		return out
	}
	if got := texts(); !strings.Contains(got, "comes with an nft older") {
		t.Errorf("guessed: %q", got)
	}
	if got := texts(every("1.0.6", "1.0.9", "1.0.6")...); got != "" {
		t.Errorf("the guess was wrong: %q", got)
	}
	if got := texts(every("0.9.9", "0.9.8", "0.9.9")...); !strings.Contains(got, "The nft of 3 nodes is 0.9.8, older") {
		t.Errorf("told: %q", got)
	}
	if got := texts(every("1.1.5", "1.1.3", "1.1.5")...); !strings.Contains(got, "nft there is 1.1.2 or later") {
		t.Errorf("told to be new: %q", got)
	}
}
