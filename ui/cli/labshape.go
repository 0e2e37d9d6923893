package cli

import (
	"context"
	"path/filepath"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/ui/evidence"
)

// currentCluster is what --like-cluster takes for the cluster of the kubeconfig.
const currentCluster = "current"

// likeCluster gives the shape the ports and endpoints of a snapshot, or of the
// current cluster, and says how far it is alike.
func (a *app) likeCluster(ctx context.Context, s *rules.Shape, t terminal) (note string, err error) {
	name := "the snapshot " + plain.Text(filepath.Base(a.flags.lab.like))
	var f advisor.Facts
	if a.flags.lab.like == currentCluster {
		name = "the current cluster"
		f, err = a.readCluster(ctx, t)
	} else {
		f, err = a.readFacts(ctx, a.flags.lab.like)
	}
	if err != nil {
		return "", err
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if note, err = evidence.ShapeOf(f, name, s); err != nil {
		return "", failure{plain.Problem{Sentence: sentence(err.Error()), Remedy: "Give --services and --endpoints instead, or let it read Services and EndpointSlices (kpadvisor rbac prints the role)."}, Failure}
	}
	return note, nil
}
