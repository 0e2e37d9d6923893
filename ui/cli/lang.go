package cli

import (
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/say"
)

// addLang declares the language, of every command alike.
func (a *app) addLang(root *cobra.Command) {
	fs := root.PersistentFlags()
	fs.Var(new(langValue), "lang", "en or zh; without it as the locale says, else en")
	_ = fs.SetAnnotation("lang", groupAnnotation, []string{groupOutput}) // the error is that of a flag which does not exist
	var all []string
	for _, l := range say.Languages() {
		all = append(all, string(l))
	}
	complete(root, "lang", all)
}

// langValue refuses what is no language as it is parsed; which one it is, the command
// line was asked before.
type langValue say.Language

func (l *langValue) String() string { return string(*l) }

func (l *langValue) Set(s string) error {
	asked, err := say.From(s, func(string) string { return "" })
	*l = langValue(asked)
	return err
}

func (*langValue) Type() string { return "language" }

// speak takes the voice of the language that the command line or the environment asks
// for. It goes before the flags are parsed, and whatever is wrong with them: help and
// errors are said in it as well.
func (a *app) speak() {
	fs := pflag.NewFlagSet("lang", pflag.ContinueOnError)
	fs.ParseErrorsAllowlist.UnknownFlags = true
	fs.SetOutput(io.Discard)
	asked := fs.String("lang", "", "")
	fs.BoolP("help", "h", false, "") // which would end the parsing
	ascii := fs.Bool("ascii", false, "")
	_ = fs.Parse(a.args) // what is wrong is reported once the command is known
	l, _ := say.From(*asked, lookup(a.env))
	if *ascii { // in which there is no Chinese
		l = say.English
	}
	a.voice = say.In(l)
	a.flags.display.unicode = l != say.English
}

// voiceOf is the voice of a report in a format: data for scripts is English, whatever is spoken.
func (a *app) voiceOf(format string) say.Voice {
	if format == "json" || format == "csv" {
		return say.Voice{}
	}
	return a.voice
}
