package digest

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/archive"
)

// Limits of what a reader writes, in characters.
const maxName, maxNote = 80, 500

// Langs are the languages in which mails are written.
var Langs = []string{"en", "fr", "nl", "de"}

// A Density says how much of a change a digest shows.
type Density string

// The densities, from the least to the most.
const (
	Headlines Density = "headlines" // a line or two
	Excerpts  Density = "excerpts"  // what changed, with a little around it
	Full      Density = "full"      // every edit, whole
)

// Densities are all of them, from the least to the most.
var Densities = []Density{Headlines, Excerpts, Full}

// A Person is an address that is told of something, with all it has asked for.
type Person struct {
	ID      int64     `json:"id"`
	Email   string    `json:"email"`
	Lang    string    `json:"lang"` // of the mails
	Zone    string    `json:"zone"` // IANA name: of the hours of all subscriptions, and of the times in mails
	Created time.Time `json:"created"`
	Ended   time.Time `json:"ended,omitzero"` // zero: has not left; otherwise the address is gone

	Suspended time.Time `json:"suspended,omitzero"`      // since when mail does not arrive, and none is sent; zero: it does
	Why       string    `json:"suspended_why,omitempty"` // in the mail server's words
}

// Settings say how a reader is told. What is empty is the default.
type Settings struct {
	Name     string  `json:"name,omitempty"` // the reader's own, for subjects and reasons
	Note     string  `json:"note,omitempty"` // the reader's own, printed in each digest: why did I want this?
	Cadence  Cadence `json:"cadence"`
	At       string  `json:"at"`                 // "07:00", in the person's zone
	Workdays bool    `json:"workdays,omitempty"` // not on Saturday and Sunday
	Density  Density `json:"density"`
	Always   bool    `json:"always,omitempty"` // a mail also when nothing changed
}

// A Subscription is what a person wants to be told of, and how.
type Subscription struct {
	ID     int64  `json:"id"`
	Person int64  `json:"person"`
	Email  string `json:"email"` // the person's, as are Lang and Zone
	Lang   string `json:"lang"`
	Zone   string `json:"zone"`
	Filter
	Settings

	Created   time.Time   `json:"created"`
	Confirmed time.Time   `json:"confirmed,omitzero"` // zero: not yet
	Ended     time.Time   `json:"ended,omitzero"`     // zero: not stopped; otherwise address, settings and filter are gone
	Due       time.Time   `json:"due,omitzero"`       // of the next digest
	Upto      archive.Seq `json:"upto"`               // versions up to here are in a letter, or were not for this reader
	Last      time.Time   `json:"last,omitzero"`      // when it was last dealt with

	anyLang, anyZone bool // of a request that named none: the person's stays
}

// A Request asks for a subscription. Only Email is needed.
type Request struct {
	Email string `json:"email"`
	Lang  string `json:"lang"` // "": en, or what the person has
	Zone  string `json:"zone"` // "": DefaultZone, or what the person has
	Filter
	Settings

	// Asker is where the request came from, for the limit; the zero value is
	// not counted.
	Asker netip.Addr `json:"-"`
}

// subscription checks a request and returns what it asks for, in normal form.
func (r Request) subscription(k *known) (*Subscription, error) {
	email, err := ParseAddress(r.Email)
	if err != nil {
		return nil, err
	}
	s := &Subscription{Email: email, Lang: or(r.Lang, "en"), Zone: or(r.Zone, DefaultZone), Filter: r.Filter.normal(k.sources), Settings: r.Settings.normal(),
		anyLang: r.Lang == "", anyZone: r.Zone == ""}
	if err := s.Filter.check(k); err != nil {
		return nil, err
	}
	if err := s.Settings.check(); err != nil {
		return nil, err
	}
	return s, checkPerson(s.Lang, s.Zone)
}

// normal is the same settings in one spelling, with the defaults.
func (s Settings) normal() Settings {
	s.Name, s.Note = oneLine(s.Name, len(s.Name)+1), oneLine(s.Note, len(s.Note)+1)
	s.Cadence, s.At, s.Density = or(s.Cadence, Daily), or(s.At, DefaultAt), or(s.Density, Excerpts)
	return s
}

// check refuses settings that cannot be followed. A confirmation goes to an
// address that somebody typed: it must not carry that somebody's advertisement.
func (s Settings) check() error {
	if link(s.Name) {
		return refuse("name", "name-link")
	}
	if link(s.Note) {
		return refuse("note", "note-link")
	}
	if len([]rune(s.Name)) > maxName {
		return refuse("name", "name-long", strconv.Itoa(maxName))
	}
	if len([]rune(s.Note)) > maxNote {
		return refuse("note", "note-long", strconv.Itoa(maxNote))
	}
	if !s.Cadence.valid() {
		return refuse("cadence", "cadence", string(s.Cadence))
	}
	if !slices.Contains(Densities, s.Density) {
		return refuse("density", "density", string(s.Density))
	}
	if _, _, err := clock(s.At); err != nil {
		return refuse("at", "at", s.At)
	}
	return nil
}

func checkPerson(lang, zone string) error {
	if !slices.Contains(Langs, lang) {
		return refuse("lang", "lang", lang)
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" || zone == "" {
		return refuse("zone", "zone", zone)
	}
	return nil
}

// next is when a digest is due after a time.
func (s *Subscription) next(after time.Time) time.Time {
	return s.Cadence.Next(after, s.Zone, s.At, s.Workdays)
}

// same reports whether a subscription stands as it did: with the filter, the
// settings and the place that it had, and in the person's language and zone.
func (s *Subscription) same(as *Subscription) bool {
	return s.Ended.IsZero() && s.Upto == as.Upto && s.Last.Equal(as.Last) && s.Settings == as.Settings && s.Lang == as.Lang && s.Zone == as.Zone &&
		s.Filter.key() == as.Filter.key()
}

// asked is what a confirmation sets: in a new subscription, or in one that
// stands and watches the same. It waits in the confirmation, as JSON.
type asked struct {
	Settings
	Lang string `json:"lang"`
	Zone string `json:"zone"`
}

func (s *Subscription) asked() asked {
	x := asked{s.Settings, s.Lang, s.Zone}
	if s.anyLang {
		x.Lang = ""
	}
	if s.anyZone {
		x.Zone = ""
	}
	return x
}

func (s *Subscription) apply(x asked) {
	s.Settings, s.Lang, s.Zone = x.Settings.normal(), or(x.Lang, s.Lang), or(x.Zone, s.Zone)
}

// set is a list without blanks and duplicates, in order; never nil.
func set(list []string) []string {
	out := []string{}
	for _, s := range list {
		if s = oneLine(s, maxEntry); s != "" {
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
