package say

import (
	"fmt"
	"strings"
)

// Language is one that the program speaks, as --lang takes it.
type Language string

// The languages.
const (
	English Language = "en"
	Chinese Language = "zh"
)

// Languages are all of them.
func Languages() []Language { return []Language{English, Chinese} }

// From is the language to speak: the one that --lang asks for, else that of the
// environment, as POSIX orders it. A language of the environment that is not spoken
// here is English; one that was asked for is an error, which is one sentence.
func From(flag string, env func(string) string) (Language, error) {
	if flag != "" {
		if l, known := match(flag); known {
			return l, nil
		}
		return English, fmt.Errorf("--lang takes en or zh, not %.20q", flag)
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := env(name); value != "" { // the first that is set counts, whatever it says
			l, _ := match(value)
			return l, nil
		}
	}
	return English, nil
}

// match reads "zh", "zh-Hans", "zh_CN.UTF-8", "C" or "en_US.UTF-8". Where the encoding
// is named and another than UTF-8, Chinese could not be read.
func match(locale string) (l Language, known bool) {
	locale, _, _ = strings.Cut(strings.ToLower(locale), "@")
	name, encoding, _ := strings.Cut(locale, ".")
	if i := strings.IndexAny(name, "-_"); i >= 0 {
		name = name[:i]
	}
	switch name {
	case "zh":
		if encoding == "" || encoding == "utf-8" || encoding == "utf8" {
			return Chinese, true
		}
		return English, true
	case "en", "c", "posix":
		return English, true
	}
	return English, false
}
