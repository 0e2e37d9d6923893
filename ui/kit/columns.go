package kit

// SideBySide puts two blocks beside each other, the second from column at on.
func SideBySide(left, right []Line, at int) []Line {
	out := make([]Line, max(len(left), len(right)))
	for i := range out {
		var l Line
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			l = append(l.Pad(at), right[i]...)
		}
		out[i] = l
	}
	return out
}

// Join puts a blank line between blocks that are not empty.
func Join(blocks ...[]Line) []Line {
	var out []Line
	for _, b := range blocks {
		if len(b) == 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, nil)
		}
		out = append(out, b...)
	}
	return out
}
