package kit

// Panel is a frame with a title around lines.
type Panel struct {
	Title Line // at the top left
	Note  Line // at the top right
	Foot  Line // at the bottom left
	Token Token
}

// PanelEdge is what a panel takes of a width, and PanelRows of a height.
const (
	PanelEdge = 4
	PanelRows = 2
)

// Draw frames the lines in exactly w cells and, unless h is 0, exactly h rows. Lines that
// have no room are left out.
func (b Panel) Draw(p Palette, lines []Line, w, h int) []Line {
	if w < PanelEdge+1 || h != 0 && h < PanelRows {
		return nil
	}
	rows := len(lines)
	if h != 0 {
		rows = h - PanelRows
	}
	side := Span{Token: b.token(), Text: p.Fit("│")}
	out := []Line{b.edge(p, "╭", "╮", b.Title, b.Note, w)}
	for i := range rows {
		var l Line
		if i < len(lines) {
			l = lines[i]
		}
		row := append(Line{side, {Text: " "}}, l.Cut(w-PanelEdge, p.Ellipsis).Pad(w-PanelEdge)...)
		out = append(out, append(row, Span{Text: " "}, side))
	}
	return append(out, b.edge(p, "╰", "╯", b.Foot, nil, w))
}

func (b Panel) token() Token {
	if b.Token == Normal {
		return Muted
	}
	return b.Token
}

// edge is a border with something in it at the left and at the right.
func (b Panel) edge(p Palette, first, last string, title, note Line, w int) Line {
	t, room := b.token(), w-2
	blank := Span{Token: t, Text: " "}
	out := Line{{Token: t, Text: p.Fit(first)}}
	if len(title) > 0 && room > 6 {
		title = title.Cut(room-4, p.Ellipsis)
		out = append(append(append(out, blank), title...), blank)
		room -= title.Width() + 2
	}
	tail := Line{{Token: t, Text: p.Fit(last)}}
	if len(note) > 0 && note.Width()+4 <= room {
		room -= note.Width() + 3
		tail = append(append(Line{blank}, note...), Span{Token: t, Text: " " + p.Fit("─"+last)})
	}
	return append(append(out, Span{Token: t, Text: repeated(p.Fit("─"), room)}), tail...)
}
