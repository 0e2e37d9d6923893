package cli

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/say"
	"kpadvisor/ui/kit"
)

// inVoice says the help of a command and of all below it again. It is made where it is
// declared, in English; what pflag and cobra add is added first.
func inVoice(cmd *cobra.Command, v say.Voice) {
	if v.Language() == say.English {
		return
	}
	if !cmd.HasParent() {
		cmd.InitDefaultHelpCmd()
		cmd.InitDefaultCompletionCmd()
	}
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	cmd.Short, cmd.Long, cmd.Example = v.Said(cmd.Short), prose(v, cmd.Long), prose(v, cmd.Example)
	again := func(f *pflag.Flag) { f.Usage = v.Said(f.Usage) }
	cmd.Flags().VisitAll(again)
	cmd.PersistentFlags().VisitAll(again)
	for _, sub := range cmd.Commands() {
		inVoice(sub, v)
	}
}

// prose says a text of several paragraphs again, and breaks it at the width of the help.
// Its lines were broken by hand: those that are not indented belong together, and one
// that is begins a row, "  130  interrupted", whose further lines are indented more.
// What is not known, most of all commands, stays as it is.
func prose(v say.Voice, text string) string {
	var out []string
	for _, r := range rowsOf(text) {
		said := v.Said(r.text)
		if said == r.text {
			out = append(out, r.lines...)
			continue
		}
		out = append(out, folded(said, r.begins, strings.Repeat(" ", kit.Cells(r.begins)))...)
	}
	return strings.Join(out, "\n")
}

// row is a paragraph, a row of a table or an empty line.
type row struct {
	lines  []string // as they were
	begins string   // of the first: a margin, and what stands in the first column
	text   string
}

func rowsOf(text string) []row {
	var all []row
	for line := range strings.SplitSeq(text, "\n") {
		in, was := indent(line), -1
		if len(all) > 0 && all[len(all)-1].text != "" {
			was = indent(all[len(all)-1].lines[0])
		}
		if line != "" && was >= 0 && (in > 2 || in == 0 && was == 0) {
			last := &all[len(all)-1]
			last.lines, last.text = append(last.lines, line), last.text+" "+strings.TrimSpace(line)
			continue
		}
		begins := ""
		if in > 0 {
			begins = regexp.MustCompile(`^\s*(\S+ {2,})?`).FindString(line)
		}
		all = append(all, row{[]string{line}, begins, strings.TrimPrefix(line, begins)})
	}
	return all
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// folded breaks a text into lines as wide as the help. The first begins with one text,
// the others with another that is as wide.
func folded(text, begins, margin string) []string {
	var out []string
	for _, l := range kit.Wrap(kit.Line{{Text: text}}, helpWidth-kit.Cells(begins), 0) {
		line := begins
		for _, span := range l {
			line += span.Text
		}
		out, begins = append(out, line), margin
	}
	return out
}

// comments says the comments of a YAML document again. What is set in, or is YAML itself
// that was taken out, stays as it is.
func comments(v say.Voice, yaml string) string {
	var out, prose []string
	end := func() {
		if english := strings.Join(prose, " "); english != "" {
			out = append(out, folded(v.Said(english), "# ", "# ")...)
		}
		prose = nil
	}
	for line := range strings.SplitSeq(yaml, "\n") {
		if text, ok := strings.CutPrefix(line, "# "); ok && !strings.HasPrefix(text, " ") && !strings.HasPrefix(text, "- ") {
			prose = append(prose, text)
			continue
		}
		end()
		out = append(out, line)
	}
	end()
	return strings.Join(out, "\n")
}
