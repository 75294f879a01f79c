package extract

import (
	"context"
	"fmt"
	"math/bits"
	"strings"
	"unicode"

	"veille/archive"
)

// A Fingerprint is small for what it tells: two texts that are nearly the same
// have fingerprints that differ in few bits (simhash; Charikar, "Similarity
// estimation techniques from rounding algorithms", 2002). It is made of runs of
// four words of the main text, in any case and without punctuation. 0 means
// that the text is too short to tell.
type Fingerprint uint64

// Bounds of fingerprints.
const (
	shingle      = 4  // words in a run
	nearFrom     = 60 // words of main text
	nearBits     = 4  // bits in which nearly equal texts differ at most
	nearPages    = 1000
	nearReported = 200 // bytes of an address in a reason
)

// FingerprintOf is the fingerprint of a version's main text.
func FingerprintOf(blocks []archive.Block) Fingerprint {
	var counts [64]int
	var run [shingle]string
	words := 0
	for i := range blocks {
		if blocks[i].Role != archive.Main {
			continue
		}
		for w := range strings.FieldsFuncSeq(strings.ToLower(blocks[i].Text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			copy(run[:], run[1:])
			run[shingle-1] = w
			if words++; words >= shingle {
				vote(&counts, &run)
			}
		}
	}
	if words < nearFrom {
		return 0
	}
	var f Fingerprint
	for b, n := range counts {
		if n > 0 {
			f |= 1 << b
		}
	}
	return f
}

func vote(counts *[64]int, run *[shingle]string) {
	sum := uint64(14695981039346656037) // FNV-1a, whose upper bits need mixing
	for _, w := range run {
		for i := range len(w) {
			sum = (sum ^ uint64(w[i])) * 1099511628211
		}
		sum = (sum ^ ' ') * 1099511628211
	}
	sum ^= sum >> 33
	sum *= 0xff51afd7ed558ccd
	sum ^= sum >> 33
	for b := range counts {
		if sum>>b&1 == 1 {
			counts[b]++
		} else {
			counts[b]--
		}
	}
}

// Near reports whether two texts are nearly the same, as far as their
// fingerprints tell.
func (f Fingerprint) Near(g Fingerprint) bool {
	return f != 0 && g != 0 && bits.OnesCount64(uint64(f^g)) <= nearBits
}

// nearPrefix begins the reason of a page whose text is nearly another's.
const nearPrefix = "nearly the same text as "

// A known is the text of a page of a source.
type known struct {
	page archive.PageID
	url  string
	mark Fingerprint
	gone bool // it has been withdrawn, and mark is that of what stood there
}

// compare holds a reading against the texts of the source's other pages where
// it begins a page's history or ends it.
func (s *syncer) compare(ctx context.Context, c *archive.Capture, st *pageState, r *archive.Reading) error {
	switch {
	case r.Version == nil || c.Late:
		return nil
	case r.Version.Gone:
		return s.whither(ctx, c, st, r)
	case st.fresh:
		st.fresh = false
		return s.recognise(ctx, c, r)
	}
	return nil
}

// recognise says in the reason of a page's first version if another page of
// the source has nearly the same text: the same article under two addresses,
// most likely. The reading stays what it is; the operator decides. If the other
// page is gone, the article was moved, and the version says from where.
func (s *syncer) recognise(ctx context.Context, c *archive.Capture, r *archive.Reading) error {
	mark := FingerprintOf(r.Version.Blocks)
	if mark == 0 {
		return nil
	}
	others, err := s.others(ctx, c.Source)
	if err != nil {
		return err
	}
	for i := range others {
		switch o := &others[i]; {
		case o.page == c.Page:
			o.mark = mark
			return nil
		case !o.mark.Near(mark):
		case o.gone && r.Version.MovedFrom == "":
			r.Version.MovedFrom = o.url
		case !o.gone && r.Reason == "":
			r.Reason = fmt.Sprintf(nearPrefix+"%s: another address of it?", o.url[:min(len(o.url), nearReported)])
		}
	}
	if len(others) < nearPages {
		s.known[c.Source] = append(others, known{c.Page, c.URL, mark, false})
	}
	return nil
}

// others are the pages of a source with their texts; they are read once a
// pass, when the first new page turns up.
func (s *syncer) others(ctx context.Context, source string) ([]known, error) {
	if all, read := s.known[source]; read {
		return all, nil
	}
	pages, err := s.archive.Pages(ctx, source)
	if err != nil {
		return nil, err
	}
	all := []known{}
	for _, p := range pages {
		if p.Latest == 0 || p.Purpose != archive.PurposePage || len(all) >= nearPages {
			continue
		}
		v, err := s.archive.Version(ctx, p.Latest)
		if err != nil {
			return nil, err
		}
		gone := v.Gone
		if gone && v.Prev != 0 {
			if v, err = s.archive.Version(ctx, v.Prev); err != nil {
				return nil, err
			}
		}
		if mark := FingerprintOf(v.Blocks); mark != 0 {
			all = append(all, known{p.ID, p.URL, mark, gone})
		}
	}
	s.known[source] = all
	return all, nil
}
