package evidence

// The labels of a probe's result that tell what ran behind its targets. The
// measuring engine keeps them and knows nothing of them.
const (
	LabelModeA    = "modeA"    // an advisor.Mode
	LabelModeB    = "modeB"    // an advisor.Mode
	LabelServices = "services" // programmed while measuring, in decimal
	LabelLab      = "lab"      // of which lab the targets are, in words; they are called as its modes then
	// LabelModesFrom tells who says so: ModesFromCluster, or without it the user.
	LabelModesFrom   = "modesFrom"
	ModesFromCluster = "cluster"
)
