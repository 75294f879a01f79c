package index

import (
	"strings"

	"github.com/blevesearch/bleve/v2/document"
	bindex "github.com/blevesearch/bleve_index_api"
)

// A field is one field of a passage as Bleve takes it. Its words are counted
// already: Bleve's own text fields would put what this package has taken apart
// together, and take it apart again.
type field struct {
	name    string
	options bindex.FieldIndexingOptions
	value   []byte // of a stored field
	words   bindex.TokenFrequencies
	length  int // words
}

// What fields are for.
const (
	asWords  = bindex.IndexField
	asPlaces = bindex.IndexField | bindex.IncludeTermVectors
	asKey    = bindex.IndexField | bindex.SkipFreqNorm
	asRow    = bindex.IndexField | bindex.SkipFreqNorm | bindex.DocValues
	asStored = bindex.StoreField
)

// add adds a field with words to a document, unless there are none.
func add(d *document.Document, name string, options bindex.FieldIndexingOptions, words ...string) {
	if len(words) > 0 {
		d.AddField(&field{name: name, options: options, words: counted(words, options), length: len(words)})
	}
}

// counted is how often each word is there and, where that is asked for, at
// which places, the first of which is 1. All of it lies in a few pieces of
// memory, because it is made for every passage.
func counted(words []string, options bindex.FieldIndexingOptions) bindex.TokenFrequencies {
	out := make(bindex.TokenFrequencies, len(words))
	freqs := make([]bindex.TokenFreq, 0, len(words))
	for _, w := range words {
		f := out[w]
		if f == nil {
			freqs = append(freqs, bindex.TokenFreq{})
			f = &freqs[len(freqs)-1]
			out[w] = f
		}
		if !options.SkipFreqNorm() {
			f.SetFrequency(f.Frequency() + 1)
		}
	}
	if !options.IncludeTermVectors() {
		return out
	}
	places, list := make([]bindex.TokenLocation, len(words)), make([]*bindex.TokenLocation, len(words))
	for i, w := range words {
		f := out[w]
		if f.Locations == nil {
			f.Locations, list = list[:0:f.Frequency()], list[f.Frequency():]
		}
		places[i].Position = i + 1 // where in the text that is, in bytes, is never asked
		f.Locations = append(f.Locations, &places[i])
	}
	return out
}

// Name and the methods that follow are what Bleve asks of a field.
func (f *field) Name() string { return f.name }

// ArrayPositions is nil: a passage has one field of a name.
func (f *field) ArrayPositions() []uint64 { return nil }

// Options says what the field is for.
func (f *field) Options() bindex.FieldIndexingOptions { return f.options }

// Analyze has nothing left to do.
func (f *field) Analyze() {}

// Value is what is stored.
func (f *field) Value() []byte { return f.value }

// NumPlainTextBytes is for Bleve's statistics, which are not read.
func (f *field) NumPlainTextBytes() uint64 { return uint64(len(f.value)) }

// Size is for the same.
func (f *field) Size() int { return len(f.value) }

// EncodedFieldType is that of a text.
func (f *field) EncodedFieldType() byte { return 't' }

// AnalyzedLength is how many words the field has.
func (f *field) AnalyzedLength() int { return f.length }

// AnalyzedTokenFrequencies are the words.
func (f *field) AnalyzedTokenFrequencies() bindex.TokenFrequencies { return f.words }

// A documenter makes documents of passages. It remembers what neighbours share.
type documenter struct {
	lexicons map[string]*lexicon // by language
	head     [2]string           // address and title
	is       []string            // numbers of the page with that head
	title    []string            // words of that title
	path     []string            // of the last passage
	pathIs   string
}

// document is a passage as Bleve is to index it.
func (m *documenter) document(id string, p *passage) *document.Document {
	if head := [2]string{p.URL, p.Title}; head != m.head || m.title == nil {
		m.head, m.is, m.title = head, numbersOf(p.URL, p.Title), append([]string{}, exactWords(p.Title)...)
	}
	if path := strings.Join(p.Path, " / "); path != m.pathIs {
		m.pathIs, m.path = path, exactWords(path)
	}
	stems, exact, parts := m.lexicon(p.Lang).texts(p.Text)
	d := document.NewDocument(id)
	add(d, fieldExact, asPlaces, exact...)
	add(d, fieldBody+p.Lang, asPlaces, stems...)
	add(d, fieldParts+p.Lang, asWords, parts...)
	add(d, fieldTitle, asPlaces, m.title...)
	add(d, fieldPath, asPlaces, m.path...)
	add(d, fieldCites, asWords, citedKeys(p.Text)...)
	add(d, fieldIs, asWords, m.is...)
	add(d, fieldArticle, asWords, p.Articles...)
	add(d, fieldPage, asKey, p.pageKey())
	add(d, fieldRow, asRow, p.row(len(exact)))
	d.AddField(&field{name: fieldStored, options: asStored, value: p.record()})
	return d
}

func (m *documenter) lexicon(lang string) *lexicon {
	l := m.lexicons[lang]
	if l == nil {
		if m.lexicons == nil {
			m.lexicons = map[string]*lexicon{}
		}
		l = newLexicon(lang)
		m.lexicons[lang] = l
	}
	return l
}
