package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"

	"github.com/moby/ipvs"

	"kpadvisor/plain"
)

// leavingServer is a real server with weight 0 that waits for its connections
// to end.
type leavingServer struct {
	vs *ipvs.Service
	rs *ipvs.Destination
}

// leave takes a real server out of service as GracefulDeleteRS of kube-proxy's
// graceful_termination.go does: at once if it has no connection, else by weight
// 0, to be deleted by a later reap.
func (p *ipvsPlane) leave(vs *ipvs.Service, rs *ipvs.Destination) error {
	left, err := p.deleteIfIdle(vs, rs)
	if err != nil || left == 0 {
		return err
	}
	rs.Weight = 0
	if err := p.ipvs.UpdateDestination(vs, rs); err != nil {
		return fmt.Errorf("could not set a real server's weight to 0: %w", err)
	}
	p.leaving = append(p.leaving, leavingServer{vs, rs})
	return nil
}

// take adds a real server. One that was leaving goes first, as
// MoveRSOutofGracefulDeleteList of kube-proxy has it.
func (p *ipvsPlane) take(vs *ipvs.Service, rs *ipvs.Destination) error {
	if i := slices.IndexFunc(p.leaving, func(l leavingServer) bool { return l.is(vs, rs) }); i >= 0 {
		p.leaving = slices.Delete(p.leaving, i, i+1)
		if err := p.ipvs.DelDestination(vs, rs); err != nil {
			return fmt.Errorf("could not delete a real server that was leaving: %w", err)
		}
	}
	return p.ipvs.NewDestination(vs, rs)
}

// forget drops those that leave with their virtual server.
func (p *ipvsPlane) forget(vs *ipvs.Service) {
	p.leaving = slices.DeleteFunc(p.leaving, func(l leavingServer) bool { return sameServer(l.vs, vs) })
}

func (l leavingServer) is(vs *ipvs.Service, rs *ipvs.Destination) bool {
	return sameServer(l.vs, vs) && l.rs.Address.Equal(rs.Address) && l.rs.Port == rs.Port
}

func sameServer(a, b *ipvs.Service) bool {
	return a.Address.Equal(b.Address) && a.Port == b.Port && a.Protocol == b.Protocol
}

// reap is the check kube-proxy makes every minute (tryDeleteRs): it deletes
// those that have no connection left, and says how many connections the others
// have.
func (p *ipvsPlane) reap() (connections int, err error) {
	var stay []leavingServer
	for _, l := range p.leaving {
		left, err := p.deleteIfIdle(l.vs, l.rs)
		if err != nil {
			return 0, err
		}
		if left > 0 {
			connections, stay = connections+left, append(stay, l)
		}
	}
	p.leaving = stay
	return connections, nil
}

// leavingConnections is what reap would return if it deleted nothing.
func (p *ipvsPlane) leavingConnections() (connections int, err error) {
	for _, l := range p.leaving {
		n, err := p.connections(l.vs, l.rs)
		if err != nil {
			return 0, err
		}
		connections += n
	}
	return connections, nil
}

// connections is the number of a real server's, active and inactive ones.
func (p *ipvsPlane) connections(vs *ipvs.Service, rs *ipvs.Destination) (int, error) {
	all, err := p.ipvs.GetDestinations(vs)
	if err != nil {
		return 0, fmt.Errorf("could not read the real servers: %w", err)
	}
	for _, d := range all {
		if d.Address.Equal(rs.Address) && d.Port == rs.Port {
			return d.ActiveConnections + d.InactiveConnections, nil
		}
	}
	return 0, nil
}

// deleteIfIdle deletes a real server, unless it has connections: then it
// returns their number.
func (p *ipvsPlane) deleteIfIdle(vs *ipvs.Service, rs *ipvs.Destination) (connections int, err error) {
	if connections, err = p.connections(vs, rs); err != nil || connections > 0 {
		return connections, err
	}
	if err := p.ipvs.DelDestination(vs, rs); err != nil {
		return 0, fmt.Errorf("could not delete a real server: %w", err)
	}
	return 0, nil
}

// setIPVS sets a sysctl of IPVS in the calling thread's network namespace.
func setIPVS(name string, value int) error {
	err := setSysctl("net/ipv4/vs/"+name, strconv.Itoa(value))
	if errors.Is(err, fs.ErrNotExist) { // not shown in a user namespace (ip_vs_control_net_init_sysctl)
		return plain.Fail("this kernel does not let an ordinary user set net.ipv4.vs."+name,
			"run the lab as root, in its own namespaces it touches nothing of the host, or in user-mode Linux: --in uml", err)
	}
	return err
}
