package index

import (
	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/mapping"
	bindex "github.com/blevesearch/bleve_index_api"
)

// The fields of a passage in Bleve. All texts are analysed before Bleve sees
// them (document.go).
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

// newMapping is that of an index into which whole documents are put (document.go):
// no field is made of anything by itself.
func newMapping() *mapping.IndexMappingImpl {
	m := bleve.NewIndexMapping()
	m.ScoringModel = bindex.BM25Scoring
	m.StoreDynamic, m.IndexDynamic, m.DocValuesDynamic = false, false, false
	m.DefaultMapping = bleve.NewDocumentStaticMapping()
	return m
}
