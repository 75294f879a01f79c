// Package demosite is a small ministry's web site that changes while one
// watches: pages in English, French and Dutch, a news listing, a feed, a
// court's judgment, a PDF report, a page that becomes blocked and one that is
// withdrawn. `veille demo` and the tests crawl it; no network is needed.
package demosite

import (
	"bytes"
	"embed"
	"encoding/xml"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync/atomic"
)

//go:embed pages
var files embed.FS

// Steps says what changes at each step, beginning with step 1.
var Steps = []string{
	"the capacity of the closed centres rises from 640 to 815 places",
	"the time for an appeal falls from 30 to 10 days, in English and French",
	"legal aid: shall becomes may; a new page is linked in the news",
	"a paragraph on families moves to the end of the page; the statistics answer with a block page",
	"a cookie banner appears on every page; the PDF report has a new figure",
	"the return bonus is withdrawn; the judgment says without delay",
	"the time for an appeal falls in Dutch as well",
}

// A Site is the demonstration site at one step of its life. Its methods may be
// called concurrently.
type Site struct {
	step  atomic.Int64
	pages map[string]page
	tmpl  *template.Template
}

type page struct {
	lang, title, path, file string
	document                string // shared by twins
	hidden                  bool   // not in the menu
	from                    int64  // the step at which it appears
}

var table = []page{
	{"en", "Closed centres", "/en/closed-centres", "en/closed-centres.html", "centres", false, 0},
	{"fr", "Centres fermés", "/fr/centres-fermes", "fr/centres-fermes.html", "centres", false, 0},
	{"nl", "Gesloten centra", "/nl/gesloten-centra", "nl/gesloten-centra.html", "centres", false, 0},
	{"en", "The return decision", "/en/return-decision", "en/return-decision.html", "decision", false, 0},
	{"fr", "La décision de retour", "/fr/decision-de-retour", "fr/decision-de-retour.html", "decision", false, 0},
	{"nl", "Het terugkeerbesluit", "/nl/terugkeerbesluit", "nl/terugkeerbesluit.html", "decision", false, 0},
	{"en", "Reception of applicants", "/en/reception", "en/reception.html", "reception", false, 0},
	{"fr", "Accueil des demandeurs", "/fr/accueil", "fr/accueil.html", "reception", false, 0},
	{"nl", "Opvang van verzoekers", "/nl/opvang", "nl/opvang.html", "reception", false, 0},
	{"en", "Return bonus", "/en/return-bonus", "en/return-bonus.html", "bonus", false, 0},
	{"en", "Return in figures", "/en/statistics", "en/statistics.html", "statistics", false, 0},
	{"en", "News", "/en/news", "en/news.html", "news", false, 0},
	{"en", "Agreement on a return hub signed", "/en/news/return-hub-agreement", "en/news/return-hub-agreement.html", "hub", true, 3},
	{"en", "Building of a new closed centre begins", "/en/news/new-centre", "en/news/new-centre.html", "new", true, 0},
	{"en", "Extra reception places for the winter", "/en/news/winter-places", "en/news/winter-places.html", "winter", true, 0},
	{"en", "Court of Appeal for Aliens Cases, judgment 2026-041", "/court/2026-041", "court/2026-041.html", "judgment", true, 0},
}

var words = map[string]map[string]string{
	"en": {"site": "Ministry for Return and Reception", "menu": "Main menu", "cookies": "Cookies", "cookietext": "This site uses cookies. By going on you accept our use of cookies.", "accept": "Accept all cookies", "contact": "Contact", "privacy": "Privacy"},
	"fr": {"site": "Ministère du Retour et de l’Accueil", "menu": "Menu principal", "cookies": "Cookies", "cookietext": "Ce site utilise des cookies. En poursuivant, vous acceptez leur utilisation.", "accept": "Accepter tous les cookies", "contact": "Contact", "privacy": "Vie privée"},
	"nl": {"site": "Ministerie voor Terugkeer en Opvang", "menu": "Hoofdmenu", "cookies": "Cookies", "cookietext": "Deze website gebruikt cookies. Door verder te gaan aanvaardt u het gebruik ervan.", "accept": "Alle cookies aanvaarden", "contact": "Contact", "privacy": "Privacy"},
}

// New makes a site at step 0.
func New() (*Site, error) {
	t, err := template.ParseFS(files, "pages/layout.html")
	if err != nil {
		return nil, fmt.Errorf("demonstration site: %w", err)
	}
	s := &Site{pages: map[string]page{}, tmpl: t}
	for _, p := range table {
		b, err := files.ReadFile("pages/" + p.file)
		if err != nil {
			return nil, fmt.Errorf("demonstration site: %w", err)
		}
		if _, err := t.New(p.file).Parse(string(b)); err != nil {
			return nil, fmt.Errorf("demonstration site: %w", err)
		}
		s.pages[p.path] = p
	}
	return s, nil
}

// Step is the step the site is at.
func (s *Site) Step() int { return int(s.step.Load()) }

// Advance goes one step on and says what changed. After the last of [Steps]
// only the capacity goes on rising.
func (s *Site) Advance() string {
	n := int(s.step.Add(1))
	if n <= len(Steps) {
		return Steps[n-1]
	}
	return fmt.Sprintf("the capacity of the closed centres rises to %d places", capacity(n))
}

func capacity(step int) int {
	switch {
	case step < 1:
		return 640
	case step <= len(Steps):
		return 815
	}
	return 815 + 15*(step-len(Steps))
}

// ServeHTTP serves the site.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	step := s.Step()
	switch r.URL.Path {
	case "/robots.txt":
		fmt.Fprint(w, "User-agent: *\nDisallow: /intranet/\n")
		return
	case "/feed.xml":
		s.feed(w, r, step)
		return
	case "/reports/annual.pdf":
		s.pdf(w, step)
		return
	}
	p, ok := s.pages[r.URL.Path]
	switch {
	case !ok || step < int(p.from):
		http.Error(w, "Page not found", http.StatusNotFound)
	case p.path == "/en/return-bonus" && step >= 6:
		http.Error(w, "This page has been withdrawn.", http.StatusGone)
	case p.path == "/en/statistics" && step >= 4:
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator. Your support ID is: 4711</body></html>")
	default:
		s.page(w, p, step)
	}
}

func (s *Site) page(w http.ResponseWriter, p page, step int) {
	type link struct{ Lang, Path, Title string }
	data := struct {
		Lang, Title    string
		Step, Capacity int
		Twins, Menu    []link
		T              map[string]string
	}{Lang: p.lang, Title: p.title, Step: step, Capacity: capacity(step), T: words[p.lang]}
	for _, q := range table {
		if q.document == p.document {
			data.Twins = append(data.Twins, link{q.lang, q.path, q.title})
		}
		if q.lang == p.lang && !q.hidden {
			data.Menu = append(data.Menu, link{q.lang, q.path, q.title})
		}
	}
	var b bytes.Buffer
	if err := s.tmpl.ExecuteTemplate(&b, p.file, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

// feed is an RSS 2.0 feed of the judgments.
func (s *Site) feed(w http.ResponseWriter, r *http.Request, step int) {
	w.Header().Set("Content-Type", "application/rss+xml")
	var b strings.Builder
	b.WriteString(xml.Header + `<rss version="2.0"><channel><title>Judgments</title><link>http://` + r.Host + `/court/</link><description>Aliens cases</description>`)
	for _, p := range table {
		if strings.HasPrefix(p.path, "/court/") && step >= int(p.from) {
			b.WriteString("<item><title>")
			xml.EscapeText(&b, []byte(p.title))
			b.WriteString("</title><link>http://" + r.Host + p.path + "</link></item>")
		}
	}
	b.WriteString("</channel></rss>")
	fmt.Fprint(w, b.String())
}
