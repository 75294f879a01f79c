package server

import (
	"context"
	"slices"
	"time"

	"veille/archive"
)

// A Gap is a stretch in which we could not see what a page said: between the
// last look that could be read and the next one that could, or since.
type Gap struct {
	After  time.Time `json:"after"`
	By     time.Time `json:"by,omitzero"` // zero: until now
	Reason string    `json:"reason"`      // "blocked", "error", … or "not looked"
	Looks  int       `json:"looks"`       // that brought nothing
}

// gaps are the stretches in which looks at a page failed, and those between
// two looks that are far longer than the pauses between looks usually are.
func (d *Documents) gaps(ctx context.Context, page archive.PageID) ([]Gap, error) {
	looks, err := d.Archive.Looks(ctx, page, 0)
	if err != nil {
		return nil, err
	}
	slices.Reverse(looks)
	return gapsOf(looks), nil
}

// gapsOfAll are the gaps of many pages, by page.
func (d *Documents) gapsOfAll(ctx context.Context, pages []archive.PageID) (map[archive.PageID][]Gap, error) {
	looks, err := d.Archive.LooksOf(ctx, pages...)
	if err != nil {
		return nil, err
	}
	out := make(map[archive.PageID][]Gap, len(pages))
	var oldest []archive.Look
	for page, list := range looks {
		oldest = append(oldest[:0], list...)
		slices.Reverse(oldest)
		out[page] = gapsOf(oldest)
	}
	return out, nil
}

func gapsOf(looks []archive.Look) []Gap {
	out := []Gap{}
	var pauses []time.Duration
	for i := 1; i < len(looks); i++ {
		pauses = append(pauses, looks[i].Time.Sub(looks[i-1].Time))
	}
	slices.Sort(pauses)
	long := 24 * time.Hour
	if n := len(pauses); n > 0 {
		long = max(long, 4*pauses[n/2])
	}
	var seen time.Time
	var open Gap
	for _, l := range looks {
		if l.Class != "" && l.Class != archive.Content && l.Class != archive.Gone {
			if open.Looks++; open.Reason == "" {
				open.Reason = string(l.Class)
			}
			continue
		}
		if !seen.IsZero() {
			if open.Looks == 0 && l.Time.Sub(seen) > long {
				open.Reason = "not looked"
			}
			if open.Reason != "" {
				open.After, open.By = seen, l.Time
				out = append(out, open)
			}
		}
		seen, open = l.Time, Gap{}
	}
	if open.Looks > 0 && !seen.IsZero() {
		open.After = seen
		out = append(out, open)
	}
	return out
}
