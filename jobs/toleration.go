package jobs

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Toleration is a taint that the pods of a run tolerate, at the user's request.
type Toleration struct{ Key, Value, Effect string }

// ParseToleration reads a taint as kubectl writes it, KEY[=VALUE][:EFFECT]; "all"
// tolerates everything.
func ParseToleration(text string) (Toleration, error) {
	if text == "all" {
		return Toleration{}, nil
	}
	rest, effect, _ := strings.Cut(text, ":")
	key, value, _ := strings.Cut(rest, "=")
	switch corev1.TaintEffect(effect) {
	case "", corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute:
	default:
		return Toleration{}, fmt.Errorf("%q has an effect that is none of NoSchedule, PreferNoSchedule, NoExecute", text)
	}
	if key == "" || key == "all" && value == "" && effect == "" { // "all:" would be written as what tolerates everything
		return Toleration{}, fmt.Errorf("%q is no taint: write KEY, KEY=VALUE, KEY=VALUE:EFFECT or all", text)
	}
	return Toleration{key, value, effect}, nil
}

// String is what ParseToleration reads.
func (t Toleration) String() string {
	text := t.Key
	if text == "" {
		return "all"
	}
	if t.Value != "" {
		text += "=" + t.Value
	}
	if t.Effect != "" {
		text += ":" + t.Effect
	}
	return text
}

// object is the toleration in a manifest.
func (t Toleration) object() corev1.Toleration {
	out := corev1.Toleration{Key: t.Key, Effect: corev1.TaintEffect(t.Effect), Operator: corev1.TolerationOpExists}
	if t.Value != "" {
		out.Operator, out.Value = corev1.TolerationOpEqual, t.Value
	}
	return out
}

// Tolerates reports whether it tolerates a taint as [Node] has it.
func (t Toleration) Tolerates(taint string) bool {
	other, err := ParseToleration(taint)
	return err == nil && (t.Key == "" || t.Key == other.Key) && (t.Value == "" || t.Value == other.Value) && (t.Effect == "" || t.Effect == other.Effect)
}
