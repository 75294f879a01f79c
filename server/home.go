package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"veille/archive"
)

// How much one page of the list shows, and how many steps are looked at for it.
const (
	homeChanges = 40
	homeSteps   = 1000
	homeHidden  = 20 // of one day, by name
)

type homePage struct {
	Pages, Sources int
	LastLook       time.Time
	Filters        []filter
	Filtered       bool
	Hint           string
	Days           []*day
	Newer, Older   string
	Hidden         int    // changes on this page of the list that weigh too little
	HiddenKey      string // the message that counts them
	AllHref        string // where they are shown
	SubscribeHref  string // the form, filled in with what is chosen
}

// A filter is a list of links, of which one is chosen.
type filter struct {
	Label, Chosen string
	Options       []option
}

type option struct {
	Label, Value, Href string
	Current            bool
}

// A day is what was first seen on it.
type day struct {
	Date, Weekday, Label string
	Changes              []*ChangeDocument
	Hidden               []hiddenChange // the first of HiddenCount
	HiddenCount          int
	More                 string
}

type hiddenChange struct {
	ID, Title, Lang, Source string
	Senses                  []string
}

// home is the list of what changed: "/".
func (w *web) home(rw http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	q, err := changesQuery(query)
	if err != nil {
		return err
	}
	v := w.view(rw, r, "home")
	q.UILang = v.Lang
	stats, err := w.stats.of(r.Context(), w.Archive)
	if err != nil {
		return err
	}
	p := &homePage{Pages: int(stats.Pages), Sources: len(w.Sources.Sources), LastLook: stats.LastCapture}
	if err := w.days(r, q, v.t, query, p); err != nil {
		return err
	}
	for _, d := range p.Days {
		p.Hidden += d.HiddenCount
	}
	p.AllHref, p.HiddenKey = with("/", without(query, "ui"), "min_weight", "0"), "home.hidden"
	if q.MinWeight > DefaultWeight {
		p.HiddenKey = "home.lighter"
	}
	p.Filters = w.filters(v.t, query)
	for _, key := range []string{"source", "topic", "sense", "lang", "min_weight", "since", "until"} {
		p.Filtered = p.Filtered || query.Get(key) != ""
	}
	p.SubscribeHref = "/subscribe?" + subscribing(query).Encode()
	p.Hint = period(v.t, q)
	if query.Get("before") != "" {
		p.Newer = with("/", query, "before", "")
	}
	v.Title, v.Page = "Veille – "+v.t.T("home.title"), p
	if v.Description = v.t.T("home.lead.none"); p.Pages > 0 {
		v.Description = v.t.T("home.lead", v.t.N("pages", p.Pages), v.t.N("sources", p.Sources))
	}
	v.NoIndex = len(query) > 0
	if w.base != nil {
		v.Canonical = w.base.String() + "/"
	}
	feedQuery := url.Values{}
	for _, key := range []string{"source", "topic", "sense", "lang", "min_weight"} {
		if query.Get(key) != "" {
			feedQuery[key] = query[key]
		}
	}
	v.Feeds = append(w.feeds(v.t, v.t.T("feed.changes"), "/changes", feedQuery), icsLink(v.t, feedQuery))
	v.Beside = driftFeeds(v.t)
	return w.render(rw, r, http.StatusOK, "home.html", v)
}

// keptStats are the figures of an archive in the state that they were asked for
// last: to count everything takes longer than all else of a page. The zero value
// is ready, and may be used concurrently.
type keptStats struct {
	mu       sync.Mutex // guards all fields
	known    bool
	revision uint64
	stats    archive.Stats
}

func (k *keptStats) of(ctx context.Context, a *archive.Archive) (archive.Stats, error) {
	revision := a.Revision("")
	k.mu.Lock()
	stats, same := k.stats, k.known && k.revision == revision
	k.mu.Unlock()
	if same {
		return stats, nil
	}
	stats, err := a.Stats(ctx)
	if err != nil {
		return stats, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known, k.revision, k.stats = true, revision, stats
	return stats, nil
}

// subscribing is what of a choice of changes can be subscribed to. A sense, a
// language and a period are no sides of a subscription: the first two are
// searched for.
func subscribing(query url.Values) url.Values {
	form := url.Values{}
	for from, to := range map[string]string{"source": "sources", "topic": "topics", "min_weight": "min_weight"} {
		if v := query.Get(from); v != "" && v != "0" {
			form.Set(to, v)
		}
	}
	var words []string
	for _, field := range []string{"sense", "lang"} {
		if v := query.Get(field); v != "" {
			words = append(words, field+":"+v)
		}
	}
	if len(words) > 0 {
		form.Set("query", strings.Join(words, " "))
	}
	return form
}

// changesQuery reads what the pages, feeds and API call the filters of changes.
func changesQuery(query url.Values) (q ChangesQuery, err error) {
	if q.Since, err = ParseTime("since", query.Get("since"), false); err != nil {
		return q, err
	}
	if q.Until, err = ParseTime("until", query.Get("until"), true); err != nil {
		return q, err
	}
	if q.MinWeight, err = parseNumber("min_weight", query.Get("min_weight"), DefaultWeight, 0, 5); err != nil {
		return q, err
	}
	if before := query.Get("before"); before != "" {
		number, ok := parseSeq(before)
		if !ok || number < 1 {
			return q, &InputError{"before", quote(before) + " is not the number of a version", "follow the links at the end of the list"}
		}
		q.Before = number
	}
	q.Sources, q.Topics, q.Senses = list(query["source"]), list(query["topic"]), list(query["sense"])
	q.Lang = query.Get("lang")
	return q, nil
}

// days fills the list, one page of it.
func (w *web) days(r *http.Request, q ChangesQuery, t *tongue, query url.Values, p *homePage) error {
	var today *day
	var last archive.Seq
	shown, steps := 0, 0
	g := w.docs.grouper(q.UILang, w.docs.listed)
	err := w.docs.each(r.Context(), q, func(s archive.Step, h head) (bool, error) {
		if shown == homeChanges || steps == homeSteps {
			p.Older = with("/", query, "before", strconv.FormatInt(int64(last), 10))
			return false, nil
		}
		steps++
		last = s.To
		if date := s.Time.UTC().Format(time.DateOnly); today == nil || today.Date != date {
			at := s.Time.UTC()
			today = &day{Date: date, Weekday: t.weekdays[at.Weekday()], Label: t.Date(at)}
			p.Days = append(p.Days, today)
		}
		if h.weight < q.MinWeight {
			return true, w.hide(r, s, h, today, query)
		}
		if folded, err := g.folded(r.Context(), s, h); err != nil || folded {
			return err == nil, err
		}
		c, err := w.docs.listed(r.Context(), s.From, s.To, q.UILang)
		if err != nil {
			return false, err
		}
		if err := g.listed(r.Context(), s, h, c); err != nil {
			return false, err
		}
		shown++
		today.Changes = append(today.Changes, c)
		return true, nil
	})
	return err
}

// hide counts a change that weighs too little, and names it if it is one of
// the day's first.
func (w *web) hide(r *http.Request, s archive.Step, h head, d *day, query url.Values) error {
	d.HiddenCount++
	if len(d.Hidden) == homeHidden {
		d.More = with("/", query, "min_weight", "0")
		return nil
	}
	v, err := w.Archive.VersionHead(r.Context(), s.To)
	if err != nil {
		return err
	}
	d.Hidden = append(d.Hidden, hiddenChange{fmt.Sprintf("%d..%d", s.From, s.To), v.Title, v.Lang, v.Source, h.senses})
	return nil
}

// filters are the lists of links above the list.
func (w *web) filters(t *tongue, query url.Values) []filter {
	base := url.Values{}
	for k, v := range query {
		if k != "before" && k != "ui" {
			base[k] = v
		}
	}
	weights := []option{{Label: t.T("filters.everything"), Value: "0"}, {Label: t.T("filters.news")}}
	for n := DefaultWeight + 1; n <= 5; n++ {
		weights = append(weights, option{Label: t.AtLeast(n), Value: strconv.Itoa(n)})
	}
	all := option{Label: t.T("filters.all")}
	sources, topics := []option{all}, []option{all}
	for _, s := range w.Sources.Sources {
		sources = append(sources, option{Label: s.Label(t.lang), Value: s.ID})
	}
	for _, id := range w.topics {
		topics = append(topics, option{Label: w.topicLabel(id, t.lang), Value: id})
	}
	kinds, langs := []option{all}, []option{all}
	for _, code := range senses {
		kinds = append(kinds, option{Label: t.Of("sense", code), Value: code})
	}
	for _, l := range Langs {
		langs = append(langs, option{Label: t.Of("lang", l), Value: l})
	}
	return []filter{
		chosen(t.T("filters.weight"), "min_weight", weights, base),
		chosen(t.T("filters.topic"), "topic", topics, base),
		chosen(t.T("filters.source"), "source", sources, base),
		chosen(t.T("filters.sense"), "sense", kinds, base),
		chosen(t.T("filters.lang"), "lang", langs, base),
	}
}

// chosen makes links of options, and marks the one that the address names.
func chosen(label, key string, options []option, query url.Values) filter {
	f := filter{Label: label, Options: options}
	now := query.Get(key)
	for i := range options {
		o := &options[i]
		o.Href, o.Current = with("/", query, key, o.Value), o.Value == now
		if o.Current {
			f.Chosen = o.Label
		}
	}
	if f.Chosen == "" {
		f.Chosen = now
	}
	return f
}

// period says in words between which times the list was cut off.
func period(t *tongue, q ChangesQuery) string {
	if q.Since.IsZero() && q.Until.IsZero() {
		return ""
	}
	from, to := "…", "…"
	if !q.Since.IsZero() {
		from = t.Stamp(q.Since)
	}
	if !q.Until.IsZero() {
		to = t.Stamp(q.Until)
	}
	return t.T("home.period", from, to)
}

// newest gives the latest changes of a query, news only, grouped, as a teller
// tells them.
func (w *web) newest(r *http.Request, q ChangesQuery, most int, tell teller) ([]*ChangeDocument, error) {
	var out []*ChangeDocument
	steps := 0
	g := w.docs.grouper(q.UILang, tell)
	err := w.docs.each(r.Context(), q, func(s archive.Step, h head) (bool, error) {
		if steps++; h.weight < q.MinWeight {
			return steps < homeSteps, nil
		}
		if folded, err := g.folded(r.Context(), s, h); err != nil || folded {
			return err == nil && steps < homeSteps, err
		}
		if len(out) == most {
			return false, nil
		}
		c, err := tell(r.Context(), s.From, s.To, q.UILang)
		if err != nil {
			return false, err
		}
		out = append(out, c)
		return steps < homeSteps, g.listed(r.Context(), s, h, c)
	})
	return slices.Clip(out), err
}
