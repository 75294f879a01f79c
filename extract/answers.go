package extract

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"veille/archive"
)

// Sizes of main text, in bytes, up to which a page may be something else than
// content. A longer text that speaks of CAPTCHAs or missing pages is a text.
const (
	tinyText  = 80
	shortText = 700
	blockText = 1500
)

// A shown is what classifyText judges: a page as a reader sees it.
type shown struct {
	body  []byte
	title string
	main  string // the main text
	all   string // the whole visible text
	head  string // the title and the beginning of the main text
}

// classifyText judges a page that was read: is its short text the text of a
// challenge, an error or a missing page? main is the main text, all the
// whole visible text, title the page's title.
func classifyText(body []byte, title, main, all string) verdict {
	l := &shown{body, title, main, all, title + " · " + main[:min(len(main), 300)]}
	if len(main) <= shortText || len(all) <= blockText {
		for _, judge := range []func() verdict{l.missing, l.challenged, l.login, l.consent, l.unavailable} {
			if v := judge(); v.settled() {
				return v
			}
		}
	}
	if len(main) <= tinyText {
		if v := l.hollow(); v.settled() {
			return v
		}
	}
	return verdict{}
}

// missing: "not found" said with status 200.
func (l *shown) missing() verdict {
	if m := visibleMark(l.title, notFoundMarks); m != "" || l.title == "404" || strings.HasPrefix(l.title, "404 ") {
		return verdict{archive.Soft404, KindNotFound, fmt.Sprintf("answered 200, but the title says %q", l.title)}
	}
	if m := visibleMark(l.head, notFoundMarks); m != "" && len(l.main) <= shortText {
		return verdict{archive.Soft404, KindNotFound, fmt.Sprintf("answered 200, but the short text says %q", m)}
	}
	return verdict{}
}

func (l *shown) challenged() verdict {
	if len(l.all) > blockText || len(l.main) > shortText {
		return verdict{}
	}
	if m := visibleMark(l.title+" "+l.all, challengeMarks); m != "" {
		return verdict{archive.Blocked, KindChallenge, fmt.Sprintf("a short page that says %q", m)}
	}
	return verdict{}
}

var (
	password   = regexp.MustCompile(`(?i)<input[^>]{0,300}\btype\s*=\s*["']?password`)
	loginTitle = regexp.MustCompile(`(?i)\b(?:log ?-?in|log ?-?on|sign ?-?in|connexion|se connecter|identification|authentification|aanmelden|inloggen|anmelden|anmeldung|einloggen)\b`)
)

// login: a form that asks for a password, and hardly anything else.
func (l *shown) login() verdict {
	if m := visibleMark(l.head, loginMarks); m != "" {
		return verdict{archive.Blocked, KindLogin, fmt.Sprintf("a log-in page that says %q", m)}
	}
	if len(l.main) <= shortText/2 && loginTitle.MatchString(l.head) && password.Match(l.body[:min(len(l.body), 256<<10)]) {
		return verdict{archive.Blocked, KindLogin, "a log-in page: a short text and a field for a password"}
	}
	return verdict{}
}

// consent: a wall is a page that speaks of cookies in two ways and of nothing
// else. A banner beside a short text is none.
func (l *shown) consent() verdict {
	if len(l.all) > 2*blockText {
		return verdict{}
	}
	first := visibleMark(l.head, consentMarks)
	if first == "" {
		return verdict{}
	}
	rest := strings.ReplaceAll(strings.ToLower(l.all), first, "")
	if m := visibleMark(rest, consentMarks); m != "" && l.aboutCookies() {
		return verdict{archive.Blocked, KindConsent, fmt.Sprintf("a consent wall: a page that says %q and %q, and little else", first, m)}
	}
	return verdict{}
}

var cookieWords = regexp.MustCompile(`(?i)\b(?:cookies?|consent\w*|privacy\w*|confidentialité|toestemming\w*|einwilligung\w*|datenschutz\w*|preferences|préférences|voorkeuren|einstellungen|accept\w*|accepter|reject|refuser|weigeren|ablehnen|akzeptieren|partners?|partenaires|partnern?)\b`)

// aboutCookies: at least one word in twelve of the main text is about them.
func (l *shown) aboutCookies() bool {
	return 12*len(cookieWords.FindAllString(l.main, -1)) >= len(strings.Fields(l.main))
}

func (l *shown) unavailable() verdict {
	m := visibleMark(l.head, unavailableMarks)
	if m == "" {
		return verdict{}
	}
	if isServerWord(m) {
		return verdict{archive.Error, KindServer, fmt.Sprintf("answered 200, but a short page says %q", m)}
	}
	return verdict{archive.Error, KindMaintenance, fmt.Sprintf("maintenance: a short page that says %q", m)}
}

func isServerWord(m string) bool {
	return strings.Contains(m, "error") || strings.Contains(m, "erreur") || strings.Contains(m, "fout") || strings.Contains(m, "fehler") ||
		strings.Contains(m, "odbc") || strings.Contains(m, "ora-0") || strings.Contains(m, "trace") || strings.Contains(m, "gateway")
}

var metaRefresh = regexp.MustCompile(`(?i)<meta[^>]{0,200}http-equiv\s*=\s*["']?refresh["']?[^>]{0,200}?content\s*=\s*["']?\s*[0-5]\s*;\s*url\s*=\s*["']?([^"'>\s]{1,300})`)

// hollow judges a page with hardly any text.
func (l *shown) hollow() verdict {
	if m := challenge(l.body, scriptMarks); m != "" && len(l.all) <= blockText {
		return verdict{archive.Blocked, KindChallenge, fmt.Sprintf("hardly any text, and the source says %q", m)}
	}
	if m := visibleMark(l.all, consentMarks); m != "" && len(l.all) <= 2*blockText {
		return verdict{archive.Blocked, KindConsent, fmt.Sprintf("a consent wall: nothing but a text that says %q", m)}
	}
	if m := metaRefresh.FindSubmatch(l.body[:min(len(l.body), 16<<10)]); m != nil && len(l.all) <= shortText {
		return verdict{archive.Moved, KindMoved, fmt.Sprintf("an empty page that sends the visitor on to %s", m[1])}
	}
	if strings.TrimSpace(l.all) == "" {
		if bytes.Contains(bytes.ToLower(l.body), []byte("<script")) {
			return verdict{archive.Error, KindScript, "there is no text in the page; it may need JavaScript (render: js)"}
		}
		return verdict{archive.Error, KindEmpty, "empty: there is no text in the page"}
	}
	return verdict{}
}
