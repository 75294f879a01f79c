package index

import (
	"slices"
	"strings"

	"veille/internal/levenshtein"
	"veille/source"
)

// maxListed is how many known values a message lists.
const maxListed = 20

// own are the languages that may always be asked for: those of the pages.
var own = []string{"en", "fr", "nl", "de"}

// checkValues reports values of fields that nothing here can have. What is no
// longer in sources.yaml but has passages is known.
func (x *Index) checkValues(n *node, c *columns) *QueryError {
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		if err := x.checkValues(k, c); err != nil {
			return err
		}
	}
	if n.op != opField {
		return nil
	}
	return x.checkValue(n.pos, n.field, n.text, c)
}

// checkLists reports values of the lists beside a query that nothing here can
// have. The error is about no character but names the list.
func (x *Index) checkLists(q *Query, c *columns) *QueryError {
	for _, list := range q.lists() {
		for _, value := range list.values {
			if err := x.checkValue(-1, list.field, value, c); err != nil {
				err.Param = list.field
				return err
			}
		}
	}
	return nil
}

// A narrowing is a field and the values that a query leaves of it.
type narrowing struct {
	field  string
	values []string
}

// lists are what a query is narrowed down to beside its text, by field.
func (q *Query) lists() []narrowing {
	return []narrowing{{"lang", q.Langs}, {"source", q.Sources}, {"kind", q.Kinds}, {"jurisdiction", q.Jurisdictions}, {"topic", q.Topics}}
}

// checkValue says what is wrong with a value of a field, and what there is.
func (x *Index) checkValue(pos int, field, value string, c *columns) *QueryError {
	known := x.known(field, c)
	if known == nil || slices.ContainsFunc(known, func(v string) bool { return strings.EqualFold(v, value) }) {
		return nil
	}
	if field == "kind" || field == "sense" {
		return wrong(pos, "field-one-of", field, strings.Join(known, ", "))
	}
	slices.Sort(known)
	known = slices.Compact(known)
	near := ""
	if field != "lang" && field != "jurisdiction" { // codes are all alike
		near = nearest(value, known)
	}
	value = short(value)
	switch {
	case near != "":
		return wrong(pos, "field-similar", field, value, near)
	case len(known) > 0 && len(known) <= maxListed:
		return wrong(pos, "field-known", field, value, strings.Join(known, ", "))
	}
	return wrong(pos, "field-unknown", field, value)
}

// known are the values that a field can have here, nil for any.
func (x *Index) known(field string, c *columns) []string {
	known := []string{}
	switch field {
	case "kind":
		return slices.Clone(source.Kinds)
	case "sense":
		return slices.Clone(x.compare.Senses)
	case "lang":
		for _, k := range c.kinds {
			known = append(known, k.lang)
		}
		for _, s := range x.sources.Sources {
			for _, d := range s.Pages {
				for _, p := range d.Pages {
					known = append(known, p.Lang)
				}
			}
			known = append(known, s.Lang)
		}
		known = append(known, own...)
	case "jurisdiction":
		for _, s := range x.sources.Sources {
			known = append(known, s.Jurisdiction)
		}
	case "source":
		for _, k := range c.kinds {
			known = append(known, k.source)
		}
		for _, s := range x.sources.Sources {
			known = append(known, s.ID)
		}
	case "institution":
		for _, s := range x.sources.Sources {
			known = append(known, s.Institution)
		}
	case "topic":
		for _, t := range x.thesaurus.Topics() {
			known = append(known, t.ID)
		}
		for _, s := range x.sources.Sources {
			known = append(known, s.Topics...)
		}
	default:
		return nil
	}
	return slices.DeleteFunc(known, func(v string) bool { return v == "" })
}

// nearest is the value that differs in the fewest letters, "" if all are far.
func nearest(typed string, known []string) string {
	if len(typed) > maxValue { // no value is as long
		return ""
	}
	best, least := "", max(1, len(typed)/3)+1
	for _, v := range known {
		if d := levenshtein.Distance(strings.ToLower(typed), strings.ToLower(v)); d < least {
			best, least = v, d
		}
	}
	return best
}
