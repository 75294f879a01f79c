package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// chrome says whether an element looks like the frame of a page rather than
// its text.
type chrome uint8

const (
	noChrome     chrome = iota
	weakChrome          // headers, footers, asides: chrome outside the main text only
	linksChrome         // related links and the like: chrome inside the main text if it is mostly links
	strongChrome        // menus, consent banners, share buttons: chrome everywhere
)

// chromeWords are the words in ids and classes that mark chrome, in the four
// languages and in the dialects of the usual content systems.
var chromeWords = map[string]chrome{
	"breadcrumb": strongChrome, "breadcrumbs": strongChrome, "ariane": strongChrome, "kruimelpad": strongChrome, "brotkrumen": strongChrome,
	"cookie": strongChrome, "cookies": strongChrome, "consent": strongChrome, "gdpr": strongChrome, "rgpd": strongChrome, "dsgvo": strongChrome,
	"cookiebar": strongChrome, "cookiebanner": strongChrome, "cookienotice": strongChrome, "cookieconsent": strongChrome,
	"nav": strongChrome, "navbar": strongChrome, "navigation": strongChrome, "navigatie": strongChrome, "subnav": strongChrome,
	"menu": strongChrome, "submenu": strongChrome, "megamenu": strongChrome, "menubar": strongChrome, "topnav": strongChrome, "sidenav": strongChrome,
	"pager": strongChrome, "pagination": strongChrome, "paginering": strongChrome, "skip": strongChrome, "skiplink": strongChrome, "skiplinks": strongChrome,
	"share": strongChrome, "sharing": strongChrome, "partager": strongChrome, "partage": strongChrome, "sharethis": strongChrome, "addthis": strongChrome, "addtoany": strongChrome,
	"related": linksChrome, "gerelateerd": linksChrome, "recommended": linksChrome, "recommendations": linksChrome, "associes": linksChrome, "verwandte": linksChrome,
	"tags": linksChrome, "taglist": linksChrome, "teasers": linksChrome, "social": linksChrome, "links": linksChrome, "languages": linksChrome,
	"sidebar": weakChrome, "footer": weakChrome, "masthead": weakChrome, "topbar": weakChrome, "toolbar": weakChrome,
	"newsletter": weakChrome, "popup": weakChrome, "modal": weakChrome, "widget": weakChrome, "advert": weakChrome, "advertisement": weakChrome,
	"voettekst": weakChrome, "fusszeile": weakChrome, "zijbalk": weakChrome, "colofon": weakChrome, "siteheader": weakChrome, "sitefooter": weakChrome,
}

// consentNames are ids and classes of the common consent managers.
var consentNames = []string{"onetrust", "cybotcookie", "cookiebot", "didomi", "tarteaucitron", "sliding-popup", "eu-cookie",
	"usercentrics", "axeptio", "klaro", "cmplz", "cc-window", "cky-", "quantcast", "qc-cmp", "sp_message", "orejime", "cookie-law", "borlabs", "tc-privacy", "footer_tc_privacy"}

// markChrome judges every element, and decides the doubtful ones by what they
// hold: a wrapper of most of the page is no menu, whatever its class says.
func (p *page) markChrome() {
	if len(p.nodes) == 0 {
		return
	}
	holds := p.holders()
	total := p.nodes[0].text
	for i := range p.nodes {
		n := &p.nodes[i]
		if n.n.Type != html.ElementNode {
			continue
		}
		byTag, byWord := chromeOf(n.n)
		if byWord != noChrome && (holds[i] || n.text > total*6/10) {
			byWord = noChrome
		}
		n.chrome = max(byTag, byWord)
	}
	p.markApart(holds)
}

// holders tells which elements hold a main element or a first-level heading.
func (p *page) holders() []bool {
	holds := make([]bool, len(p.nodes))
	for i := range p.nodes {
		n := p.nodes[i].n
		if n.Type == html.ElementNode && (n.DataAtom == atom.Main || n.DataAtom == atom.H1 || attr(n, "role") == "main") {
			for j := int32(i); j >= 0 && !holds[j]; j = p.nodes[j].parent {
				holds[j] = true
			}
		}
	}
	return holds
}

// chromeOf judges an element by its name and role, and by its id and classes.
func chromeOf(n *html.Node) (byTag, byWord chrome) {
	switch n.DataAtom {
	case atom.Html, atom.Body, atom.Main, atom.Article, atom.H1, atom.P, atom.Table, atom.Tbody, atom.Tr, atom.Td, atom.Th,
		atom.Em, atom.Strong, atom.B, atom.I, atom.Br, atom.Sup, atom.Sub:
		return noChrome, noChrome
	case atom.Nav:
		return strongChrome, noChrome
	case atom.Header, atom.Footer, atom.Aside, atom.Dialog:
		byTag = weakChrome
	}
	for i := range n.Attr {
		a := &n.Attr[i]
		switch a.Key {
		case "role":
			switch a.Val {
			case "main", "article":
				return noChrome, noChrome
			case "navigation", "search", "menu", "menubar", "alertdialog":
				return strongChrome, noChrome
			case "banner", "contentinfo", "complementary", "dialog":
				byTag = max(byTag, weakChrome)
			}
		case "id", "class":
			byWord = max(byWord, wordChrome(a.Val))
		case "aria-label":
			if len(a.Val) < 80 && n.DataAtom != atom.A && n.DataAtom != atom.Section {
				byWord = max(byWord, wordChrome(a.Val))
			}
		}
	}
	return byTag, byWord
}

// wordChrome judges an id or a list of classes.
func wordChrome(names string) chrome {
	best := noChrome
	var buf [32]byte
	for name := range strings.FieldsSeq(names) {
		word := buf[:0]
		first, negated := true, false
		for i := 0; i <= len(name); i++ {
			c := byte('-')
			if i < len(name) {
				c = name[i]
			}
			upper := c >= 'A' && c <= 'Z'
			if letter := upper || c >= 'a' && c <= 'z'; letter && !(upper && i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z') {
				if len(word) < len(buf) {
					word = append(word, c|0x20)
				}
				continue
			}
			if len(word) > 0 {
				if first {
					negated = isNegation(string(word))
				}
				if !negated {
					best = max(best, chromeWords[string(word)])
				}
				first = false
			}
			word = buf[:0]
			if upper {
				word = append(word, c|0x20)
			}
		}
		best = max(best, consentName(name))
	}
	return best
}

// isNegation: "no-sidebar", "has-menu" and "with-nav" say something about
// what stands beside the element.
func isNegation(word string) bool {
	switch word {
	case "no", "has", "with", "without", "is", "not", "hide", "page":
		return true
	}
	return false
}

func consentName(name string) chrome {
	if len(name) < 4 {
		return noChrome
	}
	name = strings.ToLower(name)
	for _, c := range consentNames {
		if strings.HasPrefix(name, c) {
			return strongChrome
		}
	}
	return noChrome
}
