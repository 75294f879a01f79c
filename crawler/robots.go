package crawler

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// robotsToken is the product token by which a robots.txt may address us.
const robotsToken = "veille"

// Limits on robots.txt: RFC 9309 §2.5 asks for at least 500 KiB to be read; a
// wish for more than two minutes between requests is taken as two minutes.
const (
	maxRobots     = 500 << 10
	maxCrawlDelay = 120 * time.Second
)

// rules are what a robots.txt says to one crawler (RFC 9309). The zero value
// allows everything.
type rules struct {
	paths []rule
	delay time.Duration // Crawl-delay, 0 if there is none; not in the RFC, honoured all the same
}

// A rule allows or disallows the paths that match its pattern.
type rule struct {
	allow   bool
	pattern string // normalised, see normalisePath
}

// parseRobots reads the groups of a robots.txt that name the product token, or
// those for "*" if none does. Groups for the same crawler are merged. It
// accepts anything: what is not understood is passed over, as are rules that
// stand before the first user-agent line.
func parseRobots(text []byte, token string) *rules {
	if len(text) > maxRobots {
		text = text[:maxRobots]
	}
	p := &robotsParser{token: token}
	text = trimBOM(text)
	for len(text) > 0 {
		line := text
		if i := bytes.IndexAny(text, "\r\n"); i >= 0 {
			line, text = text[:i], text[i+1:]
		} else {
			text = nil
		}
		if key, value, ok := robotsLine(string(line)); ok {
			p.add(key, value)
		}
	}
	if p.named {
		return &p.own
	}
	return &p.any
}

// trimBOM cuts a byte order mark, or as much of one as there is: files that
// lost its end have been seen.
func trimBOM(text []byte) []byte {
	for _, b := range []byte("\xef\xbb\xbf") {
		if len(text) == 0 || text[0] != b {
			break
		}
		text = text[1:]
	}
	return text
}

// robotsLine takes "key: value # comment" apart. A colon that was forgotten
// is tolerated if there are just two words.
func robotsLine(line string) (key, value string, ok bool) {
	line, _, _ = strings.Cut(line, "#")
	line = strings.Trim(line, " \t\x00\v\f")
	if key, value, ok = strings.Cut(line, ":"); ok {
		return strings.TrimSpace(key), strings.TrimSpace(value), true
	}
	if w := strings.Fields(line); len(w) == 2 {
		return w[0], w[1], true
	}
	return "", "", false
}

// A robotsParser collects the rules of the groups that concern us.
type robotsParser struct {
	token    string
	own, any rules
	named    bool // a group names the token
	// inOwn and inAny say whom the current group addresses; closed says that
	// it has had a rule, so that the next user-agent line begins another.
	inOwn, inAny, closed bool
	groupDelay           time.Duration // Crawl-delay seen in the group so far
}

func (p *robotsParser) add(key, value string) {
	switch strings.ToLower(key) {
	case "user-agent", "useragent", "user agent":
		p.agent(value)
	case "allow":
		p.rule(true, value)
	case "disallow", "dissallow", "disalow", "dissalow", "disallaw", "diasllow":
		p.rule(false, value)
	case "crawl-delay", "crawldelay":
		p.delay(value)
	}
}

func (p *robotsParser) agent(value string) {
	if p.closed {
		p.inOwn, p.inAny, p.closed, p.groupDelay = false, false, false, 0
	}
	if value == "*" || strings.HasPrefix(value, "* ") {
		p.inAny = true
		return
	}
	if strings.EqualFold(productToken(value), p.token) {
		p.inOwn, p.named = true, true
		p.own.delay = max(p.own.delay, p.groupDelay)
	}
}

// productToken cuts what follows the token: a version, a comment.
func productToken(s string) string {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && s[i] != '-' && s[i] != '_' {
			return s[:i]
		}
	}
	return s
}

func (p *robotsParser) rule(allow bool, value string) {
	p.closed = true
	if value == "" {
		return // an empty pattern matches nothing
	}
	r := rule{allow, normalisePath(value)}
	if p.inOwn {
		p.own.paths = append(p.own.paths, r)
	}
	if p.inAny {
		p.any.paths = append(p.any.paths, r)
	}
}

func (p *robotsParser) delay(value string) {
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || !(seconds > 0) {
		return
	}
	d := maxCrawlDelay
	if seconds < maxCrawlDelay.Seconds() {
		d = time.Duration(seconds * float64(time.Second))
	}
	p.groupDelay = d
	if p.inOwn {
		p.own.delay = max(p.own.delay, d)
	}
	if p.inAny {
		p.any.delay = max(p.any.delay, d)
	}
}

// allows reports whether a path (with its query) may be fetched, and the
// pattern that decided, "" if none matched. The longest matching pattern
// decides, by octets; of two equally long ones, the one that allows.
func (r *rules) allows(path string) (ok bool, pattern string) {
	if path == "" {
		path = "/"
	}
	path = normalisePath(path)
	ok = true
	for _, rule := range r.paths {
		longer := len(rule.pattern) > len(pattern)
		tie := len(rule.pattern) == len(pattern) && rule.allow
		if (longer || tie) && matchPath(rule.pattern, path) {
			ok, pattern = rule.allow, rule.pattern
		}
	}
	return ok, pattern
}

// matchPath matches a pattern against the beginning of a path: "*" stands for
// any octets, and "$" at the end of the pattern for the end of the path.
func matchPath(pattern, path string) bool {
	pattern, anchored := strings.CutSuffix(pattern, "$")
	parts := strings.Split(pattern, "*")
	path, ok := strings.CutPrefix(path, parts[0])
	if !ok {
		return false
	}
	if len(parts) == 1 {
		return !anchored || path == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		i := strings.Index(path, part)
		if i < 0 {
			return false
		}
		path = path[i+len(part):]
	}
	if anchored {
		return strings.HasSuffix(path, parts[last])
	}
	return strings.Contains(path, parts[last])
}

// normalisePath brings a pattern or path into the form in which they are
// compared (RFC 9309 §2.2.2): octets outside ASCII are percent-encoded,
// percent-encoded unreserved characters are decoded, hex digits are upper case.
func normalisePath(s string) string {
	const upper = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 0x80:
			b.Write([]byte{'%', upper[c>>4], upper[c&15]})
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			d := unhex(s[i+1])<<4 | unhex(s[i+2])
			if isUnreserved(d) {
				b.WriteByte(d)
			} else {
				b.Write([]byte{'%', upper[d>>4], upper[d&15]})
			}
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// isUnreserved is RFC 3986 §2.3.
func isUnreserved(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '-' || c == '.' || c == '_' || c == '~'
}
