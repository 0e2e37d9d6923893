package evidence

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// TestHostileDocuments: whoever may write a ConfigMap must not be able to hang
// or crash the reader. Each of these fills the bound.
func TestHostileDocuments(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 30; i++ {
		c, p := string(rune('a'+i%26)), string(rune('a'+(i-1)%26))
		n := strings.Repeat("0", 1+i/26)
		m := strings.Repeat("0", 1+(i-1)/26)
		bomb.WriteString(c + n + ": &" + c + n + " [" + strings.Repeat("*"+p+m+",", 10) + "]\n")
	}
	for name, text := range map[string]string{
		"aliases":   bomb.String(),
		"sequences": strings.Repeat("[", maxDocument),
		"mappings":  strings.Repeat("{a: ", maxDocument/4),
		"indents":   strings.Repeat("- ", maxDocument/2),
		"keys":      strings.Repeat("? ", maxDocument/2),
		"comments":  strings.Repeat("#\n", maxDocument/2),
		"anchors":   strings.Repeat("&a ", maxDocument/3),
		"quotes":    "mode: \"" + strings.Repeat("\\u0000", maxDocument/7) + "\"",
		"many keys": manyKeys(),
		"merges":    "a: &a {b: c}\n" + strings.Repeat("<<: *a\n", maxDocument/8),
		"numbers":   "mode: " + strings.Repeat("9", maxDocument/2),
		"documents": strings.Repeat("---\nmode: ipvs\n", maxDocument/16),
	} {
		begin := time.Now()
		_, err := parseDocument(text)
		_, errConfiguration := parseConfiguration(text)
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s: %s (%v, %v)", name, took, err, errConfiguration)
		}
		begin = time.Now()
		parseNodeArguments(map[string]string{"k3s.io/node-args": text})
		for _, words := range [][]string{{"sh", "-c", text}, {"sh", "-c", strings.Repeat("$A", maxDocument/2)}, {strings.Repeat("$(A)", maxDocument/4)}} {
			commandLine(&corev1.Container{Command: words, Env: []corev1.EnvVar{{Name: "A", Value: text}}})
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s: words: %s", name, took)
		}
		t.Log(name, time.Since(begin))
	}
}

func manyKeys() string {
	var b strings.Builder
	for i := 0; b.Len() < maxDocument-40; i++ {
		b.WriteString(strings.Repeat("k", 1+i%20) + string(rune('a'+i%26)) + strings.Repeat("v", i/500) + ": 1\n")
	}
	return b.String()
}
