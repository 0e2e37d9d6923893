package autopsy

func (e report) nftables(c *comparison) {}
