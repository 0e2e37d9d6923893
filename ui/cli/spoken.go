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
	var out, row []string
	end := func() {
		if len(row) > 0 {
			out = append(out, retold(v, row)...)
			row = nil
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		in, was := indent(line), 0
		if len(row) > 0 {
			was = indent(row[0])
		}
		if line == "" || in <= 2 && in != 0 || in == 0 && was != 0 {
			end()
		}
		if line == "" {
			out = append(out, "")
			continue
		}
		row = append(row, line)
	}
	end()
	return strings.Join(out, "\n")
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// retold says the lines of one row, or of a paragraph, again.
func retold(v say.Voice, lines []string) []string {
	begins := regexp.MustCompile(`^ *(\S+ {2,})?`).FindString(lines[0])
	if indent(lines[0]) == 0 {
		begins = ""
	}
	text := []string{strings.TrimPrefix(lines[0], begins)}
	for _, l := range lines[1:] {
		text = append(text, strings.TrimSpace(l))
	}
	english := strings.Join(text, " ")
	said := v.Said(english)
	if said == english {
		return lines
	}
	return folded(said, begins, strings.Repeat(" ", kit.Cells(begins)))
}

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
