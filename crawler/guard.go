package crawler

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// A guard says which addresses may be connected to: public ones; and loopback
// or private ones only where sources.yaml names the very host, or the operator
// allows the network. It looks at addresses after their names were resolved,
// so that no name can lead elsewhere.
type guard struct {
	named map[string]bool // hosts with ports, as dialled, that may be this machine
	allow []netip.Prefix
	roots *x509.CertPool // nil: the system's
}

// control is the check for one dialled address ("host:port").
func (g *guard) control(addr string) func(network, address string, _ syscall.RawConn) error {
	safe := ssrf.New(ssrf.WithAnyPort())
	return func(network, address string, c syscall.RawConn) error {
		ip, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("connect to %s: %w", address, err)
		}
		a := ip.Addr().Unmap()
		if a.IsLoopback() && g.named[strings.ToLower(addr)] {
			return nil
		}
		for _, p := range g.allow {
			if p.Contains(a) {
				return nil
			}
		}
		if err := safe.Safe(network, address, c); err != nil {
			return fmt.Errorf("%s is an address of a private network; name the host in sources.yaml if it is yours", a)
		}
		return nil
	}
}

// dialled is an address as the transport dials it: host and port.
func dialled(scheme, host string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return strings.ToLower(host)
	}
	port := "80"
	if scheme == "https" {
		port = "443"
	}
	return strings.ToLower(net.JoinHostPort(strings.Trim(host, "[]"), port))
}
