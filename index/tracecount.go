package index

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"time"

	"veille/archive"
	"veille/source"
)

// How often a phrase stood, beside how many words there were.
//
// Both are counted at the end of each period, in the texts as they stood then:
// "14 times in 45,210 words". Texts that pages repeat, and boilerplate unless
// it is asked for, count neither way. What came and went within one period
// stands at no end of one; so a period says too in how many places it stood at
// some moment.

// A Frequency is how often a phrase stood at a moment.
type Frequency struct {
	At    time.Time // zero: never
	Times int
	Words int // of the texts that stood, the denominator; 0: there were none
}

// Per10k is how often it stood in 10,000 words, 0 where there were none.
func (f *Frequency) Per10k() float64 {
	if f.Words == 0 {
		return 0
	}
	return 10_000 * float64(f.Times) / float64(f.Words)
}

// A Timeline is how often a phrase stood, period by period.
type Timeline struct {
	Step    string   // "year", "quarter", "month" or "day"
	Periods []Period // oldest first
	// Langs and Institutions are the same for the texts of each language and
	// institution in which the phrase ever stood, by name.
	Langs, Institutions []Series
}

// A Series is the timeline of some of the texts.
type Series struct {
	Name      string
	Periods   []Period
	Now, Most Frequency
}

// A Period is one step of a timeline. Its frequency is that at its end, or now
// if it has not ended.
type Period struct {
	Name        string // "2025", "2025-Q2", "2025-04" or "2025-04-17"
	From, Until time.Time
	Frequency
	Ever      int // places in which it stood at some moment of the period
	Pages     int // with it, at the end
	PagesRead int // with any text, at the end
}

// A curve is how many words stood at any moment.
type curve struct {
	times []int64
	words []int64 // from times[i] on
	pages []int32 // likewise: pages that had any
}

// at is the level at a moment.
func (c *curve) at(t int64) (words int64, pages int32) {
	if c == nil {
		return 0, 0
	}
	i := sort.Search(len(c.times), func(i int) bool { return c.times[i] > t }) - 1
	if i < 0 {
		return 0, 0
	}
	return c.words[i], c.pages[i]
}

// A step of a curve.
type delta struct {
	at    int64
	words int64
	pages int32
}

// curveOf adds up steps.
func curveOf(steps []delta) *curve {
	slices.SortFunc(steps, func(a, b delta) int { return cmp.Compare(a.at, b.at) })
	c := &curve{}
	var words int64
	var pages int32
	for i, s := range steps {
		words, pages = words+s.words, pages+s.pages
		if i+1 < len(steps) && steps[i+1].at == s.at {
			continue
		}
		c.times, c.words, c.pages = append(c.times, s.at), append(c.words, words), append(c.pages, pages)
	}
	return c
}

// curves are how many words stood when: on each page, and in each kind of texts.
type curves struct {
	pages map[int32]*curve
	kinds []*curve
}

// wordsStood makes the curves of a state when they are first asked for, of main
// text or of all. They are as long as pages have versions, not passages.
func (s *state) wordsStood(all bool) *curves {
	n := 0
	if all {
		n = 1
	}
	s.counting[n].Do(func() { s.curves[n] = s.makeCurves(all) })
	return s.curves[n]
}

func (s *state) makeCurves(all bool) *curves {
	type texts struct {
		page int32
		kind uint16
	}
	changes := map[texts]map[int64]int64{} // of the number of words, by time
	var last texts
	var into map[int64]int64
	for d, page := range s.page {
		if page == 0 || !all && !s.main[d] {
			continue
		}
		if id := (texts{page, s.kind[d]}); into == nil || id != last { // neighbours are mostly of one page
			if into = changes[id]; into == nil {
				into = map[int64]int64{}
				changes[id] = into
			}
			last = id
		}
		into[s.from[d]] += int64(s.words[d])
		if s.until[d] != forever {
			into[s.until[d]] -= int64(s.words[d])
		}
	}
	kinds, pages := make([][]delta, len(s.kinds)), map[int32][]delta{}
	for id, by := range changes {
		steps := make([]delta, 0, len(by))
		for at, words := range by {
			steps = append(steps, delta{at, words, 0})
		}
		c := curveOf(steps)
		before := int64(0)
		for i, at := range c.times {
			step := delta{at, c.words[i] - before, 0}
			switch {
			case c.words[i] > 0 && before == 0:
				step.pages = 1
			case c.words[i] == 0 && before > 0:
				step.pages = -1
			}
			before = c.words[i]
			kinds[id.kind] = append(kinds[id.kind], step)
			pages[id.page] = append(pages[id.page], step)
		}
	}
	out := &curves{pages: make(map[int32]*curve, len(pages)), kinds: make([]*curve, len(kinds))}
	for page, list := range pages {
		out.pages[page] = curveOf(list)
	}
	for k, list := range kinds {
		out.kinds[k] = curveOf(list)
	}
	return out
}

// count fills in how often the phrase stood.
func (tr *tracer) count(t *Trace, sources *source.List) {
	if len(t.Pages) == 0 || len(tr.stood) == 0 {
		return
	}
	c := &counter{tracer: tr, stood: tr.wordsStood(tr.q.All)}
	now, from := tr.q.Now.UnixMilli(), tr.stood[0].from
	for _, o := range tr.stood {
		from = min(from, o.from)
	}
	if tr.q.Now.IsZero() {
		now = from
		for _, kind := range c.stood.kinds {
			if n := len(kind.times); n > 0 {
				now = max(now, kind.times[n-1])
			}
		}
	}
	t.Timeline.Step, c.periods = periods(from, now)
	for _, p := range c.periods {
		c.starts, c.ends = append(c.starts, p.From.UnixMilli()), append(c.ends, min(p.Until.UnixMilli()-1, now))
	}
	c.tally()
	institution := func(s variety) string {
		if of := sources.Source(s.source); of != nil && of.Institution != "" {
			return of.Institution
		}
		return s.source
	}
	t.Timeline.Periods = c.line(func(k uint16) bool {
		s := tr.kinds[k]
		return (len(tr.q.Langs) == 0 || slices.Contains(tr.q.Langs, s.lang)) && (len(tr.q.Sources) == 0 || slices.Contains(tr.q.Sources, s.source))
	})
	t.Timeline.Langs = c.series(func(s variety) string { return s.lang })
	t.Timeline.Institutions = c.series(institution)
	for i := range t.Pages {
		p := &t.Pages[i]
		p.Now, p.Most = nowAndMost(c.page(p.Page))
	}
}

// A counter counts what a tracer found at the ends of periods.
type counter struct {
	*tracer
	stood        *curves
	periods      []Period
	starts, ends []int64
	tallies      map[textsOf]*tally
	ofPage       map[archive.PageID][]*tally
}

// textsOf is what is counted together: the texts of a page that are in one language.
type textsOf struct {
	page archive.PageID
	kind uint16
}

// A tally is in how many places it stands at the end of each period, and at
// some moment of it.
type tally struct{ times, ever []int }

// tally counts the occurrences.
func (c *counter) tally() {
	c.tallies, c.ofPage = map[textsOf]*tally{}, map[archive.PageID][]*tally{}
	n := len(c.ends)
	for _, o := range c.tracer.stood {
		id := textsOf{o.page, o.kind}
		t := c.tallies[id]
		if t == nil {
			t = &tally{make([]int, n+1), make([]int, n+1)}
			c.tallies[id] = t
			c.ofPage[o.page] = append(c.ofPage[o.page], t)
		}
		first := sort.Search(n, func(i int) bool { return c.ends[i] >= o.from })
		t.times[first]++
		t.times[max(first, sort.Search(n, func(i int) bool { return c.ends[i] >= o.until }))]--
		t.ever[first]++
		t.ever[max(first, sort.Search(n, func(i int) bool { return c.starts[i] >= o.until }))]--
	}
	for _, t := range c.tallies {
		for i := 1; i < n; i++ {
			t.times[i] += t.times[i-1]
			t.ever[i] += t.ever[i-1]
		}
	}
}

// line is the timeline of the texts of some kinds.
func (c *counter) line(of func(kind uint16) bool) []Period {
	out := slices.Clone(c.periods)
	for i := range out {
		p := &out[i]
		p.At = time.UnixMilli(c.ends[i]).UTC()
		for k, kind := range c.stood.kinds {
			if of(uint16(k)) {
				words, pages := kind.at(c.ends[i])
				p.Words, p.PagesRead = p.Words+int(words), p.PagesRead+int(pages)
			}
		}
	}
	for id, t := range c.tallies {
		if !of(id.kind) {
			continue
		}
		for i := range out {
			out[i].Times += t.times[i]
			out[i].Ever += t.ever[i]
			if t.times[i] > 0 {
				out[i].Pages++
			}
		}
	}
	return out
}

// series are the timelines by a name that each kind has, of those in which the
// phrase stood.
func (c *counter) series(name func(variety) string) []Series {
	var names []string
	for id := range c.tallies {
		if n := name(c.kinds[id.kind]); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	out := make([]Series, len(names))
	for i, n := range names {
		out[i] = Series{Name: n, Periods: c.line(func(k uint16) bool {
			s := c.kinds[k]
			return name(s) == n && (len(c.q.Langs) == 0 || slices.Contains(c.q.Langs, s.lang)) && (len(c.q.Sources) == 0 || slices.Contains(c.q.Sources, s.source))
		})}
		out[i].Now, out[i].Most = nowAndMost(out[i].Periods)
	}
	return out
}

// page is the timeline of one page.
func (c *counter) page(page archive.PageID) []Period {
	out := slices.Clone(c.periods)
	words := c.stood.pages[int32(page)]
	for i := range out {
		n, _ := words.at(c.ends[i])
		out[i].Frequency = Frequency{At: time.UnixMilli(c.ends[i]).UTC(), Words: int(n)}
	}
	for _, t := range c.ofPage[page] {
		for i := range out {
			out[i].Times += t.times[i]
		}
	}
	return out
}

// nowAndMost are the last frequency, and the highest.
func nowAndMost(line []Period) (now, most Frequency) {
	for _, p := range line {
		if f := p.Frequency; f.Per10k() > most.Per10k() {
			most = f
		}
		now = p.Frequency
	}
	return now, most
}

// periods cut the time from a moment to now: into days up to six weeks, months
// up to three years, quarters up to twelve, else years. They begin with the
// period of that moment.
func periods(from, now int64) (step string, out []Period) {
	start, end := time.UnixMilli(from).UTC(), time.UnixMilli(max(from, now)).UTC()
	y, m, d := start.Date()
	var name func(time.Time) string
	var months, days int
	switch span := end.Sub(start); {
	case span < 42*24*time.Hour:
		step, days = "day", 1
		name = func(t time.Time) string { return t.Format(time.DateOnly) }
	case start.AddDate(3, 0, 0).After(end):
		step, months, d = "month", 1, 1
		name = func(t time.Time) string { return t.Format("2006-01") }
	case start.AddDate(12, 0, 0).After(end):
		step, months, m, d = "quarter", 3, m-(m-1)%3, 1
		name = func(t time.Time) string { return fmt.Sprintf("%d-Q%d", t.Year(), (int(t.Month())+2)/3) }
	default:
		step, months, m, d = "year", 12, 1, 1
		name = func(t time.Time) string { return t.Format("2006") }
	}
	for t := time.Date(y, m, d, 0, 0, 0, 0, time.UTC); !t.After(end); {
		next := t.AddDate(0, months, days)
		out = append(out, Period{Name: name(t), From: t, Until: next})
		t = next
	}
	return step, out
}
