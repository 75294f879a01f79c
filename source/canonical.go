package source

import (
	"errors"
	"fmt"
	neturl "net/url"
	"regexp"
	"strings"
	"time"

	"github.com/nlnwa/whatwg-url/url"
)

// ErrRefused is wrapped by the error for an address that a rule refuses.
var ErrRefused = errors.New("refused by a rule of sources.yaml")

// maxURL is the longest address taken, in bytes.
const maxURL = 4096

// generalParams are query parameters that only say where a visitor came from.
var generalParams = []string{
	"utm_*", "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid",
	"igshid", "mc_cid", "mc_eid", "mkt_tok", "_ga", "_gl", "_hsenc", "_hsmi", "hsctatracking", "vero_id",
	"oly_anon_id", "oly_enc_id", "pk_*", "mtm_*", "matomo_*", "piwik_*", "at_medium", "at_campaign", "wt.mc_id",
	"xtor", "phpsessid", "jsessionid",
}

// session is a session id that stands in the path.
var session = regexp.MustCompile(`(?i);jsessionid=[^/?#]*`)

// Canonical returns the one spelling of an address under which a page is
// known. It follows the WHATWG URL Standard (lower-case host, no default
// port, dots resolved, spaces encoded) and then: the fragment is dropped, an
// alias becomes its host, http becomes https where the host says so, and
// tracking and session parameters and those that the host or a source on it
// drops are taken out. Nothing else is touched: %2F stays %2F, // stays //,
// and the order and spelling of the other parameters stay as they are, even
// after a second question mark. Canonical of a canonical address is itself.
//
// Only http and https addresses without a user name are taken; the error says
// why another was not, and wraps ErrRefused if a rule refuses it.
func (l *List) Canonical(rawURL string) (string, error) { return l.lookup().canonical(rawURL) }

func (x *index) canonical(rawURL string) (string, error) {
	if len(rawURL) > maxURL {
		return "", fmt.Errorf("address of %d bytes: longer than %d", len(rawURL), maxURL)
	}
	u, err := url.Parse(strings.TrimSpace(rawURL))
	if err != nil {
		return "", fmt.Errorf("address %q is not a URL", rawURL)
	}
	if s := u.Scheme(); s != "http" && s != "https" || strings.Trim(u.Hostname(), ".") == "" {
		return "", fmt.Errorf("address %q is not an http or https URL", rawURL)
	}
	if u.Username() != "" || u.Password() != "" {
		return "", fmt.Errorf("address %q holds a user name", redacted(u))
	}
	plain := strings.TrimRight(u.Host(), ".")
	if _, err := url.Parse("http://" + plain + "/"); plain != u.Host() && err != nil {
		return "", fmt.Errorf("address %q is not a URL", rawURL) // 0x7f.1.. and foo.09.. are hosts to browsers only with their dots
	}
	scheme, host := u.Scheme(), x.alias(plain)
	rules := x.rules(host)
	if rules.https {
		scheme = "https"
		host = plainHost(host)
	}
	path := session.ReplaceAllString(u.Pathname(), "")
	canonical := scheme + "://" + host + path
	if query := dropParams(u.Query(), generalParams, x.params, rules.params); query != "" {
		canonical += "?" + query
	}
	if anyMatch(rules.refuse, canonical) {
		return "", fmt.Errorf("address %s: %w", canonical, ErrRefused)
	}
	return canonical, nil
}

func redacted(u *url.Url) string {
	return u.Scheme() + "://…@" + u.Host() + u.Pathname()
}

// dropParams takes the parameters with these names out of a query and leaves
// the rest as it is written.
func dropParams(query string, lists ...[]string) string {
	if query == "" {
		return ""
	}
	var kept []string
	for piece := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(piece, "=")
		if decoded, err := neturl.QueryUnescape(name); err == nil {
			name = decoded
		}
		if !named(strings.ToLower(name), lists) {
			kept = append(kept, piece)
		}
	}
	return strings.Join(kept, "&")
}

func named(name string, lists [][]string) bool {
	for _, list := range lists {
		for _, p := range list {
			prefix, open := strings.CutSuffix(strings.ToLower(p), "*")
			if name == prefix || open && strings.HasPrefix(name, prefix) {
				return true
			}
		}
	}
	return false
}

// hostOf returns the host and port of a canonical address.
func hostOf(canonical string) string {
	_, rest, ok := strings.Cut(canonical, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

func sameHost(a, b string) bool { return hostOf(a) != "" && hostOf(a) == hostOf(b) }

var placeholder = regexp.MustCompile(`\{(yyyy|mm|dd|m|d)\}`)

func dated(url string) bool { return placeholder.MatchString(url) }

func fillDate(url string, t time.Time) string {
	return strings.NewReplacer("{yyyy}", t.Format("2006"), "{mm}", t.Format("01"), "{dd}", t.Format("02"),
		"{m}", t.Format("1"), "{d}", t.Format("2")).Replace(url)
}
