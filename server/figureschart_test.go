package server

import (
	"net/url"
	"testing"
	"time"

	"veille/archive"
)

// TestFigureCharts: a figure is drawn where its values are on one scale, from
// zero or between its dates, and hatched where nobody knows.
func TestFigureCharts(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	// values stand two days each: the third day nobody looked.
	series := func(kind, unit string, values ...string) *FigureSeries {
		s := &FigureSeries{Kind: kind, Unit: unit}
		for i, v := range values {
			value := FigureValue{Value: v, Unit: unit, Text: v, FirstSeen: archive.Interval{By: day(1 + 3*i)}}
			if i > 0 {
				value.FirstSeen.After = day(3 * i)
				s.Values[i-1].Gone = &archive.Interval{After: day(3 * i), By: day(1 + 3*i)}
			}
			s.Values = append(s.Values, value)
		}
		return s
	}
	mixed := series("period", "month", "3", "90")
	mixed.Values[1].Unit = "day"
	for _, x := range []struct {
		name    string
		series  *FigureSeries
		heights []int // of the solid steps; none: no chart
		hatched int
	}{
		{"an amount, from zero", series("amount", "places", "400", "800", "200"), []int{32, 64, 16}, 2},
		{"nothing can be seen of zero but its foot", series("amount", "", "0", "10"), []int{figureLine, 64}, 1},
		{"dates, between the earliest and the latest", series("date", "", "2026-06-01", "2026-06-03", "2026-06-02"), []int{figureLine, figureLine, figureLine}, 2},
		{"one value", series("amount", "", "5"), nil, 0},
		{"several at once", series("period", "day", "30, 10", "5"), nil, 0},
		{"a date without its year", series("date", "", "06-01", "2026-06-03"), nil, 0},
		{"months that became days", mixed, nil, 0},
		{"no number", series("amount", "", "NaN", "1"), nil, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := chartFigure(tongues["en"], x.series, day(10))
			if c == nil {
				if x.heights != nil {
					t.Fatal("there is no chart")
				}
				return
			}
			var heights []int
			hatched := 0
			for _, s := range c.Steps {
				if s.Perhaps {
					hatched++
					continue
				}
				heights = append(heights, s.Height)
			}
			if len(heights) != len(x.heights) || hatched != x.hatched {
				t.Fatalf("steps of %v and %d hatched, want %v and %d", heights, hatched, x.heights, x.hatched)
			}
			for i := range heights {
				if heights[i] != x.heights[i] {
					t.Errorf("steps are %v px high, want %v", heights, x.heights)
				}
			}
		})
	}
}

// TestLeaves: every place of a long list leads on and back, and no offset leads
// out of it.
func TestLeaves(t *testing.T) {
	for _, x := range []struct {
		offset         string
		total, size    int
		from, to       int
		prev, next     string
		whole, refused bool
	}{
		{"", 5, 10, 0, 5, "", "", true, false},
		{"", 25, 10, 0, 10, "", "/t?offset=10&q=a", false, false},
		{"10", 25, 10, 10, 20, "/t?q=a", "/t?offset=20&q=a", false, false},
		{"20", 25, 10, 20, 25, "/t?offset=10&q=a", "", false, false},
		{"99", 25, 10, 25, 25, "/t?offset=15&q=a", "", false, false},
		{"-1", 25, 10, 0, 0, "", "", false, true},
		{"x", 25, 10, 0, 0, "", "", false, true},
	} {
		from, to, l, err := leaf("/t", url.Values{"q": {"a"}, "ui": {"fr"}, "offset": {x.offset}}, x.total, x.size)
		switch {
		case (err != nil) != x.refused:
			t.Errorf("offset %q: %v", x.offset, err)
		case err != nil:
		case from != x.from || to != x.to || (l == nil) != x.whole:
			t.Errorf("offset %q: %d to %d, %+v", x.offset, from, to, l)
		case l != nil && (l.Prev != x.prev || l.Next != x.next):
			t.Errorf("offset %q: back to %q, on to %q", x.offset, l.Prev, l.Next)
		}
	}
}
