package autopsy

import "kpadvisor/advisor"

func (e report) nftables(c *comparison)                          {}
func (e report) ipvs() *advisor.IPVSAutopsy                      { return nil }
func (e report) leftovers() ([]advisor.Leftover, []advisor.Mode) { return nil, nil }
func (e report) inIPVS(c *comparison, nat, filter chains) bool   { return false }
