package diff

import (
	"fmt"
	"slices"
	"strings"

	"veille/archive"
)

const (
	maxClauses = 3   // senses and passages that a summary spells out; the rest is counted
	maxGroups  = 2   // exchanges made in many places that it spells out
	bulk       = 150 // edits that are news from which on it quotes no passage
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
		return subject + p.Colon + strings.Join(append(c.Undamped().clauses(p), flaps), p.Semicolon) + "."
	}
	if c.Weight < news {
		return fmt.Sprintf(plural(p.Minor, c.Hidden), subject, c.Hidden)
	}
	return subject + p.Colon + strings.Join(c.clauses(p), p.Semicolon) + "."
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

// clauses are the exchanges made in many places, the chapters and articles that came and
// went, the strongest senses, spelt out, then what else was reworded, as far as there is
// room, and counts of the rest that is news. A few articles come after the senses.
func (c *Change) clauses(p *phrases) []string {
	out := c.groupClauses(p)
	t := &teller{c: c, p: p, told: slices.Clone(c.covered()), room: maxClauses, grouped: c.groupKeys(), reform: len(c.Edits)-c.Hidden > bulk}
	wholes, first := t.wholeClauses()
	if n := c.renumbered(); n > bulk { // a code renumbered as a whole: that comes first, and says all
		out = append(out, fmt.Sprintf(plural(p.Renumbered, n), n))
	} else {
		t.senses()
	}
	if !t.reform { // one passage of hundreds is no summary
		t.passages()
	}
	if first {
		out, wholes = append(out, wholes...), nil
	}
	return slices.Concat(out, t.sentences(), wholes, c.counts(p, t.told))
}

// groupClauses tells the exchanges made in many places.
func (c *Change) groupClauses(p *phrases) []string {
	var out []string
	for _, g := range c.Groups[:min(len(c.Groups), maxGroups)] {
		if g.Articles < groupEdits {
			out = append(out, fmt.Sprintf(p.InPassages, g.Before, g.After, len(g.Edits)))
			continue
		}
		text := fmt.Sprintf(p.InArticles, g.Before, g.After, g.Articles)
		if g.Others > 0 {
			text += " " + fmt.Sprintf(plural(p.InOthers, g.Others), g.Others)
		}
		out = append(out, text)
	}
	return out
}

// renumbered counts the provisions of which only the number is another.
func (c *Change) renumbered() (n int) {
	for i := range c.Edits {
		if e := &c.Edits[i]; e.Op == Renumber && e.Weight >= news {
			n++
		}
	}
	return n
}

// counts tells of the edits that are news and have not been spelt out: how many passages
// were added, removed, reworded, by what happened to them and where.
func (c *Change) counts(p *phrases, told []bool) (out []string) {
	fresh, gone := c.wholes()
	n, places := map[Op]int{}, map[Op][]string{}
	for i := range c.Edits {
		e := &c.Edits[i]
		if told[i] || e.Weight < news {
			continue
		}
		if c.ofWhole(e, fresh, gone) {
			continue
		}
		at := c.article(e)
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
		if n[k.op] == 0 || k.op == Renumber && n[k.op] > bulk { // told first
			continue
		}
		text := fmt.Sprintf(plural(k.words, n[k.op]), n[k.op])
		if at := places[k.op]; len(at) > 0 && n[k.op] <= bulk {
			text += " (" + p.list(at, maxPlaces) + ")"
		}
		out = append(out, text)
	}
	return out
}

const (
	maxNames  = 6 // articles that a summary names as new or gone
	maxPlaces = 3 // articles that it names as where something happened
)

// plural picks the form for n.
func plural(forms [2]string, n int) string {
	if n == 1 {
		return forms[0]
	}
	return forms[1]
}
