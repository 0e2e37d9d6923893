package jobs

// LabelEnforce is the label of a namespace whose value is the level of the Pod Security
// Standards that its pods have to keep.
const LabelEnforce = "pod-security.kubernetes.io/enforce"

// The levels of the Pod Security Standards.
const (
	Restricted = "restricted"
	Privileged = "privileged"
)
