package diff

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"veille/archive"
)

const (
	maxClauses = 3   // senses that a summary spells out; the rest is counted
	maxGroups  = 2   // exchanges made in many places that it spells out
	bulk       = 150 // edits that are news from which on it only counts
)

// Summary tells the change in one sentence, in English, French, Dutch or
// German ("en", "fr", "nl", "de"; anything else is English). Its subject is
// the page's title. It says nothing but what the senses give as evidence, and
// counts the rest.
func (c *Change) Summary(lang string) string {
	p := &rulesFor(lang).orEnglish().summary
	subject := c.subject()
	if len(c.Edits) == 0 {
		return fmt.Sprintf(p.Nothing, subject)
	}
	if len(c.Edits) == 1 && len(c.Edits[0].Senses) == 1 {
		switch c.Edits[0].Senses[0].Code {
		case senseAppear:
			return fmt.Sprintf(p.Appear, subject)
		case senseWithdraw:
			return fmt.Sprintf(p.Withdraw, subject)
		case senseRestored:
			return fmt.Sprintf(p.Restored, subject)
		case senseMoveURL:
			return fmt.Sprintf(p.NewAddress, subject)
		}
	}
	if d := c.restless(); d != nil { // what changed, and that it does all the time
		flaps := fmt.Sprintf(p.Flaps, d.Times, rulesFor(lang).orEnglish().date(d.Since))
		return subject + p.Colon + strings.Join(append(c.Undamped().clauses(p), flaps), "; ") + "."
	}
	if c.Weight < news {
		return fmt.Sprintf(plural(p.Minor, c.Hidden), subject, c.Hidden)
	}
	return subject + p.Colon + strings.Join(c.clauses(p), "; ") + "."
}

// subject is the page's title without the name of its site.
func (c *Change) subject() string {
	v := c.To
	if v == nil || v.Title == "" && c.From != nil {
		v = c.From
	}
	if v == nil {
		v = &archive.Version{}
	}
	title, _, _ := strings.Cut(heading(v), " | ")
	return shorten(title)
}

// clauses are the exchanges made in many places and the strongest senses, spelt
// out, and counts of what else happened that is news.
func (c *Change) clauses(p *phrases) []string {
	var out []string
	for _, g := range c.Groups[:min(len(c.Groups), maxGroups)] {
		if g.Articles >= groupEdits {
			text := fmt.Sprintf(p.InArticles, g.Before, g.After, g.Articles)
			if g.Others > 0 {
				text += " " + fmt.Sprintf(plural(p.InOthers, g.Others), g.Others)
			}
			out = append(out, text)
		} else {
			out = append(out, fmt.Sprintf(p.InPassages, g.Before, g.After, len(g.Edits)))
		}
	}
	covered := c.covered()
	told := slices.Clone(covered)
	if len(c.Edits)-c.Hidden > bulk { // one of thousands is no summary
		return append(out, c.counts(p, told)...)
	}
	seen, grouped := map[string]bool{}, c.groupKeys()
	most := len(out) + maxClauses
	for weight := 5; weight >= 3; weight-- {
		for i := range c.Edits {
			e := &c.Edits[i]
			if e.Weight < news || covered[i] {
				continue
			}
			for _, s := range e.Senses {
				if s.Code == senseNegation && slices.ContainsFunc(e.Senses, func(m Sense) bool { return m.Code == senseModality }) {
					continue // "may" that becomes "may not" says it
				}
				if weightOf[s.Code] != weight || len(out) == most || grouped[exchange(s.Before, s.After)] {
					continue
				}
				told[i] = true
				if text := c.spelt(p, e, s); !seen[text] {
					seen[text] = true
					out = append(out, text)
				}
			}
		}
	}
	return append(out, c.counts(p, told)...)
}

// spelt puts one sense into words.
func (c *Change) spelt(p *phrases, e *Edit, s Sense) string {
	was, is, _ := strings.Cut(s.Evidence, arrow)
	text := s.Evidence
	switch {
	case is == none:
		text = fmt.Sprintf(p.Dropped, was)
	case was == none:
		text = fmt.Sprintf(p.Added, is)
	case s.Code == senseAmount:
		if strings.IndexFunc(s.Evidence, unicode.IsLetter) >= 0 || strings.ContainsAny(s.Evidence, "%€$£") || len(s.Before) >= 3 {
			text += percent(s.Before, s.After)
		}
	case s.Code == senseNegation, s.Code == senseDeadline, s.Code == senseXref:
	case s.Before != "" && s.After != "":
		text = fmt.Sprintf(p.Becomes, s.Before, s.After)
	}
	if cell, _, ok := strings.Cut(e.After, " | "); ok && s.Code == senseAmount && !hasDigit(cell) {
		text = shorten(cell) + p.Colon + text
	}
	if where := c.location(e); where != "" {
		text = fmt.Sprintf(p.In, where, text)
	}
	return text
}

// percent is by how much a figure grew or fell, "" if that says nothing.
func percent(before, after string) string {
	a, erra := strconv.ParseFloat(before, 64)
	b, errb := strconv.ParseFloat(after, 64)
	if erra != nil || errb != nil || a <= 0 || b < 0 {
		return ""
	}
	n := math.Round((b - a) / a * 100)
	if n == 0 || math.Abs(n) > 999 {
		return ""
	}
	sign := "+"
	if n < 0 {
		sign = "−"
	}
	return fmt.Sprintf(" (%s%.0f %%)", sign, math.Abs(n))
}

// provision is the number of an article at the head of a text; in some laws,
// nothing but the number.
var provision = regexp.MustCompile(`^(?i:(?:art\.|articles?|artikel|annexe?|bijlage|anlage|anhang)\s*(?:[LRDA]\.\s?)?[\w*][\w./:°-]*|[LRD]\.?\s?\*?\d{3}-\d[\d-]*|§§?\s*\d\w*|\d+(?:\.\d+)*$)`)

// englishSection is what British laws have for articles; in French and Dutch
// law a section is a part of a chapter.
var englishSection = regexp.MustCompile(`^(?i:sections?|sec\.)\s*\d[\w./:()-]*`)

// provision is the number of an article at the head of a text, "" if there is none.
func (c *Change) provision(text string) string {
	m := provision.FindString(text)
	if m == "" && c.To != nil && strings.HasPrefix(c.To.Lang, "en") {
		m = englishSection.FindString(text)
	}
	return strings.TrimRight(m, " .:")
}

// article is the article in which an edit lies: "Art. 8", in German law
// "§ 8"; "" if there is none.
func (c *Change) article(e *Edit) string {
	for _, head := range append(e.Path[:len(e.Path):len(e.Path)], e.marker) {
		if m := c.provision(head); m != "" {
			return m
		}
	}
	return ""
}

// location is the article in which an edit lies and the section within it.
func (c *Change) location(e *Edit) string {
	a := c.article(e)
	if n := len(e.Path); a != "" && n > 0 && !strings.HasPrefix(a, "§") {
		if s := provision.FindString(e.Path[n-1]); strings.HasPrefix(s, "§") {
			a += ", " + s
		}
	}
	return a
}

// counts tells of the edits that are news and have not been spelt out: which
// articles are new and which are gone, and how many passages else were added,
// removed, reworded, by what happened to them and where.
func (c *Change) counts(p *phrases, told []bool) []string {
	fresh, gone := c.whole(Insert), c.whole(Delete)
	rewritten := func(names []string) func(string) bool { // its number came and went: the article was there all along
		return func(name string) bool { return slices.Contains(names, name) }
	}
	was := slices.Clone(gone)
	gone = slices.DeleteFunc(gone, rewritten(fresh))
	fresh = slices.DeleteFunc(fresh, rewritten(was))
	var out []string
	for _, k := range []struct {
		words string
		names []string
	}{{p.NewArticles, fresh}, {p.GoneArticles, gone}} {
		if len(k.names) > 0 {
			out = append(out, fmt.Sprintf(k.words, someOf(k.names, maxNames)))
		}
	}
	n, places := map[Op]int{}, map[Op][]string{}
	for i := range c.Edits {
		e := &c.Edits[i]
		if told[i] || e.Weight < news {
			continue
		}
		at := c.article(e)
		if e.Op == Insert && (slices.Contains(fresh, at) || slices.Contains(fresh, c.own(e))) || e.Op == Delete && (slices.Contains(gone, at) || slices.Contains(gone, c.own(e))) {
			continue
		}
		op := e.Op
		if op == Join {
			op = Split
		}
		n[op]++
		if at != "" && !slices.Contains(places[op], at) {
			places[op] = append(places[op], at)
		}
	}
	for _, k := range []struct {
		op    Op
		words [2]string
	}{
		{Insert, p.Inserted}, {Delete, p.Deleted}, {Substitute, p.Substituted},
		{Move, p.Moved}, {Renumber, p.Renumbered}, {Split, p.Regrouped}, {Reformat, p.Others},
	} {
		if n[k.op] == 0 {
			continue
		}
		text := fmt.Sprintf(plural(k.words, n[k.op]), n[k.op])
		if at := places[k.op]; len(at) > 0 && n[k.op] <= bulk {
			text += " (" + someOf(at, maxPlaces) + ")"
		}
		if k.op == Renumber && n[k.op] > bulk { // a code renumbered as a whole: that comes first
			out = slices.Insert(out, 0, text)
		} else {
			out = append(out, text)
		}
	}
	return out
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

const (
	maxNames  = 6 // articles that a summary names as new or gone
	maxPlaces = 3 // articles that it names as where something happened
)

// someOf names some of many.
func someOf(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " …"
}

// plural picks the form for n.
func plural(forms [2]string, n int) string {
	if n == 1 {
		return forms[0]
	}
	return forms[1]
}
