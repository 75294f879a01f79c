package diff

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A location is where something stands, as a summary names it.
type location struct {
	kind string // of the names in the rules: "article", "section", …; "heading" for a title
	name string // its number, or the title
	sub  string // what follows the number: ", § 1er", " (2)"
}

func (a *location) same(b *location) bool { return a == b || a != nil && b != nil && *a == *b }

// placeWords are how places of one kind are named in one language.
type placeWords struct {
	In   string `yaml:"in"`   // "in Article %s"
	Ins  string `yaml:"ins"`  // the same with several numbers
	One  string `yaml:"one"`  // "Article %s"
	Many string `yaml:"many"` // "Articles %s"
}

// provision is the number of an article at the head of a text; in some laws,
// nothing but the number.
var provision = regexp.MustCompile(`^(?i:(?:art\.|articles?|artikel|annexe?|bijlage|anlage|anhang)\s*(?:[LRDA]\.\s?)?[\w*][\w./:°*-]*|[LRD]\.?\s?\*?\d{3}-\d[\d-]*|§§?\s*\d\w*|\d+(?:\.\d+)*$)`)

// englishSection is what British laws have for articles; in French and Dutch
// law a section is a part of a chapter.
var englishSection = regexp.MustCompile(`^(?i:sections?|sec\.)\s*\d[\w./:()-]*`)

// subdivision is a paragraph or letter of an article, as a heading of its own.
var subdivision = regexp.MustCompile(`^\([\p{L}\d.]{1,6}\)$`)

// provision is the number of an article at the head of a text, "" if there is
// none. In French and Dutch law "§" is a part of an article.
func (c *Change) provision(text string) string {
	if i := len("Article "); len(text) > i && strings.EqualFold(text[:i], "Article ") && placeKind(text[i:]) == "annex" {
		text = text[i:] // "Article Annexe 9" is an annex
	}
	m, lang := provision.FindString(text), ""
	if c.To != nil {
		lang, _, _ = strings.Cut(c.To.Lang, "-")
	}
	if strings.HasPrefix(m, "§") && (lang == "fr" || lang == "nl") {
		return ""
	}
	if m == "" && lang == "en" {
		m = englishSection.FindString(text)
	}
	return strings.TrimRight(m, " .:")
}

// article is the article in which an edit lies: "Art. 8", in German law
// "§ 8"; "" if there is none.
func (c *Change) article(e *Edit) string {
	a, _ := c.articleAt(e)
	return a
}

// articleAt is the article, and how many headings of the path lead to it.
func (c *Change) articleAt(e *Edit) (string, int) {
	for i, head := range append(e.Path[:len(e.Path):len(e.Path)], e.marker) {
		if m := c.provision(head); m != "" {
			return m, i + 1
		}
	}
	return "", 0
}

// location is the article in which an edit lies and the section within it.
func (c *Change) location(e *Edit) *location {
	a, n := c.articleAt(e)
	if a == "" {
		return nil
	}
	at := locationOf(a)
	for _, head := range e.Path[min(n, len(e.Path)):] {
		if s := provision.FindString(head); strings.HasPrefix(s, "§") && at.kind != "section" {
			at.sub += ", § " + strings.TrimLeft(strings.TrimLeft(s, "§"), " \u00a0")
		} else if subdivision.MatchString(head) {
			if !strings.HasSuffix(at.sub, ")") {
				at.sub += " "
			}
			at.sub += head
		}
	}
	return at
}

// nearest is the location, or else the heading under which an edit stands,
// unless that is the title of the page.
func (c *Change) nearest(e *Edit) *location {
	if at := c.location(e); at != nil {
		return at
	}
	if n := len(e.Path); n > 0 {
		if head := quote(e.Path[n-1]); c.To == nil || !titled(c.To.Title, e.Path[n-1]) && head != c.subject() {
			return &location{kind: "heading", name: head}
		}
	}
	return nil
}

// placeKinds are how the words before the number of an article begin, folded.
var placeKinds = []struct{ kind, start string }{
	{"article", "article"}, {"article", "artikel"}, {"art", "art"}, {"annex", "annex"}, {"annex", "bijlage"}, {"annex", "anlage"}, {"anhang", "anhang"},
	{"section", "§"}, {"part", "sec"},
}

// locationOf takes the name of an article apart: "Article 8" into its kind and "8".
func locationOf(name string) *location {
	kind := placeKind(name)
	switch {
	case kind != "":
		at := strings.IndexAny(name, " .§\u00a0")
		number := strings.TrimLeft(name[max(at, 0):], " .§\u00a0")
		if kind == "section" || at < 0 {
			number = strings.TrimLeft(name, "§ \u00a0")
		}
		return &location{kind: kind, name: number}
	case digit(rune(name[0])):
		return &location{kind: "number", name: name}
	}
	return &location{kind: "article", name: name} // L. 312-2
}

// placeKind is the kind of place that a name says, "" for one that says nothing.
func placeKind(name string) string {
	low := strings.ToLower(name)
	for _, k := range placeKinds {
		if strings.HasPrefix(low, k.start) {
			return k.kind
		}
	}
	return ""
}

// at says where something is, of places of one kind.
func (p *phrases) at(places []*location) string {
	w := p.Places[places[0].kind]
	if len(places) == 1 {
		return fmt.Sprintf(w.In, places[0].name+places[0].sub)
	}
	var names []string
	for _, at := range places {
		names = append(names, at.name+at.sub)
	}
	last := len(names) - 1
	return fmt.Sprintf(w.Ins, strings.Join(names[:last], ", ")+" "+p.And+" "+names[last])
}

// list names the first of some articles: "Articles 8, 9, Annex 2 …".
func (p *phrases) list(names []string, most int) string {
	var out []string
	for i, n := 0, min(len(names), most); i < n; {
		first := locationOf(names[i])
		run := []string{first.name}
		for i++; i < n; i++ {
			next := locationOf(names[i])
			if next.kind != first.kind {
				break
			}
			run = append(run, next.name)
		}
		w := p.Places[first.kind].One
		if len(run) > 1 {
			w = p.Places[first.kind].Many
		}
		out = append(out, fmt.Sprintf(w, strings.Join(run, ", ")))
	}
	text := strings.Join(out, ", ")
	if len(names) > most {
		text += " …"
	}
	return text
}

// wholes are the articles that came and that went as wholes. One whose number
// came and went was there all along, and so was one of which something else is
// told: what stood in it before it is said to be new, or stands in it now.
func (c *Change) wholes() (fresh, gone []string) {
	fresh, gone = c.whole(Insert), c.whole(Delete)
	was := slices.Clone(gone)
	old, new := c.standing(gone, fresh)
	gone = slices.DeleteFunc(gone, func(name string) bool { return slices.Contains(fresh, name) || new[name] })
	fresh = slices.DeleteFunc(fresh, func(name string) bool { return slices.Contains(was, name) || old[name] })
	return fresh, gone
}

// standing are the articles of which an edit shows that they stood in the old
// version, or stand in the new one, by what came or went within them or by the
// heading they bear now. Nothing is looked up if none came or went.
func (c *Change) standing(gone, fresh []string) (old, new map[string]bool) {
	old, new = map[string]bool{}, map[string]bool{}
	if len(gone)+len(fresh) == 0 {
		return old, new
	}
	for i := range c.Edits {
		e := &c.Edits[i]
		if c.own(e) != "" {
			continue
		}
		if e.Op == Delete {
			old[c.article(e)] = true
			continue
		}
		new[c.article(e)] = true
		if e.Op == Substitute && len(e.Before) <= bareBytes {
			old[c.provision(e.Before)] = true
		}
		if e.Op == Substitute && len(e.After) <= bareBytes {
			new[c.provision(e.After)] = true
		}
	}
	return old, new
}

// ofWhole reports whether an edit is part of an article that came or went as a whole.
func (c *Change) ofWhole(e *Edit, fresh, gone []string) bool {
	in := func(names []string) bool {
		return len(names) > 0 && (slices.Contains(names, c.article(e)) || slices.Contains(names, c.own(e)))
	}
	return e.Op == Insert && in(fresh) || e.Op == Delete && in(gone)
}

// whole are the articles that came or went as wholes, in order: those whose
// number did.
func (c *Change) whole(op Op) []string {
	var out []string
	for i := range c.Edits {
		if e := &c.Edits[i]; e.Op == op {
			if name := c.own(e); name != "" && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// own is the article that a block begins, "" if it begins none.
func (c *Change) own(e *Edit) string {
	text := e.marker
	if text == "" {
		if text = e.After + e.Before; len(text) > bareBytes || !e.head {
			return ""
		}
	}
	if strings.HasPrefix(text, "§") && slices.ContainsFunc(e.Path, func(h string) bool { return strings.HasPrefix(provision.FindString(h), "A") }) {
		return "" // a section of an article
	}
	return c.provision(text)
}
