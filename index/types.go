package index

import (
	"fmt"
	"time"

	"veille/archive"
)

// A Query is what to search for. The zero value finds everything that stands.
type Query struct {
	// Text is in the query language of docs/query.md; "" finds everything.
	Text string
	// AsOf is the moment at which the passages must have stood; zero is now.
	AsOf time.Time
	// From and Until bound when a passage was first seen: From ≤ seen < Until.
	From, Until time.Time
	// Each of these, unless empty, leaves only passages of these languages,
	// sources, kinds, jurisdictions or topics (as in sources.yaml).
	Langs, Sources, Kinds, Jurisdictions, Topics []string
	// All finds boilerplate – menus, banners, footers – too.
	All bool
	// Exact keeps the thesaurus out of it.
	Exact bool
	// Past finds passages whenever they stood, also those that no longer
	// stand. AsOf is then ignored.
	Past bool
	// Document leaves only the passages of one document, by [Group.Document].
	Document string
	// Grouped puts the passages of a document together, those of its twins
	// with them: the best ones of each. Limit and Offset then count documents.
	Grouped bool
	// Sort is "relevance" (also ""), "newest" by when the passage came – or
	// went, if it has and that is searched for –, or "oldest" by when it was
	// first seen.
	Sort string
	// Limit is the number of hits wanted (0: 20, at most 1000), Offset the
	// number to leave out before them (Offset+Limit at most 10,000).
	Limit, Offset int
	// Cursor is [FirstCursor] for an answer that is to be read page by page, then
	// the [Result.Cursor] of the page before, with the same query: the pages
	// neither repeat nor lose anything while the index grows. Offset is then 0.
	Cursor string
	// Bare leaves out of the hits what it takes to show them – the words marked,
	// where they stand today, what took their place – for those who count.
	Bare bool
	// Whole asks for all that is found at once, up to [MaxWhole] hits, whatever Limit
	// says; Offset and Cursor are not given then. Words are not marked, and what took
	// the place of a passage is not told. Where more is found, Hits is empty, and Total
	// says how much.
	Whole bool
}

// MaxWhole is how many hits a [Query.Whole] has at most.
const MaxWhole = maxOffset

// A Result is a page of hits, and facts about all that was found.
type Result struct {
	Total int // passages found
	Pages int // of which the query is true
	// Loose is set where hardly any page has all words of a question, so that
	// pages with some of them were taken, those with most and rarest first.
	Loose    bool
	Took     time.Duration
	Expanded []Expansion
	// Understood are the numbers of acts, judgments and documents in the query.
	Understood []Understanding
	Hits       []Hit
	// Groups are the documents shown, each with so many of Hits, in order, and
	// Documents is how many were found; only if the query is Grouped.
	Groups    []Group
	Documents int
	// Cursor is where the next page begins, "" on the last one; see [Query.Cursor].
	// Back is where the one before begins, "" on the first.
	Cursor, Back string
	// Since is when the first of the pages that the query covers was first seen,
	// where it asks only for what stood before that; otherwise zero.
	Since time.Time
	// Suggestion is what may have been meant where no passage has a word of
	// the query; nil otherwise.
	Suggestion *Suggestion
	// Facets count the passages found by "source", "lang", "kind",
	// "jurisdiction", "topic" and "year" (first seen), most frequent first.
	Facets map[string][]Facet
}

// An Expansion is a concept by whose names the search was widened.
type Expansion struct {
	Concept string   `json:"concept"` // id in the thesaurus
	Terms   []string `json:"terms"`   // the names searched for
}

// A Facet is a value and how many of the passages found have it.
type Facet struct {
	Term  string `json:"term"`
	Count int    `json:"count"`
}

// A Hit is a passage that was found.
type Hit struct {
	ID        string // of the passage; the same in every index of the same archive
	Source    string
	URL       string
	Lang      string
	Title     string // of the page, in Version
	Path      []string
	Text      string // the whole passage
	Highlight string // HTML: what was found in <mark>, cut to a snippet around it
	Role      archive.Role
	Kind      archive.Kind
	Page      archive.PageID
	// FirstSeen is the interval in which the passage came about, and Until the
	// one in which it went; nil while it stands.
	FirstSeen archive.Interval
	Until     *archive.Interval
	// Began is when it began to speak for its text in the page, by which hits are
	// sorted and bounded: the end of FirstSeen, or later where the same text stood
	// in another passage before.
	Began time.Time
	// Since is the version that brought the passage. Version is the newest in
	// which it stands, as of the query's moment, and Block its number there, -1
	// if that is not known. Without an archive Version is Since.
	Since, Version archive.Seq
	Block          int
	Score          float64
	// Change is "added" or "removed" where the search asks for changes, and
	// says which the passage was found by.
	Change string
	// Came and Went are the changes that put it in and took it out.
	Came, Went Event
	// Last is the last version in which it stood, and Gone the first that no
	// longer had it; 0 while it stands. Replaced is what Gone has in its place.
	Last, Gone archive.Seq
	Replaced   []Replacement
}

// A Replacement is a passage that took the place of another: its words, and
// where it stands in the version that brought it there.
type Replacement struct {
	Text    string
	Version archive.Seq
	Block   int
}

// Link is the address of the passage on the site: "/v/41#b7".
func (r *Replacement) Link() string { return fmt.Sprintf("/v/%d#b%d", r.Version, r.Block) }

// Link is the address of the passage on the site: "/v/41#b7".
func (h *Hit) Link() string {
	if h.Block < 0 {
		return fmt.Sprintf("/v/%d", h.Version)
	}
	return fmt.Sprintf("/v/%d#b%d", h.Version, h.Block)
}
