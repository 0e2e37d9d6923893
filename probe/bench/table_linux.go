package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// bench is the program inside its namespace.
func bench(ctx context.Context, n, rounds int) error {
	if err := ip(ctx, "link", "set", "lo", "up"); err != nil {
		return err
	}
	dirs := [2]string{}
	for i := range dirs {
		dir, err := os.MkdirTemp("", "kpadvisor-bench")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		dirs[i] = dir
	}
	local := self(ctx, "server", nil, 0)
	local.Env = append(local.Env, directory+"="+dirs[0])
	if err := local.Start(); err != nil {
		return err
	}
	defer func() { _ = local.Process.Signal(syscall.SIGTERM); _ = local.Wait() }()
	far := self(ctx, "server", nil, syscall.CLONE_NEWNET)
	far.Env = append(far.Env, directory+"="+dirs[1], "VETH=1")
	start, err := far.StdinPipe()
	if err != nil {
		return err
	}
	if err := far.Start(); err != nil {
		return err
	}
	defer func() { _ = far.Process.Signal(syscall.SIGTERM); _ = far.Wait() }()
	if err := errors.Join(
		ip(ctx, "link", "add", "kpb0", "type", "veth", "peer", "name", "kpb1", "netns", strconv.Itoa(far.Process.Pid)),
		ip(ctx, "addr", "add", "10.77.0.1/24", "dev", "kpb0"),
		ip(ctx, "link", "set", "kpb0", "up")); err != nil {
		return err
	}
	if _, err := start.Write([]byte("x")); err != nil {
		return err
	}
	fmt.Println("               |    hits/s      ratio to ab | CPU us a hit  ratio to ab |   us  Connect | Handshake")
	fmt.Println("path        at |  probe     ab probe floor | probe    ab probe floor | Hands.    over | over wire")
	for _, path := range []struct{ name, device, address string }{{"loopback", "lo", "127.0.0.1:8080"}, {"veth", "kpb0", "10.77.0.2:8080"}} {
		if err := answers(ctx, path.address); err != nil {
			return err
		}
		for _, c := range []int{1, 64, 1000} {
			if err := row(ctx, path.name, path.device, "http://"+path.address+"/", c, n, rounds); err != nil {
				return err
			}
		}
	}
	return nil
}

func answers(ctx context.Context, address string) error {
	dialer := net.Dialer{Timeout: time.Second}
	for range 100 {
		c, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("no server at %s", address)
}

// row measures one concurrency: probe, ab, floor and probe beside tcpdump, in turn.
func row(ctx context.Context, name, device, url string, c, n, rounds int) error {
	var probes, abs, floors, wires []measured
	for range rounds {
		p, err1 := runSelf(ctx, "probe", url, c, n)
		a, err2 := runAB(ctx, url, c, n)
		f, err3 := runSelf(ctx, "floor", url, c, n)
		w, err4 := runWire(ctx, device, url, c, n)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			return err
		}
		probes, abs, floors, wires = append(probes, p), append(abs, a), append(floors, f), append(wires, w)
	}
	rate := func(m measured) float64 { return m.PerSecond }
	used := func(m measured) float64 { return m.CPUUs }
	handshake := func(m measured) float64 { return m.HandshakeUs }
	over := func(m measured) float64 { return m.ConnectUs - m.HandshakeUs }
	beyond := func(m measured) float64 { return m.HandshakeUs - m.WireUs }
	abRate, abUsed := column(abs, rate), column(abs, used)
	_, err := fmt.Fprintf(os.Stdout, "%-8s %5d | %6.0f %6.0f %5.2f %5.2f | %5.1f %5.1f %5.2f %5.2f | %6.1f %7.1f | %9.1f\n", name, c,
		column(probes, rate), abRate, column(probes, rate)/abRate, column(floors, rate)/abRate,
		column(probes, used), abUsed, column(probes, used)/abUsed, column(floors, used)/abUsed,
		column(probes, handshake), column(probes, over), column(wires, beyond))
	return err
}

// wire reads a capture (pcap, ns) and returns the median time from a SYN to
// its SYN-ACK, in µs.
func wire(capture []byte) (float64, error) {
	const fileHeader, packetHeader, ethernet = 24, 16, 14
	if len(capture) < fileHeader || binary.LittleEndian.Uint32(capture) != 0xa1b23c4d {
		return 0, errors.New("tcpdump wrote no capture with ns")
	}
	sent := map[uint16]int64{} // client port: when its SYN went by
	var took []float64
	for rest := capture[fileHeader:]; len(rest) >= packetHeader; {
		at := int64(binary.LittleEndian.Uint32(rest))*1e9 + int64(binary.LittleEndian.Uint32(rest[4:]))
		length := int(binary.LittleEndian.Uint32(rest[8:]))
		if len(rest) < packetHeader+length {
			break
		}
		packet := rest[packetHeader : packetHeader+length]
		rest = rest[packetHeader+length:]
		if len(packet) < ethernet+20 {
			continue
		}
		ip := packet[ethernet:]
		header := int(ip[0]&0xf) * 4
		if len(ip) < header+14 {
			continue
		}
		tcp := ip[header:]
		const syn, ack = 0x02, 0x10
		switch tcp[13] & (syn | ack) {
		case syn:
			sent[binary.BigEndian.Uint16(tcp)] = at
		case syn | ack:
			port := binary.BigEndian.Uint16(tcp[2:])
			if from, ok := sent[port]; ok {
				took = append(took, float64(at-from)/1e3)
				delete(sent, port)
			}
		}
	}
	if len(took) == 0 {
		return 0, errors.New("the capture holds no handshake")
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}
