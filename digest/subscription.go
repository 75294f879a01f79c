package digest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/index"
	"veille/source"
	"veille/thesaurus"
)

// DefaultWeight is the least weight that is told to who asked for none: news,
// no housekeeping.
const DefaultWeight = 2

// Limits of a request, in characters and in entries.
const maxName, maxQuery, maxList = 80, 500, 100

// allTopics is the topic of sources that are filed under all of them.
const allTopics = "all"

// Langs are the languages in which mails are written.
var Langs = []string{"en", "fr", "nl", "de"}

// A Subscription is who wants to be told of what, and how often. Query, Topics
// and Sources narrow one another; each that is empty does not narrow.
type Subscription struct {
	ID        int64    `json:"id"`
	Email     string   `json:"email"`
	Name      string   `json:"name,omitempty"` // the reader's own, for the subject line
	Query     string   `json:"query,omitempty"`
	Topics    []string `json:"topics,omitempty"`  // the source is about one of these
	Sources   []string `json:"sources,omitempty"` // the page is of one of these
	MinWeight int      `json:"min_weight"`        // 1 to 5
	Cadence   Cadence  `json:"cadence"`
	Lang      string   `json:"lang"` // of the mails
	Zone      string   `json:"zone"` // IANA name
	At        string   `json:"at"`   // "07:00", in Zone

	Created   time.Time   `json:"created"`
	Confirmed time.Time   `json:"confirmed,omitzero"` // zero: not yet
	Ended     time.Time   `json:"ended,omitzero"`     // zero: not stopped; otherwise address, name and filter are gone
	Due       time.Time   `json:"due,omitzero"`       // of the next digest
	Upto      archive.Seq `json:"upto"`               // versions up to here have been told, or were not for this reader

	composed archive.Seq // versions up to here are in a letter; at least Upto
}

// A Request asks for a subscription. Only Email is needed.
type Request struct {
	Email     string   `json:"email"`
	Name      string   `json:"name"`
	Query     string   `json:"query"`
	Topics    []string `json:"topics"`
	Sources   []string `json:"sources"`
	MinWeight int      `json:"min_weight"` // 0: DefaultWeight
	Cadence   Cadence  `json:"cadence"`    // "": Daily
	Lang      string   `json:"lang"`       // "": en
	Zone      string   `json:"zone"`       // "": DefaultZone
	At        string   `json:"at"`         // "": DefaultAt
}

// subscription checks a request and returns what it asks for, in normal form.
func (r Request) subscription(list *source.List, t *thesaurus.Thesaurus) (*Subscription, error) {
	email, err := ParseAddress(r.Email)
	if err != nil {
		return nil, err
	}
	s := &Subscription{Email: email, Name: oneLine(r.Name, maxName), Query: oneLine(r.Query, len(r.Query)+1), Topics: set(r.Topics), Sources: set(r.Sources),
		MinWeight: or(r.MinWeight, DefaultWeight), Cadence: or(r.Cadence, Daily), Lang: or(r.Lang, "en"), Zone: or(r.Zone, DefaultZone), At: or(r.At, DefaultAt)}
	if slices.Contains(s.Topics, allTopics) {
		s.Topics = []string{} // whoever asks for all topics is not to miss a page filed under one
	}
	for _, check := range []func(*source.List, *thesaurus.Thesaurus) error{s.checkFilter, s.checkSettings} {
		if err := check(list, t); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Subscription) checkFilter(list *source.List, t *thesaurus.Thesaurus) error {
	// A confirmation goes to an address that somebody typed: it must not carry
	// that somebody's advertisement.
	if link(s.Name) {
		return &RequestError{"name", "the name contains a web address", "use words only"}
	}
	if link(s.Query) {
		return &RequestError{"query", "the search contains a web address", "search for words; to watch a page, name its source"}
	}
	if len([]rune(s.Query)) > maxQuery {
		return &RequestError{"query", "the search is too long", "use at most 500 characters, or several subscriptions"}
	}
	if s.Query != "" {
		if _, err := index.Compile(s.Query, t); err != nil {
			return &RequestError{"query", err.Error(), "try it on the search page first"}
		}
	}
	if len(s.Topics) > maxList || len(s.Sources) > maxList {
		return &RequestError{"sources", "the list is too long", "name at most 100, or none for all"}
	}
	for _, id := range s.Topics {
		if _, ok := t.Topic(id); !ok {
			return &RequestError{"topics", "there is no topic " + quote(id), "use the ids listed on the subscription page"}
		}
	}
	for _, id := range s.Sources {
		if list.Source(id) == nil {
			return &RequestError{"sources", "there is no source " + quote(id), "use the ids in sources.yaml"}
		}
	}
	return nil
}

func (s *Subscription) checkSettings(*source.List, *thesaurus.Thesaurus) error {
	if s.MinWeight < 1 || s.MinWeight > 5 {
		return &RequestError{"min_weight", "the weight is out of range", "use 1 (everything) to 5 (only the gravest)"}
	}
	if !s.Cadence.valid() {
		return &RequestError{"cadence", "there is no cadence " + quote(string(s.Cadence)), "use now, daily, weekly or monthly"}
	}
	if !slices.Contains(Langs, s.Lang) {
		return &RequestError{"lang", "mails are not written in " + quote(s.Lang), "use en, fr, nl or de"}
	}
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "Local" {
		return &RequestError{"zone", "there is no time zone " + quote(s.Zone), "use a name such as " + DefaultZone}
	}
	if _, _, err := clock(s.At); err != nil {
		return &RequestError{"at", err.Error(), "use hours and minutes, such as " + DefaultAt}
	}
	return nil
}

// filterKey is the same for two subscriptions that watch the same.
func (s *Subscription) filterKey() string {
	b, _ := json.Marshal([]any{s.Query, s.Topics, s.Sources, s.MinWeight}) // strings and numbers cannot fail
	return string(b)
}

// settings are what a confirmation may change in a subscription that stands.
type settings struct {
	Name    string  `json:"name"`
	Cadence Cadence `json:"cadence"`
	Lang    string  `json:"lang"`
	Zone    string  `json:"zone"`
	At      string  `json:"at"`
}

func (s *Subscription) settings() settings {
	return settings{s.Name, s.Cadence, s.Lang, s.Zone, s.At}
}

func (s *Subscription) apply(x settings) {
	s.Name, s.Cadence, s.Lang, s.Zone, s.At = x.Name, x.Cadence, x.Lang, x.Zone, x.At
}

// set is a list without blanks and duplicates, in order; never nil.
func set(list []string) []string {
	out := []string{}
	for _, s := range list {
		if s = oneLine(s, maxQuery); s != "" {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// or is the first value that is not zero.
func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// link reports whether a text would become a link in a reader's mail.
func link(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "://") || strings.Contains(s, "www.")
}

func quote(s string) string { return `"` + strings.ReplaceAll(cut(s, 60), `"`, `'`) + `"` }
