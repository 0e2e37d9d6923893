// Package licenses holds the texts under which everything that is linked into the
// program may be passed on. Most of them ask to be passed on with it.
package licenses

import _ "embed" // the text

// Text names every module that is linked on some platform, with its version, under
// the license, notice and patent texts that its packages come with; equal texts
// stand once. The test of this package writes it from the modules themselves.
//
//go:embed licenses.txt
var text string

// Text returns the whole of it.
func Text() string { return text }
