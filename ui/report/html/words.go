package html

// language is that of the words below and, so far, of every document.
const language = "en"

// The words that are of this face alone: what its signs mean, and what can be opened.
const (
	wordContents   = "Contents"
	wordRemedy     = "Remedy:"
	wordConfidence = "Confidence"
	wordNumbers    = "The numbers of this picture"
	wordMore       = "More on this row"
	wordMoreOn     = "More on "
	wordTable      = "Table"
	wordAdvised    = "advised"
	wordUnknown    = "not known"
	wordEstimate   = "estimate"
	wordMeasured   = "measured"
	wordRange      = "what is known of a value, from its lowest to its highest"
	wordAgainst    = " against "
	wordNear       = "around "
	wordZeroTo     = "0 to "
	wordOver       = "over "
	wordInterval   = " % intervals"
	wordQuantiles  = "marks at "
	wordData       = "The data that this document was made from"
)
