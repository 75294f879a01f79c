package index

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	"github.com/blevesearch/bleve/v2/search/searcher"
	bindex "github.com/blevesearch/bleve_index_api"
)

// How much the parts of a query count in the score.
const (
	boostExact = 0.5 // on top of the stem, for the very form that was typed
	boostNames = 0.6 // what the thesaurus added
	boostTitle = 0.3 // title: and path:
)

// maxPrefixWords is how many different words a prefix may stand for.
const maxPrefixWords = 1024

// A planner turns parsed queries into Bleve's.
type planner struct {
	x     *Index
	langs []string // the languages searched, nil for all
}

// body turns a node into a query for the passages' texts and fields. What is
// under a NOT never gets here as opNot, except alone.
func (p *planner) body(n *node) query.Query {
	switch n.op {
	case opAnd, opNot:
		kids := n.kids
		if n.op == opNot {
			kids = []*node{n}
		}
		var qs, not []query.Query
		for _, k := range kids {
			if k.op == opNot {
				not = append(not, p.body(k.kids[0]))
			} else {
				qs = append(qs, p.body(k))
			}
		}
		return allQuery(qs, not)
	case opOr:
		qs := make([]query.Query, len(n.kids))
		for i, k := range n.kids {
			qs[i] = p.body(k)
		}
		return anyQuery(qs...)
	case opWord:
		return p.word(n)
	case opPhrase:
		field, boost := textField(n.field)
		return phraseQuery(field, n.words, boost)
	case opPrefix:
		field, boost := textField(n.field)
		return prefixQuery(field, n.words[0], boost, n.pos)
	case opNames:
		qs := make([]query.Query, len(n.names))
		for i, words := range n.names {
			qs[i] = phraseQuery(fieldExact, words, boostNames)
		}
		return anyQuery(qs...)
	}
	return p.field(n)
}

// word searches a word: its stem in each language, and the word itself. Where
// it is a stop word of a language and the query has better ones, every passage
// in that language will do.
func (p *planner) word(n *node) query.Query {
	w := n.words[0]
	qs := []query.Query{termQuery(fieldExact, w, boostExact)}
	for _, lang := range stemmed {
		if p.langs != nil && !slices.Contains(p.langs, lang) {
			continue
		}
		if stem := languages()[lang].stem(w); stem != "" {
			qs = append(qs, termQuery(fieldBody+lang, stem, 1))
		} else if n.rare {
			qs = append(qs, fixedQuery(keywordQuery(fieldLang, lang), 0))
		}
	}
	return anyQuery(qs...)
}

// textField is the field in Bleve in which a query's field is searched.
func textField(field string) (string, float64) {
	switch field {
	case "title":
		return fieldTitle, boostTitle
	case "path":
		return fieldPath, boostTitle
	}
	return fieldExact, 1
}

// field filters by what is known about a passage. It does not count in the score.
func (p *planner) field(n *node) query.Query {
	switch v := n.text; n.field {
	case "lang":
		return fixedQuery(keywordQuery(fieldLang, strings.ToLower(v)), 0)
	case "role":
		return fixedQuery(keywordQuery(fieldRole, v), 0)
	case "kind":
		return fixedQuery(keywordQuery(fieldSource, p.x.sources.Select([]string{strings.ToLower(v)}, nil, nil)...), 0)
	case "jurisdiction":
		return fixedQuery(keywordQuery(fieldSource, p.x.sources.Select(nil, []string{strings.ToUpper(v)}, nil)...), 0)
	case "topic":
		return fixedQuery(keywordQuery(fieldSource, p.x.sources.Select(nil, nil, []string{strings.ToLower(v)})...), 0)
	}
	return fixedQuery(keywordQuery(fieldSource, n.text), 0)
}

// keywordQuery finds the passages whose field has one of the values.
func keywordQuery(field string, values ...string) query.Query {
	qs := make([]query.Query, len(values))
	for i, v := range values {
		t := bleve.NewTermQuery(v)
		t.SetField(field)
		qs[i] = t
	}
	switch len(qs) {
	case 0:
		return bleve.NewMatchNoneQuery()
	case 1:
		return qs[0]
	}
	return bleve.NewDisjunctionQuery(qs...)
}

// prefixQuery finds the passages with a word that begins so. A prefix of too
// many words is an error, not a search for some of them.
func prefixQuery(field, prefix string, score float64, pos int) query.Query {
	words := build(func(ctx context.Context, r bindex.IndexReader, _ mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
		dict, err := r.FieldDictPrefix(field, []byte(prefix))
		if err != nil {
			return nil, err
		}
		defer dict.Close()
		var terms []string
		for {
			e, err := dict.Next()
			if err != nil {
				return nil, err
			}
			if e == nil {
				break
			}
			if terms = append(terms, e.Term); len(terms) > maxPrefixWords {
				return nil, &QueryError{pos, fmt.Sprintf("more than %d words begin with %s; write more letters before the *", maxPrefixWords, prefix)}
			}
		}
		return searcher.NewMultiTermSearcher(ctx, r, terms, field, 1, o, false)
	})
	return fixedQuery(words, score)
}

// filter restricts a search to what the query's fields ask for. The role is
// not filtered if the text of the query speaks of it.
func (x *Index) filter(q *Query, rolesGiven bool) query.Query {
	var all []query.Query
	number := func(field string, low, high float64) { // low ≤ field < high; 0 and forever do not bound
		var min, max *float64
		inclusive, exclusive := true, false
		if low > 0 {
			min = &low
		}
		if high < forever {
			max = &high
		}
		n := query.NewNumericRangeInclusiveQuery(min, max, &inclusive, &exclusive)
		n.SetField(field)
		all = append(all, n)
	}
	switch {
	case q.Past:
	case q.AsOf.IsZero():
		all = append(all, keywordQuery(fieldStanding, "y"))
	default:
		t := float64(q.AsOf.UnixMilli())
		number(fieldFrom, 0, t+1)
		number(fieldUntil, t+1, forever)
	}
	if !q.From.IsZero() || !q.Until.IsZero() {
		low, high := 0.0, float64(forever)
		if !q.From.IsZero() {
			low = float64(q.From.UnixMilli())
		}
		if !q.Until.IsZero() {
			high = float64(q.Until.UnixMilli())
		}
		number(fieldFrom, low, high)
	}
	if !q.All && !rolesGiven {
		all = append(all, keywordQuery(fieldRole, "main"))
	}
	if len(q.Langs) > 0 {
		all = append(all, keywordQuery(fieldLang, q.Langs...))
	}
	if len(q.Sources) > 0 {
		all = append(all, keywordQuery(fieldSource, q.Sources...))
	}
	if len(q.Kinds)+len(q.Jurisdictions)+len(q.Topics) > 0 {
		all = append(all, keywordQuery(fieldSource, x.sources.Select(q.Kinds, q.Jurisdictions, q.Topics)...))
	}
	if len(all) == 0 {
		return nil
	}
	return bleve.NewConjunctionQuery(all...)
}

// asks reports whether a query has a clause on a field.
func (n *node) asks(field string) bool {
	return n != nil && (n.field == field || slices.ContainsFunc(n.kids, func(k *node) bool { return k.asks(field) }))
}
