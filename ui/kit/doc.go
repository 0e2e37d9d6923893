// Package kit is what a terminal is drawn with: text that fits, styles, a window on more
// lines than fit, and pictures. It knows nothing of this program and nothing of the
// terminal it draws for: values and a size in, lines out, so that screens and the text of
// reports draw alike. What is typed into is in package form.
//
// What there is in Bubbles, and why it is used or not:
//
//   - key: every binding. Help and behaviour come from the same values.
//   - textinput: every line that is typed into, for its editing. It is drawn by package
//     form: its own cursor blinks, which is a timer, and nothing is written to a terminal
//     on which nothing happens.
//   - help: its interface, which the key map keeps. Its view is a styled string; Usage is
//     a line like all others, in the characters of this terminal.
//   - viewport: no. It takes a finished string; Pager takes lines before they are painted,
//     so that no escape sequence is ever cut, and says how many it does not show.
//   - list: no. Each of its items has the same height and it owns the page; lists here
//     stand among other lines, and a row says in lines of its own what is wrong with it.
//   - table: no. Its cells are plain strings; here they hold bars, colours and links.
//   - spinner: no. It is a timer as well, and seconds and counts say more.
//   - progress: no. What it adds to twenty cells of a line is an animation.
//
// Nor is Huh used for forms: it draws itself, group by group, in place of the screen. A
// form here is a few lines beside what would follow from it, and every answer shows that
// before it is given.
package kit
