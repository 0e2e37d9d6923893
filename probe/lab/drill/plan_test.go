package drill

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite testdata")

// TestSteps holds the update of each kind against a golden: what kubelet and
// kube-proxy do, and when.
func TestSteps(t *testing.T) {
	for name, change := range map[string]func(*Plan){
		"speed-1":    func(p *Plan) { p.Speed = 1 },
		"speed-10":   func(*Plan) {},
		"lost":       func(p *Plan) { p.Speed, p.Lost = 1, true },
		"lost-20":    func(p *Plan) { p.Speed, p.Lost, p.Rate = 20, true, 60 },
		"other-load": func(p *Plan) { p.Rate, p.Ports, p.Speed = 12.5, 100, 1.5 },
	} {
		p := DefaultPlan()
		change(&p)
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, mode := range []string{IPVS, NFTables} {
			b.WriteString(mode + "\n" + p.Describe(mode))
		}
		file := filepath.Join("testdata", "steps-"+name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s differs (run with -update and read the diff):\n%s", file, b.String())
		}
	}
}

// Whatever the speed: the steps are in order, all things come after the first
// round of ports, and the checks stand a minute apart as kube-proxy counts it.
func TestStepsInOrder(t *testing.T) {
	for speed := 1.0; speed <= MaxSpeed; speed += 0.7 {
		for _, lost := range []bool{false, true} {
			p := DefaultPlan()
			p.Speed, p.Lost, p.Rate = speed, lost, 100
			if err := p.Validate(); err != nil {
				t.Fatal(err)
			}
			before, check := time.Duration(0), time.Duration(0)
			for i, s := range p.Steps(true) {
				if s.At <= before || i == 0 && s.At < p.Round() {
					t.Errorf("speed %g: step %d, %s, at %v after %v", speed, i, s.Do, s.At, before)
				}
				before = s.At
				if s.Do == Terminating {
					check = s.At
				}
				if s.Do == Check {
					if gap := time.Duration(float64(s.At-check) * speed); (gap - time.Minute).Abs() > time.Millisecond {
						t.Errorf("speed %g: %v between checks", speed, gap)
					}
					check = s.At
				}
			}
			if before != p.Length() || p.IntervalLength()*130 < before {
				t.Errorf("speed %g: ends at %v, length %v, intervals of %v", speed, before, p.Length(), p.IntervalLength())
			}
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	for want, change := range map[string]func(*Plan){
		"0 configurations":      func(p *Plan) { p.Configs = nil },
		"17 configurations":     func(p *Plan) { p.Configs = make([]Config, 17) },
		"no mode of a drill":    func(p *Plan) { p.Configs = []Config{{Mode: "userspace"}} },
		"needs its sysctls":     func(p *Plan) { p.Configs = []Config{{Mode: IPVS}} },
		"has no sysctls":        func(p *Plan) { p.Configs = []Config{{NFTables, &Sysctls{}}} },
		"knows 0 and 1":         func(p *Plan) { p.Configs = []Config{InIPVS(2, 0, 0)} },
		"there twice":           func(p *Plan) { p.Configs = []Config{InIPVS(1, 0, 0), InIPVS(1, 0, 0)} },
		"1 backends":            func(p *Plan) { p.Backends = 1 },
		"9 backends":            func(p *Plan) { p.Backends = 9 },
		"0 connections":         func(p *Plan) { p.Rate = 0 },
		"NaN connections":       func(p *Plan) { p.Rate = math.NaN() },
		"+Inf connections":      func(p *Plan) { p.Rate = math.Inf(1) },
		"1 source ports":        func(p *Plan) { p.Ports = 1 },
		"4001 source ports":     func(p *Plan) { p.Ports = 4001 },
		"speed 0.5":             func(p *Plan) { p.Speed = 0.5 },
		"speed NaN":             func(p *Plan) { p.Speed = math.NaN() },
		"timeout of 1ms":        func(p *Plan) { p.Timeout = time.Millisecond },
		"timeout of 1m0s":       func(p *Plan) { p.Timeout = time.Minute },
		"come round every 2s":   func(p *Plan) { p.Speed = 30 },
		"come round every 2m0s": func(p *Plan) { p.Speed, p.Ports, p.Rate = 1, 3600, 30 },
	} {
		p := DefaultPlan()
		change(&p)
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// The probability is that of facts about IPVS: certain from 235/s with the usual
// ports, and 8.5 % at 20/s.
func TestReuseShare(t *testing.T) {
	for _, c := range []struct {
		rate  float64
		ports int
		want  float64
	}{{20, DefaultPorts, 0.085}, {236, DefaultPorts, 1}, {30, 60, 1}} {
		p := Plan{Rate: c.rate, Ports: c.ports}
		if got := p.ReuseShare(); math.Abs(got-c.want) > 0.001 {
			t.Errorf("%g/s from %d ports: %g, want %g", c.rate, c.ports, got, c.want)
		}
	}
	if r := SameReuseRate(); r < 235 || r > 236 {
		t.Errorf("certain from %g/s", r)
	}
}

func TestMatrix(t *testing.T) {
	all := Matrix()
	for i, c := range all {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		for _, d := range all[:i] {
			if c.Same(d) || c.String() == d.String() {
				t.Errorf("%s is there twice", c)
			}
		}
	}
	if len(all) != 3+8 {
		t.Errorf("%d configurations", len(all))
	}
}
