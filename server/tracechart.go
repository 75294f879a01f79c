package server

import (
	"fmt"
	"strconv"
	"time"
)

// A chart is a bar for each page over one span of time, drawn by the server.
// Its numbers are thousandths of the width.
type chart struct {
	From, To time.Time
	Rows     []chartRow
}

type chartRow struct {
	Title, Lang, Link string
	Bars              []bar
}

// A bar is a stretch in which the words stood ("stood"), may have stood
// ("perhaps": they came or went between two looks), or could not be seen ("gap").
type bar struct {
	Kind     string
	X, Width int
}

// chartOf draws some pages of a trace, in the time of all of them.
func chartOf(doc *TraceDocument, first, end int, now time.Time) *chart {
	if len(doc.Pages) == 0 {
		return nil
	}
	c := &chart{From: now, To: now}
	earlier := func(t time.Time) {
		if !t.IsZero() && t.Before(c.From) {
			c.From = t
		}
	}
	for _, p := range doc.Pages {
		earlier(p.Stands[0].FirstSeen.By)
		earlier(p.Stands[0].FirstSeen.After)
	}
	whole := max(c.To.Sub(c.From), time.Second)
	at := func(t time.Time) int { return int(1000 * max(0, min(1, t.Sub(c.From).Seconds()/whole.Seconds()))) }
	for _, p := range doc.Pages[first:end] {
		row := chartRow{Title: p.Title, Lang: p.Lang, Link: fmt.Sprintf("#p%d", p.Page)}
		add := func(kind string, from, to time.Time) {
			if x := at(from); !to.Before(from) {
				row.Bars = append(row.Bars, bar{kind, x, max(2, at(to)-x)})
			}
		}
		for _, s := range p.Stands {
			if !s.FirstSeen.After.IsZero() {
				add("perhaps", s.FirstSeen.After, s.FirstSeen.By)
			}
			if s.Gone == nil {
				add("stood", s.FirstSeen.By, c.To)
				continue
			}
			add("stood", s.FirstSeen.By, s.Gone.After)
			add("perhaps", s.Gone.After, s.Gone.By)
		}
		for _, g := range p.Gaps {
			to := g.By
			if to.IsZero() {
				to = c.To
			}
			add("gap", g.After, to)
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// columns are the timeline of a trace as a chart of columns, drawn by the
// server: one a period, as high as the phrase was frequent at its end. Its
// numbers are thousandths of the width and hundredths of the height.
type columns struct {
	Doc   *TimelineDocument
	Most  string // per 10,000 words: the height of the chart
	Bars  []column
	First string
	Last  string
}

// A column is one period. Unseen columns have a ground that says so; brief ones
// have no height but a mark: the phrase came and went within the period.
type column struct {
	Period         string
	X, Width       int
	Y, Height      int
	Unseen, Brief  bool
	GapX, GapWidth int
}

// widestColumn is how wide a column is at most: few periods are not blocks.
const widestColumn = 48

// columnsOf draws a timeline, nil if it has no periods.
func columnsOf(doc *TimelineDocument) *columns {
	n := len(doc.Periods)
	if n == 0 {
		return nil
	}
	c := &columns{Doc: doc, First: doc.Periods[0].Period, Last: doc.Periods[n-1].Period}
	most := 0.0
	for _, p := range doc.Periods {
		if p.Per10k != nil {
			most = max(most, *p.Per10k)
		}
	}
	c.Most = strconv.FormatFloat(most, 'f', 1, 64)
	for i, p := range doc.Periods {
		x, next := 1000*i/n, 1000*(i+1)/n
		width := min(max(1, 3*(next-x)/4), widestColumn)
		bar := column{Period: p.Period, X: (x + next - width) / 2, Width: width, Y: 100, Unseen: p.Unseen > 0, GapX: x, GapWidth: next - x}
		if p.Per10k != nil && *p.Per10k > 0 {
			bar.Height = max(1, int(100**p.Per10k/most))
			bar.Y = 100 - bar.Height
		} else if p.Ever > 0 {
			bar.Brief, bar.Y, bar.Height = true, 97, 3
		}
		c.Bars = append(c.Bars, bar)
	}
	return c
}
