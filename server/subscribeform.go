package server

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"veille/digest"
	"veille/index"
)

// A subscribeForm is what the form to subscribe, or to change a subscription,
// is filled with.
type subscribeForm struct {
	Error, Wrong                                string // what is wrong, and with which field
	Query, Documents, Passage, Name, Note, At   string
	Zone                                        string
	Topics, Sources, Jurisdictions, Kinds       []option
	Weights, Cadences, Langs, Densities         []option
	Workdays, Always                            bool
	AnySource, AnyPlace, AnyWording, AnyFurther bool // a part of the form that is not empty is open
}

// form fills the form's fields with what was asked for. What stands for nothing
// – no kinds, no weight – is shown as what it means.
func (w *web) form(v *view, req digest.Request) *subscribeForm {
	f := &subscribeForm{Query: req.Query, Documents: strings.Join(req.Documents, "\n"), Passage: req.Passage, Name: req.Name, Note: req.Note,
		At: or(req.At, digest.DefaultAt), Zone: req.Zone, Workdays: req.Workdays, Always: req.Always,
		AnySource: len(req.Sources) > 0, AnyPlace: len(req.Jurisdictions) > 0, AnyWording: req.Passage != "" || len(req.Documents) > 0}
	for _, id := range w.topics {
		f.Topics = append(f.Topics, option{Label: w.topicLabel(id, v.Lang), Value: id, Current: slices.Contains(req.Topics, id)})
	}
	for _, s := range w.Sources.Sources {
		f.Sources = append(f.Sources, option{Label: s.Label(v.Lang), Value: s.ID, Current: slices.Contains(req.Sources, s.ID)})
		if s.Jurisdiction != "" && !slices.ContainsFunc(f.Jurisdictions, func(o option) bool { return o.Value == s.Jurisdiction }) {
			f.Jurisdictions = append(f.Jurisdictions, option{Label: v.t.Of("place", s.Jurisdiction), Value: s.Jurisdiction, Current: slices.Contains(req.Jurisdictions, s.Jurisdiction)})
		}
	}
	slices.SortFunc(f.Jurisdictions, func(a, b option) int { return strings.Compare(a.Value, b.Value) })
	kinds := req.Kinds
	if len(kinds) == 0 {
		kinds = []digest.Kind{digest.KindNew, digest.KindChange}
	}
	for _, k := range digest.Kinds {
		f.Kinds = append(f.Kinds, option{Label: v.t.Of("newskind", k), Value: string(k), Current: slices.Contains(kinds, k)})
	}
	weight := req.MinWeight
	if weight <= 0 {
		weight = digest.DefaultWeight
	}
	for n := 1; n <= 5; n++ {
		f.Weights = append(f.Weights, option{Label: strconv.Itoa(n) + " – " + v.t.AtLeast(n), Value: strconv.Itoa(n), Current: n == weight})
	}
	for _, c := range []digest.Cadence{digest.Now, digest.Daily, digest.Weekly, digest.Monthly} {
		f.Cadences = append(f.Cadences, option{Label: v.t.Of("cadence", c), Value: string(c), Current: string(c) == or(string(req.Cadence), string(digest.Daily))})
	}
	for _, d := range digest.Densities {
		f.Densities = append(f.Densities, option{Label: v.t.Of("density", d), Value: string(d), Current: string(d) == or(string(req.Density), string(digest.Excerpts))})
	}
	for _, l := range Langs {
		f.Langs = append(f.Langs, option{Label: langNames[l], Value: l, Current: l == or(req.Lang, v.Lang)})
	}
	f.AnyFurther = req.Name != "" || req.Note != "" || req.Workdays || req.Always || f.At != digest.DefaultAt || req.Zone != "" ||
		or(string(req.Density), string(digest.Excerpts)) != string(digest.Excerpts) || !slices.Equal(kinds, []digest.Kind{digest.KindNew, digest.KindChange})
	return f
}

// wrongSearch is what is wrong with a search to be watched, nil if nothing is.
// One that can never find anything would be silent for ever.
func (w *web) wrongSearch(ctx context.Context, text string) (wrong *index.QueryError) {
	if _, err := index.Compile(text, w.Thesaurus); errors.As(err, &wrong) || w.Index == nil {
		return wrong
	}
	errors.As(w.Index.Check(ctx, index.Query{Text: text}), &wrong)
	return wrong
}

// checkSearch refuses a request for a search that can never find anything.
func (w *web) checkSearch(ctx context.Context, req digest.Request) error {
	if wrong := w.wrongSearch(ctx, req.Query); wrong != nil {
		return digest.RefuseSearch(wrong)
	}
	return nil
}

// refused says in this language what is wrong with a request, and what to do.
func (t *tongue) refused(err *digest.RequestError) string {
	var query *index.QueryError
	if errors.As(err, &query) {
		return t.reason(query) + " (" + t.T("search.character", query.Character) + ")"
	}
	args := make([]any, len(err.Args))
	for i, a := range err.Args {
		args[i] = a
	}
	return t.T("refused."+err.Code, args...)
}

// wrong puts an error beside the field it is about.
func (f *subscribeForm) wrong(t *tongue, err *digest.RequestError) {
	f.Error, f.Wrong = t.refused(err), err.Field
	f.AnySource = f.AnySource || err.Field == "sources"
	f.AnyWording = f.AnyWording || err.Field == "documents" || err.Field == "passage"
	f.AnyFurther = f.AnyFurther || slices.Contains([]string{"name", "note", "at", "zone", "kinds", "density"}, err.Field)
}

// formRequest reads the form, or the parameters that fill it in. A weight that is
// none is one that package digest refuses.
func formRequest(f url.Values) digest.Request {
	weight, err := parseNumber("min_weight", f.Get("min_weight"), 0, 0, 5)
	if err != nil {
		weight = -1
	}
	req := digest.Request{Email: f.Get("email"), Lang: f.Get("lang"), Zone: f.Get("zone"),
		Filter: digest.Filter{Query: f.Get("query"), Topics: list(f["topics"]), Sources: list(f["sources"]), Jurisdictions: list(f["jurisdictions"]),
			Documents: strings.Fields(strings.Join(f["documents"], "\n")), Passage: f.Get("passage"), MinWeight: weight},
		Settings: digest.Settings{Name: f.Get("name"), Note: f.Get("note"), Cadence: digest.Cadence(f.Get("cadence")), At: f.Get("at"),
			Workdays: f.Get("workdays") != "", Density: digest.Density(f.Get("density")), Always: f.Get("always") != ""}}
	for _, k := range list(f["kinds"]) {
		req.Kinds = append(req.Kinds, digest.Kind(k))
	}
	return req
}

// asker is who makes a request: the other end of the connection or, if that is
// a web server of our own before us, whom it names last. The zero value stands
// for this machine.
func asker(remote, forwarded string) netip.Addr {
	end, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	from := end.Addr().Unmap()
	if !from.IsLoopback() && !from.IsPrivate() {
		return from
	}
	last := forwarded[strings.LastIndexByte(forwarded, ',')+1:]
	if named, err := netip.ParseAddr(strings.TrimSpace(last)); err == nil {
		return named.Unmap()
	}
	return from
}

func askerOf(r *http.Request) netip.Addr {
	return asker(r.RemoteAddr, strings.Join(r.Header.Values("X-Forwarded-For"), ","))
}
