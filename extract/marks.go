package extract

import (
	"bytes"
	"strings"
)

// challengeMarks stand in the source of challenge and block pages. A page may
// speak of them, so they count only where there is hardly any other text.
var challengeMarks = []string{
	"request rejected", "the requested url was rejected", "just a moment", "attention required! | cloudflare", "cf-challenge", "challenge-platform",
	"cf-browser-verification", "checking your browser", "verify you are human", "verifying you are human", "are you a robot", "are you human",
	"enable javascript and cookies to continue", "captcha", "access denied", "accès refusé", "toegang geweigerd", "zugriff verweigert",
	"incapsula incident", "ddos protection", "unusual traffic", "you have been blocked", "pardon our interruption", "sicherheitsüberprüfung",
	"security check", "bot detection", "not a robot", "pas un robot", "geen robot", "kein roboter", "ray id:", "support id is", "akamai reference",
	"request unsuccessful", "request blocked", "web application firewall", "human verification", "request could not be satisfied", "request access",
	"automated access", "automated requests", "automatisierte zugriffe", "accès automatisé", "geautomatiseerde", "prouvez que vous", "bewijs dat u", "bestätigen sie, dass sie ein mensch",
	"site has been blocked", "website has been blocked", "dns filter", "web filter", "content filter", "site bloqué", "website geblokkeerd", "seite wurde gesperrt",
}

// scriptMarks stand in the source of challenge pages that show nothing without
// JavaScript, and in no other page without text.
var scriptMarks = []string{
	"cf-challenge", "challenge-platform", "cf-browser-verification", "cf_chl_opt", "awswafcookiedomainlist", "gokuprops", "challenge-container", "_incapsula_resource",
	"incapsula incident", "captcha-delivery.com", "px-captcha", "perimeterx", "/_sec/cp_challenge", "ddos-guard", "sucuri_cloudproxy", "__qrator", "bobcmn",
	"enable javascript and cookies to continue", "checking your browser", "verify you are human",
}

// challenge returns the first of the marks in the source of a page, "" if it
// has none.
func challenge(body []byte, marks []string) string {
	lower := bytes.ToLower(body[:min(len(body), 64<<10)])
	for _, m := range marks {
		if bytes.Contains(lower, []byte(m)) {
			return m
		}
	}
	return ""
}

// visibleMark returns the first of the marks in a visible text, "" if it has
// none.
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
	"log in to continue", "sign in to continue", "log in to your account", "sign in to your account", "members only", "réservé aux membres", "accès réservé", "connectez-vous pour", "identifiez-vous pour", "connexion requise",
	"u moet ingelogd zijn", "log in om verder", "meld u aan met", "u moet zich aanmelden", "aanmelden vereist", "enkel voor leden", "anmeldung erforderlich", "melden sie sich an, um", "nur für mitglieder", "gelieve in te loggen", "meld u aan om", "bitte melden sie sich an", "sie müssen angemeldet sein",
}

var consentMarks = []string{
	"before you continue", "avant de continuer", "voordat u verdergaat", "bevor sie fortfahren", "bevor sie zu", "we value your privacy",
	"accept cookies to continue", "we use cookies", "this site uses cookies", "this website uses cookies", "ce site utilise des cookies", "nous utilisons des cookies", "deze website gebruikt cookies", "wij gebruiken cookies",
	"we gebruiken cookies", "diese website verwendet cookies", "wir verwenden cookies", "accept all", "reject all", "tout refuser", "alles weigeren", "alle ablehnen", "manage your preferences", "gérer vos préférences", "beheer uw voorkeuren",
	"accept all cookies", "tout accepter", "alles accepteren", "alle akzeptieren", "consent to the use", "nous respectons votre vie privée",
}

var unavailableMarks = []string{
	"temporarily not available", "temporarily unavailable", "temporarily not fully available", "temporarily out of service", "under maintenance", "down for maintenance", "scheduled maintenance", "service unavailable", "site en maintenance",
	"temporairement indisponible", "momentanément indisponible", "temporairement inaccessible", "en cours de maintenance",
	"tijdelijk niet beschikbaar", "tijdelijk onbeschikbaar", "tijdelijk niet bereikbaar", "in onderhoud", "onderhoudswerken",
	"vorübergehend nicht verfügbar", "vorübergehend nicht erreichbar", "zurzeit nicht verfügbar", "wartungsarbeiten",
	"planned maintenance", "maintenance mode", "maintenance work", "we'll be back soon", "back shortly", "opération de maintenance", "maintenance planifiée", "site est en maintenance", "gepland onderhoud", "onderhoud aan de website", "wegens onderhoud", "wegen wartung", "in wartung", "gerade gewartet",
	"technical difficulties", "problème technique", "difficultés techniques", "technische problemen", "technische storing", "technische störung", "technischen problemen",
	"error select", "sql error", "database error", "error establishing a database connection", "odbc", "ora-0", "fatal error:", "stack trace:", "proxy error", "bad gateway", "gateway time-out",
	"an error has occurred", "an unexpected error", "internal server error", "une erreur est survenue", "une erreur s'est produite", "er is een fout opgetreden", "ein fehler ist aufgetreten",
}

var notFoundMarks = []string{
	"page not found", "page cannot be found", "page could not be found", "page can't be found", "page doesn't exist", "page does not exist", "page no longer exists", "page you requested", "page you are looking for", "page you were looking for",
	"404 not found", "error 404", "404 error", "erreur 404", "fout 404", "fehler 404", "not found on this server", "document not found", "content not found", "no longer available", "requested content",
	"page introuvable", "page non trouvée", "page n'existe pas", "page n’existe pas", "page n'existe plus", "page n’existe plus", "page demandée", "page que vous recherchez", "page que vous cherchez", "document introuvable", "n'a pas été trouvée", "n’a pas été trouvée", "n'a pas pu être trouvée", "n’a pas pu être trouvée",
	"pagina niet gevonden", "pagina bestaat niet", "pagina werd niet gevonden", "pagina is niet gevonden", "pagina kon niet worden gevonden", "pagina die u zoekt", "pagina die u zocht", "gevraagde pagina", "heeft geen resultaat opgeleverd", "document niet gevonden",
	"seite nicht gefunden", "seite wurde nicht gefunden", "seite konnte nicht gefunden", "seite existiert nicht", "angeforderte seite", "gesuchte seite", "dokument nicht gefunden",
}
