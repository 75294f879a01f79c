package extract

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"veille/archive"
)

const (
	// sticky is what a text of the previous version gains for the role it had.
	sticky = 1.5
	// common is the surest that the forest may be of a text that many pages of
	// the host share, for that to make it chrome.
	common = 3
)

// A leaning is how a page's units are judged together.
type leaning struct {
	// cut is what it costs, in the forest's measure for a unit of 20 bytes, to
	// give an element another role than the one around it.
	cut float32
	// recall is what all units gain: a doubtful text is rather kept as main text
	// than lost to the reader.
	recall float32
}

// longRead is how many bytes of sentences make a page a long text, and
// longArticle one that calls itself an article.
const longRead, longArticle = 8_000, 16_000

// leaning depends on what kind of page it is: in a law, terms or a report, what
// stands amid the text belongs to it; into news, adverts, captions and other
// articles are strewn, and many a page calls itself an article that is none.
// Chosen on the tuned halves, see docs/reading.md.
func (s *scorer) leaning() leaning {
	article := s.article > 0 && s.product == 0 && s.list == 0 && s.forum == 0
	switch long := s.linkShare < 0.3 && (s.longLeft > longArticle || s.longLeft > longRead && !article); {
	case long && !s.story:
		return leaning{cut: 3, recall: 1.5}
	case !long && s.story:
		return leaning{cut: 0.25}
	case !long && article:
		return leaning{cut: 0.25, recall: 0.1}
	}
	return leaning{cut: 1, recall: 0.4}
}

// A Past is what earlier captures tell of a page. The zero value is the past
// of a page that is seen for the first time.
type Past struct {
	Strategy string          // by which the previous version was read
	Blocks   []archive.Block // of the previous version
	Habits   *Habits         // nil if nothing has been learned

	unselected bool // leave the source's selectors out of account
}

// roles tells for each text of the previous version, by its key, whether it was
// main text; texts that were both are left out.
func (p *Past) roles() map[string]archive.Role {
	if len(p.Blocks) == 0 {
		return nil
	}
	out := make(map[string]archive.Role, 2*len(p.Blocks))
	note := func(text string, r archive.Role) {
		k := textKey(text)
		if k == "" {
			return
		}
		if before, ok := out[k]; ok && before != r {
			r = ""
		}
		out[k] = r
	}
	for i := range p.Blocks {
		b := &p.Blocks[i]
		note(b.Text, b.Role)
		switch b.Kind {
		case archive.Row:
			for cell := range strings.SplitSeq(b.Text, " | ") {
				note(cell, b.Role)
			}
		case archive.Article, archive.Item:
			note(b.Marker+b.Text, b.Role)
		}
	}
	return out
}

// textKey is what two texts have in common that differ in nothing but white
// space, punctuation and case.
func textKey(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// textOf returns the text right in a unit's element.
func (s *scorer) textOf(u *unit) string {
	var b strings.Builder
	for i := u.node; i < s.p.nodes[u.node].end; i++ {
		if n := s.p.nodes[i].n; n.Type == html.TextNode && s.places[i].block == u.node {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}

// judge decides which units are main text: each as the forest says, but
// neighbours alike. Cutting the tree of elements into regions of either role
// costs a penalty for each cut; the cheapest way to cut is found exactly, from
// the leaves up. A text of the previous version leans to the role it had there.
func (s *scorer) judge(past *Past, c *choice) {
	f := theForest()
	var x []float32
	roles := past.roles()
	learned, lean := 0, s.leaning()
	gain := make([][2]float32, len(s.p.nodes)) // of the element and all in it, if it is chrome or main
	for k := range s.units {
		u := &s.units[k]
		x = s.features(k, x)
		u.odds = f.odds(x) + lean.recall
		if s.places[u.node].around&saysNote != 0 || noteStart.Match(u.head) && u.links <= 1 && s.places[u.node].chrome < strongChrome {
			u.odds = max(u.odds, 2)
		}
		if pl := &s.places[u.node]; pl.tags&inPre != 0 && pl.chrome == noChrome && u.link == 0 {
			u.odds = max(u.odds, 0) // what is kept as it was typed is no chrome
		}
		if roles != nil || past.Habits != nil {
			key, alone := textKey(s.textOf(u)), u.odds
			switch roles[key] {
			case archive.Main:
				u.odds = max(u.odds, 0) + sticky
			case archive.Boilerplate:
				u.odds = min(u.odds, 0) - sticky
			}
			if n, shared := past.Habits.isShared(key); shared && u.odds > -common && alone < common {
				u.odds = -common
				if learned++; learned <= 5 {
					c.say("“%s” stands on %d of %d pages of the host: chrome", clean(s.textOf(u)), n, past.Habits.pages)
				}
			}
		}
		gain[u.node][1] += u.odds * float32(math.Sqrt(float64(u.size)/20))
	}
	s.cut(gain, lean.cut)
	s.takeDates()
	s.takeNotes()
	s.keepSome(c)
}

// noteStart matches the beginning of a footnote that bears its mark in brackets.
var noteStart = regexp.MustCompile(`^\[[0-9]{1,3}\] `)

// cut gives every unit its role.
func (s *scorer) cut(gain [][2]float32, cost float32) {
	for i := len(s.p.nodes) - 1; i > 0; i-- {
		up := s.p.nodes[i].parent
		if s.places[i].units == 0 || up < 0 {
			continue
		}
		g := gain[i]
		gain[up][0] += max(g[0], g[1]-cost)
		gain[up][1] += max(g[1], g[0]-cost)
	}
	role := make([]bool, len(s.p.nodes))
	for i := range s.p.nodes {
		if s.places[i].units == 0 {
			continue
		}
		g := gain[i]
		switch up := s.p.nodes[i].parent; {
		case up < 0:
			role[i] = g[1] > g[0]
		case role[up]:
			role[i] = g[1] > g[0]-cost
		default:
			role[i] = g[1]-cost > g[0]
		}
		if k := s.of[i]; k >= 0 {
			s.units[k].main = role[i] && s.places[i].tags&inNav == 0 && !s.p.nodes[i].apart // the page itself calls the one a menu
		}
	}
}

// dateWords say that a short line with figures dates the text below the title.
var dateWords = []string{"effective", "updated", "revised", "version", "in force", "as of", "stand:", "stand vom", "in kraft", "gültig", "aktualisiert",
	"en vigueur", "mise à jour", "mis à jour", "date", "datum", "bijgewerkt", "geldig", "van kracht", "ref", "réf"}

// takeDates makes the line that dates a text part of it, when it stands near
// the title or right behind the text: a new date of effect is news, and so is a
// new entry in the list of a text's versions.
func (s *scorer) takeDates() {
	const aside = inNav | inAside | inFooter
	for k := max(0, s.h1-2); s.h1 >= 0 && k < min(len(s.units), s.h1+7); k++ {
		if u := &s.units[k]; !u.main && u.size <= 100 && u.link == 0 && s.places[u.node].tags&aside == 0 && u.dates(len(u.head)) {
			u.main = true
		}
	}
	last := len(s.units) - 1
	for last >= 0 && !(s.units[last].main && s.units[last].size >= 80) {
		last--
	}
	for k := last + 1; last >= 0 && k < min(len(s.units), last+8); k++ {
		if u := &s.units[k]; !u.main && u.size <= 600 && s.places[u.node].tags&aside == 0 && u.dates(16) && year.Match(u.head) {
			u.main = true
		}
	}
}

// year matches what tells a date from the number of a program's version.
var year = regexp.MustCompile(`\b(?:19|20)[0-9]{2}\b`)

// dates reports whether a unit has figures in it and says in its first bytes
// that they are a date or version.
func (u *unit) dates(within int) bool {
	if u.digits < 3 {
		return false
	}
	head := string(u.head[:min(within, len(u.head))])
	return slices.ContainsFunc(dateWords, func(w string) bool { return strings.Contains(head, w) })
}

// keepSome takes everything outside menus for main text where hardly anything
// looks like it: a page is rather read whole than not at all.
func (s *scorer) keepSome(c *choice) {
	var main, plain int32
	for k := range s.units {
		u := &s.units[k]
		if u.main {
			main += u.size
		}
		if s.places[u.node].chrome < weakChrome || s.places[u.node].tags&(inMain|inArticle) != 0 {
			plain += u.size
		}
	}
	if main*12 >= plain || main >= 400 {
		c.say("main text is %d of %d bytes, by the scorer", main, s.total)
		return
	}
	for k := range s.units {
		u := &s.units[k]
		if s.places[u.node].chrome < weakChrome || s.places[u.node].tags&(inMain|inArticle) != 0 {
			u.main = !s.p.nodes[u.node].apart
		}
	}
	c.say("hardly anything looks like main text: all that is outside menus is taken for it")
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
