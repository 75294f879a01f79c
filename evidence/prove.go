// Package evidence carries what the archive holds out of it and into it, in
// forms that others rely on: bundles that prove what a page said ([Prover],
// [Check]), packages of captures for other tools, and captures of other
// crawlers.
package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"

	"veille/archive"
	"veille/archive/wacz"
)

// How a bundle lies in its WACZ.
//
//	archive/data.warc.gz          the reading, if there is a wording; then the captures as they came
//	                              to the archive, each with its requests and redirects, byte for byte
//	about/statement.json          what is claimed (Claim)
//	about/text.txt                the wording, from the reading; empty if there is none
//	proofs/entries.txt            the log's entry of each of these, in their order, blank lines between
//	proofs/version-5.tlog-proof   its proof (C2SP tlog-proof), likewise proofs/capture-17.tlog-proof
//	proofs/checkpoint             the signed checkpoint that all proofs speak of
//	proofs/key.pub                the log's public key
//	proofs/stamp-1.checkpoint     if there are time-stamps: an earlier checkpoint, the request for its
//	              .tsq .tsr       stamp and the answer (RFC 3161), and the proof (RFC 6962 §2.1.2) that
//	              .consistency    the log of proofs/checkpoint begins with that one: hashes, one a line
//	about/README.md               all this in plain words
//
// and nothing else but what every WACZ has. [Check] refuses other files.

// A Prover writes bundles that prove what a page said. Its methods may be
// called concurrently.
type Prover struct {
	Archive  *archive.Archive
	Software string
	Now      time.Time
	// StampError says in the bundle why a time-stamp that was asked for is missing.
	StampError string
}

// Version writes a bundle about one wording of a page, or about its withdrawal:
// a WACZ with every look at the page from the last one before it to the first
// one after it, our reading, a proof for each that it is in the tamper-evident
// log, the signed checkpoint, the time-stamps there are and a README for
// laypeople. The captures are streamed. For an unknown version the error wraps
// [fs.ErrNotExist].
func (p *Prover) Version(ctx context.Context, w io.Writer, version archive.Seq) (*Claim, error) {
	v, err := p.Archive.Version(ctx, version)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	page, err := p.Archive.PageByID(ctx, v.Page)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	kind := KindWording
	if v.Gone {
		kind = KindWithdrawn
	}
	b := p.bundle(page, kind)
	b.version = v
	b.claim.Version, b.claim.Title, b.claim.Lang = v.ID, v.Title, v.Lang
	if err := b.neighbours(ctx); err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	return b.write(ctx, w, func(l *archive.Look) string {
		switch {
		case l.Version == v.ID:
			return LookShows
		case l.Class == archive.Content || l.Class == archive.Gone:
			return LookOther
		}
		return LookFailed
	})
}

// neighbours finds whether the versions before and after differ from this one
// only in menus, banners and the like.
func (b *bundle) neighbours(ctx context.Context) error {
	heads, err := b.Archive.History(ctx, b.page.ID)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if h.ID != b.version.Prev && h.Prev != b.version.ID || h.Gone || b.version.Gone {
			continue
		}
		other, err := b.Archive.Version(ctx, h.ID)
		if err != nil {
			return err
		}
		if text(other) != text(b.version) {
			continue
		}
		if h.ID == b.version.Prev {
			b.claim.SameBefore = true
		} else {
			b.claim.SameAfter = true
		}
	}
	return nil
}

// Page writes a bundle about what stood on a page at a time: the wording, as
// Version does, or, where none had been read by then, what the server answered
// instead. Before the first look the error wraps [fs.ErrNotExist].
func (p *Prover) Page(ctx context.Context, w io.Writer, page *archive.Page, at time.Time) (*Claim, error) {
	v, err := p.Archive.VersionAt(ctx, page.ID, at)
	if err == nil {
		return p.Version(ctx, w, v.ID)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("prove: %w", err)
	}
	looks, err := p.Archive.Looks(ctx, page.ID, 0)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	i := slices.IndexFunc(looks, func(l archive.Look) bool { return !l.Time.After(at) })
	if i < 0 {
		return nil, fmt.Errorf("prove: nobody had looked at %s by %s: %w", page.URL, stamp(at), fs.ErrNotExist)
	}
	is := looks[i]
	b := p.bundle(page, KindAnswer)
	b.at = at
	return b.write(ctx, w, func(l *archive.Look) string {
		if l.Version == 0 && l.Status == is.Status && l.Class == is.Class {
			return LookShows
		}
		return LookOther
	})
}

func (p *Prover) bundle(page *archive.Page, kind string) *bundle {
	return &bundle{Prover: p, page: page, checkpoint: p.Archive.Checkpoint(), entries: chain{}, leaves: map[archive.Seq]int64{},
		claim: &Claim{Kind: kind, URL: page.URL, Made: p.Now.UTC().Truncate(time.Second), Software: p.Software, StampError: p.StampError}}
}

// A bundle is being written.
type bundle struct {
	*Prover
	out        *wacz.Writer
	page       *archive.Page
	version    *archive.Version // nil for KindAnswer
	at         time.Time        // for KindAnswer: what is asked about
	claim      *Claim
	checkpoint []byte
	signed     *archive.Checkpoint
	entries    chain                 // without bodies
	leaves     map[archive.Seq]int64 // number in the log, by capture
	texts      bytes.Buffer          // entries.txt
	proofs     []file
}

type file struct {
	name string
	text []byte
}

func (b *bundle) write(ctx context.Context, w io.Writer, found func(*archive.Look) string) (*Claim, error) {
	var err error
	if b.signed, err = archive.ParseCheckpoint(b.checkpoint, b.Archive.LogKey()); err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	b.claim.Log, b.claim.LogSize = b.signed.Origin, b.signed.Size
	seqs, err := b.choose(ctx, found)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	b.out, err = wacz.NewWriter(w, meta(b.claim))
	if err != nil {
		return nil, err
	}
	defer b.out.Abort()
	if err := b.records(ctx, seqs); err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	for _, l := range b.claim.Looks {
		if l.Found == LookShows { // the page may belong to another source by now
			b.claim.Source = b.entries[l.Capture].Source
			break
		}
	}
	b.claim.Complete = b.entries.complete(b.claim.Looks, !b.claim.Seen.After.IsZero() || b.claim.ReadAnew)
	if err := b.papers(ctx); err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	return b.claim, b.out.Close()
}

// meta is what the WACZ says of itself; it follows from the claim.
func meta(c *Claim) wacz.Meta {
	return wacz.Meta{Title: heading(c), Description: "What " + c.URL + " said, with proof. See about/README.md.", Software: c.Software, Created: c.Made, OneIndex: true}
}

func heading(c *Claim) string {
	if c.Title != "" {
		return c.Title
	}
	return c.URL
}

// choose finds the captures that belong in the bundle, and what they say.
func (b *bundle) choose(ctx context.Context, found func(*archive.Look) string) ([]archive.Seq, error) {
	looks, err := b.Archive.Looks(ctx, b.page.ID, 0)
	if err != nil {
		return nil, err
	}
	slices.Reverse(looks)
	from, to := b.window(looks, found)
	if from < 0 {
		return nil, fmt.Errorf("no look at %s shows it: %w", b.page.URL, fs.ErrNotExist)
	}
	lo, hi := looks[from].Seq, looks[from].Seq
	for _, l := range looks[from : to+1] {
		lo, hi = min(lo, l.Seq), max(hi, l.Seq)
	}
	before := found(&looks[from]) == LookOther
	chosen := map[archive.Seq]bool{}
	base := map[archive.Seq]bool{}
	for i, l := range looks {
		c := ClaimLook{l.Seq, l.Time, l.Status, LookOutside, l.Class, l.Origin}
		if i >= from && i <= to {
			c.Found = found(&l)
		} else if before && l.Seq < lo || l.Seq > hi {
			continue
		}
		b.claim.Looks = append(b.claim.Looks, c)
		chosen[l.Seq] = true
		if l.Refers != 0 {
			base[l.Refers] = true
		}
	}
	for _, l := range looks {
		if base[l.Seq] && !chosen[l.Seq] {
			b.claim.Looks = append(b.claim.Looks, ClaimLook{l.Seq, l.Time, l.Status, LookBase, l.Class, l.Origin})
			chosen[l.Seq] = true
		}
	}
	b.claim.ReadAnew = b.readAnew(looks, from)
	return slices.Sorted(maps.Keys(chosen)), b.claim.conclude()
}

// window is the looks that the claim is about, from the last before it to the
// first after it; -1 if none shows it. Answers that come and go make several
// runs; it is the one of the time asked about.
func (b *bundle) window(looks []archive.Look, found func(*archive.Look) string) (from, to int) {
	first, last := -1, -1
	for i := range looks {
		switch found(&looks[i]) {
		case LookShows:
			if first < 0 {
				first = i
			}
			last = i
		case LookOther:
			if b.version == nil && first >= 0 && looks[i].Time.After(b.at) {
				return b.widen(looks, found, first, last)
			}
			if b.version == nil {
				first, last = -1, -1
			}
		}
	}
	if first < 0 {
		return -1, -1
	}
	return b.widen(looks, found, first, last)
}

func (b *bundle) widen(looks []archive.Look, found func(*archive.Look) string, first, last int) (from, to int) {
	for from = first; from > 0; {
		if from--; found(&looks[from]) == LookOther {
			break
		}
	}
	for to = last; to < len(looks)-1; {
		if to++; found(&looks[to]) == LookOther {
			break
		}
	}
	return from, to
}

// readAnew reports whether the look before showed the same bytes, which we
// read in another way then.
func (b *bundle) readAnew(looks []archive.Look, from int) bool {
	if b.version == nil || looks[from].Version == b.version.ID {
		return false
	}
	holder := func(l archive.Look) archive.Seq {
		if l.Refers != 0 {
			return l.Refers
		}
		return l.Seq
	}
	i := slices.IndexFunc(looks, func(l archive.Look) bool { return l.Seq == b.version.Capture })
	return i >= 0 && holder(looks[from]) == holder(looks[i])
}
