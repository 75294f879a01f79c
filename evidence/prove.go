// Package evidence carries what the archive holds out of it and into it, in
// forms that others rely on: bundles that prove what a page said ([Prove],
// [Check]), packages of captures for other tools, and captures of other
// crawlers.
package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/archive/cdxj"
	"veille/archive/wacz"
)

// A Stamp fetches a time-stamp (RFC 3161) of a SHA-256 digest.
type Stamp func(ctx context.Context, digest [32]byte) ([]byte, error)

// A Claim says what a bundle proves, for people and programs. It is
// statement.json in the bundle; [Check] finds it true or not.
type Claim struct {
	URL     string            `json:"url"`
	Source  string            `json:"source"`
	Version archive.Seq       `json:"version"`
	Title   string            `json:"title"`
	Lang    string            `json:"lang"`
	Seen    archive.Interval  `json:"first_seen"`
	Until   *archive.Interval `json:"until"`  // nil: it stood when the bundle was made
	Checks  int               `json:"checks"` // looks that found this wording
	First   time.Time         `json:"first_check"`
	Last    time.Time         `json:"last_check"`
	Log     string            `json:"log"` // its name
	LogSize int64             `json:"log_size"`
}

// Prove writes a bundle about one wording of a page, a version: a
// WACZ with every capture that showed it, the capture before it that did not,
// our reading of it, a proof for each of them that it is in the tamper-evident
// log, the signed checkpoint and a README for laypeople. stamp may be nil. For
// an unknown version the error wraps [fs.ErrNotExist].
func Prove(ctx context.Context, a *archive.Archive, w io.Writer, version archive.Seq, software string, now time.Time, stamp Stamp) (*Claim, error) {
	v, err := a.Version(ctx, version)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	page, err := a.PageByID(ctx, v.Page)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	b := &bundle{a: a, version: v, page: page, checkpoint: a.Checkpoint(), done: map[archive.Seq]bool{}}
	if b.signed, err = archive.ParseCheckpoint(b.checkpoint, a.LogKey()); err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	if err := b.choose(ctx); err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	b.out, err = wacz.NewWriter(w, wacz.Meta{Title: b.title(), Description: "What " + page.URL + " said, with proof. See README.md.",
		Software: software, Created: now})
	if err != nil {
		return nil, err
	}
	defer b.out.Abort()
	if err := errors.Join(b.records(ctx), b.papers(ctx, stamp)); err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	return b.claim(), b.out.Close()
}

// A bundle is being written.
type bundle struct {
	a          *archive.Archive
	out        *wacz.Writer
	page       *archive.Page
	version    *archive.Version
	looks      []archive.Look // that showed the version, in the order of time
	others     []archive.Seq  // further captures: what was there before, and what looks refer to
	checkpoint []byte
	signed     *archive.Checkpoint
	done       map[archive.Seq]bool
	proofs     []file
}

type file struct {
	name string
	text []byte
}

func (b *bundle) title() string {
	if b.version.Title != "" {
		return b.version.Title
	}
	return b.page.URL
}

// choose finds the captures that belong in the bundle.
func (b *bundle) choose(ctx context.Context) error {
	looks, err := b.a.Looks(ctx, b.page.ID, 0)
	if err != nil {
		return err
	}
	slices.Reverse(looks)
	var before archive.Seq
	for _, l := range looks {
		switch {
		case l.Version == b.version.ID:
			b.looks = append(b.looks, l)
			if l.Refers != 0 {
				b.others = append(b.others, l.Refers)
			}
		case len(b.looks) == 0 && (l.Class == archive.Content || l.Class == archive.Gone):
			before = l.Seq
			if l.Refers != 0 {
				b.others = append(b.others[:0], l.Refers)
			} else {
				b.others = b.others[:0]
			}
		}
	}
	if len(b.looks) == 0 {
		return fmt.Errorf("version %d: no capture shows it: %w", b.version.ID, fs.ErrNotExist)
	}
	if before != 0 {
		b.others = append(b.others, before)
	}
	return nil
}

// records writes the captures and our reading, with the index.
func (b *bundle) records(ctx context.Context) error {
	var seqs []archive.Seq
	for _, l := range b.looks {
		seqs = append(seqs, l.Seq)
	}
	for _, seq := range append(b.others, seqs...) {
		if b.done[seq] {
			continue
		}
		b.done[seq] = true
		data, err := b.a.Group(ctx, seq)
		if err != nil {
			return err
		}
		if err := b.entry(ctx, fmt.Sprintf("proofs/capture-%d.tlog-proof", seq), data); err != nil {
			return err
		}
	}
	data, err := b.a.VersionRecord(ctx, b.version.ID)
	if err != nil {
		return err
	}
	first := b.looks[0]
	if err := b.out.Page(wacz.Page{URL: b.page.URL, Time: first.Time, Title: b.title(), Text: text(b.version)}); err != nil {
		return err
	}
	return b.entry(ctx, fmt.Sprintf("proofs/version-%d.tlog-proof", b.version.ID), data)
}

// entry writes the records of one entry and its proof.
func (b *bundle) entry(ctx context.Context, name string, members []byte) error {
	at, err := b.out.Member(members)
	if err != nil {
		return err
	}
	for e, err := range archive.Entries(bytes.NewReader(members)) {
		if err != nil {
			return err
		}
		n, err := b.index(ctx, e)
		if err != nil {
			return err
		}
		hashes, err := b.a.Proof(ctx, n, b.signed.Size)
		if err != nil {
			return err
		}
		p := &Proof{Index: n, Hashes: hashes, Checkpoint: b.checkpoint}
		if _, err := p.Check(e.Hash(), b.a.LogKey()); err != nil {
			return fmt.Errorf("%s: the archive does not hold what its log says; run `veille verify`: %w", name, err)
		}
		b.proofs = append(b.proofs, file{name, p.Format()})
		if l := indexLine(e, at); l != nil {
			return b.out.Index(l)
		}
	}
	return nil
}

// index is an entry's number in the log.
func (b *bundle) index(ctx context.Context, e *archive.LogEntry) (int64, error) {
	if e.Version != nil {
		v, err := b.a.VersionHead(ctx, e.Version.ID)
		if err != nil {
			return 0, err
		}
		return v.Leaf, nil
	}
	return b.a.CaptureLeaf(ctx, e.Seq)
}

// indexLine is the CDXJ line of a capture whose records begin at an offset;
// nil for what has no answer to show.
func indexLine(e *archive.LogEntry, at int64) *cdxj.Line {
	if e.Version != nil || e.Status == 0 {
		return nil
	}
	l := &cdxj.Line{URL: e.URL, Time: e.Time, Status: cdxj.Number(e.Status), Digest: e.Payload, Offset: cdxj.Number(at + e.Offset), Length: cdxj.Number(e.Bytes)}
	if l.MIME, _, _ = strings.Cut(e.Header.Get("Content-Type"), ";"); l.MIME == "" {
		l.MIME = "application/octet-stream"
	}
	if e.RecordType == "revisit" {
		l.MIME = "warc/revisit"
	}
	return l
}

// papers writes the proofs and what explains them.
func (b *bundle) papers(ctx context.Context, stamp Stamp) error {
	for _, f := range b.proofs {
		if err := b.out.File(f.name, f.text); err != nil {
			return err
		}
	}
	statement, err := json.MarshalIndent(b.claim(), "", "  ")
	if err != nil {
		return err
	}
	files := []file{{"proofs/checkpoint", b.checkpoint}, {"proofs/key.pub", []byte(b.a.LogKey() + "\n")},
		{"statement.json", append(statement, '\n')}, {"text.txt", []byte(text(b.version))}}
	stamped := false
	if stamp != nil {
		token, err := stamp(ctx, digestOf(b.checkpoint))
		if err != nil {
			return fmt.Errorf("time-stamp: %w", err)
		}
		files = append(files, file{"proofs/checkpoint.tsr", token})
		stamped = true
	}
	files = append(files, file{"README.md", readme(b.claim(), stamped)})
	for _, f := range files {
		if err := b.out.File(f.name, f.text); err != nil {
			return err
		}
	}
	return nil
}

func (b *bundle) claim() *Claim {
	return &Claim{URL: b.page.URL, Source: b.page.Source, Version: b.version.ID, Title: b.version.Title, Lang: b.version.Lang,
		Seen: b.version.Seen, Until: b.version.Until, Checks: len(b.looks), First: b.looks[0].Time, Last: b.looks[len(b.looks)-1].Time,
		Log: b.signed.Origin, LogSize: b.signed.Size}
}

// text is a version as plain text, one block a paragraph.
func text(v *archive.Version) string {
	var b strings.Builder
	for i := range v.Blocks {
		if v.Blocks[i].Role != archive.Main {
			continue
		}
		if m := v.Blocks[i].Marker; m != "" {
			b.WriteString(m + " ")
		}
		b.WriteString(v.Blocks[i].Text + "\n\n")
	}
	return b.String()
}
