package server

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A trace can be kept as a search can: as a feed of where its words came and
// went, among the reader's saved searches, and by mail as a search for the same
// words.

// traceFeed is "/trace.atom" and "/trace.json": where the words came and where
// they went, the latest first.
func (w *web) traceFeed(rw http.ResponseWriter, r *http.Request) error {
	_, kind := twin(r.URL.Path)
	query := without(r.URL.Query(), "ui")
	q := traceQuery(query)
	doc, err := w.docs.trace(r.Context(), q, 0)
	if err != nil {
		return err
	}
	lang := must(choose(r))
	t, base := w.tongues[lang], w.baseURL(r)
	f := &feed{id: w.tag(r, "trace?"+query.Encode()), title: "Veille – " + t.T("feed.trace", q.Phrase), lang: lang,
		page: base + with("/trace", query, "ui", ""), self: base + r.URL.RequestURI()}
	for i := range doc.Pages {
		p := &doc.Pages[i]
		for k := range p.Spans {
			s := &p.Spans[k]
			came := item{id: w.tag(r, "trace/"+spanName(s)), link: base + s.Link, via: p.URL, title: p.Title, summary: s.Left + s.Key + s.Right, lang: p.Lang,
				time: s.FirstSeen.By, tags: []string{p.Source, "came"}}
			f.items = append(f.items, came)
			if s.Gone != nil {
				went := came
				went.id, went.time, went.tags = came.id+"/gone", s.Gone.By, []string{p.Source, "gone"}
				went.title = t.T("feed.trace.gone", p.Title)
				f.items = append(f.items, went)
			}
		}
	}
	slices.SortStableFunc(f.items, func(a, b item) int { return b.time.Compare(a.time) })
	f.items = f.items[:min(len(f.items), feedSize)]
	return w.sendFeed(rw, r, kind, f)
}

// spanName names a line of a trace for as long as there is an archive: by the
// wording that brought it, and its words.
func spanName(s *TraceSpan) string {
	h := fnv.New64a()
	h.Write([]byte(s.Text))
	return fmt.Sprintf("%s/%x", strings.TrimPrefix(strings.Replace(s.Link, "#", "/", 1), "/"), h.Sum64())
}

// The most that a search for what is traced may hold: of the words and phrases
// of a search, and its bytes, as much as leaves room for more.
const (
	watchedForms = 40
	watchedBytes = 2000
)

// watched is a search for what is traced: for the phrase and the forms in which
// it stands, the most frequent first. It is "" where no search can say it.
func watched(phrase string, langs []string, forms []TraceForm) string {
	var out []string
	size := 0
	add := func(words string) {
		words = strings.Join(strings.FieldsFunc(words, func(r rune) bool { return r == '-' || r == '"' || r == ' ' }), " ")
		if one := `"` + words + `"`; words != "" && len(out) < watchedForms && size+len(one) < watchedBytes && !slices.Contains(out, one) {
			out, size = append(out, one), size+len(one)
		}
	}
	switch typed := strings.TrimSpace(phrase); {
	case strings.HasPrefix(typed, "concept:"), strings.Contains(typed, "*"):
	case strings.Contains(typed, "NEAR/"):
		if len(typed) < watchedBytes {
			out = append(out, typed)
		}
	default:
		for one := range strings.SplitSeq(typed, " OR ") {
			add(one)
		}
	}
	for i := range forms {
		if !forms[i].Off && !strings.Contains(phrase, "NEAR/") {
			add(forms[i].Form)
		}
	}
	if len(out) == 0 {
		return ""
	}
	query := strings.Join(out, " OR ")
	switch {
	case len(langs) == 1:
		return "(" + query + ") lang:" + langs[0]
	case len(langs) > 1:
		return "(" + query + ") lang:(" + strings.Join(langs, " OR ") + ")"
	}
	return query
}

// tracedValues are the parameters of the page of a saved trace.
func tracedValues(saved url.Values) url.Values {
	out := without(saved, "trace")
	out.Set("q", saved.Get("trace"))
	return out
}

// savedTrace is what is saved of a trace, as parameters.
func savedTrace(query url.Values) string {
	out := without(query, "q")
	out.Set("trace", query.Get("q"))
	return searchValues(out.Encode()).Encode()
}

// freshTrace is how many lines of a trace began after a mark, and when the newest
// of all began, in Unix milliseconds.
func (w *web) freshTrace(ctx context.Context, saved url.Values, mark int64) (fresh int, newest int64, err error) {
	doc, err := w.docs.outline(ctx, traceQuery(tracedValues(saved)), 0)
	if err != nil {
		return 0, 0, err
	}
	for i := range doc.Pages {
		for k := range doc.Pages[i].traced.Spans {
			began := doc.Pages[i].traced.Spans[k].FirstSeen.By.UnixMilli()
			newest = max(newest, began)
			if began > mark {
				fresh++
			}
		}
	}
	return fresh, newest, nil
}
