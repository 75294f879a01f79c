package index

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Inflections of a key that has stop words. Of "de la loi" the index has the
// stem of one word, which stands in half of all passages; that it stands behind
// "de la" only the words as they are tell. So the words of that stem are looked
// up, and "de la lois" is searched as it would be if it were typed.

// The bounds of looking words up.
const (
	fewPassages = 300     // may as well be read
	maxForms    = 64      // ways to write one key
	maxFamilies = 250_000 // words that are remembered, over all families
)

// inflected adds to found the passages that may have an inflection of a key in
// a language; to sure, which may be the same set, those of them that have it.
func (k *key) inflected(ctx context.Context, s *state, lang string, pass filter, sure, found passageSet) error {
	runs := k.stems(lang)
	if len(runs) == 0 {
		return nil
	}
	if len(runs[0]) < len(k.runs[0]) {
		forms, err := k.forms(ctx, s, lang, runs)
		if err != nil {
			return err
		}
		for _, words := range forms {
			if err := sure.phrase(ctx, s, fieldExact, words, func(d uint32) bool { return pass(d) && s.kinds[s.kind[d]].lang == lang }); err != nil {
				return err
			}
		}
		if forms != nil {
			return nil
		}
	}
	if len(k.runs[0]) == 1 {
		found = sure // a stem begins as its words do, and so as the key
	}
	for _, stems := range runs {
		if err := found.phrase(ctx, s, fieldBody+lang, stems, pass); err != nil {
			return err
		}
	}
	return nil
}

// forms are the ways to write a key in a language, in words that the index has;
// nil if they are too many, or so few passages have its stems that all of
// them may be read.
func (k *key) forms(ctx context.Context, s *state, lang string, runs [][]string) ([][]string, error) {
	passages := 0
	for _, stems := range runs {
		n, err := s.rarest(ctx, fieldBody+lang, stems)
		if err != nil {
			return nil, err
		}
		passages += n
	}
	if passages <= fewPassages {
		return nil, nil
	}
	out := [][]string{{}}
	for i := range k.runs[0] {
		p := &k.runs[0][i]
		words := []string{p.word}
		if len(p.stems[lang]) > 0 {
			of, err := s.family(ctx, lang, p.word[:1])
			if err != nil {
				return nil, err
			}
			for _, stem := range p.stems[lang] {
				for _, w := range of[stem] {
					if w != p.word {
						words = append(words, w)
					}
				}
			}
		}
		var more [][]string
		for _, form := range out {
			for _, w := range words {
				more = append(more, append(slices.Clone(form), w))
			}
		}
		if out = more; len(out) > maxForms {
			return nil, nil
		}
	}
	return out, nil
}

// rarest is how many passages have the rarest of some words.
func (s *state) rarest(ctx context.Context, field string, words []string) (int, error) {
	least := -1
	for _, w := range words {
		r, err := s.reader.TermFieldReader(ctx, []byte(w), field, false, false, false)
		if err != nil {
			return 0, err
		}
		if n := int(r.Count()); least < 0 || n < least {
			least = n
		}
		if err := r.Close(); err != nil {
			return 0, err
		}
	}
	return max(0, least), nil
}

// families are words by their stem, of a language and a first letter, and the
// words of the index that begin so.
type families struct {
	mu    sync.Mutex
	known map[[2]string]map[string][]string
	words map[string][]string // by their first letter, in order
	size  int
}

// family makes or remembers the words of a language that begin so, by their
// stem. An inflection begins with the same letter ([tokenReader.run]).
func (s *state) family(ctx context.Context, lang, first string) (of map[string][]string, err error) {
	f := &s.families
	f.mu.Lock()
	defer f.mu.Unlock()
	id := [2]string{lang, first}
	if of, ok := f.known[id]; ok {
		return of, nil
	}
	words, err := f.beginning(ctx, s, first)
	if err != nil {
		return nil, err
	}
	stem := languages()[lang].stem
	of = make(map[string][]string, len(words))
	for i, w := range words {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if same := stem(w); same != "" {
			of[same] = append(of[same], w)
		}
	}
	f.room(len(words))
	f.known[id] = of
	return of, nil
}

// room makes room for so many words more.
func (f *families) room(words int) {
	if f.size += words; f.known == nil || f.size > maxFamilies {
		f.known, f.words, f.size = map[[2]string]map[string][]string{}, map[string][]string{}, words
	}
}

// vocabulary makes or remembers the words of the index that begin with a letter,
// in order.
func (s *state) vocabulary(ctx context.Context, first string) ([]string, error) {
	s.families.mu.Lock()
	defer s.families.mu.Unlock()
	return s.families.beginning(ctx, s, first)
}

// beginning does that while f.mu is held.
func (f *families) beginning(ctx context.Context, s *state, first string) (words []string, err error) {
	if words, ok := f.words[first]; ok {
		return words, nil
	}
	dict, err := s.reader.FieldDictPrefix(fieldExact, []byte(first))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dict.Close()) }()
	for {
		if len(words)%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		e, err := dict.Next()
		if err != nil {
			return nil, err
		}
		if e == nil {
			break
		}
		words = append(words, e.Term)
	}
	f.room(len(words))
	f.words[first] = words
	return words, nil
}
