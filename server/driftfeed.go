package server

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// driftDays is the most days that a translation may be given.
const driftDays = 3650

// driftFeed is "/drift.atom" and "/drift.json": changes that a language twin of
// the page has not followed, the newest first, each with the passage of the twin
// that still says what stood before. An entry is dated by when the twin's time was
// over. ?source= (repeated), ?since= and ?days= choose as in [Documents.Drift].
func (w *web) driftFeed(rw http.ResponseWriter, r *http.Request) error {
	_, kind := twin(r.URL.Path)
	in := r.URL.Query()
	q := DriftQuery{Sources: list(in["source"])}
	var err error
	if q.Since, err = ParseTime("since", in.Get("since"), false); err != nil {
		return err
	}
	if s := in.Get("days"); s != "" {
		days, err := strconv.Atoi(s)
		if err != nil || days < 0 || days > driftDays {
			return &InputError{"days", quote(s) + " is not a number of days", fmt.Sprintf("use one from 0 to %d; 0 is the usual time", driftDays)}
		}
		q.Lag = time.Duration(days) * 24 * time.Hour
	}
	doc, err := w.docs.Drift(r.Context(), q)
	if err != nil {
		return err
	}
	lag := q.Lag
	if lag == 0 {
		lag = DefaultDrift
	}
	lang, base := must(choose(r)), w.baseURL(r)
	t := w.tongues[lang]
	f := &feed{id: w.tag(r, "drift?"+without(in, "ui").Encode()), title: "Veille – " + t.T("feed.drift"), lang: lang, page: base + "/", self: base + r.URL.RequestURI()}
	for _, x := range doc.Drifts[:min(len(doc.Drifts), feedSize)] {
		f.items = append(f.items, item{
			id: w.tag(r, fmt.Sprintf("drift/%s/%d", x.Change.ID, x.Twin.Version)), link: base + x.Change.Link, via: x.TwinURL,
			title: t.T("drift.title", x.Title, t.T("lang."+x.TwinLang)), summary: driftText(t, &x), lang: lang,
			time: x.Seen.Seen.By.Add(lag), tags: []string{"drift", x.Source, x.Lang, x.TwinLang},
		})
	}
	return w.sendFeed(rw, r, kind, f)
}

// driftFeeds are the links to the feeds of drifts, with labels that tell them
// from those of the page they stand on.
func driftFeeds(t *tongue) []feedLink {
	title := t.T("feed.drift")
	return []feedLink{
		{atomKind, t.T("feed.atom"), title, "/drift.atom"},
		{jsonKind, t.T("feed.json"), title, "/drift.json"},
	}
}

// driftText is the summary of a drift with the first passage of the twin, or when
// the twin followed.
func driftText(t *tongue, x *Drift) string {
	text := x.Summary
	if x.Followed != nil {
		return text + " " + t.T("drift.followed", t.T("lang."+x.TwinLang), t.Date(x.Followed.Seen.By))
	}
	for _, p := range x.Passages {
		if p.Twin != "" {
			return text + " " + t.T("drift.still", t.T("lang."+x.TwinLang), p.Twin)
		}
	}
	return text
}
