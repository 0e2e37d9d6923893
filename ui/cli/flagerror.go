package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/plain"
)

// shownOfValue is how many characters of a wrong value are shown: enough to find it.
const shownOfValue = 40

// quoted is a value that somebody gave, as it is named in a complaint about it.
func quoted(value string) string { return strconv.Quote(plain.Line(value, shownOfValue)) }

// flagError says which flag was given what, and what belongs there: in no word of the
// packages that parse, and at a length that a person reads. Of a refused answer the
// advisor's own sentence says all.
func flagError(cmd *cobra.Command, err error) error {
	var (
		refused *pflag.InvalidValueError
		bare    *pflag.ValueRequiredError
		unknown *pflag.NotExistError
		syntax  *pflag.InvalidSyntaxError
	)
	switch {
	case errors.As(err, &refused):
		f := refused.GetFlag()
		if slices.Contains(f.Annotations[groupAnnotation], groupHabits) {
			return usagef(cmd, "--%v", refused.Unwrap()) // it begins with the habit, which is the flag
		}
		return usagef(cmd, "--%s %s is not %s", f.Name, quoted(refused.GetValue()), belongs(f))
	case errors.As(err, &bare):
		return usagef(cmd, "--%s wants a value", bare.GetFlag().Name)
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return usagef(cmd, "there is no flag %s", quoted("-"+unknown.GetSpecifiedShortnames()))
	case errors.As(err, &unknown):
		return usagef(cmd, "there is no flag --%s", plain.Line(unknown.GetSpecifiedName(), shownOfValue))
	case errors.As(err, &syntax):
		return usagef(cmd, "%s is no flag", quoted(syntax.GetSpecifiedFlag()))
	}
	return usagef(cmd, "%v", err)
}

const rangeAnnotation = "kpadvisor_range"

// within notes the range of a flag's numbers, for the sentence that refuses one.
func within(fs *pflag.FlagSet, name string, low, high int) {
	f := fs.Lookup(name)
	if f.Annotations == nil {
		f.Annotations = map[string][]string{}
	}
	f.Annotations[rangeAnnotation] = []string{plain.Number(low), plain.Number(high)}
}

// belongs says what a flag takes.
func belongs(f *pflag.Flag) string {
	if r := f.Annotations[rangeAnnotation]; len(r) == 2 {
		switch f.Value.Type() {
		case "int", "int64":
			return fmt.Sprintf("a whole number from %s to %s", r[0], r[1])
		case "float64":
			return fmt.Sprintf("a number from %s to %s", r[0], r[1])
		case "intSlice":
			return fmt.Sprintf("a list of whole numbers from %s to %s with commas between", r[0], r[1])
		}
	}
	switch f.Value.Type() {
	case "int", "int64":
		return "a whole number"
	case "uint64":
		return "a whole number from 0 to below 2^64"
	case "float64":
		return "a number"
	case "intSlice":
		return "a list of whole numbers with commas between"
	case "stringSlice":
		return "a list with commas between"
	case "duration":
		return "a time such as 500ms, 30s or 2m30s"
	case "bool":
		return "true or false"
	case "language":
		return "en or zh"
	}
	return "what belongs there"
}
