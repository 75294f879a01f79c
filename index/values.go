package index

import (
	"regexp"
	"slices"
	"strings"

	"veille/source"
)

// code is what languages and jurisdictions are written as: one that nothing
// here has is no mistake.
var code = regexp.MustCompile(`^[A-Za-z]{2,3}$`)

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
	if n.field == "lang" || n.field == "jurisdiction" {
		if code.MatchString(n.text) {
			return nil
		}
		return wrong(n.pos, "field-unknown", n.field, n.text)
	}
	known := x.known(n.field, c)
	if known == nil || slices.ContainsFunc(known, func(v string) bool { return strings.EqualFold(v, n.text) }) {
		return nil
	}
	if n.field == "kind" || n.field == "sense" {
		return wrong(n.pos, "field-one-of", n.field, strings.Join(known, ", "))
	}
	if near := nearest(n.text, known); near != "" {
		return wrong(n.pos, "field-similar", n.field, n.text, near)
	}
	return wrong(n.pos, "field-unknown", n.field, n.text)
}

// known are the values that a field can have here, nil for any.
func (x *Index) known(field string, c *columns) []string {
	switch field {
	case "kind":
		return source.Kinds
	case "sense":
		return x.compare.Senses
	}
	known := []string{}
	switch field {
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
	return known
}

// nearest is the value that differs in the fewest letters, "" if all are far.
func nearest(typed string, known []string) string {
	best, least := "", max(1, len(typed)/3)+1
	for _, v := range known {
		if d := distance([]rune(strings.ToLower(typed)), []rune(v)); d < least {
			best, least = v, d
		}
	}
	return best
}
