package server

import (
	"net/netip"
	"sync"

	"golang.org/x/time/rate"
)

// maxAskers is for how many networks a throttle remembers how often they asked.
const maxAskers = 4096

// A throttle lets each network do something so many times at once, then at a
// pace. Neighbours in the Internet (/24, /56) share: nobody can ask so often
// that others cannot.
type throttle struct {
	pace  rate.Limit
	burst int

	mu   sync.Mutex // guards near
	near map[netip.Prefix]*rate.Limiter
}

func newThrottle(pace rate.Limit, burst int) *throttle {
	return &throttle{pace: pace, burst: burst, near: map[netip.Prefix]*rate.Limiter{}}
}

// allow reports whether an address may do it now.
func (t *throttle) allow(from netip.Addr) bool {
	bits := 24
	if from.Is6() {
		bits = 56
	}
	near, err := from.WithZone("").Prefix(bits)
	if err != nil { // nobody knows who it is: all such are one
		near = netip.Prefix{}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.near[near] == nil {
		if len(t.near) >= maxAskers {
			clear(t.near)
		}
		t.near[near] = rate.NewLimiter(t.pace, t.burst)
	}
	return t.near[near].Allow()
}

// limits hold for all askers together, and for one network to a third of that.
type limits struct {
	all  *rate.Limiter
	each *throttle
}

func newLimits(pace rate.Limit, burst int) *limits {
	return &limits{rate.NewLimiter(pace, burst), newThrottle(pace/3, burst/3)}
}

// allow reports whether an address may ask now. What one network is refused is
// not taken from the others. This machine stands for all whom a web server
// before us does not name.
func (l *limits) allow(from netip.Addr) bool {
	return (!from.IsValid() || from.IsLoopback() || l.each.allow(from)) && l.all.Allow()
}
