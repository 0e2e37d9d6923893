// Package incluster measures from pods on the user's own nodes: one group of
// nodes that run one kube-proxy mode beside another group, in turn.
//
//	Pick        which nodes can be compared: their modes differ, and nothing else
//	Spec        a run as it was decided on; Objects are its exact manifests
//	Rights      what the run may have to ask of the API server, and the answers
//	Session     creates, follows, collects and removes; a probe run like any other
//	Agent       what runs in the pods: the engine of package probe, told when to fire
//	Echo        a server to connect to, where no Service of the user's is named, by many Services
//	Clean       removes what a run left that was killed
//
// # How the pods take turns
//
// A pod cannot be told anything once it runs: that would take a right to exec, a
// token in the pod or something that listens. So the order is fixed beforehand.
// Time is cut into rounds of slots, counted from an instant that all pods are
// given at creation; each slot belongs to one group, in an order drawn from the
// seed for each round (Schedule). A pod measures in the slots of its group by
// its node's own clock, and in nobody else's; each slot ends with a pause, the
// guard, so that clocks may differ by that much before two groups measure at the
// same time. The session estimates from the time stamps of the log how far the
// clocks are apart; when it is more, the sides are not compared. Pods start when they can:
// rounds in which not every pod measured do not count.
//
// # What comes back
//
// A pod writes JSON lines to its log (Line). The session follows the logs, takes
// them up again where they broke off, and adds up records of whole blocks
// (probe.Collector), so that a line that arrives twice counts once and a round of
// which a line is missing does not count at all.
//
// # What it costs others
//
// What is written grows with the number of nodes: a Job is for ten of them, and its
// pods name those ten alone. Lists come in pages, of a pod little more than its status
// is kept, and no more than 64 logs are read at once. Each echo Service has an endpoint
// on each node and every kube-proxy is sent all of them, so that many nodes get fewer
// Services. Spec.Costs says what others pay before anything is made, and Spec.Heavy
// what wants a second word.
//
// # Objects
//
// Every object carries the run's name as label app.kubernetes.io/instance and
// belongs to the run's first Job, whose deadline and time to live let the cluster
// itself remove everything if nobody else does.
package incluster
