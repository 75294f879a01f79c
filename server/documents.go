package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"veille/archive"
	"veille/cite"
	"veille/diff"
	"veille/index"
	"veille/source"
	"veille/thesaurus"
)

// Documents answers the questions that web pages, API and command line ask of
// the archive, each with one document. Whoever asks gets the same one, and
// [Write] gives it the same bytes.
//
// Fields are set before the first use; methods may then be called concurrently.
// Errors: *[InputError] for what the asker got wrong, *index.QueryError for a
// wrong search, fs.ErrNotExist for what is not there; all others are ours.
type Documents struct {
	Archive   *archive.Archive
	Index     *index.Index // needed by Search only
	Sources   *source.List
	Thesaurus *thesaurus.Thesaurus
	Now       func() time.Time // nil: time.Now

	cache   changeCache
	told    toldFile
	figures atomic.Pointer[figureStore] // nil: records of figures are not kept
	memory  diff.Memory                 // of what flaps
	turns   *turns                      // of long questions about all pages; nil: all at once
	brief   *turns                      // of those about one page or a few; likewise
}

// An InputError says what is wrong with a parameter, and what to do.
type InputError struct {
	Where string // the parameter, "since"
	What  string // what is wrong with it
	Do    string // what to do
}

// Error is "since: "x" is not a time; write …".
func (e *InputError) Error() string { return e.Where + ": " + e.What + "; " + e.Do }

// Write writes a document as JSON: indented by two spaces, ended by a line
// feed, with <, > and & as themselves. Pages, API and command line all use it.
func Write(w io.Writer, doc any) error {
	if c, ok := doc.(*ChangeDocument); ok && len(c.Edits) >= manyEdits {
		return c.writeEdits(w)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return fmt.Errorf("write document: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (d *Documents) now() time.Time {
	if d.Now != nil {
		return d.Now().UTC()
	}
	return time.Now().UTC()
}

// A SearchDocument is the answer to a search.
type SearchDocument struct {
	Total int `json:"total"` // passages found, over all pages of the answer
	Pages int `json:"pages"` // in which they stand
	// Loose is set where pages with some of the words of a question were taken,
	// those with most and rarest first.
	Loose    bool        `json:"loose"`
	TookMS   float64     `json:"took_ms"`
	Expanded []Expansion `json:"expanded"`
	// Understood are the numbers of acts, judgments and documents in the search.
	Understood []Understanding `json:"understood,omitempty"`
	// Suggestion is what may have been meant where no passage has a word.
	Suggestion *Suggestion `json:"suggestion,omitempty"`
	// LookedSince is when the first of the pages that were searched was first seen,
	// where only what stood before that was asked for: of that nothing is known.
	LookedSince *time.Time `json:"looked_since,omitempty"`
	// Documents is how many documents were found, and Groups those of this
	// answer, each with so many of the hits, in order; where documents were
	// asked for with their twins.
	Documents int             `json:"documents,omitempty"`
	Groups    []FoundDocument `json:"groups,omitempty"`
	// Cursor is where the next page begins, for an answer that was asked for with
	// one; there is none on the last page.
	Cursor string        `json:"cursor,omitempty"`
	back   string        // where the page before begins
	Hits   []SearchHit   `json:"hits"`
	Facets FacetDocument `json:"facets"`
}

// An Expansion is a concept that the words of a search named, and all the
// terms that were searched instead.
type Expansion struct {
	Concept string   `json:"concept"`
	Terms   []string `json:"terms"`
}

// A FoundDocument is a document with its twins in other languages.
type FoundDocument struct {
	Document string `json:"document"` // for the parameter of this name, to see all of it
	Hits     int    `json:"hits"`     // shown here
	Total    int    `json:"total"`    // found
}

// A Suggestion is a search with other words than those that nothing has.
type Suggestion struct {
	Query string        `json:"query"`
	Words []Misspelling `json:"words"`
}

// A Misspelling is a word that nothing has, and the one that may have been meant.
type Misspelling struct {
	Typed string `json:"typed"`
	Meant string `json:"meant"`
}

// An Understanding is a number that was read in a search: as it was typed, its
// normal spelling, and what the thing is called.
type Understanding struct {
	Text string `json:"text"`
	ID   string `json:"id"`
	Name string `json:"name"`
	cite cite.Cite
}

// A Successor is a passage that took the place of another.
type Successor struct {
	Text string `json:"text"`
	Link string `json:"link"` // "/v/42#b7"
}

// A SearchHit is a passage that was found.
type SearchHit struct {
	Source    string            `json:"source"`
	URL       string            `json:"url"`
	Lang      string            `json:"lang"`
	Title     string            `json:"title"`
	Path      []string          `json:"path"`
	Text      string            `json:"text"`
	Highlight string            `json:"highlight"` // HTML: escaped text and <mark>
	FirstSeen archive.Interval  `json:"first_seen"`
	Until     *archive.Interval `json:"until"` // null: it still stands
	Version   archive.Seq       `json:"version"`
	Score     float64           `json:"score"`
	Link      string            `json:"link"` // "/v/41#b7"
	// Change is "added" or "removed" where changes were searched for. Weight
	// and Senses are of the change meant: the one that put the passage in or
	// took it out.
	Change string   `json:"change,omitempty"`
	Weight int      `json:"weight,omitempty"`
	Senses []string `json:"senses,omitempty"`
	// EndedBy is the change that took the passage out, "/change/41..42", and
	// Replaced what stands in its place since.
	EndedBy  string      `json:"ended_by,omitempty"`
	Replaced []Successor `json:"replaced,omitempty"`
}

// A FacetDocument counts the passages found by what they have in common.
type FacetDocument struct {
	Source       []FacetTerm `json:"source"`
	Lang         []FacetTerm `json:"lang"`
	Kind         []FacetTerm `json:"kind"`
	Jurisdiction []FacetTerm `json:"jurisdiction"`
	Topic        []FacetTerm `json:"topic"`
	Year         []FacetTerm `json:"year"` // in which they were first seen
}

// A FacetTerm is one value of a facet.
type FacetTerm struct {
	Term  string `json:"term"`
	Count int    `json:"count"`
}

// A ChangesDocument is a list of changes, newest first.
type ChangesDocument struct {
	Total   int               `json:"total"` // chosen by the query, beyond its limit too
	Changes []*ChangeDocument `json:"changes"`
	Hidden  int               `json:"hidden"` // left out only because they weigh too little
}

// A ChangeDocument tells one change.
type ChangeDocument struct {
	ID      string      `json:"id"` // "17..18"
	Source  string      `json:"source"`
	URL     string      `json:"url"`
	Lang    string      `json:"lang"`
	Title   string      `json:"title"`
	Topics  []string    `json:"topics"` // of the source
	From    *VersionRef `json:"from"`   // null where the page appeared
	To      VersionRef  `json:"to"`
	Weight  int         `json:"weight"`
	Senses  []string    `json:"senses"`
	Summary string      `json:"summary"`
	Edits   []diff.Edit `json:"edits"`  // all, housekeeping too
	Hidden  int         `json:"hidden"` // how many of them are housekeeping
	// EditsTotal is how many edits there are, where some were asked for.
	EditsTotal *int `json:"edits_total,omitempty"`
	// Publisher is the name of the source in the page's language.
	Publisher string `json:"publisher,omitempty"`
	// Groups are exchanges of the same words in many places of the page.
	Groups []diff.Group `json:"groups,omitempty"`
	// Back is the earlier version whose main text the page has again.
	Back *VersionRef `json:"back,omitempty"`
	// Also are the same edits on other pages of the source, and Folded further
	// returns of the page to earlier wordings, in lists that are grouped.
	Also   []ChangeRef `json:"also,omitempty"`
	Folded []string    `json:"folded,omitempty"`
	Link   string      `json:"link"` // "/change/17..18"

	page    archive.PageID
	told    bool        // without its edits; what stands beside them in lists is excerpt
	excerpt []diff.Word // if it is told
}

// A VersionRef names a version and says when it was first there.
type VersionRef struct {
	Version archive.Seq      `json:"version"`
	Seen    archive.Interval `json:"seen"`
}

// A SourcesDocument lists the sources and how they fare.
type SourcesDocument struct {
	Total   int              `json:"total"`
	Sources []SourceDocument `json:"sources"`
}

// The states of a source or page.
const (
	StateOK      = "ok"      // the latest look brought its content
	StateBlocked = "blocked" // it turns us away
	StateFailing = "failing" // it brings no usable answer
	StateGone    = "gone"    // the publisher withdrew it
	StateNever   = "never"   // it has not been looked at
	StateOff     = "off"     // sources.yaml says so
)

// A SourceDocument says what a source is and how it fares. Times that are not
// known are absent.
type SourceDocument struct {
	ID           string            `json:"id"`
	Name         map[string]string `json:"name"`
	Institution  string            `json:"institution"`
	Kind         string            `json:"kind"`
	Jurisdiction string            `json:"jurisdiction"`
	Topics       []string          `json:"topics"`
	Enabled      bool              `json:"enabled"`
	Schedule     string            `json:"schedule"`
	Note         string            `json:"note,omitempty"`
	Pages        int               `json:"pages"`    // seen so far
	Versions     int               `json:"versions"` // of all its pages
	Troubled     int               `json:"troubled"` // pages blocked or failing
	Remarked     int               `json:"remarked"` // pages that are read, with a remark
	Health
	Link string `json:"link"`
}

// Health says how looking at a page, or at all pages of a source, goes.
type Health struct {
	State string `json:"state"` // one of the State constants
	// Since is the first look of the unbroken run that brought no content;
	// Reason is why the latest one did not.
	Since  time.Time `json:"since,omitzero"`
	Reason string    `json:"reason,omitempty"`
	// Remark is what is to be said of a page that is read: its text is in another
	// language than declared, or nearly that of another page.
	Remark      string    `json:"remark,omitempty"`
	LastLook    time.Time `json:"last_look,omitzero"`
	LastContent time.Time `json:"last_content,omitzero"`
	NextLook    time.Time `json:"next_look,omitzero"`
}

// A VersionsDocument is the history of a page.
type VersionsDocument struct {
	Page     PageDocument      `json:"page"`
	Total    int               `json:"total"`
	Versions []VersionDocument `json:"versions"` // oldest first
}

// A PageDocument is one address of a source and how it fares.
type PageDocument struct {
	ID     archive.PageID `json:"id"`
	Source string         `json:"source"`
	URL    string         `json:"url"`
	Lang   string         `json:"lang"`
	Title  string         `json:"title"`
	Health
	Link string `json:"link"`
}

// A VersionDocument is one wording of a page. The dates that the page itself
// gives are never mixed with those at which we saw it.
type VersionDocument struct {
	Version     archive.Seq       `json:"version"`
	Number      int               `json:"number"` // 1 for the page's first
	URL         string            `json:"url"`
	Title       string            `json:"title"`
	Lang        string            `json:"lang"`
	Gone        bool              `json:"gone"` // the page was withdrawn
	Cause       string            `json:"cause"`
	Seen        archive.Interval  `json:"seen"`
	Until       *archive.Interval `json:"until"` // null: it still stands
	PublishedOn string            `json:"published_on,omitempty"`
	UpdatedOn   string            `json:"updated_on,omitempty"`
	InForceOn   string            `json:"in_force_on,omitempty"` // only where one version is asked for
	MovedTo     string            `json:"moved_to,omitempty"`    // the address that the publisher has given the text since
	MovedFrom   string            `json:"moved_from,omitempty"`  // the address, gone now, at which it stood before
	Capture     archive.Seq       `json:"capture"`
	Prev        archive.Seq       `json:"prev,omitempty"`
	Link        string            `json:"link"`
	Blocks      []BlockDocument   `json:"blocks,omitempty"` // only where one version is asked for
}

// A BlockDocument is one block of a wording; its link is the version's and "#b"
// and its place in the list, from 0.
type BlockDocument struct {
	Kind   string      `json:"kind"`
	Role   string      `json:"role"`
	Path   []string    `json:"path"`
	Marker string      `json:"marker,omitempty"`
	Level  int         `json:"level,omitempty"` // of a heading, 1 to 6; of a list item, its depth
	Text   string      `json:"text"`
	Since  archive.Seq `json:"since"`
	Lang   string      `json:"lang,omitempty"` // where it is not the version's
	// Cites are the acts and judgments that the text cites, and then those to
	// which only its links lead.
	Cites []CiteDocument `json:"cites,omitempty"`
}
