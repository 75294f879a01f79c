package extract

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"veille/archive"
	"veille/source"
)

// A verdict is a class, the kind of answer within it, and the sentence that
// explains it.
type verdict struct {
	class  archive.Class
	kind   Kind
	reason string
}

// Kind says more closely than the class what an answer is, so that an operator
// knows what to do about it.
type Kind string

// The kinds. Those of class blocked want another way to the text, those of
// class error patience or a look at the page.
const (
	KindChallenge   Kind = "challenge"   // blocked: a firewall's or content network's test for robots, a CAPTCHA
	KindRefused     Kind = "refused"     // blocked: 401, 403, 451, "Request Rejected", a filter on the way
	KindTooMany     Kind = "too-many"    // blocked: 429
	KindConsent     Kind = "consent"     // blocked: nothing is shown before cookies are accepted
	KindLogin       Kind = "login"       // blocked: for those who have an account
	KindNotFound    Kind = "not-found"   // gone, or soft-404
	KindMoved       Kind = "moved"       // moved: led to the front page, or nowhere
	KindMaintenance Kind = "maintenance" // error: the publisher works on it
	KindServer      Kind = "server"      // error: 5xx, or an error message with status 200
	KindRequest     Kind = "request"     // error: another 4xx
	KindNoAnswer    Kind = "no-answer"   // error: nothing came, or nothing whole
	KindEmpty       Kind = "empty"       // error: no text at all
	KindScript      Kind = "script"      // error: no text without JavaScript
	KindTruncated   Kind = "truncated"   // error: the answer breaks off, or lacks most of the page
	KindUnreadable  Kind = "unreadable"  // error: a format that is not read, or broken
)

func (v verdict) settled() bool { return v.class != "" }

// classifyHead judges what can be judged without reading the text: the
// status, the headers, where redirects led, the signatures of sources.yaml, an
// empty body or one that breaks off.
func classifyHead(c *archive.Capture, list *source.List) verdict {
	if c.Err != "" {
		return verdict{archive.Error, KindNoAnswer, "no usable answer: " + c.Err}
	}
	if c.Status == 0 {
		return verdict{archive.Error, KindNoAnswer, "no answer"}
	}
	for _, judge := range []func() verdict{
		func() verdict { return classifySigned(c, list) },
		func() verdict { return classifyStatus(c) },
		func() verdict { return classifyRedirect(c) },
	} {
		if v := judge(); v.settled() {
			return v
		}
	}
	if len(bytes.TrimSpace(c.Body)) == 0 {
		return verdict{archive.Error, KindEmpty, "the answer is empty"}
	}
	if why := truncated(c); why != "" {
		return verdict{archive.Error, KindTruncated, "truncated: " + why}
	}
	return verdict{}
}

// classifySigned applies the signatures of the source and of the host.
func classifySigned(c *archive.Capture, list *source.List) verdict {
	u, err := url.Parse(c.URL)
	if err != nil || list == nil {
		return verdict{}
	}
	src := list.Source(c.Source)
	if s, ok := list.BlockedBy(src, u.Host, c.Status, c.Header, c.Body); ok {
		kind := KindRefused
		if strings.Contains(strings.ToLower(s.Reason+s.Text+s.Header), "captcha") || strings.Contains(s.Reason, "challenge") || strings.Contains(s.Reason, "check") {
			kind = KindChallenge
		} else if c.Status == http.StatusTooManyRequests {
			kind = KindTooMany
		}
		return verdict{archive.Blocked, kind, s.String()}
	}
	if s, ok := list.UnavailableBy(src, u.Host, c.Status, c.Header, c.Body); ok {
		return verdict{archive.Error, KindMaintenance, "maintenance: " + strings.TrimPrefix(s.String(), "maintenance: ")}
	}
	if s, ok := list.NotFoundBy(src, u.Host, c.Status, c.Header, c.Body); ok {
		class := archive.Soft404
		if c.Status == http.StatusNotFound || c.Status == http.StatusGone {
			class = archive.Gone
		}
		return verdict{class, KindNotFound, s.String()}
	}
	return verdict{}
}

// blockHeaders are headers that only a refusal has.
var blockHeaders = []struct{ name, value, what string }{
	{"X-Amzn-Waf-Action", "", "a firewall challenge"},
	{"Cf-Mitigated", "challenge", "a content network's challenge"},
	{"X-Sucuri-Block", "", "a firewall's refusal"},
	{"Rimon", "BLOCK", "a filter on the way"},
}

func classifyStatus(c *archive.Capture) verdict {
	for _, h := range blockHeaders {
		if v := c.Header.Get(h.name); v != "" && strings.Contains(strings.ToUpper(v), strings.ToUpper(h.value)) {
			return verdict{archive.Blocked, KindChallenge, fmt.Sprintf("status %d with %s (%s: %s)", c.Status, h.what, strings.ToLower(h.name), v)}
		}
	}
	refused := func(kind Kind) verdict {
		return verdict{archive.Blocked, kind, fmt.Sprintf("status %d: the server refuses the request", c.Status)}
	}
	switch {
	case c.Status == 202 && len(bytes.TrimSpace(c.Body)) == 0:
		return verdict{archive.Blocked, KindChallenge, "status 202 with an empty body, as a firewall answers before its challenge"}
	case c.Status == 404 || c.Status == 410:
		return verdict{archive.Gone, KindNotFound, fmt.Sprintf("status %d", c.Status)}
	case c.Status == 401 || c.Status == 407:
		return refused(KindLogin)
	case c.Status == 403 || c.Status == 451:
		return refused(KindRefused)
	case c.Status == 429:
		return refused(KindTooMany)
	case (c.Status == 503 || c.Status == 405 || c.Status == 406) && challenge(c.Body, challengeMarks) != "":
		return verdict{archive.Blocked, KindChallenge, fmt.Sprintf("status %d with a challenge (%q)", c.Status, challenge(c.Body, challengeMarks))}
	case c.Status == 503 && (c.Header.Get("Retry-After") != "" || challenge(c.Body, unavailableMarks) != ""):
		return verdict{archive.Error, KindMaintenance, "maintenance: status 503, the server asks to come back later"}
	case c.Status >= 500:
		return verdict{archive.Error, KindServer, fmt.Sprintf("status %d: the server failed", c.Status)}
	case c.Status >= 400:
		return verdict{archive.Error, KindRequest, fmt.Sprintf("status %d: the server did not understand the request", c.Status)}
	case c.Status == http.StatusMultipleChoices:
		return verdict{archive.Moved, KindMoved, "status 300: several documents stand here; each is a page of its own"}
	case c.Status >= 300 && c.Status != 304:
		return verdict{archive.Moved, KindMoved, fmt.Sprintf("status %d: redirected to an address that was not followed", c.Status)}
	}
	return verdict{}
}

var (
	blockHost = regexp.MustCompile(`^(?:captcha|challenge|unblock|validate|blocked|deny|denied|waf|botcheck)[.-]`)
	loginPath = regexp.MustCompile(`(?i)(?:^|[/.])(?:log-?in|sign-?in|log-?on|sso|saml2?|oauth2?|connexion|aanmelden|inloggen|anmelden|anmeldung)(?:[/.?]|$)`)
	downPath  = regexp.MustCompile(`(?i)(?:^|[/._-])(?:maintenance|unavailable|outage|onderhoud|wartung|indisponible)(?:[/._-]|$)`)
)

// classifyRedirect: a deep page that now leads to the front page of its own
// site, or to another site's, has been taken away; one that leads to a log-in,
// a challenge or a page about maintenance is behind it.
func classifyRedirect(c *archive.Capture) verdict {
	if c.FinalURL == "" || c.FinalURL == c.URL {
		return verdict{}
	}
	from, err1 := url.Parse(c.URL)
	to, err2 := url.Parse(c.FinalURL)
	if err1 != nil || err2 != nil {
		return verdict{}
	}
	switch {
	case to.Host != from.Host && blockHost.MatchString(to.Host):
		return verdict{archive.Blocked, KindChallenge, "redirected to a challenge at " + c.FinalURL}
	case loginPath.MatchString(to.Path) && !loginPath.MatchString(from.Path):
		return verdict{archive.Blocked, KindLogin, "redirected to a log-in at " + c.FinalURL}
	case downPath.MatchString(to.Path) && !downPath.MatchString(from.Path):
		return verdict{archive.Error, KindMaintenance, "maintenance: redirected to " + c.FinalURL}
	case !isFront(from) && isFront(to):
		return verdict{archive.Moved, KindMoved, "redirected to the front page " + c.FinalURL}
	}
	return verdict{}
}

var frontPath = regexp.MustCompile(`^/?(?:[a-z]{2}(?:[-_][a-zA-Z]{2})?/?)?(?:(?:index|home|default|accueil|startpagina|startseite)(?:\.[a-z]{3,5})?/?)?$`)

func isFront(u *url.URL) bool { return u.RawQuery == "" && frontPath.MatchString(u.Path) }

// truncated says how it shows that a body is not whole, "" if it does not. The
// record of a repeated answer holds its head only and says nothing about that.
func truncated(c *archive.Capture) string {
	if n := len(c.Exchanges); n > 0 && !c.Unchanged() && c.Exchanges[n-1].Truncated != "" {
		return "the answer was cut (" + c.Exchanges[n-1].Truncated + ")"
	}
	if !c.Unchanged() && c.Header.Get("Content-Encoding") == "" && c.Header.Get("Transfer-Encoding") == "" {
		if n, err := strconv.Atoi(c.Header.Get("Content-Length")); err == nil && n > len(c.Body)+64 {
			return fmt.Sprintf("%d of %d bytes came", len(c.Body), n)
		}
	}
	switch mediaOf(c.Header, c.Body, c.FinalURL) {
	case mediaHTML:
		return brokenOff(c.Body)
	case mediaPDF:
		tail := c.Body[max(0, len(c.Body)-4096):]
		if len(c.Body) > 1024 && !bytes.Contains(tail, []byte("%%EOF")) && !bytes.Contains(tail, []byte("startxref")) {
			return "the PDF has no end"
		}
	}
	return ""
}

// unfinished is a tag that is not closed at the end of a text.
var unfinished = regexp.MustCompile(`<(?:/?[a-zA-Z][a-zA-Z0-9:-]*(?:\s+[a-zA-Z-]+(?:\s*=\s*(?:"[^"]*"?|'[^']*'?|[^\s"'>]*))?)*\s*/?)?$`)

// brokenOff reports an HTML page that ends in the middle of a tag or comment
// and never comes to the end of its document.
func brokenOff(body []byte) string {
	tail := bytes.TrimSpace(body[max(0, len(body)-2048):])
	lower := bytes.ToLower(tail)
	if bytes.Contains(lower, []byte("</html")) || bytes.Contains(lower, []byte("</body")) {
		return ""
	}
	open := bytes.LastIndexByte(tail, '<')
	if open >= 0 && bytes.IndexByte(tail[open:], '>') < 0 && len(tail)-open < 1024 && unfinished.Match(tail[open:]) {
		if inScript(body) {
			return ""
		}
		return fmt.Sprintf("the page breaks off in %q", tail[open:min(len(tail), open+40)])
	}
	if open := bytes.LastIndex(body, []byte("<!--")); open >= 0 && !bytes.Contains(body[open:], []byte("-->")) {
		return "the page breaks off in a comment"
	}
	return ""
}

// inScript: "<" in a script or style that is still open is no tag.
func inScript(body []byte) bool {
	lower := bytes.ToLower(body)
	return slices.ContainsFunc([]string{"script", "style", "textarea"}, func(e string) bool {
		return bytes.LastIndex(lower, []byte("<"+e)) > bytes.LastIndex(lower, []byte("</"+e))
	})
}
