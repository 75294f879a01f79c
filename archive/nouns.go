// Package archive keeps what the network answered and what was read in it.
//
// It holds the nouns of the trade – [Capture], [Version], [Block] – and the two
// stores behind them: WARC files, which are the truth and only ever grow, and
// an SQLite catalogue, which can be made again from them ([Rebuild]).
//
// Everything downstream (reading, indexing, telling) is a reader of this log
// behind a cursor; see [Archive.Cursor].
package archive

import (
	"net/http"
	"time"
)

// Seq is a position in the archive: of a capture among captures, or of a
// version among versions. It starts at 1, only grows, and is never reused;
// 0 means "none".
type Seq int64

// PageID numbers a page in the order in which pages were first captured.
type PageID int64

// Purpose says why something was fetched.
type Purpose string

// The purposes of a capture. Only pages are read into versions.
const (
	PurposePage      Purpose = "page"      // a page that is watched
	PurposeRobots    Purpose = "robots"    // a host's robots.txt
	PurposeDiscovery Purpose = "discovery" // a listing, feed or sitemap in which pages are found
)

// Origin says how a capture came to the archive.
type Origin string

// The origins.
const (
	Crawled  Origin = ""         // the crawler fetched it
	Added    Origin = "added"    // somebody saved it and added it by hand
	Imported Origin = "imported" // another's crawl brought it
)

// A Page is one address of a source in one language.
type Page struct {
	ID       PageID
	Source   string // id of the source in sources.yaml
	URL      string // canonical address; the page's identity
	Lang     string // language declared by the source, "" if unknown
	Document string // shared by the language twins of one document, "" if it has none
	Purpose  Purpose
	Title    string // of the latest version, "" before the first

	// News reports that the page was found on a listing that had been looked at
	// before, so that its first version is an event and not the start of watching.
	News bool

	First, Last Look // the first and the latest capture; Last.Seq is 0 for a page never captured
	// LastContent is the latest capture that answered 200 or 304 with content, or
	// with what has not been read yet; not a challenge or a "not found" said with 200.
	LastContent Look
	Fails       int // captures in a row, up to the latest, that brought no usable answer
	Latest      Seq // the latest version, 0 before the first
	Versions    int // how many versions there are

	// ETag and LastModified are the validators of LastContent, as the server sent
	// them; "" if a later answer of 200 turned out to be no content.
	ETag, LastModified string
}

// A Look is one capture without its bytes: the fact that we looked.
type Look struct {
	Seq       Seq
	Page      PageID
	Time      time.Time
	Status    int    // HTTP status; 0 when there was no answer
	Err       string // why there is no usable answer, "" otherwise
	Unchanged bool   // same payload as Refers, or 304
	Refers    Seq    // the capture whose payload this one repeats, 0 otherwise
	Origin    Origin // how it came to the archive
	Version   Seq    // the version whose text it shows; 0 if none, or not read yet
	Class     Class  // what kind of answer it was; "" until it has been read
	Reason    string // why it was classed so, "" for plain content
	// RetryAfter is when the server asked to be left alone until, zero if it did not.
	RetryAfter time.Time
}

// A Capture is one answer of the network, kept whole, whatever it was:
// 200, 304, 404, 500, or no answer at all (Status 0).
//
// To add one, fill the first group of fields and call [Archive.Add], which
// fills the rest. A capture read back has every field.
type Capture struct {
	Source   string
	URL      string // the page's canonical address, as asked for
	Lang     string
	Document string
	Purpose  Purpose // "" means PurposePage
	News     bool    // see Page.News
	Origin   Origin  // "" is the crawler
	Time     time.Time
	// Exchanges are the request and answer of each hop, redirects first, as
	// they crossed the wire. Empty when no connection could be made.
	Exchanges []Exchange
	// Err says why there is no usable answer: no connection, time-out, body too
	// large, redirect loop. A capture with Err never becomes a version.
	Err string
	// Notes are further facts for the WARC metadata record, such as the verdict
	// of robots.txt ("robots": "allow /"). Keys are lower-case ASCII words.
	Notes map[string]string

	Seq      Seq
	Page     PageID
	Status   int         // of the last exchange; 0 when there was no answer
	Header   http.Header // of the last exchange
	Body     []byte      // of the last exchange, transfer- and content-decoded; nil when unchanged
	FinalURL string      // address of the last exchange
	// MovedTo is the address to which the publisher has moved the page: where its
	// permanent redirects (301, 308) lead, up to the first that is not; "" where
	// the first answer is none.
	MovedTo  string
	Refers   Seq    // the capture whose payload this one repeats (same bytes, or 304); 0 otherwise
	RecordID string // WARC-Record-ID of the last answer's record, "urn:uuid:…"
	// Same reports that the payload is that of the page's good answer just
	// before this one in time, so that there is nothing new to read in it.
	Same bool
	// Late reports that the archive had a later capture of the page when this
	// one came: it is woven into the page's past.
	Late bool
	Leaf int64 // its entry's number in the tamper-evident log
}

// Unchanged reports whether the capture repeats an earlier one's payload.
func (c *Capture) Unchanged() bool { return c.Refers != 0 }

// An Exchange is one request and its answer, byte for byte as on the wire
// (inside TLS), before any transfer or content decoding.
type Exchange struct {
	URL      string
	Time     time.Time // when the request was begun
	IP       string    // the server's address, "" if unknown
	Request  []byte    // request line, headers, body
	Response []byte    // status line, headers, body; may be cut, see Truncated
	// Rendered says that Response did not cross the wire: a browser made the
	// page out of the exchange before, and Response is what it shows, in the
	// form of an answer. It has no Request.
	Rendered bool
	// Truncated is WARC-Truncated's reason ("length", "time", "disconnect")
	// when Response does not hold the whole answer, "" otherwise.
	Truncated string
}

// Class says what kind of answer a capture is.
type Class string

// The classes. Only Content and Gone become versions (Gone: a withdrawal,
// with no blocks); all others are facts about the source's health.
const (
	Content Class = "content"
	Blocked Class = "blocked"  // a challenge, a consent wall, a "request rejected"
	Soft404 Class = "soft-404" // "not found" said with status 200
	Gone    Class = "gone"     // 404 or 410
	Moved   Class = "moved"    // redirected to a page that is not this one
	Error   Class = "error"    // no answer, 5xx, empty, unreadable
)

// A Reading is what extraction made of one capture.
type Reading struct {
	Capture Seq
	Class   Class
	Reason  string // one sentence for the operator; "" for plain content
	// Version is the text that was read; nil unless Class is Content or Gone.
	// It is added only if its text differs from the page's latest.
	Version *Version
}

// Cause says who caused a version to differ from the one before.
type Cause string

// The causes.
const (
	Published   Cause = "published"   // they changed it
	Reextracted Cause = "reextracted" // we read the same capture in another way; never told to anyone
)

// A Version is one distinct text of a page: an ordered list of blocks, valid
// from the capture that first showed it until the capture that first showed
// something else.
//
// Whoever reads a capture fills the first group of fields; the archive fills
// the rest when it adds the version.
type Version struct {
	Capture Seq // the capture that first showed this text
	Cause   Cause
	Late    bool // it came as history – woven in, or imported – and is never told as news
	Gone    bool // the page was withdrawn: there are no blocks
	Title   string
	Lang    string // language of the text: declared, or else detected; "en" "fr" "nl" "de" or another ISO 639-1 code
	// PublishedOn and UpdatedOn are the dates the page itself gives
	// ("2006-01-02"), "" where it gives none. They are never mixed with Time.
	PublishedOn, UpdatedOn string
	// InForceOn is the day from which the page's metadata says it is in force, ""
	// where it does not say.
	InForceOn string
	// MovedTo is the address that the publisher has given the text since: the
	// target of a permanent redirect or, of a page that is Gone, another page of
	// the source with nearly its text. "" while it stands at its own. A text that
	// was given another address is another version.
	MovedTo string
	// MovedFrom is, of a page's first version, the address of a page of the source
	// that is gone and had nearly the same text; "" if there is none.
	MovedFrom string
	Strategy  string // how the main text was found: "select", "scored", "pdf", …
	Blocks    []Block

	ID     Seq // number of the version, over all pages
	Page   PageID
	Source string
	URL    string
	Prev   Seq // the version before of the same page, 0 for the first
	// Number is 1 for the page's first version in time, 2 for the next, …; it
	// changes when an earlier version is woven in. ID never does.
	Number int
	Leaf   int64 // its entry's number in the tamper-evident log
	// Seen is the interval in which the text was first there.
	Seen Interval
	// Until is the interval in which the text was replaced; nil while it still stands.
	Until *Interval
	// Time is Seen.By.
	Time time.Time
}

// An Interval is all we can say about when something came about: it was not
// there at After (zero: we had never looked before), and it was there at By.
type Interval struct {
	After time.Time `json:"after,omitzero"`
	By    time.Time `json:"by"`
}

// Kind is the kind of a block.
type Kind string

// The kinds of blocks.
const (
	Heading   Kind = "heading"
	Paragraph Kind = "paragraph"
	Item      Kind = "item" // list item
	Row       Kind = "row"  // table row, cells joined by " | "
	Quote     Kind = "quote"
	Code      Kind = "code" // preformatted text
	Article   Kind = "article"
)

// Role says whether a block belongs to the text or to the chrome around it.
type Role string

// The roles.
const (
	Main        Role = "main"
	Boilerplate Role = "boilerplate" // menus, banners, footers; kept, never news
)

// A Block is a heading, paragraph, list item, table row or article. Two blocks
// are the same block if all fields but Refs and Since are equal.
type Block struct {
	Kind Kind
	Role Role
	// Path leads from the outermost heading to this block: ["Chapter II", "Art. 8"].
	// A heading's own text is the last element of the path of what stands under
	// it, not of its own.
	Path []string
	// Text is plain text, one line, white space collapsed, in Unicode NFC.
	Text string
	// Level is the level of a heading, 1 to 6; the depth of a list item, from 1; 0 otherwise.
	Level int
	// Marker is what stands before a list item or article: "1.", "a)", "•"; "" otherwise.
	Marker string
	// Refs are the normal spellings of the acts and judgments (package cite) to
	// which links in the text lead, each once, without those that the text names
	// itself. They belong to the block as it was first stored.
	Refs []string
	// Since is the version since which the block has stood in the page without
	// interruption: paragraph-level blame. The archive fills it.
	Since Seq
}
