package index

import (
	"cmp"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2/search"
)

// facets counts the sources, languages and years found, and from the sources
// their kinds, jurisdictions and topics.
func (x *Index) facets(found search.FacetResults) map[string][]Facet {
	counts := map[string]map[string]int{}
	for _, name := range []string{"source", "lang", "kind", "jurisdiction", "topic", "year"} {
		counts[name] = map[string]int{}
	}
	if f := found[fieldFacet]; f != nil && f.Terms != nil {
		for _, t := range f.Terms.Terms() {
			id, rest, _ := strings.Cut(t.Term, "|")
			lang, year, _ := strings.Cut(rest, "|")
			counts["source"][id] += t.Count
			counts["lang"][lang] += t.Count
			counts["year"][year] += t.Count
			s := x.sources.Source(id)
			if s == nil {
				continue
			}
			counts["kind"][s.Kind] += t.Count
			counts["jurisdiction"][s.Jurisdiction] += t.Count
			for _, topic := range s.Topics {
				counts["topic"][topic] += t.Count
			}
		}
	}
	out := map[string][]Facet{}
	for name, terms := range counts {
		list := make([]Facet, 0, len(terms))
		for term, count := range terms {
			if term != "" {
				list = append(list, Facet{term, count})
			}
		}
		slices.SortFunc(list, func(a, b Facet) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Term, b.Term))
		})
		out[name] = list
	}
	return out
}
