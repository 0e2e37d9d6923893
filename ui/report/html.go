package report

import (
	"io"

	"kpadvisor/ui/page"
	"kpadvisor/ui/report/html"
)

// HTML writes a document as one file that needs no network and runs no script.
func HTML(w io.Writer, d page.Document) error { return written(w, html.Page(d)) }
