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
	// Sort is "relevance" (also ""), or "newest" or "oldest" by when the
	// passage was first seen.
	Sort string
	// Limit is the number of hits wanted (0: 20, at most 1000), Offset the
	// number to leave out before them (Offset+Limit at most 10,000).
	Limit, Offset int
}

// A QueryError says what is wrong with a query. Pos is the byte offset in
// [Query.Text] of the character it is about.
type QueryError struct {
	Pos int
	Msg string
}

// Error gives the position as a count from 1.
func (e *QueryError) Error() string {
	return fmt.Sprintf("query, character %d: %s", e.Pos+1, e.Msg)
}

// A Result is a page of hits, and facts about all that was found.
type Result struct {
	Total int // passages found
	Pages int // of which the query is true
	// Loose is set where hardly any page has all words of a question, so that
	// pages with some of them were taken, those with most and rarest first.
	Loose    bool
	Took     time.Duration
	Expanded []Expansion
	Hits     []Hit
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
	// Since is the version that brought the passage. Version is the newest in
	// which it stands, as of the query's moment, and Block its number there, -1
	// if that is not known. Without an archive Version is Since.
	Since, Version archive.Seq
	Block          int
	Score          float64
}

// Link is the address of the passage on the site: "/v/41#b7".
func (h *Hit) Link() string {
	if h.Block < 0 {
		return fmt.Sprintf("/v/%d", h.Version)
	}
	return fmt.Sprintf("/v/%d#b%d", h.Version, h.Block)
}
