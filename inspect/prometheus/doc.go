// Package prometheus reads what a Prometheus server keeps of the nodes: the metrics of
// kube-proxy, and those of node_exporter that measure how connections are made (package
// advisor/node says what they become). It only reads, by GET of /api/v1/query.
//
//	New       a client: the server's address, certificates, a token
//	Read      reports of nodes, a target of Prometheus being matched to its node
//
// What is scraped carries the labels that somebody chose. A target is of the node that a
// label of it names (node, nodename, instance, ...) by its name or by its address; one
// that fits no node or several is left out, and that is said. A server that keeps more
// than one cluster has the same addresses more than once: Options.Match tells them apart.
//
// No metric is the mode of kube-proxy. What a kube-proxy counts in one mode alone shows it,
// and is told as inferred.
//
// The server is not trusted: an answer is bounded in bytes, series and labels before it is
// kept, has its time, and leads to no other server.
package prometheus
