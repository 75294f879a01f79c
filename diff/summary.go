package diff

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

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
	p := &rulesFor(lang).summary
	if p.Nothing == "" {
		p = &rulesFor("en").summary
	}
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
		}
	}
	if c.Weight < news {
		return fmt.Sprintf(plural(p.Minor, c.Hidden), subject, c.Hidden)
	}
	return subject + ": " + strings.Join(c.clauses(p), "; ") + "."
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
			out = append(out, fmt.Sprintf(p.InArticles, g.Before, g.After, g.Articles))
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
		text += percent(s.Before, s.After)
	case s.Code == senseNegation, s.Code == senseDeadline, s.Code == senseXref:
	case s.Before != "" && s.After != "":
		text = fmt.Sprintf(p.Becomes, s.Before, s.After)
	}
	if cell, _, ok := strings.Cut(e.After, " | "); ok && s.Code == senseAmount && !hasDigit(cell) {
		text = shorten(cell) + ": " + text
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

// provision is the number of an article or section at the head of a text.
var provision = regexp.MustCompile(`^(?i:(?:art\.|articles?|artikel|annexe?|bijlage|anlage|anhang)\s*[\w*][\w./:°-]*|(?:sections?|sec\.)\s*\d[\w./:()-]*|§§?\s*\d\w*)`)

// article is the article in which an edit lies: "Art. 8", in German law
// "§ 8"; "" if there is none.
func (c *Change) article(e *Edit) string {
	if e.marker != "" {
		if m := provision.FindString(e.marker); m != "" {
			return strings.TrimRight(m, " .")
		}
	}
	for _, head := range e.Path {
		if m := provision.FindString(head); m != "" {
			return strings.TrimRight(m, " .:")
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

// counts tells how many edits that are news have not been spelt out, by what
// happened to them.
func (c *Change) counts(p *phrases, told []bool) []string {
	n := map[Op]int{}
	spelt := false
	for i := range c.Edits {
		spelt = spelt || told[i]
		if e := &c.Edits[i]; !told[i] && e.Weight >= news {
			op := e.Op
			if op == Join {
				op = Split
			}
			n[op]++
		}
	}
	var out []string
	for _, k := range []struct {
		op    Op
		words [2]string
	}{
		{Insert, p.Inserted}, {Delete, p.Deleted}, {Substitute, p.Substituted},
		{Move, p.Moved}, {Renumber, p.Renumbered}, {Split, p.Regrouped}, {Reformat, p.Others},
	} {
		if n[k.op] > 0 {
			out = append(out, fmt.Sprintf(plural(k.words, n[k.op]), n[k.op]))
		}
	}
	return out
}

// plural picks the form for n.
func plural(forms [2]string, n int) string {
	if n == 1 {
		return forms[0]
	}
	return forms[1]
}
