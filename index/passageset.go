package index

import (
	"context"
	"math/bits"
)

// A passageSet is a set of passages of a state: a bit for each.
type passageSet []uint64

// noPassages is the empty set.
func (s *state) noPassages() passageSet { return make(passageSet, (len(s.page)+63)/64) }

func (p passageSet) has(d uint32) bool { return p[d/64]&(1<<(d%64)) != 0 }

func (p passageSet) put(d uint32) { p[d/64] |= 1 << (d % 64) }

// join adds all of another set.
func (p passageSet) join(o passageSet) {
	for i := range o {
		p[i] |= o[i]
	}
}

// list is the set in order.
func (p passageSet) list() []uint32 {
	var out []uint32
	for i, b := range p {
		for ; b != 0; b &= b - 1 {
			out = append(out, uint32(i*64+bits.TrailingZeros64(b)))
		}
	}
	return out
}

// phrase adds the passages that have words side by side in a field, and pass.
// Those of the set are not looked at again.
func (p passageSet) phrase(ctx context.Context, s *state, field string, words []string, pass filter) error {
	if len(words) == 1 {
		return p.word(ctx, s, field, words[0], pass)
	}
	t, err := s.phrase(ctx, field, words, 1, func(d uint32) bool { return !p.has(d) && pass(d) })
	for _, hit := range t.postings {
		p.put(hit.doc)
	}
	return err
}

// word adds the passages that have a word in a field, and pass: by their
// numbers alone, which costs far less than to read how often they have it.
func (p passageSet) word(ctx context.Context, s *state, field, word string, pass filter) error {
	l, err := s.open(field)
	if err != nil {
		return err
	}
	if _, err := l.look(word, l.lists); err != nil {
		return err
	}
	for i, start := range s.starts {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		has, err := passagesOf(l.lists[i])
		if err != nil {
			return err
		}
		if has == nil {
			continue
		}
		for it := has.Iterator(); it.HasNext(); {
			if d := uint32(start) + it.Next(); !p.has(d) && s.there.has(d) && pass(d) {
				p.put(d)
			}
		}
	}
	s.shut(field, l)
	return nil
}
