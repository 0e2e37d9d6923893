package tui

// pane names the pane of the Probe screen that is shown.
func (a app) pane() string {
	switch a.probe.shown.(type) {
	case *pickPane:
		return "pick"
	case *planPane:
		return "plan"
	case editPane:
		return "edit"
	case *catalogue:
		return "catalogue"
	case *reviewPane:
		return "review"
	case *runPane:
		return "run"
	case *drillPane:
		return "drill"
	}
	return "unknown"
}

// subject is the one whose form is shown, or nil.
func (a app) subject() subject {
	switch p := a.probe.shown.(type) {
	case *planPane:
		return p.subject
	case editPane:
		return p.subject
	}
	return nil
}
