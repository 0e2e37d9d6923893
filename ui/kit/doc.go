// Package kit is what a terminal is drawn with: text that fits, styles, a window on more
// lines than fit, and pictures. It knows nothing of this program and nothing of the
// terminal it draws for: values and a size in, lines out, so that screens and the text of
// reports draw alike. What is typed into is in package form.
package kit
