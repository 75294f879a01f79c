package server

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Saved searches are kept by the reader's browser and nowhere else: in a cookie
// that holds the searches themselves, no name for the reader, and that is sent to
// the pages below /saved only.

const (
	savedCookie = "saved"
	savedPath   = "/saved"
	savedFor    = 400 * 24 * time.Hour // the longest that browsers keep a cookie
	maxSearches = 20
	maxSaved    = 3800 // bytes of the cookie; browsers take 4096 with its name and attributes
	maxName     = 80   // characters of a search's name
)

// searchKeys are the parameters that a search is saved with; trace is the phrase
// of a trace, which has no q.
var searchKeys = []string{"q", "trace", "without", "lang", "source", "kind", "jurisdiction", "topic", "as_of", "from", "until", "past", "exact", "all", "document"}

// A savedSearch is a search that a reader wants to come back to.
type savedSearch struct {
	Query  string `json:"q"` // parameters, as in an address
	Name   string `json:"n,omitempty"`
	Looked int64  `json:"l"`           // when its reader looked last; Unix seconds
	Mark   int64  `json:"m,omitempty"` // when the newest passage began that was there then; Unix milliseconds, 0 for none
}

// id names a search in forms: the same for the same search.
func (s *savedSearch) id() string {
	h := fnv.New64a()
	h.Write([]byte(s.Query))
	return strconv.FormatUint(h.Sum64(), 36)
}

// label is what the search is called: by its reader, or by what it looks for.
func (s *savedSearch) label() string {
	if s.Name != "" {
		return s.Name
	}
	values, _ := url.ParseQuery(s.Query)
	if q := or(values.Get("q"), values.Get("trace")); q != "" {
		return headed(q)
	}
	return headed(s.Query)
}

// page is where what was saved is found anew: of a search or of a trace.
func (s *savedSearch) page() (path string, query url.Values) {
	values := searchValues(s.Query)
	if values.Has("trace") {
		return "/trace", tracedValues(values)
	}
	return "/search", values
}

// searchValues are the parameters of a search in an address, without those that
// are not of the search; nil if nothing is left.
func searchValues(query string) url.Values {
	all, err := url.ParseQuery(query)
	if err != nil {
		return nil
	}
	out := url.Values{}
	for _, key := range searchKeys {
		values := list(all[key])
		if key == "q" || key == "trace" || key == "document" {
			values = nil
			if v := strings.TrimSpace(all.Get(key)); v != "" && utf8.ValidString(v) {
				values = []string{v}
			}
		}
		if len(values) > 0 {
			out[key] = values
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// readSaved reads the searches that a browser keeps. What is none is left out:
// anybody may write anything into a cookie of their own.
func readSaved(r *http.Request) []savedSearch {
	c, err := r.Cookie(savedCookie)
	if err != nil || len(c.Value) > maxSaved {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return nil
	}
	var kept []savedSearch
	if json.Unmarshal(text, &kept) != nil {
		return nil
	}
	kept = kept[:min(len(kept), maxSearches)]
	for i := range kept {
		kept[i].Query, kept[i].Name = searchValues(kept[i].Query).Encode(), savedName(kept[i].Name)
	}
	return slices.DeleteFunc(kept, func(s savedSearch) bool { return s.Query == "" })
}

// savedName is a name that a reader gives to a search, on one line and short.
func savedName(name string) string {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " ")
	if r := []rune(name); len(r) > maxName {
		name = string(r[:maxName])
	}
	return name
}

// keepSaved has the browser keep searches, or forget all of them. It is false if
// they are too many or too long, and then changes nothing.
func (w *web) keepSaved(rw http.ResponseWriter, kept []savedSearch) (bool, error) {
	c := &http.Cookie{Name: savedCookie, Path: savedPath, MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: w.base != nil && w.base.Scheme == "https"}
	if len(kept) > 0 {
		text, err := json.Marshal(kept)
		if err != nil {
			return false, fmt.Errorf("keep searches: %w", err)
		}
		c.Value, c.MaxAge = base64.RawURLEncoding.EncodeToString(text), int(savedFor.Seconds())
	}
	if len(kept) > maxSearches || len(c.Value) > maxSaved {
		return false, nil
	}
	http.SetCookie(rw, c)
	return true, nil
}
