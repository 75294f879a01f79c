package index

import (
	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/regexp"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/whitespace"
	"github.com/blevesearch/bleve/v2/mapping"
)

// The fields of a passage in Bleve. All texts are analysed before Bleve sees
// them: words separated by spaces.
const (
	fieldBody    = "body_"   // + language: stems without stop words
	fieldParts   = "parts_"  // + language: stems of the parts of compounds
	fieldExact   = "body_ex" // all words, unstemmed, with positions
	fieldTitle   = "title"   // words of the page's title, with positions
	fieldPath    = "path"    // words of the path, with positions
	fieldCites   = "cites"   // numbers of what it cites
	fieldIs      = "is"      // numbers of the page itself
	fieldArticle = "article" // numbers of the articles it stands in
	fieldPage    = "page"    // number, to find all passages of a page
	fieldRow     = "row"     // what columns are made of; beside the index
	fieldStored  = "passage" // the passage, see record.go; stored, not searched
)

// forever is the "until" of what still stands: the year 9999.
const forever = 253_370_764_800_000

// shares are how long the text fields of a passage usually are beside its words.
var shares = map[string]float64{fieldBody + "en": .55, fieldBody + "fr": .55, fieldBody + "nl": .55, fieldBody + "de": .55, fieldExact: 1}

// usual is how long a field usually is, to which BM25 compares. It follows from
// the passages alone: scores must not depend on how an index came about.
func (c *columns) usual(field string) float64 {
	if share, ok := shares[field]; ok {
		return max(1, c.meanPassage*share)
	}
	return 8 // title, path
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
	const numbers = "numbers" // separated by tabs: they may contain spaces
	if err := m.AddCustomTokenizer(numbers, map[string]any{"type": regexp.Name, "regexp": "[^" + keySeparator + "]+"}); err != nil {
		return m
	}
	if err := m.AddCustomAnalyzer(numbers, map[string]any{"type": custom.Name, "tokenizer": numbers}); err != nil {
		return m
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
	for _, lang := range stemmed {
		text(fieldBody+lang, true)
	}
	for lang := range splitters() {
		text(fieldParts+lang, false)
	}
	for _, name := range []string{fieldExact, fieldTitle, fieldPath} {
		text(name, true)
	}
	for _, name := range []string{fieldCites, fieldIs, fieldArticle} {
		f := bleve.NewTextFieldMapping()
		f.Analyzer, f.Store, f.IncludeInAll, f.DocValues, f.IncludeTermVectors = numbers, false, false, false, false
		doc.AddFieldMappingsAt(name, f)
	}
	key(fieldPage, false)
	key(fieldRow, true)
	stored := bleve.NewTextFieldMapping()
	stored.Index, stored.Store, stored.IncludeInAll, stored.DocValues, stored.IncludeTermVectors = false, true, false, false, false
	doc.AddFieldMappingsAt(fieldStored, stored)
	return m
}
