package extract

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"veille/archive"
	"veille/source"
)

// A verdict is a class and the sentence that explains it.
type verdict struct {
	class  archive.Class
	reason string
}

func (v verdict) settled() bool { return v.class != "" }

// classifyHead judges what can be judged without reading the text: the
// status, the headers, the host's signatures, an empty body.
func classifyHead(c *archive.Capture, list *source.List) verdict {
	if c.Err != "" {
		return verdict{archive.Error, "no usable answer: " + c.Err}
	}
	if c.Status == 0 {
		return verdict{archive.Error, "no answer"}
	}
	if v := classifySigned(c, list); v.settled() {
		return v
	}
	if v := classifyStatus(c); v.settled() {
		return v
	}
	if len(bytes.TrimSpace(c.Body)) == 0 {
		return verdict{archive.Error, "the answer is empty"}
	}
	return classifyRedirect(c)
}

// classifySigned applies the signatures of the source and of the host.
func classifySigned(c *archive.Capture, list *source.List) verdict {
	u, err := url.Parse(c.URL)
	if err != nil || list == nil {
		return verdict{}
	}
	src := list.Source(c.Source)
	if s, ok := list.BlockedBy(src, u.Host, c.Status, c.Header, c.Body); ok {
		return verdict{archive.Blocked, s.String()}
	}
	if s, ok := list.NotFoundBy(src, u.Host, c.Status, c.Header, c.Body); ok {
		class := archive.Soft404
		if c.Status == http.StatusNotFound || c.Status == http.StatusGone {
			class = archive.Gone
		}
		return verdict{class, s.String()}
	}
	return verdict{}
}

func classifyStatus(c *archive.Capture) verdict {
	switch {
	case c.Header.Get("X-Amzn-Waf-Action") != "":
		return verdict{archive.Blocked, fmt.Sprintf("status %d with a firewall challenge (x-amzn-waf-action: %s)", c.Status, c.Header.Get("X-Amzn-Waf-Action"))}
	case strings.EqualFold(c.Header.Get("Cf-Mitigated"), "challenge"):
		return verdict{archive.Blocked, fmt.Sprintf("status %d with a challenge (cf-mitigated)", c.Status)}
	case c.Status == 202 && len(bytes.TrimSpace(c.Body)) == 0:
		return verdict{archive.Blocked, "status 202 with an empty body, as a firewall answers before its challenge"}
	case c.Status == 404 || c.Status == 410:
		return verdict{archive.Gone, fmt.Sprintf("status %d", c.Status)}
	case c.Status == 401 || c.Status == 403 || c.Status == 407 || c.Status == 429 || c.Status == 451:
		return verdict{archive.Blocked, fmt.Sprintf("status %d: the server refuses the request", c.Status)}
	case c.Status == 503 && challenge(c.Body) != "":
		return verdict{archive.Blocked, fmt.Sprintf("status 503 with a challenge (%q)", challenge(c.Body))}
	case c.Status == 503:
		return verdict{archive.Blocked, "status 503: the server asks to come back later"}
	case c.Status >= 500:
		return verdict{archive.Error, fmt.Sprintf("status %d: the server failed", c.Status)}
	case c.Status >= 400:
		return verdict{archive.Error, fmt.Sprintf("status %d: the server did not understand the request", c.Status)}
	case c.Status >= 300 && c.Status != 304:
		return verdict{archive.Moved, fmt.Sprintf("status %d: redirected to an address that was not followed", c.Status)}
	}
	return verdict{}
}

// classifyRedirect: a deep page that now leads to the front page of its own
// site, or to another site's, has been taken away.
func classifyRedirect(c *archive.Capture) verdict {
	if c.FinalURL == "" || c.FinalURL == c.URL {
		return verdict{}
	}
	from, err1 := url.Parse(c.URL)
	to, err2 := url.Parse(c.FinalURL)
	if err1 != nil || err2 != nil || isFront(from) || !isFront(to) {
		return verdict{}
	}
	return verdict{archive.Moved, "redirected to the front page " + c.FinalURL}
}

var frontPath = regexp.MustCompile(`^/?(?:[a-z]{2}(?:[-_][a-zA-Z]{2})?/?)?(?:(?:index|home|default|accueil|startpagina|startseite)(?:\.[a-z]{3,5})?/?)?$`)

func isFront(u *url.URL) bool { return u.RawQuery == "" && frontPath.MatchString(u.Path) }

// challengeMarks stand in the source of challenge and block pages. A page may
// speak of them, so they count only where there is hardly any other text.
var challengeMarks = []string{
	"request rejected", "the requested url was rejected", "just a moment", "attention required! | cloudflare", "cf-challenge", "challenge-platform",
	"cf-browser-verification", "checking your browser", "verify you are human", "verifying you are human", "are you a robot", "are you human",
	"enable javascript and cookies to continue", "captcha", "access denied", "accès refusé", "toegang geweigerd", "zugriff verweigert",
	"incapsula incident", "ddos protection", "unusual traffic", "you have been blocked", "pardon our interruption", "sicherheitsüberprüfung",
	"security check", "bot detection", "not a robot", "pas un robot", "geen robot", "kein roboter", "ray id:", "support id is", "akamai reference",
	"request unsuccessful", "request blocked", "web application firewall", "human verification", "accept cookies to continue", "before you continue",
}

// challenge returns the first mark of a challenge in a body, "" if there is none.
func challenge(body []byte) string {
	lower := bytes.ToLower(body[:min(len(body), 64<<10)])
	for _, m := range challengeMarks {
		if bytes.Contains(lower, []byte(m)) {
			return m
		}
	}
	return ""
}

// visibleMarks are those that must stand in the visible text.
func visibleMark(text string, marks []string) string {
	lower := strings.ToLower(text)
	for _, m := range marks {
		if strings.Contains(lower, m) {
			return m
		}
	}
	return ""
}

var loginMarks = []string{
	"please log in to", "please sign in to", "you must be logged in", "login required", "veuillez vous connecter", "vous devez être connecté",
	"u moet ingelogd zijn", "gelieve in te loggen", "meld u aan om", "bitte melden sie sich an", "sie müssen angemeldet sein",
}

var consentMarks = []string{
	"before you continue", "avant de continuer", "voordat u verdergaat", "bevor sie fortfahren", "bevor sie zu", "we value your privacy",
	"accept all cookies", "tout accepter", "alles accepteren", "alle akzeptieren", "consent to the use", "nous respectons votre vie privée",
}

var unavailableMarks = []string{
	"temporarily not available", "temporarily unavailable", "temporarily not fully available", "temporarily out of service", "under maintenance", "down for maintenance", "scheduled maintenance", "service unavailable", "site en maintenance",
	"temporairement indisponible", "momentanément indisponible", "temporairement inaccessible", "en cours de maintenance",
	"tijdelijk niet beschikbaar", "tijdelijk onbeschikbaar", "tijdelijk niet bereikbaar", "in onderhoud", "onderhoudswerken",
	"vorübergehend nicht verfügbar", "vorübergehend nicht erreichbar", "zurzeit nicht verfügbar", "wartungsarbeiten",
	"an error has occurred", "an unexpected error", "internal server error", "une erreur est survenue", "une erreur s'est produite", "er is een fout opgetreden", "ein fehler ist aufgetreten",
}

var notFoundMarks = []string{
	"page not found", "page cannot be found", "page could not be found", "page can't be found", "page doesn't exist", "page does not exist", "page no longer exists", "page you requested", "page you are looking for", "page you were looking for",
	"404 not found", "error 404", "404 error", "erreur 404", "fout 404", "fehler 404", "not found on this server", "document not found", "content not found", "no longer available", "requested content",
	"page introuvable", "page non trouvée", "page n'existe pas", "page n’existe pas", "page n'existe plus", "page n’existe plus", "page demandée", "page que vous recherchez", "page que vous cherchez", "document introuvable", "n'a pas été trouvée", "n’a pas été trouvée", "n'a pas pu être trouvée", "n’a pas pu être trouvée",
	"pagina niet gevonden", "pagina bestaat niet", "pagina werd niet gevonden", "pagina is niet gevonden", "pagina kon niet worden gevonden", "pagina die u zoekt", "pagina die u zocht", "gevraagde pagina", "heeft geen resultaat opgeleverd", "document niet gevonden",
	"seite nicht gefunden", "seite wurde nicht gefunden", "seite konnte nicht gefunden", "seite existiert nicht", "angeforderte seite", "gesuchte seite", "dokument nicht gefunden",
}

// Sizes of main text, in bytes, up to which a page may be something else than
// content. A longer text that speaks of CAPTCHAs or missing pages is a text.
const (
	tinyText  = 80
	shortText = 700
	blockText = 1500
)

// classifyText judges a page that was read: is its short text the text of a
// challenge, an error or a missing page? main is the main text, all the
// whole visible text, title the page's title.
func classifyText(body []byte, title, main, all string) verdict {
	size := len(main)
	if size <= shortText || len(all) <= blockText {
		head := title + " · " + main[:min(len(main), 300)]
		if m := visibleMark(title, notFoundMarks); m != "" || title == "404" || strings.HasPrefix(title, "404 ") {
			return verdict{archive.Soft404, fmt.Sprintf("answered 200, but the title says %q", title)}
		}
		if m := visibleMark(head, notFoundMarks); m != "" && size <= shortText {
			return verdict{archive.Soft404, fmt.Sprintf("answered 200, but the short text says %q", m)}
		}
		if m := visibleMark(title+" "+all[:min(len(all), blockText)], challengeMarks); m != "" && len(all) <= blockText && size <= shortText {
			return verdict{archive.Blocked, fmt.Sprintf("a short page that says %q", m)}
		}
		if m := visibleMark(head, loginMarks); m != "" {
			return verdict{archive.Blocked, fmt.Sprintf("a log-in page that says %q", m)}
		}
		if m := visibleMark(head, unavailableMarks); m != "" {
			return verdict{archive.Error, fmt.Sprintf("a short page that says %q", m)}
		}
	}
	if size <= tinyText {
		if m := challenge(body); m != "" && len(all) <= blockText {
			return verdict{archive.Blocked, fmt.Sprintf("hardly any text, and the source says %q", m)}
		}
		if m := visibleMark(all, consentMarks); m != "" && len(all) <= 2*blockText {
			return verdict{archive.Blocked, fmt.Sprintf("a consent wall: nothing but a text that says %q", m)}
		}
	}
	if strings.TrimSpace(all) == "" {
		return verdict{archive.Error, "there is no text in the page; it may need JavaScript (render: js)"}
	}
	return verdict{}
}
