package cluster

import (
	"fmt"
	"hash/maphash"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const (
	// rolloutWindow is how far back revisions are counted. A Deployment keeps
	// ten old ReplicaSets by default, so a longer window would see no more.
	rolloutWindow = 7 * 24 * time.Hour
	// installTime is how long after a workload its first revision may be made.
	installTime = time.Minute
)

// rollouts counts new revisions of workloads: each ReplicaSet and
// ControllerRevision but the first of its workload, which is an installation.
// It keeps some 40 bytes for each workload and nothing for a revision.
type rollouts struct {
	now, since time.Time
	oldest     int64 // creation of anything, Unix seconds
	made       int   // revisions within the window, first ones and those of nobody included
	seed       maphash.Seed
	owners     map[uint64]history // by hash of the UID
}

// history is what is known of the revisions of one workload, in Unix seconds.
type history struct {
	created int64  // 0 if the workload itself was not read
	first   int64  // oldest revision, 0 if none
	recent  uint32 // revisions within the window
	by      maker
}

// maker is the kind of object that is made for a new revision.
type maker uint8

const (
	byReplicaSet maker = iota
	byControllerRevision
	makers
)

func newRollouts(now time.Time) rollouts {
	return rollouts{now: now, since: now.Add(-rolloutWindow), oldest: now.Unix(), seed: maphash.MakeSeed(), owners: map[uint64]history{}}
}

// owner enters a workload.
func (r *rollouts) owner(uid types.UID, created time.Time) {
	key := maphash.String(r.seed, string(uid))
	h := r.owners[key]
	h.created = created.Unix()
	r.owners[key] = h
	r.oldest = min(r.oldest, h.created)
}

func (r *rollouts) replicaSet(o *metav1.PartialObjectMetadata) { r.add(o, byReplicaSet) }
func (r *rollouts) controllerRevision(o *metav1.PartialObjectMetadata) {
	r.add(o, byControllerRevision)
}

func (r *rollouts) add(o *metav1.PartialObjectMetadata, by maker) {
	made := o.CreationTimestamp.Unix()
	recent := made >= r.since.Unix()
	r.made += count(recent)
	owner := metav1.GetControllerOf(o)
	if owner == nil {
		return // made by hand, for nobody's rollout
	}
	key := maphash.String(r.seed, string(owner.UID))
	h := r.owners[key]
	if h.first == 0 || made < h.first {
		h.first = made
	}
	if recent {
		h.recent++
	}
	h.by = by
	r.owners[key] = h
	r.oldest = min(r.oldest, made)
}

// rate is how often workloads got a new revision.
type rate struct {
	revisions [makers]int
	workloads [makers]int // those that have any of them
	forgotten int         // workloads whose older revisions within the window are gone (revisionHistoryLimit)
	window    time.Duration
}

// rate ends the count. In a cluster younger than the window, the rate is over its
// age, but not over less than a day.
func (r *rollouts) rate() rate {
	age := r.now.Sub(time.Unix(r.oldest, 0)).Truncate(time.Second)
	result := rate{window: min(rolloutWindow, max(age, 24*time.Hour))}
	for _, h := range r.owners {
		n := int(h.recent)
		if n > 0 && h.first >= r.since.Unix() { // its first revision is among them, or was dropped
			if h.created == 0 || h.first-h.created <= int64(installTime/time.Second) {
				n--
			} else {
				result.forgotten++
			}
		}
		result.revisions[h.by] += n
		result.workloads[h.by] += count(n > 0)
	}
	return result
}

func (r rate) total() int { return r.revisions[byReplicaSet] + r.revisions[byControllerRevision] }

func (r rate) perDay() float64 { return float64(r.total()) / (r.window.Hours() / 24) }

// source says what was counted: "98 ReplicaSets of 41 Deployments in 7 days".
func (r rate) source() string {
	var parts []string
	if n := r.revisions[byReplicaSet]; n > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s", plural(n, "ReplicaSet"), plural(r.workloads[byReplicaSet], "Deployment")))
	}
	if n := r.revisions[byControllerRevision]; n > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s", plural(n, "ControllerRevision"), plural(r.workloads[byControllerRevision], "StatefulSet or DaemonSet", "StatefulSets and DaemonSets")))
	}
	text := strings.Join(parts, " and ")
	if text == "" {
		text = "no new ReplicaSet or ControllerRevision"
	}
	text += " in " + plural(int(r.window.Hours()/24+0.5), "day")
	if r.forgotten > 0 {
		text += fmt.Sprintf("; at least, since %s no older ones", plural(r.forgotten, "workload keeps", "workloads keep"))
	}
	return text
}

// plural counts things; the plural is the singular with an s unless it is given.
func plural(n int, one string, many ...string) string {
	switch {
	case n == 1:
		return "1 " + one
	case len(many) > 0:
		return fmt.Sprintf("%d %s", n, many[0])
	}
	return fmt.Sprintf("%d %ss", n, one)
}
