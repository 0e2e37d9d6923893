package advisor

import (
	"fmt"
	"strconv"
	"strings"
)

// RuleID names a rule: KPA### on every output. It is a number, so that a rule
// that does not exist cannot be written; 0 is no rule. An ID is never used for
// anything else, even after its rule is gone.
type RuleID int

// The rules.
const (
	KPA011 RuleID = 11
	KPA012 RuleID = 12
	KPA013 RuleID = 13
	KPA014 RuleID = 14
	KPA015 RuleID = 15
	KPA016 RuleID = 16
	KPA017 RuleID = 17
	KPA018 RuleID = 18
	KPA019 RuleID = 19
	KPA020 RuleID = 20
	KPA021 RuleID = 21
	KPA022 RuleID = 22
	KPA023 RuleID = 23
	KPA024 RuleID = 24
	KPA025 RuleID = 25
	KPA026 RuleID = 26
	KPA028 RuleID = 28
	KPA031 RuleID = 31
	KPA032 RuleID = 32
	KPA033 RuleID = 33
	KPA034 RuleID = 34
	KPA035 RuleID = 35
	KPA036 RuleID = 36
	KPA037 RuleID = 37
	KPA038 RuleID = 38
	KPA041 RuleID = 41
	KPA042 RuleID = 42
	KPA043 RuleID = 43
	KPA044 RuleID = 44
	KPA045 RuleID = 45
	KPA046 RuleID = 46
	KPA047 RuleID = 47
	KPA048 RuleID = 48
	KPA049 RuleID = 49
	KPA051 RuleID = 51
	KPA052 RuleID = 52
	KPA053 RuleID = 53
	KPA054 RuleID = 54
	KPA055 RuleID = 55
	KPA056 RuleID = 56
	KPA057 RuleID = 57
	KPA058 RuleID = 58
	KPA059 RuleID = 59
	KPA060 RuleID = 60
	KPA061 RuleID = 61
	KPA062 RuleID = 62
	KPA063 RuleID = 63
	KPA064 RuleID = 64
	KPA065 RuleID = 65
	KPA066 RuleID = 66
	KPA067 RuleID = 67
	KPA068 RuleID = 68
	KPA069 RuleID = 69
	KPA070 RuleID = 70
	KPA071 RuleID = 71
	KPA072 RuleID = 72
	KPA073 RuleID = 73
	KPA074 RuleID = 74
	KPA075 RuleID = 75
	KPA076 RuleID = 76
	KPA077 RuleID = 77
	KPA078 RuleID = 78
	KPA079 RuleID = 79
	KPA081 RuleID = 81
	KPA082 RuleID = 82
	KPA083 RuleID = 83
	KPA084 RuleID = 84
	KPA085 RuleID = 85
	KPA086 RuleID = 86
	KPA087 RuleID = 87
	KPA088 RuleID = 88
	KPA089 RuleID = 89
	KPA091 RuleID = 91
	KPA092 RuleID = 92
	KPA093 RuleID = 93
	KPA094 RuleID = 94
	KPA095 RuleID = 95
	KPA096 RuleID = 96
	KPA097 RuleID = 97
	KPA098 RuleID = 98
	KPA099 RuleID = 99
)

// String returns KPA011, or nothing for no rule.
func (id RuleID) String() string {
	if id == 0 {
		return ""
	}
	return fmt.Sprintf("KPA%03d", int(id))
}

// MarshalText writes the ID as String has it.
func (id RuleID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *RuleID) UnmarshalText(b []byte) error {
	*id = 0
	if len(b) == 0 {
		return nil
	}
	digits, ok := strings.CutPrefix(string(b), "KPA")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 {
		return fmt.Errorf("%q is not a rule such as KPA011", b)
	}
	*id = RuleID(n)
	return nil
}
