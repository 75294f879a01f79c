package evidence

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"veille/archive"
)

// The kinds of claims.
const (
	KindWording   = "wording"   // the page had this wording
	KindWithdrawn = "withdrawn" // the page was gone: the server said 404 or 410
	KindAnswer    = "answer"    // the server answered so, and there was no page to read
)

// What a look found, by the archive's reading of it.
const (
	LookShows   = "shows"   // what the claim is about
	LookOther   = "other"   // something else that can be read
	LookFailed  = "failed"  // no page: blocked, an error, no answer
	LookOutside = "outside" // it lies outside the time that the claim is about
	LookBase    = "base"    // it is there because others repeat its bytes
)

// A Claim says what a bundle proves, for people and programs. It is
// statement.json in the bundle; [Check] finds it true or not. All but Made,
// Software, StampError and each look's Class follows from the records; README.md
// repeats none of these.
type Claim struct {
	Kind    string            `json:"kind"`
	URL     string            `json:"url"`
	Source  string            `json:"source"`
	Version archive.Seq       `json:"version"` // 0: the claim is of an answer
	Title   string            `json:"title"`
	Lang    string            `json:"lang"`
	Status  int               `json:"status"`     // HTTP status of the first look that found it
	Seen    archive.Interval  `json:"first_seen"` // After is zero if nothing is known of before
	Until   *archive.Interval `json:"until"`      // nil: the bundle says nothing of the time after Last
	// ReadAnew: the same bytes had been read in another way before, so that the
	// wording may be older.
	ReadAnew bool `json:"read_anew,omitempty"`
	// SameBefore and SameAfter: what the page brought before, or after, differed
	// only outside its main text, so that the text was there too.
	SameBefore bool      `json:"same_text_before,omitempty"`
	SameAfter  bool      `json:"same_text_after,omitempty"`
	Checks     int       `json:"checks"` // looks that found it
	First      time.Time `json:"first_check"`
	Last       time.Time `json:"last_check"`
	Failed     int       `json:"failed_checks"` // looks between First and Last that found no page
	// Complete: no look of the page that came to the archive between those in
	// the bundle was left out.
	Complete   bool        `json:"complete"`
	Looks      []ClaimLook `json:"looks"` // in the order of their time
	Log        string      `json:"log"`   // its name
	LogSize    int64       `json:"log_size"`
	Stamps     int         `json:"stamps"`                // by a time-stamp authority
	StampError string      `json:"stamp_error,omitempty"` // why one that was asked for is not there
	Made       time.Time   `json:"made"`
	Software   string      `json:"software"`
}

// A ClaimLook is a look of the page.
type ClaimLook struct {
	Capture archive.Seq    `json:"capture"`
	Time    time.Time      `json:"time"`
	Status  int            `json:"status"` // 0: no answer
	Found   string         `json:"found"`  // LookShows, …
	Class   archive.Class  `json:"class"`  // why, by the archive's reading
	Origin  archive.Origin `json:"origin,omitempty"`
}

// Added and Imported count the looks that found it and that others made:
// somebody who saved the page, and other crawlers.
func (c *Claim) Added() int { return c.count(archive.Added) }

// Imported is beside Added.
func (c *Claim) Imported() int { return c.count(archive.Imported) }

func (c *Claim) count(o archive.Origin) (n int) {
	for _, l := range c.Looks {
		if l.Found == LookShows && l.Origin == o {
			n++
		}
	}
	return n
}

// OthersEnds are the looks, before and after what the claim is about, that found
// something else and that others made: that it was not there yet, or not there
// any more, is their word.
func (c *Claim) OthersEnds() (ends []ClaimLook) {
	for _, l := range c.Looks {
		end := l.Time.Equal(c.Seen.After) || c.Until != nil && l.Time.Equal(c.Until.By)
		if end && l.Found == LookOther && l.Origin != archive.Crawled {
			ends = append(ends, l)
		}
	}
	return ends
}

// conclude works out what follows from the looks. [Prove] writes it and
// [Check] finds it again. The error names what contradicts itself.
func (c *Claim) conclude() error {
	slices.SortStableFunc(c.Looks, func(a, b ClaimLook) int {
		if d := a.Time.Compare(b.Time); d != 0 {
			return d
		}
		return int(a.Capture - b.Capture)
	})
	c.Checks, c.Failed, c.Seen, c.Until, c.First, c.Last = 0, 0, archive.Interval{}, nil, time.Time{}, time.Time{}
	failed := 0
	for _, l := range c.Looks {
		switch l.Found {
		case LookShows:
			if c.Until != nil {
				return fmt.Errorf("look %d found it again after another had found something else", l.Capture)
			}
			if c.Checks == 0 {
				c.First, c.Status, failed = l.Time, l.Status, 0
			}
			c.Checks++
			c.Last = l.Time
			c.Failed += failed
			failed = 0
		case LookOther:
			if c.Checks == 0 {
				c.Seen.After = l.Time
			} else if c.Until == nil {
				c.Until = &archive.Interval{After: c.Last, By: l.Time}
			}
		case LookFailed:
			failed++
		case LookOutside, LookBase:
		default:
			return fmt.Errorf("look %d found %q, which means nothing", l.Capture, l.Found)
		}
	}
	if c.Checks == 0 {
		return errors.New("no look found it")
	}
	if err := c.outside(); err != nil {
		return err
	}
	c.Seen.By = c.First
	if c.ReadAnew {
		c.Seen.After = time.Time{}
	}
	return nil
}

// outside checks that what is said to lie outside the time of the claim does.
func (c *Claim) outside() error {
	var from, to time.Time
	for _, l := range c.Looks {
		if l.Found == LookOutside || l.Found == LookBase {
			continue
		}
		if from.IsZero() {
			from = l.Time
		}
		to = l.Time
	}
	for _, l := range c.Looks {
		if (l.Found == LookOutside || l.Found == LookBase) && l.Time.After(from) && l.Time.Before(to) {
			return fmt.Errorf("look %d lies in the time of the claim, and is said not to count", l.Capture)
		}
	}
	return nil
}

// A chain is what is known of the captures of one page: for each the one that
// came to the archive before it.
type chain map[archive.Seq]*archive.LogEntry

// complete reports whether no capture of the page that came to the archive
// between those of the looks is missing; if nothing is known of the time
// before the first, whether it is the page's first.
func (c chain) complete(looks []ClaimLook, before bool) bool {
	var lo, hi archive.Seq
	for _, l := range looks {
		if l.Found == LookBase {
			continue
		}
		if lo == 0 || l.Capture < lo {
			lo = l.Capture
		}
		hi = max(hi, l.Capture)
	}
	for n := hi; ; {
		e := c[n]
		switch {
		case e == nil || !e.Chained:
			return false
		case n == lo:
			return before || e.Previous == 0
		case e.Previous < lo || e.Previous >= n:
			return false
		}
		n = e.Previous
	}
}
