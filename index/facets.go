package index

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// counts count what was found by source, language and year.
type counts struct {
	*engine
	kinds []int
	years map[int]int
	// The year that was counted last: most passages that stand side by side came
	// in the same one.
	from, until int64
	year, n     int
}

func (e *engine) counts() *counts {
	return &counts{engine: e, kinds: make([]int, len(e.kinds)), years: map[int]int{}}
}

func (c *counts) add(found candidate) {
	c.kinds[c.kind[found.doc]]++
	if found.at < c.from || found.at >= c.until {
		c.years[c.year] += c.n
		c.year, c.n = time.UnixMilli(found.at).UTC().Year(), 0
		c.from = time.Date(c.year, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
		c.until = time.Date(c.year+1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	}
	c.n++
}

// facets are the counts, and from the sources those of their kinds,
// jurisdictions and topics.
func (c *counts) facets() map[string][]Facet {
	c.years[c.year] += c.n
	of := map[string]map[string]int{}
	for _, name := range []string{"source", "lang", "kind", "jurisdiction", "topic", "year"} {
		of[name] = map[string]int{}
	}
	for year, n := range c.years {
		if n > 0 {
			of["year"][time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006")] = n
		}
	}
	for k, n := range c.kinds {
		if n == 0 {
			continue
		}
		of["source"][c.engine.kinds[k].source] += n
		of["lang"][c.engine.kinds[k].lang] += n
		if s := c.x.sources.Source(c.engine.kinds[k].source); s != nil {
			of["kind"][s.Kind] += n
			of["jurisdiction"][s.Jurisdiction] += n
			for _, topic := range s.Topics {
				of["topic"][topic] += n
			}
		}
	}
	out := map[string][]Facet{}
	for name, terms := range of {
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
