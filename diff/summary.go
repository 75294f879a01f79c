package diff

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"veille/archive"
)

// maxClauses is how many senses a summary spells out; the rest is counted.
const maxClauses = 3

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

// clauses are the strongest senses, spelt out, and counts of what else
// happened that is news.
func (c *Change) clauses(p *phrases) []string {
	var out []string
	told := make([]bool, len(c.Edits))
	seen := map[string]bool{}
	for weight := 5; weight >= 3; weight-- {
		for i := range c.Edits {
			e := &c.Edits[i]
			for _, s := range e.Senses {
				if e.Weight < news || weightOf[s.Code] != weight || len(out) == maxClauses {
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
	text := s.Evidence
	switch s.Code {
	case senseModality, senseNegation, senseException:
		switch {
		case s.Before != "" && s.After != "":
			text = fmt.Sprintf(p.Becomes, s.Before, s.After)
		case s.After != "":
			text = fmt.Sprintf(p.Added, strings.TrimPrefix(s.Evidence, none+arrow))
		default:
			text = fmt.Sprintf(p.Dropped, strings.TrimSuffix(s.Evidence, arrow+none))
		}
		if s.Code == senseNegation {
			text = s.Evidence
		}
	case senseAmount:
		text += percent(s.Before, s.After)
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

// location is the number of the provision in which an edit lies: its own
// marker or the last numbered heading above it; "" if there is none.
func (c *Change) location(e *Edit) string {
	if e.marker != "" {
		return strings.TrimRight(e.marker, " .")
	}
	for i := len(e.Path) - 1; i >= 0; i-- {
		if n := leading.FindString(e.Path[i]); n != "" && utf8.RuneCountInString(n) <= 30 && !digit(rune(n[0])) {
			return strings.TrimRight(n, " .:–—-")
		}
	}
	return ""
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
