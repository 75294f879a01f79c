package server

import (
	"context"
	"net/url"
	"slices"
	"time"

	"veille/index"
)

// A calendar shows the days on which the answer to a search became another:
// a passage that it finds came, or went.
type calendar struct {
	Months  []month
	Earlier bool // there are more, which are not shown
}

// A month is a page of a calendar, its weeks beginning on Monday.
type month struct {
	Label string
	Weeks [][7]calendarDay
}

// A calendarDay is a day of the month, 0 for none. Href leads to the answer as
// it was at the end of the day; "" where it was the same as the day before.
type calendarDay struct {
	Day        int
	Came, Went int
	Href       string
	Current    bool
}

// How many passages are looked through for a calendar, how many months it has at
// most, and after how many days that lead somewhere it begins no other month.
const (
	calendarHits   = 1000
	calendarMonths = 12
	calendarDays   = 120
)

// calendar finds the days on which the answer to a search became another.
func (w *web) calendar(ctx context.Context, t *tongue, q index.Query, query url.Values) (*calendar, error) {
	q.Past, q.AsOf, q.Sort, q.Offset, q.Limit, q.Grouped = true, time.Time{}, "newest", 0, calendarHits, false
	q.Bare = true
	doc, err := w.docs.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	came, went := map[string]int{}, map[string]int{}
	var days []string
	note := func(count map[string]int, at time.Time) {
		day := at.UTC().Format(time.DateOnly)
		if came[day]+went[day] == 0 {
			days = append(days, day)
		}
		count[day]++
	}
	for i := range doc.Hits {
		note(came, doc.Hits[i].FirstSeen.By)
		if until := doc.Hits[i].Until; until != nil {
			note(went, until.By)
		}
	}
	slices.Sort(days)
	base := without(query, "calendar", "offset", "cursor", "past", "ui")
	out := &calendar{Earlier: doc.Total > len(doc.Hits)}
	for i, day := range slices.Backward(days) {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return nil, err
		}
		label := t.T("calendar.month", at.Year(), t.months[at.Month()-1])
		if n := len(out.Months); n == 0 || out.Months[n-1].Label != label {
			if n == calendarMonths || len(days)-1-i >= calendarDays {
				out.Earlier = true
				break
			}
			out.Months = append(out.Months, month{label, weeks(at)})
		}
		d := out.Months[len(out.Months)-1].day(at.Day())
		d.Came, d.Went, d.Href, d.Current = came[day], went[day], with("/search", base, "as_of", day), query.Get("as_of") == day
	}
	return out, nil
}

// weeks are the weeks of the month of a day.
func weeks(at time.Time) [][7]calendarDay {
	first := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	column := (int(first.Weekday()) + 6) % 7
	out := make([][7]calendarDay, (column+last+6)/7)
	for n := range last {
		out[(column+n)/7][(column+n)%7].Day = n + 1
	}
	return out
}

// day is a day of the month.
func (m *month) day(n int) *calendarDay {
	for i := range m.Weeks {
		for j := range m.Weeks[i] {
			if m.Weeks[i][j].Day == n {
				return &m.Weeks[i][j]
			}
		}
	}
	return &calendarDay{}
}

// A span draws the life of a passage among those it is found with.
type span struct {
	From, To             time.Time
	Perhaps, Stood, Fate *timeBar // came between, stood, went between
}

// spans draws the lives of hits on one scale, from the first look that knew one
// of them until now.
func (w *web) spans(groups []hitGroup) {
	s := scale{to: w.now()}
	each := func(f func(*hit)) {
		for i := range groups {
			for j := range groups[i].Hits {
				f(&groups[i].Hits[j])
			}
		}
	}
	each(func(h *hit) {
		at := h.FirstSeen.By
		if !h.FirstSeen.After.IsZero() {
			at = h.FirstSeen.After
		}
		if s.from.IsZero() || at.Before(s.from) {
			s.from = at
		}
	})
	each(func(h *hit) {
		h.Span = &span{From: s.from, To: s.to}
		if !h.FirstSeen.After.IsZero() {
			h.Span.Perhaps = s.bar(h.FirstSeen.After, h.FirstSeen.By)
		}
		end := s.to
		if h.Until != nil {
			end = h.Until.After
			h.Span.Fate = s.bar(h.Until.After, h.Until.By)
		}
		h.Span.Stood = s.bar(h.FirstSeen.By, end)
	})
}
