package source

import (
	"bytes"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// DefaultMinDelay is the pause between two requests to a host of which the
// file says nothing else.
const DefaultMinDelay = 5 * time.Second

// The values of Host.Robots.
const (
	RobotsObey      = "obey"      // do what robots.txt says
	RobotsPermitted = "permitted" // the publisher has allowed more, see Host.Permission
)

// A Host is how to behave towards one host.
type Host struct {
	// Name is the name under which requests are counted and addresses are
	// kept; an alias has the name of its host.
	Name string
	// MinDelay is the least pause between two requests.
	MinDelay time.Duration
	// Aliases are other names of the same host; addresses on them are kept under Name.
	Aliases []string
	// HTTPS says that http addresses of this host are the same as https ones.
	HTTPS bool
	// Robots is RobotsObey or RobotsPermitted.
	Robots string
	// Permission says who allowed what and when; required with RobotsPermitted.
	Permission string
	// Blocked are the answers that are no page but a refusal, NotFound those
	// that say "not found" with another status. A Host given by [List.Host]
	// holds the host's own signatures first, then the general ones.
	Blocked, NotFound []Signature
	// Unavailable are the answers by which the host says, whatever the status,
	// that it is down or has failed.
	Unavailable []Signature
	// MustContain are texts without which a page of the host is not whole.
	MustContain []string
	// DropParams are query parameters that do not change the page; a final *
	// stands for any ending.
	DropParams []string
	// Refuse are addresses that are never taken: traps.
	Refuse []*regexp.Regexp
	// Note is for the operator.
	Note string
}

// A Signature recognises one kind of answer. All the parts that are given
// must match; a signature without parts matches nothing.
type Signature struct {
	Status      int    // HTTP status, 0 for any
	Header      string // a header that must be there
	HeaderValue string // text in that header's value, in any case; "" for any value
	Text        string // text in the body, in any case
	MaxBytes    int    // the body is not longer than this; 0 for any length
	Reason      string // what it is, for the operator
}

// Matches reports whether an answer has this signature. The body is the
// decoded one.
func (s Signature) Matches(status int, h http.Header, body []byte) bool {
	if s.Status == 0 && s.Header == "" && s.Text == "" {
		return false
	}
	if s.Status != 0 && s.Status != status || s.MaxBytes > 0 && len(body) > s.MaxBytes {
		return false
	}
	if s.Header != "" && !headerHas(h, s.Header, s.HeaderValue) {
		return false
	}
	return s.Text == "" || bytes.Contains(bytes.ToLower(body), []byte(strings.ToLower(s.Text)))
}

func headerHas(h http.Header, name, value string) bool {
	for _, v := range h.Values(name) {
		if strings.Contains(strings.ToLower(v), strings.ToLower(value)) {
			return true
		}
	}
	return false
}

// String describes the signature in one line: its reason if it has one.
func (s Signature) String() string {
	if s.Reason != "" {
		return s.Reason
	}
	var parts []string
	if s.Status != 0 {
		parts = append(parts, "status "+http.StatusText(s.Status))
	}
	if s.Header != "" {
		parts = append(parts, strings.TrimSuffix("header "+s.Header+": "+s.HeaderValue, ": "))
	}
	if s.Text != "" {
		parts = append(parts, "the words “"+s.Text+"”")
	}
	return strings.Join(parts, ", ")
}

// Host returns how to behave towards a host, given as "name" or "name:port".
// A port that the file does not name is ignored. If the host is neither named
// nor an alias, the longest "*.name" that covers it counts, else the defaults.
func (l *List) Host(hostport string) Host {
	x := l.lookup()
	hostport = plainHost(hostport)
	h, ok := l.Hosts[x.named(hostport)]
	switch {
	case ok && h.Name == "":
		h.Name = x.named(hostport)
	case !ok || strings.HasPrefix(h.Name, "*."):
		h.Name = hostport
	}
	if !ok {
		h.MinDelay = DefaultMinDelay
	}
	if h.Robots == "" {
		h.Robots = RobotsObey
	}
	h.Blocked = slices.Concat(h.Blocked, l.Blocked, generalBlocked)
	h.NotFound = slices.Concat(h.NotFound, l.NotFound, generalNotFound)
	h.Unavailable = slices.Concat(h.Unavailable, l.Unavailable)
	return h
}

// BlockedBy returns the first signature of a refusal that an answer has:
// the source's own, then the host's, then the general ones. s may be nil.
func (l *List) BlockedBy(s *Source, hostport string, status int, h http.Header, body []byte) (Signature, bool) {
	var own []Signature
	if s != nil {
		own = s.Blocked
	}
	return first(slices.Concat(own, l.Host(hostport).Blocked), status, h, body)
}

// NotFoundBy returns the first "not found" signature that an answer has, in
// the order of [List.BlockedBy]. s may be nil.
func (l *List) NotFoundBy(s *Source, hostport string, status int, h http.Header, body []byte) (Signature, bool) {
	var own []Signature
	if s != nil {
		own = s.NotFound
	}
	return first(slices.Concat(own, l.Host(hostport).NotFound), status, h, body)
}

// UnavailableBy returns the first signature of a host that is down or has
// failed, in the order of [List.BlockedBy]. s may be nil.
func (l *List) UnavailableBy(s *Source, hostport string, status int, h http.Header, body []byte) (Signature, bool) {
	var own []Signature
	if s != nil {
		own = s.Unavailable
	}
	return first(slices.Concat(own, l.Host(hostport).Unavailable), status, h, body)
}

// MustContain returns the texts that a whole page of the source on a host has:
// the source's own and the host's. s may be nil.
func (l *List) MustContain(s *Source, hostport string) []string {
	host := l.Host(hostport).MustContain
	if s == nil || len(s.MustContain) == 0 {
		return host
	}
	return append(slices.Clone(s.MustContain), host...)
}

func first(signatures []Signature, status int, h http.Header, body []byte) (Signature, bool) {
	for _, s := range signatures {
		if s.Matches(status, h, body) {
			return s, true
		}
	}
	return Signature{}, false
}

// plainHost lowers a host's case and takes off a final dot and a default port.
func plainHost(hostport string) string {
	h := strings.ToLower(strings.TrimSpace(hostport))
	h = strings.TrimSuffix(strings.TrimSuffix(h, ":443"), ":80")
	return strings.TrimSuffix(h, ".")
}

// withoutPort takes off a port, of an IPv6 address too.
func withoutPort(hostport string) string {
	i := strings.LastIndexByte(hostport, ':')
	if i < 0 || strings.HasSuffix(hostport, "]") {
		return hostport
	}
	return hostport[:i]
}

// Loopback reports whether a host, given as "name" or "name:port", is this
// machine: an address in 127.0.0.0/8, ::1, or a name under localhost.
func Loopback(hostport string) bool {
	host := strings.Trim(withoutPort(plainHost(hostport)), "[]")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// generalBlocked are the refusals that many hosts use. Text is looked for in
// short bodies only, so that a page which speaks of them is not one of them.
var generalBlocked = []Signature{
	{Header: "x-amzn-waf-action", Reason: "challenge of a web application firewall"},
	{Header: "cf-mitigated", HeaderValue: "challenge", Reason: "challenge of a content network"},
	{Status: http.StatusForbidden, Reason: "access refused (403)"},
	{Status: http.StatusUnauthorized, Reason: "access refused (401)"},
	{Status: http.StatusTooManyRequests, Reason: "too many requests (429)"},
	{Status: http.StatusAccepted, MaxBytes: 1, Reason: "accepted (202) without a page"},
	{Text: "the requested url was rejected", MaxBytes: 8 << 10, Reason: "request rejected by a firewall"},
	{Text: "<title>request rejected</title>", MaxBytes: 8 << 10, Reason: "request rejected by a firewall"},
	{Text: "<title>just a moment...</title>", MaxBytes: 64 << 10, Reason: "challenge of a content network"},
	{Text: "complete the captcha", MaxBytes: 16 << 10, Reason: "captcha"},
	{Text: "verify you are human", MaxBytes: 16 << 10, Reason: "captcha"},
	{Text: "checking your browser before accessing", MaxBytes: 16 << 10, Reason: "browser check"},
	{Text: "incapsula incident id", MaxBytes: 16 << 10, Reason: "request rejected by a firewall"},
}

// generalNotFound are titles that say "not found" whatever the status says.
var generalNotFound = []Signature{
	{Text: "<title>page not found", Reason: "the title says: page not found"},
	{Text: "<title>404", Reason: "the title says: 404"},
	{Text: "<title>page introuvable", Reason: "the title says: page introuvable"},
	{Text: "<title>page non trouvée", Reason: "the title says: page non trouvée"},
	{Text: "<title>pagina niet gevonden", Reason: "the title says: pagina niet gevonden"},
	{Text: "<title>seite nicht gefunden", Reason: "the title says: Seite nicht gefunden"},
}
