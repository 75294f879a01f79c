package extract

import (
	"math"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A unit is the text that stands directly in one block-level element: what is
// judged as main text or chrome.
type unit struct {
	node               int32 // the element
	first              int32 // its first text
	size               int32 // bytes, white space not counted
	link               int32 // of these, in links
	links              int32
	before             int32 // bytes of text in the units before
	words              int32
	commas             int32
	digits             int32
	upper              int32
	stops              int32 // ends of sentences
	strong             int32 // bytes in bold
	head               []byte
	lastByte           byte
	repeated           bool  // the same text stood before
	same               int32 // units in elements of the same kind and classes
	sameSize           int32 // bytes in these
	heading            int32 // the unit of the last heading before, -1 for none
	lastLong, nextLong int32 // units to the nearest sentence before and after
	longBefore         int32 // bytes of sentences before
	odds               float32
	main               bool
}

// maxHead bounds how much of a unit's text is kept for looking at its words.
const maxHead = 96

// nameKind is a set of what ids and classes say of an element.
type nameKind uint16

const (
	saysContent nameKind = 1 << iota
	saysComment
	saysByline
	saysRelated
	saysAd
	saysHidden
	saysShare
	saysCard
	saysHero
	saysStrong
	saysWeak
	saysForm
	saysNote // not known to the forest
)

// nameWords are words in ids and classes, as content systems use them.
var nameWords = map[string]nameKind{
	"content": saysContent, "article": saysContent, "body": saysContent, "text": saysContent, "post": saysContent, "entry": saysContent,
	"story": saysContent, "main": saysContent, "inhalt": saysContent, "contenu": saysContent, "inhoud": saysContent, "richtext": saysContent,
	"prose": saysContent, "markdown": saysContent, "wysiwyg": saysContent, "rte": saysContent, "bodytext": saysContent, "beitrag": saysContent,
	"description": saysContent, "details": saysContent, "paragraph": saysContent, "abstract": saysContent, "contents": saysContent,
	"comment": saysComment, "comments": saysComment, "kommentar": saysComment, "kommentare": saysComment, "commentlist": saysComment,
	"respond": saysComment, "reply": saysComment, "replies": saysComment, "disqus": saysComment, "discussion": saysComment, "reactions": saysComment,
	"trackback": saysComment, "pingback": saysComment, "commentaires": saysComment, "reacties": saysComment,
	"author": saysByline, "byline": saysByline, "meta": saysByline, "date": saysByline, "datetime": saysByline, "published": saysByline,
	"timestamp": saysByline, "postmeta": saysByline, "bio": saysByline, "credit": saysByline, "autor": saysByline, "auteur": saysByline,
	"postmetadata": saysByline, "dateline": saysByline, "time": saysByline, "info": saysByline, "tag": saysByline, "tags": saysByline, "category": saysByline, "categories": saysByline,
	"related": saysRelated, "recommended": saysRelated, "recommendations": saysRelated, "more": saysRelated, "recent": saysRelated, "popular": saysRelated,
	"trending": saysRelated, "teaser": saysRelated, "teasers": saysRelated, "similar": saysRelated, "latest": saysRelated, "readmore": saysRelated,
	"next": saysRelated, "previous": saysRelated, "prev": saysRelated, "archive": saysRelated, "archives": saysRelated, "blogroll": saysRelated, "upsell": saysRelated,
	"ad": saysAd, "ads": saysAd, "advert": saysAd, "advertisement": saysAd, "sponsor": saysAd, "sponsored": saysAd, "promo": saysAd, "banner": saysAd,
	"anzeige": saysAd, "werbung": saysAd, "newsletter": saysAd, "subscribe": saysAd, "signup": saysAd, "cta": saysAd, "popup": saysAd, "modal": saysAd,
	"paywall": saysAd, "promotion": saysAd, "overlay": saysAd, "subscription": saysAd, "donate": saysAd,
	"hidden": saysHidden, "invisible": saysHidden, "sr": saysHidden, "screenreader": saysHidden, "visuallyhidden": saysHidden, "offscreen": saysHidden, "print": saysHidden,
	"share": saysShare, "sharing": saysShare, "social": saysShare, "sharedaddy": saysShare, "facebook": saysShare, "twitter": saysShare, "follow": saysShare,
	"card": saysCard, "cards": saysCard, "tile": saysCard, "grid": saysCard, "product": saysCard, "products": saysCard, "item": saysCard, "listing": saysCard, "results": saysCard, "carousel": saysCard, "slider": saysCard,
	"hero": saysHero, "title": saysHero, "headline": saysHero, "heading": saysHero, "lead": saysHero, "intro": saysHero, "summary": saysHero, "subtitle": saysHero, "excerpt": saysHero, "standfirst": saysHero,
	"nav": saysStrong, "navigation": saysStrong, "navbar": saysStrong, "menu": saysStrong, "breadcrumb": saysStrong, "breadcrumbs": saysStrong,
	"pagination": saysStrong, "pager": saysStrong, "cookie": saysStrong, "cookies": saysStrong, "consent": saysStrong, "toc": saysStrong, "tabs": saysStrong, "dropdown": saysStrong,
	"sidebar": saysWeak, "footer": saysWeak, "header": saysWeak, "widget": saysWeak, "widgets": saysWeak, "aside": saysWeak, "rail": saysWeak, "topbar": saysWeak,
	"secondary": saysWeak, "masthead": saysWeak, "toolbar": saysWeak, "copyright": saysWeak, "bottom": saysWeak, "top": saysWeak, "foot": saysWeak, "sub": saysWeak,
	"footnote": saysNote, "footnotes": saysNote, "endnote": saysNote, "endnotes": saysNote, "voetnoot": saysNote, "voetnoten": saysNote, "fussnote": saysNote, "fussnoten": saysNote, "notes": saysNote,
	"form": saysForm, "search": saysForm, "login": saysForm, "filter": saysForm, "filters": saysForm, "facet": saysForm, "button": saysForm, "btn": saysForm, "buttons": saysForm, "sort": saysForm, "cart": saysForm, "rating": saysForm, "reviews": saysForm, "review": saysForm,
}

// namesOf reads an id or a list of classes.
func namesOf(names string) nameKind {
	var out nameKind
	var buf [20]byte
	word := buf[:0]
	for i := 0; i <= len(names); i++ {
		c := byte(' ')
		if i < len(names) {
			c = names[i]
		}
		upper := c >= 'A' && c <= 'Z'
		if (upper || c >= 'a' && c <= 'z') && !(upper && i > 0 && names[i-1] >= 'a' && names[i-1] <= 'z') {
			if len(word) < len(buf) {
				word = append(word, c|0x20)
			}
			continue
		}
		if len(word) > 1 {
			out |= nameWords[string(word)]
		}
		word = buf[:0]
		if upper {
			word = append(word, c|0x20)
		}
	}
	return out
}

// tagSet is a set of elements that say something of the text in them.
type tagSet uint16

const (
	inNav tagSet = 1 << iota
	inHeader
	inFooter
	inAside
	inMain
	inArticle
	inForm
	inList
	inTable
	inHeading
	inButton
	inFigure
	inQuote
	inPre
	inHiddenTag
	inDetails
)

func tagOf(n *html.Node) tagSet {
	switch n.DataAtom {
	case atom.Nav:
		return inNav
	case atom.Header:
		return inHeader
	case atom.Footer:
		return inFooter
	case atom.Aside:
		return inAside
	case atom.Main:
		return inMain
	case atom.Article:
		return inArticle
	case atom.Form, atom.Fieldset:
		return inForm
	case atom.Ul, atom.Ol, atom.Dl:
		return inList
	case atom.Table:
		return inTable
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return inHeading
	case atom.Button, atom.Label, atom.Option:
		return inButton
	case atom.Figure, atom.Figcaption:
		return inFigure
	case atom.Blockquote:
		return inQuote
	case atom.Pre:
		return inPre
	case atom.Details, atom.Summary:
		return inDetails
	}
	return 0
}

// A place is what is known of an element and of those around it.
type place struct {
	block   int32    // nearest element that breaks the line, itself perhaps
	names   nameKind // its own
	around  nameKind // its own and of those around it
	near    nameKind // its own and of the two around it
	tags    tagSet
	depth   int16
	chrome  chrome // the strongest around it
	units   int32  // in it
	long    int32  // of these, with a sentence or more
	score   float32
	ranking float32 // highest score around it
	from    int32   // first of its units; they are consecutive
}

// A scorer judges the units of a page.
type scorer struct {
	p      *page
	places []place
	units  []unit
	of     []int32 // unit of a block-level element, -1 for none
	top    int32   // the element with the highest score
	h1     int     // unit of the first heading of the highest level, -1 for none
	total  int32   // bytes of text in all units
	names  map[string]nameKind
	mark   int32 // the largest element that the page marks as its main one, -1 for none
	pageFeatures
}

type pageFeatures struct {
	article, product, mains, articles   float32
	linkShare, longShare                float32
	forum, list, commentShare, longLeft float32
	firstComment                        int
}

func newScorer(p *page) *scorer {
	s := &scorer{p: p, places: make([]place, len(p.nodes)), of: make([]int32, len(p.nodes)), h1: -1, mark: -1, names: map[string]nameKind{}}
	s.lookAround()
	s.gather()
	s.rank()
	s.lookAtPage()
	return s
}

// lookAround notes, from the outside in, what stands around each element.
func (s *scorer) lookAround() {
	for i := range s.p.nodes {
		n := &s.p.nodes[i]
		pl := &s.places[i]
		s.of[i] = -1
		var up *place
		if n.parent >= 0 {
			up = &s.places[n.parent]
			*pl = place{block: up.block, around: up.around, near: up.names, tags: up.tags, depth: up.depth + 1, chrome: up.chrome}
			if g := s.p.nodes[n.parent].parent; g >= 0 {
				pl.near |= s.places[g].names
			}
		}
		if n.n.Type != html.ElementNode {
			continue
		}
		for j := range n.n.Attr {
			a := &n.n.Attr[j]
			switch a.Key {
			case "class", "id", "itemprop", "role":
				k, ok := s.names[a.Val]
				if !ok {
					k = namesOf(a.Val)
					s.names[a.Val] = k
				}
				pl.names |= k
			case "style":
				if strings.Contains(a.Val, "display:none") || strings.Contains(a.Val, "display: none") {
					pl.names |= saysHidden
				}
			case "hidden", "aria-hidden":
				if a.Val != "false" {
					pl.names |= saysHidden
				}
			}
		}
		if n.n.DataAtom == atom.Body || n.n.DataAtom == atom.Html {
			pl.names = 0
		}
		pl.around |= pl.names
		pl.near |= pl.names
		pl.tags |= tagOf(n.n)
		pl.chrome = max(pl.chrome, n.chrome)
		if !isInline(n.n.DataAtom) || n.n.DataAtom == atom.Td || n.n.DataAtom == atom.Th || n.parent < 0 {
			pl.block = int32(i)
		}
	}
}

// gather collects the units.
func (s *scorer) gather() {
	seen := map[string]bool{}
	inLink, inBold := int32(0), int32(0)
	for i := int32(0); int(i) < len(s.p.nodes); i++ {
		n := &s.p.nodes[i]
		if n.n.Type == html.ElementNode {
			switch n.n.DataAtom {
			case atom.A:
				inLink = max(inLink, n.end)
				if k := s.of[s.places[i].block]; k >= 0 && n.text > 0 {
					s.units[k].links++
				}
			case atom.B, atom.Strong:
				inBold = max(inBold, n.end)
			}
			continue
		}
		if n.text == 0 {
			continue
		}
		b := s.places[i].block
		k := s.of[b]
		if k < 0 {
			k = int32(len(s.units))
			s.of[b] = k
			s.units = append(s.units, unit{node: b, first: i})
			if inLink > i {
				s.units[k].links = 1
			}
		}
		u := &s.units[k]
		u.add(n.n.Data, n.text)
		if inLink > i {
			u.link += n.text
		}
		if inBold > i {
			u.strong += n.text
		}
		s.total += n.text
	}
	sum := int32(0)
	for k := range s.units {
		u := &s.units[k]
		u.before = sum
		sum += u.size
		key := string(u.head)
		u.repeated = seen[key]
		seen[key] = true
		if s.h1 < 0 && s.p.nodes[u.node].n.DataAtom == atom.H1 {
			s.h1 = k
		}
	}
}

// add counts a text.
func (u *unit) add(text string, size int32) {
	u.size += size
	space := true
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c <= ' ' {
			space = true
			continue
		}
		if space {
			u.words++
			if len(u.head) > 0 && len(u.head) < maxHead {
				u.head = append(u.head, ' ')
			}
			space = false
		}
		switch {
		case c >= '0' && c <= '9':
			u.digits++
		case c >= 'A' && c <= 'Z':
			u.upper++
		case c == ',' || c == ';':
			u.commas++
		case c == '.' || c == '!' || c == '?':
			if i+1 >= len(text) || text[i+1] <= ' ' {
				u.stops++
			}
		}
		if len(u.head) < maxHead {
			if c >= 'A' && c <= 'Z' {
				c |= 0x20
			}
			u.head = append(u.head, c)
		}
		u.lastByte = c
	}
}

// rank gives elements a score for the sentences right in them, as readability
// does, and counts units.
func (s *scorer) rank() {
	for k := range s.units {
		u := &s.units[k]
		long := u.size >= 80 && u.link*2 < u.size
		for i := u.node; i >= 0; i = s.p.nodes[i].parent {
			if s.places[i].units == 0 {
				s.places[i].from = int32(k)
			}
			s.places[i].units++
			if long {
				s.places[i].long++
			}
		}
		if u.size < 25 {
			continue
		}
		points := (1 + float32(u.commas) + min(float32(u.size)/100, 3)) * (1 - float32(u.link)/float32(u.size))
		if s.places[u.node].chrome == strongChrome || s.places[u.node].around&saysComment != 0 {
			points /= 4
		}
		i := u.node
		if a := s.p.nodes[i].n.DataAtom; a != atom.Div && a != atom.Section && a != atom.Article {
			i = s.p.nodes[i].parent
		}
		for share := float32(1); i >= 0 && share > 0.2; i = s.p.nodes[i].parent {
			s.places[i].score += points * share
			share /= 2
		}
	}
	for i := range s.places {
		n := &s.p.nodes[i]
		if n.parent >= 0 {
			s.places[i].ranking = max(s.places[i].score, s.places[n.parent].ranking)
		}
		if s.places[i].score > s.places[s.top].score {
			s.top = int32(i)
		}
	}
}

func (s *scorer) lookAtPage() {
	for _, h := range s.p.heads {
		switch h.DataAtom {
		case atom.Meta:
			if strings.EqualFold(attr(h, "name"), "generator") && isForum(attr(h, "content")) {
				s.forum = 1
			}
			if strings.EqualFold(attr(h, "property"), "og:type") {
				switch v := attr(h, "content"); {
				case strings.EqualFold(v, "article"):
					s.article = 1
				case strings.HasPrefix(v, "product"), strings.HasPrefix(v, "og:product"):
					s.product = 1
				}
			}
		case atom.Script:
			if h.FirstChild != nil {
				text := h.FirstChild.Data
				if strings.Contains(text, `"DiscussionForumPosting"`) || strings.Contains(text, `"QAPage"`) {
					s.forum = 1
				}
				if strings.Contains(text, `"ItemList"`) || strings.Contains(text, `"CollectionPage"`) {
					s.list = 1
				}
				if strings.Contains(text, `"Product"`) {
					s.product = 1
				}
				if strings.Contains(text, `Article"`) || strings.Contains(text, `"BlogPosting"`) {
					s.article = 1
				}
			}
		}
	}
	s.lookAtRuns()
	best := int32(0)
	for i := range s.p.nodes {
		n := &s.p.nodes[i]
		switch {
		case n.n.DataAtom == atom.Main || n.n.Type == html.ElementNode && attr(n.n, "role") == "main":
			s.mains++
			if n.text > best {
				best, s.mark = n.text, int32(i)
			}
		case n.n.DataAtom == atom.Article:
			s.articles++
		}
	}
	var link, long int32
	for k := range s.units {
		link += s.units[k].link
		if u := &s.units[k]; u.size >= 80 && u.link*2 < u.size {
			long += u.size
		}
	}
	s.linkShare = float32(link) / float32(max(s.total, 1))
	s.longShare = float32(long) / float32(max(s.total, 1))
}

// phrases are what short texts of chrome say, in the languages of the trade;
// each line is one feature.
var phrases = [...][]string{
	{"©", "copyright", "all rights reserved", "alle rechte", "tous droits", "alle rechten", "powered by"},
	{"cookie", "datenschutz", "privacy", "impressum", "terms of", "mentions légales", "disclaimer", "agb"},
	{"share", "teilen", "partager", "delen", "tweet", "facebook", "twitter", "linkedin", "whatsapp", "follow us", "pinterest"},
	{"read more", "weiterlesen", "lire la suite", "lees meer", "mehr", "learn more", "more", "en savoir plus", "view all", "see all", "show more", "continue reading"},
	{"subscribe", "newsletter", "sign up", "abonnieren", "s'abonner", "inschrijven", "log in", "login", "sign in", "register", "anmelden", "email"},
	{"comment", "kommentar", "commentaire", "reactie", "reply", "antworten", "leave a", "schreibe", "répondre", "responses", "trackback"},
	{"related", "you may", "you might", "recommended", "popular", "trending", "ähnliche", "auch interess", "à lire aussi", "gerelateerd", "similar", "latest", "recent", "also like", "more from", "next", "previous", "nächster", "vorheriger"},
	{"by ", "von ", "par ", "door ", "posted", "published", "updated", "veröffentlicht", "publié", "geplaatst", "author", "written by", "photo", "foto", "image", "min read", "am "},
	{"tags", "filed under", "kategorie", "categor", "schlagw", "mots-clés", "tagged", "topics", "posted in", "thema"},
	{"add to cart", "buy", "in den warenkorb", "cart", "checkout", "wishlist", "price", "shipping", "in stock", "sort by", "filter", "quantity"},
	{"back to top", "nach oben", "haut de page", "print", "drucken", "imprimer", "skip to", "menu", "search", "suche", "home", "close", "toggle"},
}

// phraseHits tells which groups of phrases a unit's beginning holds.
func phraseHits(head []byte, out []float32) {
	if len(head) == 0 {
		return
	}
	h := string(head)
	for g := range phrases {
		for _, ph := range phrases[g] {
			if strings.Contains(h, ph) {
				out[g] = 1
				break
			}
		}
	}
}

// kindOf numbers the element of a unit.
func kindOf(a atom.Atom) float32 {
	switch a {
	case atom.P:
		return 1
	case atom.Li:
		return 2
	case atom.H1:
		return 3
	case atom.H2:
		return 4
	case atom.H3:
		return 5
	case atom.H4, atom.H5, atom.H6:
		return 6
	case atom.Td, atom.Th:
		return 7
	case atom.Dt, atom.Dd:
		return 8
	case atom.Blockquote, atom.Pre, atom.Figcaption:
		return 9
	case atom.Div:
		return 10
	case atom.Section, atom.Article, atom.Main:
		return 11
	}
	return 12
}

func share(a, b int32) float32 {
	if b == 0 {
		return 0
	}
	return float32(a) / float32(b)
}

func logOf(n int32) float32 { return float32(math.Log1p(float64(n))) }

// features fills in what is known of unit k. Their order is that of
// featureNames, and of the forest that was grown on them.
func (s *scorer) features(k int, f []float32) []float32 {
	u := &s.units[k]
	pl := &s.places[u.node]
	n := &s.p.nodes[u.node]
	f = append(f[:0],
		logOf(u.size), float32(u.words), share(u.link, u.size), float32(u.links), share(u.commas*100, u.size), share(u.digits, u.size),
		share(u.upper, u.size), float32(u.stops), share(u.strong, u.size), share(u.size, u.words), boolOf(u.lastByte == '.' || u.lastByte == '!' || u.lastByte == '?'), boolOf(u.lastByte == ':'),
		boolOf(u.repeated), kindOf(n.n.DataAtom), float32(pl.depth),
		float32(pl.chrome), float32(n.chrome))
	f = append(f, bits(uint32(pl.around), 12)...)
	f = append(f, bits(uint32(pl.near), 12)...)
	f = append(f, bits(uint32(pl.tags), 16)...)
	// where it stands
	at := float32(k) / float32(len(s.units))
	f = append(f, at, float32(k), float32(len(s.units)-k), share(u.before, s.total))
	if s.h1 >= 0 {
		f = append(f, float32(max(-50, min(50, k-s.h1))))
	} else {
		f = append(f, 99)
	}
	f = append(f, boolOf(s.mark >= 0 && u.node >= s.mark && u.node < s.p.nodes[s.mark].end), boolOf(u.node >= s.top && u.node < s.p.nodes[s.top].end))
	if s.mark >= 0 {
		f = append(f, share(s.p.nodes[s.mark].text, s.total))
	} else {
		f = append(f, -1)
	}
	f = append(f, share(s.p.nodes[s.top].text, s.total))
	f = append(f, pl.ranking/max(s.places[s.top].score, 1))
	// how far up an element holds the top one
	up, levels := u.node, float32(0)
	for up > 0 && !(s.top >= up && s.top < s.p.nodes[up].end) {
		up = s.p.nodes[up].parent
		levels++
	}
	f = append(f, levels, share(s.p.nodes[up].text, s.total))
	// the elements around
	e := n.parent
	for range 4 {
		if e < 0 {
			f = append(f, 0, 0, 0, 0, 0)
			continue
		}
		x := &s.p.nodes[e]
		f = append(f, logOf(x.text), share(x.link, x.text), logOf(s.places[e].units), share(s.places[e].long, s.places[e].units), share(x.text, s.total))
		e = x.parent
	}
	// the neighbours
	for _, d := range [...]int{-1, 1, -2, 2, -3, 3} {
		j := k + d
		if j < 0 || j >= len(s.units) {
			f = append(f, -1, -1, -1)
			continue
		}
		v := &s.units[j]
		f = append(f, logOf(v.size), share(v.link, v.size), kindOf(s.p.nodes[v.node].n.DataAtom))
	}
	// the page
	f = append(f, logOf(s.total), s.linkShare, s.longShare, logOf(int32(len(s.units))), s.article, s.product, min(s.mains, 3), min(s.articles, 30))
	f = append(f, s.forum, s.list, s.commentShare, logOf(int32(s.longLeft)), boolOf(k >= s.firstComment), float32(max(-50, min(50, k-s.firstComment))),
		logOf(u.same), logOf(u.sameSize/max(u.same, 1)), share(u.sameSize, s.total), float32(u.lastLong), float32(u.nextLong), float32(u.longBefore)/max(s.longLeft, 1))
	if u.heading >= 0 {
		h := &s.units[u.heading]
		f = append(f, float32(min(int32(k)-u.heading, 60)), kindOf(s.p.nodes[h.node].n.DataAtom), logOf(h.size))
	} else {
		f = append(f, -1, 0, 0)
	}
	i := len(f)
	for range phrases {
		f = append(f, 0)
	}
	if u.heading >= 0 {
		phraseHits(s.units[u.heading].head, f[i:])
	}
	i = len(f)
	for range phrases {
		f = append(f, 0)
	}
	if u.size < 200 {
		phraseHits(u.head, f[i:])
	}
	return f
}

func isForum(generator string) bool {
	g := strings.ToLower(generator)
	for _, name := range []string{"discourse", "phpbb", "vbulletin", "xenforo", "mybb", "invision", "flarum", "smf", "vanilla", "nodebb"} {
		if strings.Contains(g, name) {
			return true
		}
	}
	return false
}

// lookAtRuns notes what comes before and after each unit, and which are alike.
func (s *scorer) lookAtRuns() {
	type signature struct {
		tag, upTag     atom.Atom
		class, upClass string
	}
	alike := map[signature]int32{}
	counts, sizes := make([]int32, 0, 64), make([]int32, 0, 64)
	ids := make([]int32, len(s.units))
	last, heading, sum := int32(-1), int32(-1), int32(0)
	var comments, long int32
	s.firstComment = len(s.units)
	for k := range s.units {
		u := &s.units[k]
		n := s.p.nodes[u.node].n
		sig := signature{tag: n.DataAtom, class: attr(n, "class")}
		if up := n.Parent; up != nil {
			sig.upTag, sig.upClass = up.DataAtom, attr(up, "class")
		}
		id, ok := alike[sig]
		if !ok {
			id = int32(len(counts))
			alike[sig] = id
			counts, sizes = append(counts, 0), append(sizes, 0)
		}
		ids[k] = id
		counts[id]++
		sizes[id] += u.size
		u.heading, u.longBefore, u.lastLong = heading, sum, min(int32(k)-last, 60)
		pl := &s.places[u.node]
		if pl.tags&inHeading != 0 {
			heading = int32(k)
		}
		comment := pl.around&saysComment != 0
		if comment && s.firstComment > k {
			s.firstComment = k
		}
		if u.size >= 80 && u.link*2 < u.size {
			long += u.size
			if comment {
				comments += u.size
			} else {
				last = int32(k)
				sum += u.size
			}
		}
	}
	s.commentShare, s.longLeft = share(comments, long), float32(sum)
	next := int32(len(s.units) + 60)
	for k := len(s.units) - 1; k >= 0; k-- {
		u := &s.units[k]
		u.nextLong = min(next-int32(k), 60)
		if u.size >= 80 && u.link*2 < u.size && s.places[u.node].around&saysComment == 0 {
			next = int32(k)
		}
		u.same, u.sameSize = counts[ids[k]], sizes[ids[k]]
	}
}

func bits(set uint32, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(set >> i & 1)
	}
	return out
}

func boolOf(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

// takeNotes makes footnotes main text: what main text refers to inside the
// page, unless it is long or a heading, as the targets of a table of contents are.
func (s *scorer) takeNotes() {
	targets := map[string]bool{}
	for i := range s.p.nodes {
		if n := s.p.nodes[i].n; n.DataAtom == atom.A {
			if id, ok := strings.CutPrefix(attr(n, "href"), "#"); ok && id != "" {
				if k := s.of[s.places[i].block]; k >= 0 && s.units[k].main {
					targets[id] = true
				}
			}
		}
	}
	if len(targets) == 0 {
		return
	}
	for i := range s.p.nodes {
		n := &s.p.nodes[i]
		if n.n.Type != html.ElementNode || !targets[attr(n.n, "id")] && !(n.n.DataAtom == atom.A && targets[attr(n.n, "name")]) {
			continue
		}
		pl := &s.places[s.places[i].block]
		if pl.units == 0 || pl.units > 6 || pl.tags&(inHeading|inNav) != 0 || s.p.nodes[s.places[i].block].text > 4000 {
			continue
		}
		for k := pl.from; k < pl.from+pl.units; k++ {
			s.units[k].main = true
		}
	}
}
