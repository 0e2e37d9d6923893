package probe

// cpuTimes are times in ns since some fixed point; of a thread: on the CPU and
// waiting for one, of the machine: stolen by the hypervisor and all together.
type cpuTimes struct {
	part, whole int64 // waiting and waiting+running; stolen and all
	known       bool
}

func (c cpuTimes) since(before cpuTimes) cpuTimes {
	return cpuTimes{part: c.part - before.part, whole: c.whole - before.whole, known: c.known && before.known}
}

func (c cpuTimes) plus(d cpuTimes) cpuTimes {
	return cpuTimes{part: c.part + d.part, whole: c.whole + d.whole, known: c.known || d.known}
}

// share is part of whole, 0 to 1.
func (c cpuTimes) share() Share {
	if !c.known || c.whole <= 0 {
		return Share{}
	}
	return Share{Known: true, Value: float64(c.part) / float64(c.whole)}
}

// Share is a fraction from 0 to 1, or not known.
type Share struct {
	Known bool    `json:"known"`
	Value float64 `json:"value"`
}
