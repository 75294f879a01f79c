package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// What the frequent words that [Index.Warm] reads fill: so many hundredths of
// the room for them. The rest is for others that are asked for.
const (
	warmPlaces   = 50
	warmPostings = 35
	placesEach   = 7 // bytes for a passage that has the word, about
	postingEach  = 4
)

// Warm reads the most frequent words of the index before anybody asks for them,
// so that the first searches take no longer than those that follow, which go on
// meanwhile. What it has read is kept when the index grows, as far as it does not
// change. It ends early, without an error, if ctx does, and need not be called:
// answers are the same.
func (x *Index) Warm(ctx context.Context) (err error) {
	defer x.damaged(&err)
	s, err := x.use(ctx)
	if err == nil {
		defer s.release()
		err = s.warm(ctx)
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("read frequent words: %w", err)
	}
	return nil
}

// warm reads the words of a state. Of those that fit the most frequent come last:
// so they are the last to be let go of.
func (s *state) warm(ctx context.Context) error {
	most := room(len(s.page))
	words, err := s.commonest(fieldExact)
	if err != nil {
		return err
	}
	for _, w := range slices.Backward(fitting(words, placesEach, most*warmPlaces/100)) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch places, err := s.readPlaces(w.id()); {
		case err == nil:
			s.frequent.keep(w.id(), nil, places, len(s.page))
		case !errors.Is(err, errLong):
			return err
		}
	}
	words = slices.DeleteFunc(words, func(w commonWord) bool { return isStopSomewhere(w.word) }) // hardly asked for by themselves
	for _, lang := range stemmed {
		more, err := s.commonest(fieldBody + lang)
		if err != nil {
			return err
		}
		words = append(words, more...)
	}
	slices.SortStableFunc(words, rarer)
	for _, w := range slices.Backward(fitting(words, postingEach, most*warmPostings/100)) {
		t, err := s.term(ctx, w.field, w.word, 1, func(uint32) bool { return false })
		if err != nil {
			return err
		}
		s.reuse([]term{t})
	}
	return nil
}

// A commonWord is one that about so many passages have.
type commonWord struct {
	field, word string
	passages    int
}

func (w *commonWord) id() [2]string { return [2]string{w.field, w.word} }

func rarer(a, b commonWord) int { return cmp.Compare(b.passages, a.passages) }

// commonest are the frequent words of a field, the most frequent first, as far as
// the largest segment of the index tells.
func (s *state) commonest(field string) ([]commonWord, error) {
	largest := 0
	for i := range s.segments {
		if s.segments[i].FullSize() > s.segments[largest].FullSize() {
			largest = i
		}
	}
	if len(s.segments) == 0 || len(s.page) < s.frequent.least {
		return nil, nil
	}
	times := float64(len(s.page)) / float64(s.segments[largest].FullSize())
	l, err := s.open(field)
	if err != nil {
		return nil, err
	}
	var out []commonWord
	for it := l.dicts[largest].AutomatonIterator(nil, nil, nil); ; {
		e, err := it.Next()
		if err != nil {
			return nil, err
		}
		if e == nil {
			break
		}
		if n := int(float64(e.Count) * times); n >= s.frequent.least {
			out = append(out, commonWord{field, e.Term, n})
		}
	}
	s.shut(field, l)
	slices.SortStableFunc(out, rarer)
	return out, nil
}

// fitting are the first words for which there is so much room, at so many bytes
// a passage.
func fitting(words []commonWord, each, most int) []commonWord {
	for i, w := range words {
		if most -= each * w.passages; most < 0 {
			return words[:i]
		}
	}
	return words
}
