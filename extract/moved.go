package extract

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"veille/archive"
)

// How a page that its publisher moved keeps its history.
//
// Where the old address leads on by a permanent redirect, the page goes on
// under it, and its next version says where the text stands now. Where the old
// address answers 404 or 410, the page is withdrawn; if another page of the
// source has nearly its text, or comes to have it, the two versions name each
// other's addresses ([archive.Version.MovedTo], MovedFrom).

// movedTo is the canonical address to which the publisher has moved the page
// of a capture, "" if it stands where it was asked for. A slash at the end, a
// "www." before the host and another query are no other address.
func (s *syncer) movedTo(c *archive.Capture) string {
	if c.MovedTo == "" {
		return ""
	}
	to, err := s.list.Canonical(c.MovedTo)
	if err != nil || whereabouts(to) == whereabouts(c.URL) {
		return ""
	}
	return to
}

// whereabouts is what makes an address another place: host and path.
func whereabouts(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.TrimPrefix(u.Host, "www.") + strings.TrimRight(u.Path, "/")
}

// movedSince reports whether a page has been moved since its latest version.
func (s *syncer) movedSince(st *pageState, c *archive.Capture) bool {
	return st.head.Capture != 0 && !st.head.Gone && whereabouts(s.movedTo(c)) != whereabouts(st.head.MovedTo)
}

// move says in a version where its text stands. A redirect that was there
// already when the page's latest version was captured, before the archive took
// note of permanent ones, is no move: that version is listed once more, by our
// own doing, with the address.
func (s *syncer) move(ctx context.Context, st *pageState, c *archive.Capture, v *archive.Version) (*archive.Reading, error) {
	if v == nil || v.Gone {
		return nil, nil
	}
	v.MovedTo = s.movedTo(c)
	if c.Late || st.head.Capture == 0 || st.head.Gone {
		return nil, nil
	}
	if whereabouts(v.MovedTo) == whereabouts(st.head.MovedTo) {
		v.MovedTo = st.head.MovedTo // but for the query, which may differ at each look
		return nil, nil
	}
	if v.MovedTo == "" || st.head.MovedTo != "" {
		return nil, nil
	}
	old := st.shown
	if old == nil {
		var err error
		if old, err = s.archive.Capture(ctx, st.head.Capture); err != nil {
			return nil, err
		}
	}
	if led, err := s.list.Canonical(old.FinalURL); old.MovedTo != "" || err != nil || whereabouts(led) != whereabouts(v.MovedTo) {
		return nil, nil
	}
	again := st.head
	again.Blocks, again.MovedTo = st.blocks, v.MovedTo
	return &archive.Reading{Capture: old.Seq, Class: archive.Content, Version: &again}, nil
}

// leave notes what text a page had that is withdrawn.
func (s *syncer) leave(ctx context.Context, st *pageState, c *archive.Capture) error {
	if st.blocks == nil && st.head.ID != 0 {
		v, err := s.archive.Version(ctx, st.head.ID)
		if err != nil {
			return err
		}
		st.blocks = v.Blocks
	}
	if st.left == nil {
		st.left = map[archive.Seq]Fingerprint{}
	}
	st.left[c.Seq] = FingerprintOf(st.blocks)
	return nil
}

// whither finds the page at which the text of a withdrawn one stands now.
func (s *syncer) whither(ctx context.Context, c *archive.Capture, st *pageState, r *archive.Reading) error {
	mark := st.left[c.Seq]
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
			o.gone = true
		case r.Version.MovedTo == "" && !o.gone && o.mark.Near(mark):
			r.Version.MovedTo = o.url
			r.Reason += fmt.Sprintf("; its text stands at %s", o.url[:min(len(o.url), nearReported)])
		}
	}
	return nil
}
