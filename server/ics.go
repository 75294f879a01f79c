package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"

	"veille/archive"
	"veille/diff"
	"veille/extract"
	"veille/index"
)

// icsKind is the media type of RFC 5545; icsChanges is how many changes are
// looked through for dates.
const (
	icsKind    = "text/calendar"
	icsChanges = 300
)

// A dated is a day that a change brought.
type dated struct {
	day    string   // "2026-03-12"
	texts  []string // the sentences that give it
	force  bool     // the page is in force from that day
	change *ChangeDocument
}

// icsFeed is "/calendar.ics": the dates and deadlines that changes brought, as
// iCalendar (RFC 5545), with the filters of "/". With ?q= only those whose new
// text, with the title and the headings above it, is found by the search. A day
// is told that the change first gives, and that had not passed when the change
// was seen; and the day from which a page is in force now, whenever that is. An
// event's UID is of the change and the day, and stays.
func (w *web) icsFeed(rw http.ResponseWriter, r *http.Request) error {
	in := r.URL.Query()
	q, err := changesQuery(in)
	if err != nil {
		return err
	}
	var match *index.Matcher
	if s := in.Get("q"); s != "" {
		if match, err = index.Compile(s, w.Thesaurus); err != nil {
			return fmt.Errorf("calendar: %w", err)
		}
	}
	lang := must(choose(r))
	q.UILang = lang
	changes, err := w.newest(r, q, icsChanges, w.docs.Change)
	if err != nil {
		return err
	}
	var days []*dated
	for _, c := range changes {
		list, err := w.docs.datesOf(r.Context(), c, match)
		if err != nil {
			return err
		}
		days = append(days, list...)
	}
	rw.Header().Set("Cache-Control", "public, max-age=300")
	rw.Header().Add("Vary", "Accept-Language, Cookie")
	rw.Header().Set("Content-Language", lang)
	return w.send(rw, r, icsKind+"; charset=utf-8", []byte(w.icsOf(r, w.tongues[lang], days)))
}

// datesOf are the days that a change brought, in order. match is nil for all.
func (d *Documents) datesOf(ctx context.Context, c *ChangeDocument, match *index.Matcher) ([]*dated, error) {
	seen := c.To.Seen.By.UTC().Format(time.DateOnly)
	by := map[string]*dated{}
	note := func(day, text string) *dated {
		x := by[day]
		if x == nil {
			x = &dated{day: day, change: c}
			by[day] = x
		}
		if text = clip(strings.Join(strings.Fields(text), " "), 300); text != "" && !slices.Contains(x.texts, text) {
			x.texts = append(x.texts, text)
		}
		return x
	}
	to, err := d.Archive.Version(ctx, c.To.Version)
	if err != nil {
		return nil, fmt.Errorf("change %s: %w", c.ID, err)
	}
	for _, e := range wordings(c, to) {
		if e.Role == archive.Boilerplate || match != nil && !match.Match(c.Lang, c.Title+"\n"+strings.Join(e.Path, "\n")+"\n"+e.After) {
			continue
		}
		had := daysIn(c.Lang, e.Before)
		for day, text := range daysIn(c.Lang, e.After) {
			if _, ok := had[day]; !ok && day >= seen {
				note(day, text)
			}
		}
	}
	if match == nil || len(by) > 0 {
		day, err := d.newlyInForce(ctx, c, to)
		if err != nil {
			return nil, err
		}
		if day != "" {
			note(day, "").force = true
		}
	}
	var list []*dated
	for _, x := range by {
		list = append(list, x)
	}
	slices.SortFunc(list, func(a, b *dated) int { return strings.Compare(a.day, b.day) })
	return list, nil
}

// daysIn are the whole dates of a text, each with its sentence; not those that
// stand by themselves, as the day of a notice does: nothing is said of them.
func daysIn(lang, text string) map[string]string {
	out := map[string]string{}
	for _, f := range diff.Figures(lang, text) {
		if f.Kind != "date" || !strings.ContainsFunc(f.What, unicode.IsLetter) {
			continue
		}
		for day := range strings.SplitSeq(f.Value, ", ") {
			if _, err := time.Parse(time.DateOnly, day); err == nil && out[day] == "" {
				out[day] = strings.Replace(f.What, "…", f.Text, 1)
			}
		}
	}
	return out
}

// wordings are what a change put in, with what stood before: its edits, and of a
// page that appeared all of its text.
func wordings(c *ChangeDocument, to *archive.Version) []diff.Edit {
	if c.From != nil {
		return c.Edits
	}
	out := make([]diff.Edit, len(to.Blocks))
	for i := range to.Blocks {
		b := &to.Blocks[i]
		out[i] = diff.Edit{Path: b.Path, After: b.Text, Role: b.Role}
	}
	return out
}

// newlyInForce is the day from which the page is in force since a change, ""
// if the change is not about that.
func (d *Documents) newlyInForce(ctx context.Context, c *ChangeDocument, to *archive.Version) (string, error) {
	day := extract.InForce(to)
	if _, err := time.Parse(time.DateOnly, day); err != nil || c.From == nil {
		return "", nil // what a publisher calls a date may be none
	}
	from, err := d.Archive.Version(ctx, c.From.Version)
	if err != nil {
		return "", fmt.Errorf("change %s: %w", c.ID, err)
	}
	if extract.InForce(from) == day {
		return "", nil
	}
	return day, nil
}

// icsOf writes days as a calendar.
func (w *web) icsOf(r *http.Request, t *tongue, days []*dated) string {
	base := w.baseURL(r)
	host := "localhost"
	if u, err := url.Parse(base); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	cal := ics.NewCalendarFor("Veille")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName("Veille – " + t.T("feed.dates"))
	for _, x := range days {
		day, err := time.Parse(time.DateOnly, x.day)
		if err != nil {
			continue // dates are checked where they are read
		}
		c := x.change
		e := cal.AddEvent(fmt.Sprintf("change-%s-%s@%s", strings.Replace(c.ID, "..", "-", 1), day.Format("20060102"), host))
		e.SetDtStampTime(c.To.Seen.By.UTC())
		e.SetAllDayStartAt(day)
		e.SetTimeTransparency(ics.TransparencyTransparent)
		texts := x.texts
		if x.force {
			texts = append([]string{t.T("ics.force")}, texts...)
		}
		e.SetSummary(clip(texts[0]+" – "+c.Title, 200))
		e.SetDescription(strings.Join(texts, "\n") + "\n" + c.Summary + "\n" + c.URL + "\n" + base + c.Link)
		e.SetURL(base + c.Link)
		for _, s := range c.Senses {
			e.AddCategory(s)
		}
	}
	return cal.Serialize(ics.WithNewLineWindows)
}

// icsLink leads to the dates of a list.
func icsLink(t *tongue, query url.Values) feedLink {
	path := "/calendar.ics"
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return feedLink{icsKind, t.T("feed.ics"), t.T("feed.dates"), path}
}

// only are some of the values of a query.
func only(query url.Values, keys ...string) url.Values {
	out := url.Values{}
	for _, k := range keys {
		if v := query[k]; len(v) > 0 && v[0] != "" {
			out[k] = v
		}
	}
	return out
}
