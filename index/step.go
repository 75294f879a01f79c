package index

import (
	"slices"

	"veille/archive"
	"veille/thesaurus"
)

// A Comparer says what changed between two versions of a page, and in what
// sense: what [Index.Sync] notes with the passages that came and went. The
// index does not compare texts itself; whoever opens it passes this in. The
// zero Comparer knows of no senses, and pairs what came with what went by
// nothing but equal words.
type Comparer struct {
	// Stamp changes whenever Effects would give other answers. An index made
	// with another one is made anew.
	Stamp string
	// Senses are all codes that Effects may give.
	Senses []string
	// Effects compares a version with the one before, neither of which is
	// withdrawn, and may be called concurrently.
	Effects func(old, new *archive.Version) []Effect
	// Appeared, Withdrawn and Restored are what a whole page's coming, going
	// and coming back mean.
	Appeared, Withdrawn, Restored Effect
}

// An Effect is one edit: what it did to blocks, and what it may mean.
type Effect struct {
	From, To []int // blocks of the old and of the new version, by number
	Weight   int   // 0 to 5
	Senses   []string
}

// maxNext is how many passages are remembered as having taken another's place:
// a passage that was split has several.
const maxNext = 4

// A step is what one version changed.
type step struct {
	old, new  *outline // old is nil for the first version
	document  string
	end       int             // from this block of the new version on, no passage is written
	publisher bool            // the publisher caused it, and it is no mere beginning of our watching
	whole     *Effect         // of a page that came or went as a whole
	from, to  map[int]*Effect // by block
	words     map[string]int  // the new version's passages by their words: block
	wasWords  map[string]bool
}

// step compares two versions.
func (x *Index) step(old, new *outline, page *archive.Page) *step {
	s := &step{old: old, new: new, document: page.Document, publisher: new.Cause != archive.Reextracted,
		from: map[int]*Effect{}, to: map[int]*Effect{}}
	switch {
	case old == nil:
		s.publisher = s.publisher && page.News
		s.whole = &x.compare.Appeared
	case new.Gone:
		s.whole = &x.compare.Withdrawn
	case old.Gone:
		s.whole = &x.compare.Restored
	default:
		s.words, s.wasWords = map[string]int{}, map[string]bool{}
		for id, i := range new.block {
			if _, ok := old.block[id]; !ok {
				words := new.wordsOf(i)
				if j, ok := s.words[words]; !ok || i < j { // of several, the first
					s.words[words] = i
				}
			}
		}
		for id, i := range old.block {
			if _, ok := new.block[id]; !ok {
				s.wasWords[old.wordsOf(i)] = true
			}
		}
		if s.publisher && x.compare.Effects != nil && len(s.words)+len(s.wasWords) > 0 {
			s.note(x.compare.Effects(old.Version, new.Version))
		}
	}
	return s
}

// wordsOf is a block's role and words: blocks for which it is the same say the
// same. They are found once, for the step that brings the block and the one
// that takes it away.
func (o *outline) wordsOf(i int) string {
	words, ok := o.words[i]
	if !ok {
		b := &o.Blocks[i]
		text := append(make([]byte, 0, len(b.Text)+len(b.Text)/8), b.Role...)
		for _, w := range thesaurus.Words(b.Text) {
			text = append(append(text, ' '), w.Text...)
		}
		words = string(text)
		o.words[i] = words
	}
	return words
}

// note keeps the heaviest effect of each block.
func (s *step) note(effects []Effect) {
	for k := range effects {
		e := &effects[k]
		for _, i := range e.From {
			if was := s.from[i]; was == nil || was.Weight < e.Weight {
				s.from[i] = e
			}
		}
		for _, i := range e.To {
			if was := s.to[i]; was == nil || was.Weight < e.Weight {
				s.to[i] = e
			}
		}
	}
}

// came is the event that brought block i of the new version.
func (s *step) came(i int) Event {
	if s.whole == nil && s.wasWords[s.new.wordsOf(i)] || s.new.Blocks[i].Since != s.new.ID {
		return Event{} // it has stood in the page before
	}
	return s.event(s.to[i])
}

// went is the event that took block i of the old version away.
func (s *step) went(i int) Event {
	if s.whole == nil {
		if _, ok := s.words[s.old.wordsOf(i)]; ok {
			return Event{}
		}
	}
	return s.event(s.from[i])
}

func (s *step) event(e *Effect) Event {
	if s.whole != nil {
		e = s.whole
	}
	switch {
	case !s.publisher:
		return Event{}
	case e == nil:
		return Event{News: true}
	}
	return Event{News: true, Weight: e.Weight, Senses: slices.Sorted(slices.Values(e.Senses))}
}

// successors are the passages that stand in the new version in place of block i
// of the old one.
func (s *step) successors(i int) []successor {
	if s.whole != nil {
		return nil
	}
	blocks := []int{}
	if j, ok := s.words[s.old.wordsOf(i)]; ok {
		blocks = append(blocks, j)
	} else if e := s.from[i]; e != nil {
		blocks = e.To
	}
	var out []successor
	for _, j := range blocks {
		if j < 0 || j >= s.end || len(out) == maxNext {
			continue
		}
		if id := s.new.ids[j]; id != "" {
			out = append(out, successor{id, s.new.block[id]})
		}
	}
	return out
}
