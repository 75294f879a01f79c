package server

import (
	"fmt"
	"math"
	"slices"
	"time"

	"veille/archive"
)

// A timeline is a picture of the wordings of a page and of the looks at it: a
// bar for each wording, hatched where it may or may not have stood, ticks for
// looks, and bands where nothing could be seen. All places are in percent of
// its width. Whoever shows one shows the same facts as a list or a table.
type timeline struct {
	From, To time.Time
	Bars     []timeBar
	Dots     []timeDot
	Ticks    []timeTick
	Gaps     []timeBar
	Axis     []timeLabel
}

// A timeBar goes from X for Width. Perhaps is the hatched part of a wording;
// Odd tells neighbours apart.
type timeBar struct {
	X, Width     string
	Perhaps, Odd bool
	Chosen       bool
	Title        string
}

// A timeDot is where a wording was first seen; its link leads to it.
type timeDot struct {
	X           string
	Href, Title string
	Gone        bool
	Chosen      bool
}

type timeTick struct {
	X   string
	Bad bool
}

type timeLabel struct{ X, Text string }

// scale turns times into percent.
type scale struct{ from, to time.Time }

func (s scale) at(t time.Time) float64 {
	whole := s.to.Sub(s.from)
	if whole <= 0 {
		return 0
	}
	return math.Max(0, math.Min(100, 100*float64(t.Sub(s.from))/float64(whole)))
}

func percent(x float64) string { return fmt.Sprintf("%.2f%%", x) }

// bar is nil if it would be empty.
func (s scale) bar(from, to time.Time) *timeBar {
	a, b := s.at(from), s.at(to)
	if b <= a {
		return nil
	}
	return &timeBar{X: percent(a), Width: percent(math.Max(b-a, .15))}
}

// maxTicks is how many looks a timeline tells apart.
const maxTicks = 200

// newTimeline draws wordings, oldest first, and looks, newest first, up to a
// time; nil if there is nothing to draw. chosen are emphasised.
func newTimeline(t *tongue, versions []*archive.Version, looks []archive.Look, until time.Time, chosen ...archive.Seq) *timeline {
	if len(versions) == 0 {
		return nil
	}
	from := versions[0].Seen.By
	if n := len(looks); n > 0 && looks[n-1].Time.Before(from) {
		from = looks[n-1].Time
	}
	if !until.After(from) {
		until = from.Add(time.Hour)
	}
	s := scale{from, until}
	out := &timeline{From: from, To: until}
	for i, v := range versions {
		out.wording(t, s, v, i%2 == 1, slices.Contains(chosen, v.ID))
	}
	if last := versions[len(versions)-1]; last.Until != nil { // what came after it is not drawn
		if b := s.bar(last.Until.After, last.Until.By); b != nil {
			b.Perhaps, b.Title = true, t.Until(last.Until)
			out.Bars = append(out.Bars, *b)
		}
	}
	out.looks(s, looks)
	out.axis(t, s)
	return out
}

// wording draws one wording: solid while it is known to have stood, hatched in
// the interval in which it came.
func (l *timeline) wording(t *tongue, s scale, v *archive.Version, odd, chosen bool) {
	title := t.T("wording.n", v.Number) + ", " + t.Seen(v.Seen)
	if !v.Seen.After.IsZero() {
		if b := s.bar(v.Seen.After, v.Seen.By); b != nil {
			b.Perhaps, b.Chosen, b.Title = true, chosen, title
			l.Bars = append(l.Bars, *b)
		}
	}
	end := s.to
	if v.Until != nil {
		end = v.Until.After
	}
	if b := s.bar(v.Seen.By, end); b != nil && !v.Gone {
		b.Odd, b.Chosen, b.Title = odd, chosen, title
		l.Bars = append(l.Bars, *b)
	}
	l.Dots = append(l.Dots, timeDot{X: percent(s.at(v.Seen.By)), Href: fmt.Sprintf("/v/%d", v.ID), Title: title, Gone: v.Gone, Chosen: chosen})
}

// looks draws ticks, those that would cover each other once, and bands from
// the first look that brought nothing to the next that did.
func (l *timeline) looks(s scale, looks []archive.Look) {
	last := -1
	var bad time.Time // since when nothing could be seen
	for _, k := range slices.Backward(looks) {
		x := s.at(k.Time)
		fails := troubled(k)
		if step := int(x * maxTicks / 100); step != last || fails && bad.IsZero() {
			l.Ticks = append(l.Ticks, timeTick{percent(x), fails})
			last = step
		}
		switch {
		case fails && bad.IsZero():
			bad = k.Time
		case !fails && !bad.IsZero():
			l.gap(s, bad, k.Time)
			bad = time.Time{}
		}
	}
	if !bad.IsZero() {
		l.gap(s, bad, s.to)
	}
}

func (l *timeline) gap(s scale, from, to time.Time) {
	if b := s.bar(from, to); b != nil {
		l.Gaps = append(l.Gaps, *b)
	}
}

// troubled reports whether a look brought neither the page nor the news that
// it is gone.
func troubled(k archive.Look) bool {
	switch k.Class {
	case archive.Content, archive.Gone, archive.Moved:
		return false
	case "":
		return k.Err != "" && !k.Unchanged
	}
	return !k.Unchanged
}

// axis writes years, months or days, whichever gives three to eight labels.
func (l *timeline) axis(t *tongue, s scale) {
	days := s.to.Sub(s.from).Hours() / 24
	switch {
	case days > 3*365:
		step := max(1, int(math.Ceil(days/365/8)))
		for y := s.from.Year() + 1; y <= s.to.Year(); y++ {
			if y%step == 0 {
				l.label(s, time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC), fmt.Sprint(y))
			}
		}
	case days > 75:
		step := max(1, int(math.Ceil(days/30/8)))
		at := time.Date(s.from.Year(), s.from.Month(), 1, 0, 0, 0, 0, time.UTC)
		for at = at.AddDate(0, 1, 0); at.Before(s.to); at = at.AddDate(0, step, 0) {
			l.label(s, at, t.T("axis.month", at.Year(), t.months[at.Month()-1]))
		}
	case days >= 2:
		step := max(1, int(math.Ceil(days/7)))
		at := s.from.UTC().Truncate(24 * time.Hour)
		for at = at.AddDate(0, 0, 1); at.Before(s.to); at = at.AddDate(0, 0, step) {
			l.label(s, at, t.T("axis.day", t.months[at.Month()-1], at.Day()))
		}
	}
}

// label leaves out what would stand beyond an edge.
func (l *timeline) label(s scale, at time.Time, text string) {
	if x := s.at(at); x >= 4 && x <= 96 {
		l.Axis = append(l.Axis, timeLabel{percent(x), text})
	}
}
