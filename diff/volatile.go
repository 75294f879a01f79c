package diff

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode"

	"veille/archive"
)

// Learned volatility. Some passages change and tell nothing: a site serves two
// wordings in turn, a counter stands in the text. One change does not show it;
// the versions before it do. A passage is volatile only by its own record – that
// other passages of the page flap says nothing about it – and only for as long
// as that record lies within [volatileSpan].
//
//   - It flaps if each text of the edit, the one that came as well as the one
//     that went, has come or gone at least [volatileFlips] times before: A, B, A,
//     B, and now A. The first return is news, and named as one; a third wording
//     never flaps. What flaps weighs [news] at most, whatever its senses: it stays
//     in sight, for the text may be one that binds, but below what is new.
//   - It counts if nothing but figures differs, and the same passage has had
//     other figures in each of the last [volatileSteps] versions or more, over two
//     days or more and no more than two days apart on average. What stands in an
//     article never counts. What counts weighs 1.
//
// What a volatile edit would weigh and why it does not is kept in [Edit.Damped]. When the new wording has stood for [volatileLasts] it is no longer
// flapping but a reversal that lasts, and weighs what it would.
const (
	volatileSpan  = 90 * 24 * time.Hour
	volatileLasts = 14 * 24 * time.Hour
	volatileFlips = 3
	volatileSteps = 4
	volatilePace  = 48 * time.Hour
	volatileBytes = 240 // of a passage that can be a counter
)

// VolatileVersions is how many versions before a change are looked at, at most.
const VolatileVersions = 24

// A Damping says why an edit weighs less than its senses would have it.
type Damping struct {
	Weight int       `json:"weight"` // that it would have
	Times  int       `json:"times"`  // that the passage changed before
	Since  time.Time `json:"since"`  // first seen: the earliest version looked at
}

// A Trace is what [Change.Settle] remembers of a version: which texts its main
// part had. It is small, never modified, and may be kept and shared.
type Trace struct {
	at      time.Time
	texts   []uint64          // sorted
	figures map[uint64]uint64 // of short texts with figures: without the figures, and with them
}

// TraceOf takes the trace of a version.
func TraceOf(v *archive.Version) *Trace {
	t := &Trace{at: v.Time, texts: make([]uint64, 0, len(v.Blocks)), figures: map[uint64]uint64{}}
	for i := range v.Blocks {
		b := &v.Blocks[i]
		if b.Role == archive.Boilerplate {
			continue
		}
		h := hashOf(blockKey(b.Text))
		t.texts = append(t.texts, h)
		if s := skeleton(b.Text); s != "" {
			t.figures[hashOf(s)] += h // two with one skeleton count together
		}
	}
	slices.Sort(t.texts)
	return t
}

func hashOf(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s)) // never fails
	return h.Sum64()
}

// skeleton is a short text without the figures in it, "" for one without figures.
func skeleton(s string) string {
	if len(s) > volatileBytes || !hasDigit(s) {
		return ""
	}
	words := strings.Fields(fold(s))
	for i, w := range words {
		if strings.ContainsFunc(w, unicode.IsDigit) {
			words[i] = "#"
		}
	}
	return strings.Join(words, " ")
}

func (t *Trace) has(text uint64) bool {
	_, ok := slices.BinarySearch(t.texts, text)
	return ok
}

// Settle lowers the weight of edits in passages that the versions before the
// change have shown to be volatile, and sums the change up again. before are the
// traces of those versions, the earliest first, the last that of c.From; stood is
// how long the new wording has stood. The words, ops and senses stay as they are.
func (c *Change) Settle(before []*Trace, stood time.Duration) {
	if c.From == nil || c.To == nil || stood >= volatileLasts {
		return
	}
	for len(before) > 0 && c.To.Time.Sub(before[0].at) > volatileSpan {
		before = before[1:]
	}
	if len(before) <= volatileFlips {
		return
	}
	damped := false
	for i := range c.Edits {
		e := &c.Edits[i]
		if e.Weight < news || e.From < 0 && e.To < 0 || e.Op == Renumber || e.Op == Reformat {
			continue
		}
		if n, weight := c.volatile(e, before); n > 0 && weight < e.Weight {
			e.Damped = &Damping{Weight: e.Weight, Times: n, Since: before[0].at.UTC()}
			e.Weight, damped = weight, true
		}
	}
	if damped {
		c.Weight, c.Hidden = 0, 0
		c.sumUp()
		c.Groups = c.grouped()
	}
}

// volatile says how often the passage of an edit changed before and what it
// weighs for that; n is 0 if it is not volatile.
func (c *Change) volatile(e *Edit, before []*Trace) (n, weight int) {
	if n = c.ticks(e, before); n > 0 {
		return n, 1
	}
	return flips(e, before), news
}

// Undamped is the change as it would be told if nothing were known of what went
// before: c itself if nothing was damped.
func (c *Change) Undamped() *Change {
	if !c.damped() {
		return c
	}
	out := &Change{From: c.From, To: c.To, Edits: slices.Clone(c.Edits)}
	for i := range out.Edits {
		if d := out.Edits[i].Damped; d != nil {
			out.Edits[i].Weight, out.Edits[i].Damped = d.Weight, nil
		}
	}
	out.sumUp()
	out.Groups = out.grouped()
	return out
}

// damped reports whether an edit of the change weighs less than it would.
func (c *Change) damped() bool {
	return slices.ContainsFunc(c.Edits, func(e Edit) bool { return e.Damped != nil })
}

// restless is the damping of the passage that changed most often; nil if nothing
// was damped, or if there is other news.
func (c *Change) restless() *Damping {
	var most *Damping
	for i := range c.Edits {
		switch d := c.Edits[i].Damped; {
		case d == nil && c.Edits[i].Weight >= news:
			return nil
		case d != nil && (most == nil || d.Times > most.Times):
			most = d
		}
	}
	return most
}

// flips is how often the texts of an edit came or went before: the least of
// them; 0 if that is not often enough.
func flips(e *Edit, before []*Trace) int {
	if e.Op == Move {
		return 0 // its text was there all along
	}
	least := -1
	for _, text := range append(strings.Split(e.Before, "\n"), strings.Split(e.After, "\n")...) {
		if text == "" {
			continue
		}
		h, n := hashOf(blockKey(text)), 0
		for i := 1; i < len(before); i++ {
			if before[i-1].has(h) != before[i].has(h) {
				n++
			}
		}
		if n < volatileFlips {
			return 0
		}
		if least < 0 || n < least {
			least = n
		}
	}
	return max(least, 0)
}

// ticks is how often the figures of an edit changed before, if they change all
// the time; else 0.
func (c *Change) ticks(e *Edit, before []*Trace) int {
	s := skeleton(e.Before)
	if e.Op != Substitute || s == "" || s != skeleton(e.After) || c.article(e) != "" {
		return 0
	}
	h, last, n := hashOf(s), len(before)-1, 0
	for i := last; i > 0; i-- {
		was, ok := before[i-1].figures[h]
		if is := before[i].figures[h]; !ok || is == 0 || was == is {
			break
		}
		n++
	}
	if took := before[last].at.Sub(before[last-n].at); n < volatileSteps || took < volatilePace || took > time.Duration(n)*volatilePace {
		return 0
	}
	return n
}
