package release

import "kpadvisor/say"

// baseWhy is how it is known which stable release a kernel is based on.
type baseWhy int

const (
	byNumbers baseWhy = iota // kernel.org's own
	byVendor                 // a vendor's tree, which has that at least
	byMerge                  // Oracle's UEK R7, which names what it has merged
	byUbuntu                 // a series that Ubuntu went on with alone
	byText                   // what stands beside the release
	byHalf                   // its first two numbers only
	byTable                  // an ABI number of Debian or Ubuntu
	byBuild                  // somebody's build
)

// base says how the bounds are known, a clause; empty for kernel.org's own numbers.
func (k Kernel) base(v say.Voice) string {
	switch k.why {
	case byVendor:
		return v.Sprintf("%s backports fixes without changing %s", k.Vendor, k.Release)
	case byMerge:
		return v.Sprintf("UEK R7's second number is the 5.15.y it has merged: %s", k.Low)
	case byUbuntu:
		return v.Sprintf("Ubuntu maintained %d.%d itself after kernel.org did not, and its number does not tell with which fixes", k.Major, k.Minor)
	case byText:
		return v.Sprintf("%s is based on %s, by the text beside it", k.Release, k.Low)
	case byHalf:
		return v.Text("The patch level was not given")
	case byTable:
		return k.hidden(v)
	case byBuild:
		return v.Sprintf("%s is somebody's build, and 0 need not be its patch level", k.Release)
	}
	return ""
}

// hidden says what an ABI number of Debian or Ubuntu stands for.
func (k Kernel) hidden(v say.Voice) string {
	series, open := k.Numbers(), k.High[2] == seriesEnd
	span := v.Text("any of it")
	switch {
	case k.Low == k.High:
		span = k.Low.String()
	case k.Low == series && !open:
		span = v.Sprintf("at most %s", k.High)
	case k.Low != series && open:
		span = v.Sprintf("%s or later", k.Low)
	case k.Low != series:
		span = v.Sprintf("%s to %s", k.Low, k.High)
	}
	who := k.distro
	if who == "" {
		who = v.Text("A distribution")
	}
	text := v.Sprintf("%s hides its patch level behind %s: %s", who, k.Release, span)
	if k.table != "" {
		text = v.Sprintf("%s (%s)", text, k.table)
	}
	return text
}

// HiddenText says what the release string hides and where it can be looked up;
// empty where it hides nothing.
func (k Kernel) HiddenText(v say.Voice) string {
	base := k.base(v)
	if base == "" {
		return ""
	}
	text := v.Sprintf("%s.", base)
	if !k.HidesPatch() {
		return text
	}
	switch {
	case k.Vendor != "":
		return v.Sentences(text, v.Text("The vendor's list of changes tells which fixes are in it."))
	case k.distro == "Ubuntu" && keptByUbuntu(k):
		return v.Sentences(text, v.Sprintf("Its changelog tells which fixes are in it: apt changelog linux-image-%s", k.Release))
	case k.distro == "Ubuntu":
		return v.Sentences(text, v.Text("Look: cat /proc/version_signature"))
	case k.distro == "Debian":
		return v.Sentences(text, v.Text("Look: uname -v"))
	}
	return v.Sentences(text, v.Text("Look: cat /proc/version_signature (Ubuntu), uname -v (Debian)"))
}
