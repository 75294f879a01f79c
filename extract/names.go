package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What the names of elements, their ids and classes, and short texts say of
// the text in them.

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
	saysCaption
	saysEmbed
	saysStory
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
	"caption": saysCaption, "captions": saysCaption, "figcaption": saysCaption, "legend": saysCaption, "photo": saysCaption, "image": saysCaption, "picture": saysCaption,
	"gallery": saysCaption, "media": saysCaption, "bildunterschrift": saysCaption, "legende": saysCaption, "bijschrift": saysCaption, "figure": saysCaption, "slideshow": saysCaption,
	"tweet": saysEmbed, "embed": saysEmbed, "video": saysEmbed, "player": saysEmbed, "audio": saysEmbed, "podcast": saysEmbed, "instagram": saysEmbed, "youtube": saysEmbed, "iframe": saysEmbed,
	"articlebody": saysStory, "storybody": saysStory, "pagebody": saysStory, "articletext": saysStory, "entrycontent": saysStory, "postcontent": saysStory, "hentry": saysStory, "section": saysStory,
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
	{"read more:", "more:", "read also", "don't miss", "watch:", "see also", "lesen sie", "lire aussi", "à lire", "lees ook", "siehe auch", "voir aussi", "zie ook", "more information"},
	{"(c)", "ap photo", "getty", "reuters", "file photo", "image:", "photo:", "foto:", "photograph", "picture:", "bild:", "credit", "in this "},
	{"click here", "download", "listen", "for free", "per month", "our newsletter", "get the latest", "sign up", "app store", "google play", "kostenlos", "gratuit", "gratis", "jetzt", "deals"},
	{"follow @", "@", "http", "www.", "be reached", "reach the", "contributed to", "writer", "reporter", "is a ", "contact", "kontakt"},
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
