package server

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
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
			for _, column := range regexp.MustCompile(`v(\d+)h-`).FindAllStringSubmatch(c.Solid, -1) {
				n, err := strconv.Atoi(column[1])
				if err != nil {
					t.Fatal(err)
				}
				heights = append(heights, n)
			}
			hatched := strings.Count(c.Hatched, "M")
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

// TestLeaves: every page of a long list leads on and back, what is heavy has a
// page of its own, and no offset leads out of the list.
func TestLeaves(t *testing.T) {
	even := []int{10, 10, 10, 10, 10}
	for _, x := range []struct {
		offset     int
		weights    []int
		from, to   int
		prev, next string
		whole      bool
	}{
		{0, even[:2], 0, 2, "", "", true},
		{7, even[:2], 0, 2, "", "", true},
		{0, nil, 0, 0, "", "", true},
		{0, even, 0, 2, "", "/t?offset=2&q=a", false},
		{1, even, 0, 2, "", "/t?offset=2&q=a", false},
		{2, even, 2, 4, "/t?q=a", "/t?offset=4&q=a", false},
		{4, even, 4, 5, "/t?offset=2&q=a", "", false},
		{99, even, 4, 5, "/t?offset=2&q=a", "", false},
		{0, []int{90, 5, 5}, 0, 1, "", "/t?offset=1&q=a", false},
		{2, []int{5, 90, 5}, 2, 3, "/t?offset=1&q=a", "", false},
	} {
		query := url.Values{"q": {"a"}, "ui": {"fr"}, "offset": {"3"}, "note": {"b1-w2"}}
		from, to, l := leaf("/t", query, x.offset, len(x.weights), 20, func(i int) int { return x.weights[i] })
		switch {
		case from != x.from || to != x.to || (l == nil) != x.whole:
			t.Errorf("offset %d of %v: %d to %d, %+v", x.offset, x.weights, from, to, l)
		case l != nil && (l.Prev != x.prev || l.Next != x.next):
			t.Errorf("offset %d of %v: back to %q, on to %q", x.offset, x.weights, l.Prev, l.Next)
		}
	}
}
