package release

import (
	"strings"
)

// seriesEnd is a patch level beyond any stable series.
const seriesEnd = 9999

// abiRow pins an ABI number of a distribution to the stable release it has.
type abiRow struct {
	abi    int
	stable Numbers
}

// abiTable is the known ABI numbers of one family of kernels, ascending.
type abiTable struct {
	family string // as text
	rows   []abiRow
	source string
	// apart says that only the numbers named are known: cloud kernels are rebuilt
	// and renumbered on their own, so what lies below one is not concluded from it.
	apart bool
}

// The tables below hold what boot banners and uname texts on public pages say;
// what lies between two rows has a stable release between theirs.

func ubuntuGeneric54() abiTable {
	return abiTable{
		"Ubuntu 5.4 generic and lowlatency",
		[]abiRow{
			{42, Numbers{5, 4, 44}},
			{47, Numbers{5, 4, 55}},
			{48, Numbers{5, 4, 60}},
			{96, Numbers{5, 4, 157}},
			{97, Numbers{5, 4, 162}},
			{100, Numbers{5, 4, 166}},
			{107, Numbers{5, 4, 174}},
			{148, Numbers{5, 4, 231}},
			{150, Numbers{5, 4, 233}},
			{163, Numbers{5, 4, 246}},
			{169, Numbers{5, 4, 257}},
		},
		"boot banners of Ubuntu on public pages", false,
	}
}

func ubuntuAzure54() abiTable {
	return abiTable{
		"Ubuntu 5.4 azure",
		[]abiRow{{1031, Numbers{5, 4, 65}}, {1059, Numbers{5, 4, 140}}},
		"boot banner \"Ubuntu 5.4.0-1059.62~18.04.1-azure 5.4.140\"", true,
	}
}

func ubuntuAWS54() abiTable {
	return abiTable{
		"Ubuntu 5.4 aws",
		[]abiRow{{1061, Numbers{5, 4, 157}}},
		"boot banner \"Ubuntu 5.4.0-1061.64~18.04.1-aws 5.4.157\"", true,
	}
}

func debian10() abiTable {
	return abiTable{
		"Debian 10",
		[]abiRow{{10, Numbers{4, 19, 132}}, {11, Numbers{4, 19, 146}}, {18, Numbers{4, 19, 208}}, {19, Numbers{4, 19, 232}}},
		"uname -v of Debian, such as \"Debian 4.19.232-1\" beside 4.19.0-19-cloud-amd64", false,
	}
}

func debian11() abiTable {
	return abiTable{
		"Debian 11",
		[]abiRow{{9, Numbers{5, 10, 70}}, {10, Numbers{5, 10, 84}}, {11, Numbers{5, 10, 92}}},
		"uname -v of Debian and its package lists (unix.stackexchange 692596)", false,
	}
}

// debianBackports are the kernels of backports and LTS, by series and suffix:
// each counts for itself.
func debianBackports(series [2]int, suffix string) abiTable {
	const source = "uname -v of Debian's backports"
	switch {
	case series == [2]int{4, 19} && suffix == "bpo":
		return abiTable{"Debian 9 backports", []abiRow{{19, Numbers{4, 19, 208}}}, source, false}
	case series == [2]int{5, 10} && suffix == "bpo":
		return abiTable{"Debian 10 backports", []abiRow{{9, Numbers{5, 10, 70}}}, source, false}
	case series == [2]int{5, 10} && suffix == "deb10":
		return abiTable{"Debian 10 LTS", []abiRow{{16, Numbers{5, 10, 127}}}, source, false}
	case series == [2]int{5, 15} && suffix == "bpo":
		return abiTable{"Debian 11 backports", []abiRow{{3, Numbers{5, 15, 15}}}, source, false}
	}
	return abiTable{}
}

// bounds is where the stable release of an ABI number lies.
func (t abiTable) bounds(abi int, series Numbers) (low, high Numbers) {
	low, high = series, Numbers{series[0], series[1], seriesEnd}
	for _, r := range t.rows {
		if r.abi <= abi {
			low = r.stable
		}
		if r.abi == abi || r.abi > abi && !t.apart {
			return low, r.stable
		}
	}
	return low, high
}

// setBase finds the stable release a kernel is based on. read is how many
// numbers uname gave, stable what stands beside the release, if anything.
func (k *Kernel) setBase(read int, stable string) {
	n := k.Numbers()
	k.Low, k.High = n, n
	switch beside, given := leadingNumbers(stable); {
	case k.Vendor != "":
		k.vendorBase()
	case keptByUbuntu(*k):
		k.Low, k.High = Numbers{n[0], n[1], 0}, Numbers{}
		k.why = byUbuntu
	case given == 3 && beside[0] == n[0] && beside[1] == n[1]:
		k.Low, k.High, k.beside = beside, beside, beside
		if beside != n {
			k.why = byText
		}
	case read == 2:
		k.High = Numbers{n[0], n[1], seriesEnd}
		k.why = byHalf
	case k.hidesStable():
		k.hiddenBase(n)
	case n[2] == 0 && (rebuilt(k.Release) || k.distro == "" && strings.ContainsAny(k.Release, "-+_")):
		k.High = Numbers{}
		k.why = byBuild
	}
}

// vendorBase takes the numbers of a vendor for the least it is based on.
func (k *Kernel) vendorBase() {
	k.High = Numbers{}
	k.why = byVendor
	if k.Vendor == "Oracle UEK" && k.Major == 5 && k.Minor == 15 {
		// UEK R7: 5.15.0-206.153.7.1 has merged 5.15.153 ("LTS version: v5.15.70"
		// in the changelog of 5.15.0-4.70.2).
		if parts := strings.Split(k.Release, "."); len(parts) > 4 { // 5 . 15 . 0-206 . 153 . ...
			k.Low[2], _ = number(parts[3])
			k.why = byMerge
		}
	}
}

// hidesStable reports the form of Debian and Ubuntu, whose uname -r says 5.4.0
// for every 5.4.z they merge.
func (k *Kernel) hidesStable() bool {
	_, rest, dash := strings.Cut(k.Release, "-")
	if !dash || k.Patch != 0 {
		return false
	}
	_, _, back := backport(rest)
	return back || k.Build > 0 && (k.distro != "" || !strings.Contains(rest, "."))
}

// backport reads "0.bpo.9-amd64" and "0.deb10.16-amd64": suffix and ABI number.
func backport(rest string) (suffix string, abi int, ok bool) {
	parts := strings.SplitN(rest, ".", 3)
	if len(parts) != 3 || parts[0] != "0" || parts[1] != "bpo" && !holds(parts[1], "deb#") {
		return "", 0, false
	}
	abi, ok = number(parts[2][:len(parts[2])-len(strings.TrimLeft(parts[2], "0123456789"))])
	return parts[1], abi, ok
}

// hiddenBase bounds a number of Debian or Ubuntu.
func (k *Kernel) hiddenBase(series Numbers) {
	table, abi := k.abiTable()
	k.Low, k.High = table.bounds(abi, series)
	k.why, k.table = byTable, table.source
}

// abiTable returns the table a release is looked up in, and its ABI number.
func (k *Kernel) abiTable() (abiTable, int) {
	_, rest, _ := strings.Cut(k.Release, "-")
	series := [2]int{k.Major, k.Minor}
	if suffix, abi, ok := backport(rest); ok {
		return debianBackports(series, suffix), abi
	}
	flavour := strings.TrimLeft(strings.ToLower(rest), "0123456789")
	generic := k.Build < 1000 && (flavour == "" || strings.HasPrefix(flavour, "-generic") || strings.HasPrefix(flavour, "-lowlatency"))
	switch {
	case k.distro == "Debian" && series == [2]int{4, 19}:
		return debian10(), k.Build
	case k.distro == "Debian" && series == [2]int{5, 10}:
		return debian11(), k.Build
	case k.distro != "Ubuntu":
		return abiTable{}, k.Build
	case series == [2]int{5, 4} && generic:
		return ubuntuGeneric54(), k.Build
	case series == [2]int{5, 4} && flavour == "-azure":
		return ubuntuAzure54(), k.Build
	case series == [2]int{5, 4} && flavour == "-aws":
		return ubuntuAWS54(), k.Build
	case series == [2]int{5, 15}: // the first of 22.04, and the first of each cloud after it
		return abiTable{"Ubuntu 22.04", []abiRow{{25, Numbers{5, 15, 30}}}, "Ubuntu 22.04 was released with 5.15.0-25, based on 5.15.30", false}, k.Build
	}
	return abiTable{}, k.Build
}

// keptByUbuntu reports the series that Canonical went on patching on its own
// after kernel.org had ended them: 18.04's 4.15 and the 5.11, 5.13 and 5.14 of
// 2021 and 2022 (and Proxmox's builds of the first three). Up to 4.15.0-144 of
// May 2021 it cannot have what was written later that year.
// Source: Ubuntu kernel changelogs, "upstream stable patchset"; boot banner
// "Ubuntu 4.15.0-144.148-generic 4.15.18".
func keptByUbuntu(k Kernel) bool {
	ours := k.distro == "Ubuntu" && k.Patch == 0 || strings.HasSuffix(k.Release, "-pve")
	switch [2]int{k.Major, k.Minor} {
	case [2]int{4, 15}:
		return ours && (k.Build == 0 || k.Build > 144)
	case [2]int{5, 11}, [2]int{5, 13}, [2]int{5, 14}:
		return ours
	}
	return false
}

// rebuilt reports a package of the RPM world that is no vendor's own.
func rebuilt(name string) bool {
	return holds(name, ".el#") && !strings.Contains(name, "elrepo")
}
