// Package zh is the Chinese catalogue, one file for each topic. Terms are those of
// Kubernetes' own Chinese documentation; names of objects, fields, flags, commands and
// sources stay as they are. Around a verb stands no space: what goes into it may be
// Chinese, and say sets the space where it is not.
package zh

import "maps"

// All is every phrase, by its English format. Words of facts are in Seen.
func All() map[string]string { return merged(topics()) }

// Advisor are those of the advisor, of issue 81775 and of releases.
func Advisor() map[string]string { return merged(advisorTopics()) }

// topics are all there are. What a new part of the program says goes into one of its own.
func topics() []map[string]string {
	return append(append(append(advisorTopics(), pageTopics()...), screenTopics()...), notices(), inspection())
}

// Notices are what the command line says beside reports.
func Notices() map[string]string { return merged([]map[string]string{notices(), inspection()}) }

// Said are the formats of what is made in English and said again: help, errors and what
// to do about them.
func Said() map[string]string { return merged(saidTopics()) }

func saidTopics() []map[string]string {
	return append(append(helpTopics(), problemTopics()...), append(resultTopics(), system(), Roles())...)
}

// Results are what is written down beside numbers when something is read or measured.
func Results() map[string]string { return merged(resultTopics()) }

func resultTopics() []map[string]string {
	return []map[string]string{findings(), notes(), budgets(), labNotes(), plans(), evidence(), measuredOn()}
}

// Help are the texts of commands and flags, paragraph by paragraph.
func Help() map[string]string { return merged(helpTopics()) }

func helpTopics() []map[string]string {
	return []map[string]string{help(), helpProbe(), helpLab(), helpChange(), nodeHelp(), inspectHelp(), helpAgent(), askedHelp()}
}

// Problems are errors and their remedies, and what goes on.
func Problems() map[string]string { return merged(problemTopics()) }

func problemTopics() []map[string]string {
	return []map[string]string{
		problems(), problemsOfRuns(), problemsOfClusters(), problemsOfFiles(), problemsOfRequests(), problemsOfProbes(),
		problemsOfPods(), problemsOfLabs(), problemsOfForms(), problemsOfAsking(), states(), nodeProblems(), inspectProblems(),
		askedProblems(), prometheusProblems(),
	}
}

// System are the words of the operating system and of Go.
func System() map[string]string { return system() }

// Roles are the comments of roles.
func Roles() map[string]string { return merged([]map[string]string{roles(), inspectRoles()}) }

func advisorTopics() []map[string]string {
	return []map[string]string{verdict(), cost(), rules(), surroundings(), runbook(), thresholds(), habits(), reuse(), releases(), nodes(), autopsy(), measuredHabits()}
}

func pageTopics() []map[string]string {
	return []map[string]string{card(), read(), estimate(), picture(), drill(), lab(), probe(), change(), nodeReports(), autopsyReports(), connectionPages()}
}

func screenTopics() []map[string]string {
	return []map[string]string{screens(), keys(), start(), cluster(), advice(), answers(), live(), measure(), asks()}
}

func merged(topics []map[string]string) map[string]string {
	all := map[string]string{}
	for _, t := range topics {
		maps.Copy(all, t)
	}
	return all
}
