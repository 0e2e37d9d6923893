package agent

// inventory counts the rules that each backend holds.
func (a *agent) inventory() {}
