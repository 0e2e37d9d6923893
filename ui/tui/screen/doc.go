// Package screen is what every screen of the terminal interface is made with: the frame
// it fills, the keys that the program has, and commands that cannot break the terminal.
package screen
