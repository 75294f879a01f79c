// Package source reads and checks sources.yaml: what is watched, how often,
// and how to behave towards the hosts it lives on.
//
// [Load] gives a [List] or every mistake in the file at once ([Problems]).
// A List is read-only after that and may be used by any number of goroutines.
//
// An address is known by its canonical form everywhere downstream; see
// [List.Canonical]. All addresses in a loaded List are canonical already.
package source

import (
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"
)

// A List is the content of one sources.yaml.
type List struct {
	// File is the name of the file, for messages.
	File string
	// Contact is the operator's e-mail or web address, sent with every request.
	// It may be empty here; whoever crawls must then be given one in another
	// way, or visit loopback hosts only.
	Contact string
	// Zone is the time zone of cron expressions that name none, and of dates in
	// addresses; nil means UTC.
	Zone *time.Location
	// Hosts are the hosts the file speaks of, by name or by "*.name"; ask
	// [List.Host], which knows defaults and aliases.
	Hosts map[string]Host
	// Blocked and NotFound are signatures that hold for every host, beside the
	// built-in ones.
	Blocked, NotFound []Signature
	// Unavailable are signatures of hosts that are down or have failed.
	Unavailable []Signature
	// DropParams are query parameters to drop on every host, beside the
	// built-in ones. A final * stands for any ending.
	DropParams []string
	// Institutions are names of publishers by short name and language, as in
	// Source.Name; ask [List.InstitutionLabel].
	Institutions map[string]map[string]string
	// Sources stand in the order of the file.
	Sources []*Source

	once  sync.Once
	index *index
}

// A Source is one thing of one publisher that is watched.
type Source struct {
	ID          string            // never changed, never used again
	Name        map[string]string // by language; "" holds a name that is the same in all; see [Source.Label]
	Institution string            // who publishes: a short lower-case name
	Kind        string            // one of [Kinds], or ""
	// Jurisdiction is an ISO 3166-1 alpha-2 code, XK, EU, or INT for
	// international bodies.
	Jurisdiction string
	Topics       []string // ids of [Topics]
	Schedule     Schedule // when each address is due
	Lang         string   // language of addresses written without one

	Pages   []Document // addresses named one by one
	Follow  *Follow    // nil: every page that a feed or sitemap of this host names
	Feed    []PageRef  // RSS, Atom or JSON feeds in which pages are found
	Sitemap []PageRef  // sitemaps in which pages are found
	// Discover are publishers' own interfaces in which pages are found.
	Discover []Discovery

	Enabled bool   // whether it is fetched; what is archived stays readable in any case
	Note    string // for the operator: why it is off, what to look out for

	Select []string // CSS: where the text is; the first that matches something wins
	Drop   []string // CSS: what is chrome and not text
	Read   *Read    // which fields of a JSON answer are read; nil for pages and documents
	Render string   // "js" when the page is empty without a browser, else ""
	Accept string   // the Accept header to send, "" for the usual one

	Blocked, NotFound []Signature      // beside the general ones and the host's
	Unavailable       []Signature      // likewise: down, or failed, whatever the status says
	MustContain       []string         // texts without which a page is not whole, beside the host's
	DropParams        []string         // dropped on the hosts this source names
	Refuse            []*regexp.Regexp // addresses never to take on the hosts this source names
}

// A Document is one text in one or more languages.
type Document struct {
	// ID is shared by the language twins: the key "document" of the entry, or
	// else the canonical address written first.
	ID    string
	Pages []PageRef // in the order of the file, one per language
}

// A PageRef is an address and the language it is declared to be in.
type PageRef struct {
	Lang string // "" if undeclared
	// URL is canonical. In a listing, feed or sitemap it may hold the date
	// placeholders {yyyy} {mm} {dd} {m} {d}; [List.Address] fills them.
	URL string
}

// Follow says which of the addresses found in listings, feeds and sitemaps
// become pages; [List.Follows] applies it.
type Follow struct {
	From   []PageRef        // listings to read; may be empty if the source has a feed or sitemap
	Links  string           // CSS: which links of a listing count; "a[href]" if the file says nothing
	Allow  []*regexp.Regexp // the address must match one, if there are any; else it must be on the listing's host
	Deny   []*regexp.Regexp // the address must match none
	Titles []*regexp.Regexp // the text of the link or feed item must match one, if there are any
	Limit  int              // how many pages of one listing, feed or sitemap, the first ones
}

// DefaultLimit is the Limit of a Follow that gives none.
const DefaultLimit = 100

// Kinds are the kinds of publishers.
var Kinds = []string{"government", "court", "parliament", "gazette", "eu", "international", "ngo", "media"}

// Source returns the source with this id, nil if there is none.
func (l *List) Source(id string) *Source { return l.lookup().ids[id] }

// Claim returns the source that names this page one by one, under any
// spelling of its address; nil if there is none.
func (l *List) Claim(url string) *Source {
	canonical, err := l.Canonical(url)
	if err != nil {
		return nil
	}
	return l.lookup().pages[canonical]
}

// Select returns the ids, in the order of the file, of the sources of one of
// these kinds, one of these jurisdictions and one of these topics; an empty
// list asks for nothing. Sources that are not enabled are included: what was
// archived of them is still there. The topic "all" is a topic like the others.
func (l *List) Select(kinds, jurisdictions, topics []string) []string {
	var ids []string
	for _, s := range l.Sources {
		if len(kinds) > 0 && !slices.Contains(kinds, s.Kind) ||
			len(jurisdictions) > 0 && !slices.Contains(jurisdictions, s.Jurisdiction) ||
			len(topics) > 0 && !slices.ContainsFunc(topics, s.Covers) {
			continue
		}
		ids = append(ids, s.ID)
	}
	return ids
}

// Address returns the address to fetch at time t: p.URL, with its date
// placeholders filled in the list's time zone. {mm} and {dd} have two digits,
// {m} and {d} as many as needed.
func (l *List) Address(p PageRef, t time.Time) string {
	if !dated(p.URL) {
		return p.URL
	}
	zone := l.Zone
	if zone == nil {
		zone = time.UTC
	}
	filled := fillDate(p.URL, t.In(zone))
	if canonical, err := l.Canonical(filled); err == nil {
		return canonical
	}
	return filled
}

// Follows reports whether source s takes the page at address to, found in the
// listing, feed or sitemap at address from under this title (the text of the
// link; "" if there is none). Both addresses must be canonical.
func (l *List) Follows(s *Source, from, to, title string) bool {
	f := s.Follow
	if f == nil {
		return sameHost(from, to)
	}
	if len(f.Allow) == 0 && !sameHost(from, to) || len(f.Allow) > 0 && !anyMatch(f.Allow, to) {
		return false
	}
	if len(f.Titles) > 0 && !anyMatch(f.Titles, title) {
		return false
	}
	return !anyMatch(f.Deny, to)
}

// Label returns the source's name in lang, else in English, else in any
// language, else its id.
func (s *Source) Label(lang string) string { return labelOf(s.Name, lang, s.ID) }

// InstitutionLabel is the name of a publisher in a language, or in English, or
// in any; its short name if the list has none for it.
func (l *List) InstitutionLabel(id, lang string) string { return labelOf(l.Institutions[id], lang, id) }

// labelOf is the best of names for a language.
func labelOf(names map[string]string, lang, id string) string {
	for _, l := range []string{lang, "en", ""} {
		if name := names[l]; name != "" {
			return name
		}
	}
	for _, l := range slices.Sorted(maps.Keys(names)) {
		if names[l] != "" {
			return names[l]
		}
	}
	return id
}

// Covers reports whether topic is one of the source's topics.
func (s *Source) Covers(topic string) bool { return slices.Contains(s.Topics, topic) }

// Finds reports whether pages of the source are found in listings, feeds,
// sitemaps or interfaces.
func (s *Source) Finds() bool {
	return s.Follow != nil || len(s.Feed)+len(s.Sitemap)+len(s.Discover) > 0
}

// Lists reports whether the source names a canonical address as a place in
// which pages are found – a listing, a feed, a sitemap – and not as a page.
func (s *Source) Lists(url string) bool {
	return s.Document(url) == "" && slices.ContainsFunc(s.Addresses(), func(p PageRef) bool { return p.URL == url })
}

// Addresses returns every address that the source names: its pages first,
// then listings, feeds and sitemaps.
func (s *Source) Addresses() []PageRef {
	var refs []PageRef
	for _, d := range s.Pages {
		refs = append(refs, d.Pages...)
	}
	if s.Follow != nil {
		refs = append(refs, s.Follow.From...)
	}
	refs = append(refs, s.Feed...)
	for _, d := range s.Discover {
		refs = append(refs, d.From...)
	}
	return append(refs, s.Sitemap...)
}

// Document returns the id of the document to which this canonical address
// belongs, "" if the source does not name it as a page.
func (s *Source) Document(url string) string {
	for _, d := range s.Pages {
		for _, p := range d.Pages {
			if p.URL == url {
				return d.ID
			}
		}
	}
	return ""
}

func anyMatch(patterns []*regexp.Regexp, text string) bool {
	return slices.ContainsFunc(patterns, func(re *regexp.Regexp) bool { return re.MatchString(text) })
}
