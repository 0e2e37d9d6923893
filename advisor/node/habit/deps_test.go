package habit

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: habits are made of what was seen, wherever that was.
func TestDependencies(t *testing.T) {
	arrows.Only(t, "kpadvisor/advisor", "kpadvisor/advisor/release", "kpadvisor/advisor/reuse", "kpadvisor/plain", "kpadvisor/say", "kpadvisor/say/zh")
	arrows.Forbid(t, map[string]string{"golang.org/x/sys": "it reads nothing itself", "os/exec": "it reads nothing itself"})
}
