package evidence

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"slices"
	"strconv"
	"time"

	"veille/archive"
)

// Coverage says, for each page of an export, how well it was watched: it goes
// into the package as about/coverage.csv, and its gaps into the README. Nobody can
// tell from captures alone whether a page said something between two of them.
//
// A gap is a time between two captures that showed the page (its text, or its
// withdrawal) that is longer than a day and than three times the page's usual
// pause, the median.
type coverage struct {
	table bytes.Buffer
	csv   *csv.Writer
	gaps  []gap // the longest ones, at most mostGaps
	count int   // of all gaps
}

const mostGaps = 20

// A gap is a time in which a page was not seen.
type gap struct {
	URL         string
	From, Until time.Time
	Failed      int    // captures within it that did not show the page
	Reason      string // why the last of them did not
}

func (g *gap) length() time.Duration { return g.Until.Sub(g.From) }

func newCoverage() *coverage {
	c := &coverage{}
	c.csv = csv.NewWriter(&c.table)
	c.csv.Write([]string{"url", "source", "lang", "captures", "unchanged", "without_content", "versions", "first_capture", "last_capture",
		"gaps", "longest_gap_from", "longest_gap_until"})
	return c
}

// add takes a page: all its captures, and those that are in the package, both
// in the order of time.
func (c *coverage) add(p *archive.Page, looks, kept []archive.Look, versions int) {
	first, last := kept[0].Time, kept[len(kept)-1].Time
	unchanged, failed := 0, 0
	for i := range kept {
		if kept[i].Unchanged {
			unchanged++
		}
		if !showed(&kept[i]) {
			failed++
		}
	}
	var found []gap
	if p.Purpose == archive.PurposePage {
		found = gaps(p.URL, looks, first, last)
	}
	longest := gap{}
	for _, g := range found {
		if g.length() > longest.length() {
			longest = g
		}
	}
	c.count += len(found)
	c.gaps = append(c.gaps, found...)
	slices.SortStableFunc(c.gaps, func(a, b gap) int { return cmp.Compare(b.length(), a.length()) })
	c.gaps = c.gaps[:min(len(c.gaps), mostGaps)]
	c.csv.Write([]string{p.URL, p.Source, p.Lang, strconv.Itoa(len(kept)), strconv.Itoa(unchanged), strconv.Itoa(failed), strconv.Itoa(versions),
		tableTime(first), tableTime(last), strconv.Itoa(len(found)), tableTime(longest.From), tableTime(longest.Until)})
}

// showed reports whether a capture shows what the page was.
func showed(l *archive.Look) bool { return l.Class == archive.Content || l.Class == archive.Gone }

// gaps are those of one page between two times.
func gaps(url string, looks []archive.Look, from, until time.Time) []gap {
	var all []gap // every pause
	var open *gap
	for i := range looks {
		l := &looks[i]
		if l.Time.Before(from) || l.Time.After(until) {
			continue
		}
		if !showed(l) {
			if open != nil {
				open.Failed++
				open.Reason = reason(l)
			}
			continue
		}
		if open != nil {
			open.Until = l.Time
			all = append(all, *open)
		}
		open = &gap{URL: url, From: l.Time}
	}
	if len(all) == 0 {
		return nil
	}
	pauses := make([]time.Duration, len(all))
	for i := range all {
		pauses[i] = all[i].length()
	}
	slices.Sort(pauses)
	least := max(24*time.Hour, 3*pauses[len(pauses)/2])
	return slices.DeleteFunc(all, func(g gap) bool { return g.length() <= least })
}

// reason says why a capture does not show its page.
func reason(l *archive.Look) string {
	switch {
	case l.Reason != "":
		return l.Reason
	case l.Err != "":
		return l.Err
	}
	return string(l.Class)
}

// text is coverage.csv.
func (c *coverage) text() []byte {
	c.csv.Flush()
	return c.table.Bytes()
}

// tableTime is a time as tables have it; "" for none.
func tableTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
