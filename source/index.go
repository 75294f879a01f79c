package source

import (
	"regexp"
	"slices"
	"strings"
)

// index answers the questions that are asked for every address. It is made
// once, when the first of them is asked.
type index struct {
	ids     map[string]*Source // by id; the first one wins
	pages   map[string]*Source // by canonical address
	params  []string           // dropped on every host
	hosts   map[string]Host
	aliases map[string]string // alias to name
	wild    []string          // "*.name", longest first
	byHost  map[string]*rules // what sources say of the hosts they name
}

// rules are what canonical addresses of one host must obey.
type rules struct {
	https  bool
	params []string
	refuse []*regexp.Regexp
}

func (l *List) lookup() *index {
	l.once.Do(func() { l.index = newIndex(l) })
	return l.index
}

func newIndex(l *List) *index {
	x := &index{
		ids:     map[string]*Source{},
		pages:   map[string]*Source{},
		params:  l.DropParams,
		hosts:   l.Hosts,
		aliases: map[string]string{},
		byHost:  map[string]*rules{},
	}
	for name, h := range l.Hosts {
		if strings.HasPrefix(name, "*.") {
			x.wild = append(x.wild, name)
		}
		for _, a := range h.Aliases {
			x.aliases[plainHost(a)] = name
		}
	}
	slices.SortFunc(x.wild, func(a, b string) int { return len(b) - len(a) })
	for _, s := range l.Sources {
		x.add(s)
	}
	return x
}

func (x *index) add(s *Source) {
	if x.ids[s.ID] == nil {
		x.ids[s.ID] = s
	}
	for _, d := range s.Pages {
		for _, p := range d.Pages {
			if x.pages[p.URL] == nil {
				x.pages[p.URL] = s
			}
		}
	}
	if len(s.DropParams) == 0 && len(s.Refuse) == 0 {
		return
	}
	done := map[string]bool{}
	for _, ref := range s.Addresses() {
		host := x.alias(strings.ToLower(hostOf(ref.URL)))
		if done[host] {
			continue
		}
		done[host] = true
		if x.byHost[host] == nil {
			x.byHost[host] = &rules{}
		}
		r := x.byHost[host]
		r.params = append(r.params, s.DropParams...)
		r.refuse = append(r.refuse, s.Refuse...)
	}
}

// alias returns the name of the host that a host and port is an alias of, or
// the host itself.
func (x *index) alias(hostport string) string {
	for _, h := range []string{hostport, plainHost(hostport), withoutPort(hostport)} {
		if name, ok := x.aliases[h]; ok {
			return name
		}
	}
	return hostport
}

// named returns the key of hosts that speaks of a host and port, "" if none does.
func (x *index) named(hostport string) string {
	host := x.alias(hostport)
	for _, h := range []string{host, withoutPort(host)} {
		if _, ok := x.hosts[h]; ok {
			return h
		}
	}
	for _, w := range x.wild {
		if strings.HasSuffix(withoutPort(host), w[1:]) {
			return w
		}
	}
	return ""
}

// rules returns what holds for canonical addresses on a host.
func (x *index) rules(host string) rules {
	var all rules
	if h, ok := x.hosts[x.named(plainHost(host))]; ok {
		all = rules{https: h.HTTPS, params: h.DropParams, refuse: h.Refuse}
	}
	if s := x.byHost[host]; s != nil {
		all.params = slices.Concat(all.params, s.params)
		all.refuse = slices.Concat(all.refuse, s.refuse)
	}
	return all
}
