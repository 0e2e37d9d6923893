package cli

import "testing"

func TestDescribe(t *testing.T) {
	all := tty{in: true, out: true, err: true, width: 100}
	usual := []string{"TERM=xterm-256color", "LANG=en_US.UTF-8"}
	env := func(more ...string) []string { return append(append([]string(nil), usual...), more...) }
	full := terminal{screen: true, progress: true, color: true, dark: true, links: true, width: 100}
	with := func(change func(*terminal)) terminal { out := full; change(&out); return out }
	plainTerm := with(func(o *terminal) { o.screen, o.progress, o.color, o.links = false, false, false, false })

	for name, c := range map[string]struct {
		env  []string
		tty  tty
		d    displayFlags
		want terminal
	}{
		"a terminal":            {env(), all, displayFlags{}, full},
		"wide":                  {env(), tty{true, true, true, 300}, displayFlags{}, with(func(o *terminal) { o.width = 120 })},
		"narrow":                {env(), tty{true, true, true, 60}, displayFlags{}, with(func(o *terminal) { o.width = 60 })},
		"size not known":        {env(), tty{true, true, true, 0}, displayFlags{}, with(func(o *terminal) { o.width = 80 })},
		"output is piped":       {env(), tty{in: true, err: true}, displayFlags{}, with(func(o *terminal) { o.screen, o.color, o.links, o.width = false, false, false, 80 })},
		"input is piped":        {env(), tty{out: true, err: true, width: 100}, displayFlags{}, with(func(o *terminal) { o.screen = false })},
		"nothing is a terminal": {env(), tty{}, displayFlags{}, terminal{dark: true, width: 80}},
		"stderr is piped":       {env(), tty{in: true, out: true, width: 100}, displayFlags{}, with(func(o *terminal) { o.progress = false })},

		"NO_COLOR=1":                {env("NO_COLOR=1"), all, displayFlags{}, with(func(o *terminal) { o.color = false })},
		"NO_COLOR=yes":              {env("NO_COLOR=yes"), all, displayFlags{}, with(func(o *terminal) { o.color = false })},
		"NO_COLOR=0 is not empty":   {env("NO_COLOR=0"), all, displayFlags{}, with(func(o *terminal) { o.color = false })},
		"NO_COLOR= is empty":        {env("NO_COLOR="), all, displayFlags{}, full},
		"--no-color":                {env(), all, displayFlags{noColor: true}, with(func(o *terminal) { o.color = false })},
		"CLICOLOR=0":                {env("CLICOLOR=0"), all, displayFlags{}, with(func(o *terminal) { o.color = false })},
		"CLICOLOR=1":                {env("CLICOLOR=1"), all, displayFlags{}, full},
		"CLICOLOR_FORCE=1, piped":   {env("CLICOLOR_FORCE=1"), tty{}, displayFlags{}, terminal{color: true, dark: true, width: 80}},
		"CLICOLOR_FORCE=0, piped":   {env("CLICOLOR_FORCE=0"), tty{}, displayFlags{}, terminal{dark: true, width: 80}},
		"NO_COLOR beats the force":  {env("NO_COLOR=1", "CLICOLOR_FORCE=1"), all, displayFlags{}, with(func(o *terminal) { o.color = false })},
		"--no-color beats it too":   {env("CLICOLOR_FORCE=1"), all, displayFlags{noColor: true}, with(func(o *terminal) { o.color = false })},
		"TERM=dumb":                 {env("TERM=dumb"), all, displayFlags{}, plainTerm},
		"the console of Linux":      {env("TERM=linux"), all, displayFlags{}, with(func(o *terminal) { o.links = false })},
		"TERM= ":                    {env("TERM="), all, displayFlags{}, plainTerm},
		"no TERM":                   {[]string{"LANG=en_US.UTF-8"}, all, displayFlags{}, plainTerm},
		"the last TERM counts":      {env("TERM=dumb", "TERM=xterm"), all, displayFlags{}, full},
		"--no-tui":                  {env(), all, displayFlags{noTUI: true}, with(func(o *terminal) { o.screen = false })},
		"--accessible":              {env(), all, displayFlags{accessible: true}, with(func(o *terminal) { o.accessible, o.screen, o.progress, o.links = true, false, false, false })},
		"ACCESSIBLE=1":              {env("ACCESSIBLE=1"), all, displayFlags{}, with(func(o *terminal) { o.accessible, o.screen, o.progress, o.links = true, false, false, false })},
		"ACCESSIBLE=false":          {env("ACCESSIBLE=false"), all, displayFlags{}, full},
		"accessible on a dumb one":  {env("TERM=dumb"), all, displayFlags{accessible: true}, terminal{accessible: true, dark: true, width: 100}},
		"light by flag":             {env(), all, displayFlags{theme: "light"}, with(func(o *terminal) { o.dark = false })},
		"light by COLORFGBG":        {env("COLORFGBG=0;15"), all, displayFlags{theme: "auto"}, with(func(o *terminal) { o.dark = false })},
		"rxvt's COLORFGBG":          {env("COLORFGBG=0;default;15"), all, displayFlags{theme: "auto"}, with(func(o *terminal) { o.dark = false })},
		"dark by COLORFGBG":         {env("COLORFGBG=15;0"), all, displayFlags{theme: "auto"}, full},
		"the flag beats COLORFGBG":  {env("COLORFGBG=0;15"), all, displayFlags{theme: "dark"}, full},
		"--ascii":                   {env(), all, displayFlags{ascii: true}, with(func(o *terminal) { o.ascii = true })},
		"no locale":                 {[]string{"TERM=xterm"}, all, displayFlags{}, with(func(o *terminal) { o.ascii = true })},
		"C":                         {env("LANG=C"), all, displayFlags{}, with(func(o *terminal) { o.ascii = true })},
		"C, in Chinese":             {env("LANG=C"), all, displayFlags{unicode: true}, full},
		"C.UTF-8":                   {env("LANG=C.UTF-8"), all, displayFlags{}, full},
		"macOS":                     {[]string{"TERM=xterm", "LC_CTYPE=UTF-8"}, all, displayFlags{}, full},
		"Latin 1":                   {env("LANG=de_DE.ISO-8859-1"), all, displayFlags{}, with(func(o *terminal) { o.ascii = true })},
		"Chinese":                   {env("LANG=zh_CN.UTF-8"), all, displayFlags{}, full},
		"Japanese":                  {env("LC_CTYPE=ja_JP.utf8"), all, displayFlags{}, full},
		"Korean":                    {env("LC_ALL=ko_KR.UTF-8"), all, displayFlags{}, full},
		"LC_ALL beats LANG":         {env("LC_ALL=en_US.UTF-8", "LANG=zh_CN.UTF-8"), all, displayFlags{}, full},
		"LC_CTYPE beats LANG":       {env("LC_CTYPE=C", "LANG=en_US.UTF-8"), all, displayFlags{}, with(func(o *terminal) { o.ascii = true })},
		"an empty LC_ALL is passed": {env("LC_ALL="), all, displayFlags{}, full},
		"24-bit colours":            {env("COLORTERM=truecolor"), all, displayFlags{}, with(func(o *terminal) { o.rich = true })},
		"24-bit, NO_COLOR":          {env("COLORTERM=truecolor", "NO_COLOR=1"), all, displayFlags{}, with(func(o *terminal) { o.color = false })},
	} {
		got := describe(c.env, c.tty, c.d)
		got.ask = false // TestAsksForTheBackground
		if got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, c.want)
		}
	}
}

// TestAsksForTheBackground: the terminal is asked what nobody said, where it matters.
func TestAsksForTheBackground(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		theme string
		env   []string
		want  bool
	}{
		{"auto", []string{"TERM=xterm"}, true},
		{"auto", []string{"TERM=xterm", "COLORFGBG=15;0"}, false},
		{"auto", []string{"TERM=xterm", "NO_COLOR=1"}, false},
		{"auto", []string{"TERM=dumb"}, false},
		{"dark", []string{"TERM=xterm"}, false},
		{"light", []string{"TERM=xterm"}, false},
	} {
		if got := describe(c.env, tty{true, true, true, 80}, displayFlags{theme: c.theme}).ask; got != c.want {
			t.Errorf("%s with %v: %t", c.theme, c.env, got)
		}
	}
}

func TestProgramName(t *testing.T) {
	for argv0, want := range map[string]string{
		"kpadvisor":                         "kpadvisor",
		"/usr/local/bin/kpadvisor":          "kpadvisor",
		"/home/me/bin/kubectl-kpadvisor":    "kubectl kpadvisor",
		"kubectl-kpadvisor.exe":             "kubectl kpadvisor",
		"/tmp/go-build1/exe/kpadvisor":      "kpadvisor",
		"cli.test":                          "kpadvisor",
		"kubectl-kp_advisor":                "kubectl kp-advisor", // kubectl's own rule for dashes
		"/opt/kubectl-plugins/bin/anything": "kpadvisor",
	} {
		if got := programName(argv0); got != want {
			t.Errorf("%s: %q, want %q", argv0, got, want)
		}
	}
}
