package advisor

// Questions returns what is asked about habits, in the order they are asked:
// what decides most first.
func Questions() []Question {
	yesNo := []Choice{{"yes", "yes"}, {"no", "no"}}
	return []Question{
		{
			ID: HabitConnections, Text: "How do clients talk to Services?",
			Why:     "The mode costs time only when a connection is opened.",
			Decides: "how much the cost of a new connection weighs",
			Choices: []Choice{
				{string(LongLived), "long-lived connections (databases, gRPC streams, brokers)"},
				{string(Short), "short connections (one per request)"},
				{string(KeepAlive), "HTTP keep-alive or pools (many requests, few connections)"},
				{string(Mixed), "mixed, or not sure"},
			},
		},
		{
			ID: HabitNewConnections, Text: "New connections per second from the busiest client to one Service", Unit: "per second",
			Why:     "From about 118/s one client reuses ports inside IPVS's 120 s (issue 81775).",
			Decides: "how likely issue 81775 is", Max: 1_000_000,
		},
		{
			ID: HabitBehindNAT, Text: "Do many clients reach a Service from behind one address (NAT)?",
			Why:     "A NAT picks ports at random: 5-tuples repeat at far lower rates.",
			Decides: "how likely issue 81775 is", Choices: yesNo,
		},
		{
			ID: HabitRolloutsPerDay, Text: "Rolling updates per day, all workloads together", Unit: "per day",
			Why:     "Each one removes pods that reused connections could still be sent to.",
			Decides: "how often pods leave", Max: 100_000,
		},
		{
			ID: HabitDraining, Text: "Do pods wait for traffic to leave before they stop?",
			Why:     "Without a preStop wait and readiness, updates lose connections in every mode.",
			Decides: "whether updates lose connections in every mode",
			Choices: []Choice{
				{string(DrainAll), "yes, everywhere that matters"},
				{string(DrainSome), "in some workloads"},
				{string(DrainNone), "no"},
			},
		},
		{
			ID: HabitMaySetSysctls, Text: "May you set sysctls on the nodes?",
			Why:     "The quickest remedy for issue 81775 is a node sysctl.",
			Decides: "which remedies of issue 81775 are yours", Choices: yesNo,
		},
		{
			ID: HabitExpectedServices, Text: "How many Services do you expect in a year?", Unit: "Services",
			Why:     "The advice should hold for a while.",
			Decides: "when the cluster outgrows the advice", Integer: true, Max: 1_000_000,
		},
	}
}

// question returns the question of a habit.
func question(id HabitID) (Question, bool) {
	for _, q := range Questions() {
		if q.ID == id {
			return q, true
		}
	}
	return Question{}, false
}
