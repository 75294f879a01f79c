package index

import (
	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/whitespace"
	"github.com/blevesearch/bleve/v2/mapping"
)

// The fields of a passage in Bleve. All texts are analysed before Bleve sees
// them: words separated by spaces.
const (
	fieldBody     = "body_"    // + language: stems without stop words
	fieldExact    = "body_ex"  // all words, unstemmed, with positions
	fieldTitle    = "title"    // words of the page's title, with positions
	fieldPath     = "path"     // words of the path, with positions
	fieldSource   = "source"   // id
	fieldLang     = "lang"     // language code
	fieldRole     = "role"     // main or boilerplate
	fieldPage     = "page"     // number
	fieldStanding = "standing" // "y" while the passage stands
	fieldFacet    = "facet"    // source|lang|year in which it was first seen, for counting
	fieldOrder    = "order"    // when it began, its block counted backwards, and id: for sorting
	fieldFrom     = "from"     // milliseconds since 1970
	fieldUntil    = "until"    // likewise; forever while the passage stands
	fieldStored   = "passage"  // the passage as JSON; stored, not searched
)

// forever is the "until" of what still stands: the year 9999.
const forever = 253_370_764_800_000

// averages are the usual numbers of words in the text fields of a passage, to
// which BM25 compares. They are constants, for scores must not depend on how an
// index came about; measured on the law histories and pages we test with.
var averages = map[string]int{
	fieldBody + "en": 22, fieldBody + "fr": 22, fieldBody + "nl": 22, fieldBody + "de": 22,
	fieldExact: 40, fieldTitle: 8, fieldPath: 12,
}

// newMapping is the static mapping of the fields.
func newMapping() *mapping.IndexMappingImpl {
	m := bleve.NewIndexMapping()
	m.ScoringModel = "bm25"
	m.StoreDynamic, m.IndexDynamic, m.DocValuesDynamic = false, false, false
	const words = "words"
	if err := m.AddCustomAnalyzer(words, map[string]any{"type": custom.Name, "tokenizer": whitespace.Name}); err != nil {
		return m // cannot happen: both names are Bleve's own; Validate would report it
	}
	m.DefaultAnalyzer = words
	doc := bleve.NewDocumentStaticMapping()
	m.DefaultMapping = doc
	text := func(name string, positions bool) {
		f := bleve.NewTextFieldMapping()
		f.Analyzer, f.Store, f.IncludeInAll, f.DocValues, f.IncludeTermVectors = words, false, false, false, positions
		doc.AddFieldMappingsAt(name, f)
	}
	key := func(name string, values bool) {
		f := bleve.NewTextFieldMapping()
		f.Analyzer, f.Store, f.IncludeInAll, f.DocValues, f.IncludeTermVectors = keyword.Name, false, false, values, false
		f.SkipFreqNorm = true
		doc.AddFieldMappingsAt(name, f)
	}
	number := func(name string) {
		f := bleve.NewNumericFieldMapping()
		f.Store, f.IncludeInAll, f.DocValues = false, false, false
		doc.AddFieldMappingsAt(name, f)
	}
	for _, lang := range stemmed {
		text(fieldBody+lang, false)
	}
	for _, name := range []string{fieldExact, fieldTitle, fieldPath} {
		text(name, true)
	}
	// Values beside the index cost time for every passage found: one for all
	// that is counted, one for sorting.
	for _, name := range []string{fieldFacet, fieldOrder} {
		key(name, true)
	}
	for _, name := range []string{fieldSource, fieldLang, fieldRole, fieldPage, fieldStanding} {
		key(name, false)
	}
	number(fieldFrom)
	number(fieldUntil)
	stored := bleve.NewTextFieldMapping()
	stored.Index, stored.Store, stored.IncludeInAll, stored.DocValues, stored.IncludeTermVectors = false, true, false, false, false
	doc.AddFieldMappingsAt(fieldStored, stored)
	return m
}
