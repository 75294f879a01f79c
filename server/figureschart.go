package server

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// The chart of a figure in pixels: where its columns stand, and their greatest
// height.
const (
	figureBase   = 84
	figureHeight = 64
	figureLine   = 4 // of a date, which has no height from zero
	leastStep    = 2 // in thousandths of the width: of a value that was seen once
)

// A figureChart draws the values of a figure over time: amounts and periods as
// columns from zero, dates as lines from the earliest to the latest. What can
// not be known – between two looks – is hatched. Places are in percent of the
// width and in pixels of the height.
type figureChart struct {
	timeline        // From, To, Gaps and Axis
	Solid    string // the values while they stood, as an SVG path: in thousandths of the width
	Hatched  string // the times in which one went and the next one came
	Labels   []figureLabel
	Least    string // as the texts have it
	Most     string
}

// A figureLabel is the first or the last value; its end is at X if it is the last.
type figureLabel struct {
	X, Text string
	Last    bool
}

// chartFigure draws a figure up to a time; nil if it had one value only, or some
// that are not on one scale.
func chartFigure(t *tongue, s *FigureSeries, until time.Time) *figureChart {
	heights, ok := figureHeights(s)
	if !ok {
		return nil
	}
	c := &figureChart{timeline: timeline{From: s.Values[0].FirstSeen.By, To: until}}
	if after := s.Values[0].FirstSeen.After; !after.IsZero() {
		c.From = after
	}
	if last := s.last(); last.Gone != nil && last.Gone.By.After(c.To) || !c.To.After(c.From) {
		c.To = c.From.Add(time.Hour)
	}
	sc := scale{c.From, c.To}
	low, high := 0, 0
	for i := range s.Values {
		if heights[i] < heights[low] {
			low = i
		}
		if heights[i] > heights[high] {
			high = i
		}
		c.stand(sc, s, i, heights)
	}
	c.Least, c.Most = s.Values[low].Text, s.Values[high].Text
	c.ends(sc, s)
	for _, g := range s.Gaps {
		by := g.By
		if by.IsZero() {
			by = c.To
		}
		c.gap(sc, g.After, by)
	}
	c.axis(t, sc)
	return c
}

// stand draws one value, and the time in which it came.
func (c *figureChart) stand(sc scale, s *FigureSeries, i int, heights []int) {
	v := &s.Values[i]
	// column adds to a path; one that would be too narrow to be seen is leastStep wide.
	column := func(path *string, from, to time.Time, top, high int) {
		x := int(10 * sc.at(from))
		width := max(int(10*sc.at(to))-x, leastStep)
		x = min(x, 1000-width)
		*path += fmt.Sprintf("M%d %dh%dv%dh-%dz", x, figureBase-top, width, high, width)
	}
	end := c.To
	if v.Gone != nil {
		end = v.Gone.After
	}
	high := heights[i]
	if s.Kind == "date" {
		high = figureLine
	}
	column(&c.Solid, v.FirstSeen.By, end, heights[i], high)
	if after := v.FirstSeen.After; !after.IsZero() {
		top := heights[i]
		if i > 0 {
			top = max(top, heights[i-1])
		}
		column(&c.Hatched, after, v.FirstSeen.By, top, top)
	}
	if v.Gone != nil && i == len(s.Values)-1 {
		column(&c.Hatched, v.Gone.After, v.Gone.By, heights[i], heights[i])
	}
}

// ends writes the first value at its start and the last at its end.
func (c *figureChart) ends(sc scale, s *FigureSeries) {
	first, last := s.Values[0], s.last()
	end := c.To
	if last.Gone != nil {
		end = last.Gone.By
	}
	c.Labels = []figureLabel{{X: percent(sc.at(first.FirstSeen.By)), Text: first.Text}}
	if x := sc.at(end); x > 60 {
		c.Labels = append(c.Labels, figureLabel{X: percent(x), Text: last.Text, Last: true})
	}
}

// figureHeights are the heights of the values; ok is false where they are not
// numbers of one unit or days, or there is only one.
func figureHeights(s *FigureSeries) (heights []int, ok bool) {
	if len(s.Values) < 2 {
		return nil, false
	}
	numbers := make([]float64, len(s.Values))
	least, most := math.Inf(1), math.Inf(-1)
	for i := range s.Values {
		v := &s.Values[i]
		if v.Unit != s.Values[0].Unit {
			return nil, false
		}
		if s.Kind == "date" {
			day, err := time.Parse(time.DateOnly, v.Value)
			if err != nil {
				return nil, false
			}
			numbers[i] = float64(day.Unix() / (24 * 3600))
		} else {
			n, err := strconv.ParseFloat(v.Value, 64)
			if err != nil || n < 0 || math.IsInf(n, 0) || math.IsNaN(n) {
				return nil, false
			}
			numbers[i] = n
		}
		least, most = min(least, numbers[i]), max(most, numbers[i])
	}
	if s.Kind != "date" {
		least = 0
	}
	for _, n := range numbers {
		h := figureHeight
		if most > least {
			h = int(math.Round(figureHeight * (n - least) / (most - least)))
		}
		heights = append(heights, max(h, figureLine))
	}
	return heights, true
}
