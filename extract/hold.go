package extract

import (
	"context"
	"fmt"
	"strings"

	"veille/archive"
)

// A textSize is how much main text a version has.
type textSize struct {
	bytes    int
	articles int
}

func sizeOf(blocks []archive.Block) textSize {
	var s textSize
	for i := range blocks {
		b := &blocks[i]
		if b.Role != archive.Main {
			continue
		}
		s.bytes += len(b.Text)
		if b.Kind == archive.Article {
			s.articles++
		}
	}
	return s
}

// How much of a long text may go from one look to the next without being
// asked about once more: publishers' servers at times answer with the frame of
// a page, or with the first articles of a law.
const (
	longText     = 6000 // bytes of main text
	longLaw      = 20   // articles
	hollowShare  = 20   // a twentieth is left, or less
	missingShare = 2    // half of the articles are left, or less
)

// heldPrefix begins the reason of an answer that was held.
const heldPrefix = "truncated: only "

// hold keeps back a text that lacks most of the page's latest one, unless the
// look before was held too: then the publisher means it. A page that really
// was emptied is told one look later, like one that answers 404.
func (s *syncer) hold(ctx context.Context, st *pageState, c *archive.Capture, r *archive.Reading) (bool, error) {
	if r.Version == nil || r.Class != archive.Content || st.head.Capture == 0 || st.head.Gone {
		return false, nil
	}
	now := sizeOf(r.Version.Blocks)
	before, err := s.sizeBefore(ctx, st)
	if err != nil {
		return false, err
	}
	reason := ""
	switch {
	case before.articles >= longLaw && now.articles*missingShare < before.articles:
		reason = fmt.Sprintf("%s%d articles where there were %d", heldPrefix, now.articles, before.articles)
	case before.bytes >= longText && now.bytes*hollowShare < before.bytes:
		reason = fmt.Sprintf("%s%d bytes of text where there were %d", heldPrefix, now.bytes, before.bytes)
	default:
		return false, nil
	}
	if held, err := s.heldBefore(ctx, st, c); err != nil || held {
		return false, err
	}
	r.Class, r.Version = archive.Error, nil
	r.Reason = reason + "; it is taken for the page's new text if the next look says so too"
	return true, nil
}

// sizeBefore is the size of the page's latest version.
func (s *syncer) sizeBefore(ctx context.Context, st *pageState) (textSize, error) {
	if st.size != nil {
		return *st.size, nil
	}
	v, err := s.archive.Version(ctx, st.head.ID)
	if err != nil {
		return textSize{}, err
	}
	size := sizeOf(v.Blocks)
	st.size = &size
	return size, nil
}

// heldBefore reports whether the capture of the page before c was held.
func (s *syncer) heldBefore(ctx context.Context, st *pageState, c *archive.Capture) (bool, error) {
	if st.read {
		return st.held, nil
	}
	looks, err := s.archive.LooksBefore(ctx, c, 1)
	if err != nil || len(looks) == 0 {
		return false, err
	}
	return looks[0].Class == archive.Error && strings.HasPrefix(looks[0].Reason, heldPrefix), nil
}
