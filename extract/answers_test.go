package extract

import (
	"net/http"
	"strings"
	"testing"

	"veille/archive"
	"veille/source"
)

// TestAnswers: what firewalls, portals and content systems send in place of a
// page, with status 200 unless said, in the four languages.
func TestAnswers(t *testing.T) {
	page := func(title, text string) string {
		return "<!DOCTYPE html><html><head><title>" + title + "</title></head><body><nav><a href=/>Home</a> <a href=/a>Themes</a></nav><main><h1>" + title + "</h1><p>" + text + "</p></main><footer>Contact</footer></body></html>"
	}
	long := strings.Repeat("Le centre compte 751 places et ouvre ses portes tous les jours. ", 60)
	for _, test := range []struct {
		name  string
		c     archive.Capture
		class archive.Class
		kind  Kind
	}{
		{"waf 202", archive.Capture{Status: 202, Header: header("X-Amzn-Waf-Action", "challenge")}, archive.Blocked, KindChallenge},
		{"waf 405", archive.Capture{Status: 405, Body: []byte(page("Human Verification", "Let's confirm you are human."))}, archive.Blocked, KindChallenge},
		{"waf script", archive.Capture{Status: 200, Body: []byte(`<html><head><script>window.awsWafCookieDomainList = [];window.gokuProps = {}</script></head><body><div id="challenge-container"></div></body></html>`)}, archive.Blocked, KindChallenge},
		{"request rejected", archive.Capture{Status: 200, Body: []byte(page("Request Rejected", "The requested URL was rejected. Your support ID is: 1."))}, archive.Blocked, KindRefused},
		{"captcha fr", archive.Capture{Status: 200, Body: []byte(page("Vérification", "Cochez la case : je ne suis pas un robot."))}, archive.Blocked, KindChallenge},
		{"captcha nl", archive.Capture{Status: 200, Body: []byte(page("Controle", "Bewijs dat u geen robot bent."))}, archive.Blocked, KindChallenge},
		{"captcha de", archive.Capture{Status: 200, Body: []byte(page("Sicherheitsüberprüfung", "Bitte warten Sie."))}, archive.Blocked, KindChallenge},
		{"to a captcha", archive.Capture{Status: 200, FinalURL: "https://captcha.example.net/x", Body: []byte(page("x", long))}, archive.Blocked, KindChallenge},
		{"consent en", archive.Capture{Status: 200, Body: []byte(page("Before you continue", "We use cookies. Accept all or reject all to manage your privacy preferences and consent."))}, archive.Blocked, KindConsent},
		{"consent fr", archive.Capture{Status: 200, Body: []byte(page("Nous respectons votre vie privée", "Nous utilisons des cookies avec nos partenaires. Tout accepter. Tout refuser."))}, archive.Blocked, KindConsent},
		{"consent nl", archive.Capture{Status: 200, Body: []byte(page("Voordat u verdergaat", "Wij gebruiken cookies. Alles accepteren of alles weigeren, met uw toestemming."))}, archive.Blocked, KindConsent},
		{"login fr", archive.Capture{Status: 200, Body: []byte(page("Connexion", "Identifiant <input name=u> Mot de passe <input type=password name=p>"))}, archive.Blocked, KindLogin},
		{"login de", archive.Capture{Status: 200, Body: []byte(page("Anmeldung erforderlich", "Bitte geben Sie Ihre Daten ein."))}, archive.Blocked, KindLogin},
		{"to a log-in", archive.Capture{Status: 200, FinalURL: "https://example.org/user/login?destination=x", Body: []byte(page("x", long))}, archive.Blocked, KindLogin},
		{"503", archive.Capture{Status: 503, Header: header("Retry-After", "600")}, archive.Error, KindMaintenance},
		{"maintenance nl", archive.Capture{Status: 200, Body: []byte(page("Onderhoud", "Wegens onderhoud is deze site niet bereikbaar."))}, archive.Error, KindMaintenance},
		{"maintenance de", archive.Capture{Status: 200, Body: []byte(page("Wartung", "Die Seite ist vorübergehend nicht erreichbar."))}, archive.Error, KindMaintenance},
		{"maintenance en", archive.Capture{Status: 200, Body: []byte(page("EUR-Lex", "EUR-Lex is temporarily not fully available. Please come back later."))}, archive.Error, KindMaintenance},
		{"sql", archive.Capture{Status: 200, Body: []byte(page("error select", "ORA-00942"))}, archive.Error, KindServer},
		{"soft 404 nl", archive.Capture{Status: 200, Body: []byte(page("Help", "Uw opzoeking heeft geen resultaat opgeleverd."))}, archive.Soft404, KindNotFound},
		{"front page", archive.Capture{Status: 200, FinalURL: "https://example.org/nl/", Body: []byte(page("x", long))}, archive.Moved, KindMoved},
		{"meta refresh", archive.Capture{Status: 200, Body: []byte(`<html><head><meta http-equiv="refresh" content="0; url=/new"></head><body></body></html>`)}, archive.Moved, KindMoved},
		{"empty", archive.Capture{Status: 200, Body: []byte(" ")}, archive.Error, KindEmpty},
		{"empty frame", archive.Capture{Status: 200, Body: []byte("<html><body><div></div></body></html>")}, archive.Error, KindEmpty},
		{"script", archive.Capture{Status: 200, Body: []byte("<html><body><div id=app></div><script src=/a.js></script></body></html>")}, archive.Error, KindScript},
		{"broken off in a tag", archive.Capture{Status: 200, Body: []byte("<html><body><main><p>" + long + "</p><p><a href=\"/next")}, archive.Error, KindTruncated},
		{"broken off in a comment", archive.Capture{Status: 200, Body: []byte("<html><body><main><p>" + long + "</p><!-- the rest")}, archive.Error, KindTruncated},
		{"too few bytes", archive.Capture{Status: 200, Header: header("Content-Length", "90000"), Body: []byte(page("x", long))}, archive.Error, KindTruncated},
		{"pdf without an end", archive.Capture{Status: 200, Header: header("Content-Type", "application/pdf"), Body: []byte("%PDF-1.7\n" + strings.Repeat("0 0 obj ", 600))}, archive.Error, KindTruncated},

		{"no end tags, but whole", archive.Capture{Status: 200, Body: []byte("<html><body><main><p>" + long + "</p>")}, archive.Content, ""},
		{"a less-than sign at the end", archive.Capture{Status: 200, Body: []byte("<html><body><main><p>" + long + " a < b")}, archive.Content, ""},
		{"an article about captchas", archive.Capture{Status: 200, Body: []byte(page("CAPTCHAs keep asylum seekers out", long+"You are not a robot, says the site."))}, archive.Content, ""},
		{"a short text with a cookie banner", archive.Capture{Status: 200, Body: []byte(`<html><body><div class="cookie-banner">We use cookies. Accept all. Reject all.</div><main><h1>Opening hours</h1><p>The office in Brussels is closed on Monday 6 April; from Tuesday it is open from nine to twelve.</p></main></body></html>`)}, archive.Content, ""},
		{"a page with a log-in box", archive.Capture{Status: 200, Body: []byte(page("Closed centres", long+`<form>Log in <input type=password></form>`))}, archive.Content, ""},
		{"news of maintenance", archive.Capture{Status: 200, Body: []byte(page("Registration office", long+"On Friday the database is under maintenance."))}, archive.Content, ""},
		{"cookie policy", archive.Capture{Status: 200, Body: []byte(page("Cookie policy", strings.Repeat("This website uses cookies to remember your language. Cookies that count visits are set with your consent only. ", 20)))}, archive.Content, ""},
		{"a moved page, elsewhere", archive.Capture{Status: 200, FinalURL: "https://example.org/new/address", Body: []byte(page("x", long))}, archive.Content, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			list := &source.List{}
			text := read(t, &test.c, list)
			if text.Class != test.class || text.Kind != test.kind {
				t.Errorf("class %q, kind %q (%s); want %q, %q", text.Class, text.Kind, text.Reason, test.class, test.kind)
			}
			if text.Class != archive.Content && (text.Version != nil || text.Reason == "") {
				t.Errorf("%s with version %v and reason %q", text.Class, text.Version, text.Reason)
			}
		})
	}
}

// TestMustContain: the publisher's last words are how a page is known to be whole.
func TestMustContain(t *testing.T) {
	list := &source.List{
		Hosts: map[string]source.Host{"example.org": {MustContain: []string{"Terug naar boven"}, Unavailable: []source.Signature{{Text: "gate closed", Reason: "maintenance"}}}},
	}
	for body, want := range map[string]Kind{"Art. 1. Tekst. TERUG NAAR BOVEN": "", "Art. 1. Tekst.": KindTruncated, "Gate closed. Terug naar boven": KindMaintenance} {
		text := read(t, &archive.Capture{Status: http.StatusOK, Body: []byte(htmlPage(body))}, list)
		if text.Kind != want || (want == "") != (text.Version != nil) {
			t.Errorf("%q: %s %s (%s), want %q", body, text.Class, text.Kind, text.Reason, want)
		}
	}
}
