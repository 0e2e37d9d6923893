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
// here is English; one that was asked for is an error, which is one sentence, and best
// said in the language of the environment.
func From(flag string, env func(string) string) (Language, error) {
	if flag == "" {
		return ofLocale(env), nil
	}
	if l, known := match(flag); known {
		return l, nil
	}
	return ofLocale(env), fmt.Errorf("--lang takes en or zh, not %.20q", flag)
}

// ofLocale is the language of the environment.
func ofLocale(env func(string) string) Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := env(name); value != "" { // the first that is set counts, whatever it says
			l, _ := match(value)
			return l
		}
	}
	return English
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
