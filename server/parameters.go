package server

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"veille/internal/levenshtein"
)

// A parameter that an address does not take is a slip, as a rule: "asof=2020"
// for as_of would give today's answer to who asked for that of another day. So
// it is refused, with the one that is most like it. Only the API refuses what is
// like none of its own: others put parameters of theirs into the addresses of
// pages, feeds and files.

// The parameters of a search, of a trace, and of lists of changes.
var (
	searchTakes  = []string{"q", "as_of", "from", "until", "lang", "source", "kind", "jurisdiction", "topic", "document", "all", "exact", "past", "grouped", "sort", "limit", "offset", "cursor", "calendar"}
	traceTakes   = []string{"q", "lang", "source", "exact", "without", "all", "offset", "document", "replaced", "table", "excel"}
	changesTakes = []string{"since", "until", "source", "topic", "sense", "lang", "min_weight", "before"}
	figuresTakes = []string{"q", "url", "lang", "source", "exact", "offset", "excel"}
	exportTakes  = slices.Concat(searchTakes, traceTakes, changesTakes, []string{"url", "page", "version", "change", "trace", "raw", "excel", "at", "block", "as"}) // as: see docs/api.md, ReplayWeb.page
)

// takenBy are the parameters that addresses take, beside ui; those of other
// routes are not looked at.
func takenBy() map[string][]string {
	return map[string][]string{
		"GET /{$}": changesTakes, "GET /changes.atom": changesTakes, "GET /changes.json": changesTakes,
		"GET /calendar.ics": append([]string{"q"}, changesTakes...),
		"GET /search":       searchTakes, "GET /search.atom": searchTakes, "GET /search.json": searchTakes,
		"GET /trace": traceTakes, "GET /trace.csv": traceTakes, "GET /trace.atom": traceTakes, "GET /trace.json": traceTakes,
		"GET /figures": figuresTakes, "GET /figures.csv": figuresTakes,
		"GET /drift.atom": {"source", "since", "days"}, "GET /drift.json": {"source", "since", "days"},
		"GET /topics.atom": {}, "GET /topics.json": {},
		"GET /sources": {"jurisdiction"}, "GET /sources.atom": {"jurisdiction"}, "GET /sources.json": {"jurisdiction"},
		"GET /blame":   {"url", "at"},
		"GET /collate": {"url", "version", "all", "same", "offset"},
		"GET /change":  {"from", "to"}, "GET /cite/{name}": {"block"},
		"GET /export/{name}": exportTakes, "GET /export/{what}/{name}": exportTakes,
	}
}

// asTaken is the request without parameters that its page does not take, and
// may pass over. Its error is an *[InputError].
func (w *web) asTaken(r *http.Request) (*http.Request, error) {
	takes, ok := w.takes[r.Pattern]
	if !ok || r.URL.RawQuery == "" {
		return r, nil
	}
	query, dropped := r.URL.Query(), false
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if name == "ui" || slices.Contains(takes, name) {
			continue
		}
		if likest(name, takes) != "" {
			return r, unknownParameter(name, takes)
		}
		query.Del(name)
		dropped = true
	}
	if dropped {
		r = r.Clone(r.Context())
		r.URL.RawQuery = query.Encode()
	}
	return r, nil
}

// unknownParameter says what is taken instead.
func unknownParameter(name string, takes []string) *InputError {
	if like := likest(name, takes); like != "" {
		return &InputError{quote(name), "there is no such parameter here", "perhaps " + like + " is meant"}
	}
	if len(takes) == 0 {
		return &InputError{quote(name), "there is no such parameter here", "leave it out"}
	}
	return &InputError{quote(name), "there is no such parameter here", "this address takes " + strings.Join(slices.Compact(slices.Sorted(slices.Values(takes))), ", ")}
}

// otherNames are what parameters are called elsewhere, here too.
var otherNames = map[string][]string{"since": {"from"}, "from": {"since"}, "to": {"until"}, "before": {"until"}, "date": {"as_of", "at", "since"}, "day": {"as_of", "at", "since"},
	"at": {"as_of"}, "as_of": {"at"}, "query": {"q"}, "phrase": {"q"}, "text": {"q"}, "search": {"q"}, "form": {"from"}, "language": {"lang"}, "weight": {"min_weight"}, "page": {"offset"}}

// likest is the parameter that is most like a name, "" if none is.
func likest(name string, takes []string) string {
	plain := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
	if len(plain) > 40 {
		return ""
	}
	for _, other := range otherNames[plain] {
		if slices.Contains(takes, other) {
			return other
		}
	}
	best, least := "", 2+len(plain)/5 // so far apart are no longer alike
	for _, t := range takes {
		if d := levenshtein.Distance(plain, strings.ReplaceAll(t, "_", "")); d < least && d < max(len(plain), len(t)) {
			best, least = t, d
		}
	}
	return best
}

// onlyKnown refuses parameters that an operation of the API does not take.
func onlyKnown(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		var takes []string
		for _, p := range ctx.Operation().Parameters {
			if p.In == "query" {
				takes = append(takes, p.Name)
			}
		}
		at := ctx.URL()
		query, err := url.ParseQuery(at.RawQuery)
		if err != nil {
			refuse(api, ctx, &InputError{"address", "the part after the question mark cannot be read", "write a % that is not part of a code as %25, and a ; as %3B"})
			return
		}
		for _, name := range slices.Sorted(maps.Keys(query)) {
			if !slices.Contains(takes, name) {
				refuse(api, ctx, unknownParameter(name, takes))
				return
			}
		}
		next(ctx)
	}
}

// refuse answers a request to the API that is wrong.
func refuse(api huma.API, ctx huma.Context, e *InputError) {
	// What cannot be written has no reader any more.
	_ = huma.WriteErr(api, ctx, http.StatusBadRequest, e.Error(), &huma.ErrorDetail{Location: "query." + strings.Trim(e.Where, `"`), Message: e.What + "; " + e.Do})
}

// spelledOut says in the detail of a problem what is wrong and where, as who repeats
// nothing else needs it: by itself it says "validation failed".
func spelledOut(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok || m.Status != http.StatusUnprocessableEntity || m.Detail != "validation failed" {
		return v, nil
	}
	var said []string
	for _, e := range m.Errors {
		_, where, _ := strings.Cut(e.Location, ".")
		said = append(said, or(where, e.Location)+": "+e.Message)
	}
	m.Detail = strings.Join(said, "; ")
	return m, nil
}
