package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"veille/archive"
	"veille/archive/cdxj"
	"veille/archive/wacz"
)

// records writes our reading and the captures, with the index.
func (b *bundle) records(ctx context.Context, seqs []archive.Seq) error {
	if b.version != nil && len(b.proofs) == 0 {
		data, err := b.Archive.VersionRecord(ctx, b.version.ID)
		if err != nil {
			return err
		}
		if err := b.entry(ctx, fmt.Sprintf("proofs/version-%d.tlog-proof", b.version.ID), data); err != nil {
			return err
		}
	}
	for _, seq := range seqs {
		data, err := b.Archive.Group(ctx, seq)
		if err != nil {
			return err
		}
		if err := b.entry(ctx, fmt.Sprintf("proofs/capture-%d.tlog-proof", seq), data); err != nil {
			return err
		}
	}
	if more := b.requests(); len(more) > 0 {
		for i := 0; i < len(more); i++ { // it may grow
			l, err := b.Archive.Look(ctx, more[i])
			if err != nil {
				return err
			}
			b.claim.Looks = append(b.claim.Looks, ClaimLook{l.Seq, l.Time, l.Status, LookBase, l.Class, l.Origin})
			if l.Refers != 0 && b.entries[l.Refers] == nil && !slices.Contains(more, l.Refers) {
				more = append(more, l.Refers)
			}
		}
		if err := b.claim.conclude(); err != nil {
			return err
		}
		return b.records(ctx, more)
	}
	return b.out.Page(start(b.claim, text(b.version)))
}

// requests are the captures that are not there yet, with which the request or
// the facts of those that are were kept.
func (b *bundle) requests() (more []archive.Seq) {
	for _, e := range b.entries {
		for _, seq := range []archive.Seq{e.Request, e.Notes} {
			if seq != 0 && b.entries[seq] == nil && !slices.Contains(more, seq) {
				more = append(more, seq)
			}
		}
	}
	slices.Sort(more)
	return more
}

// start is the page at which a viewer begins.
func start(c *Claim, text string) wacz.Page {
	return wacz.Page{URL: c.URL, Time: c.First, Title: heading(c), Text: text}
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
		hashes, err := b.Archive.Proof(ctx, n, b.signed.Size)
		if err != nil {
			return err
		}
		p := &Proof{Index: n, Hashes: hashes, Checkpoint: b.checkpoint}
		if _, err := p.Check(e.Hash(), b.Archive.LogKey()); err != nil {
			return fmt.Errorf("%s: the archive does not hold what its log says; run `veille verify`: %w", name, err)
		}
		b.proofs = append(b.proofs, file{name, p.Format()})
		if b.texts.Len() > 0 {
			b.texts.WriteByte('\n')
		}
		b.texts.Write(e.Text)
		if e.Version == nil {
			b.entries[e.Seq], b.leaves[e.Seq] = e, n
		}
		l := indexLine(e, at)
		e.Body, e.Text, e.Header = nil, nil, nil // there may be thousands
		if l != nil {
			return b.out.Index(l)
		}
	}
	return nil
}

// index is an entry's number in the log.
func (b *bundle) index(ctx context.Context, e *archive.LogEntry) (int64, error) {
	if e.Version != nil {
		return b.version.Leaf, nil
	}
	return b.Archive.CaptureLeaf(ctx, e.Seq)
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
func (b *bundle) papers(ctx context.Context) error {
	stamps, err := b.stamps(ctx)
	if err != nil {
		return err
	}
	b.claim.Stamps = len(stamps) / len(stampFiles)
	statement, err := json.MarshalIndent(b.claim, "", "  ")
	if err != nil {
		return err
	}
	files := append(b.proofs, file{"proofs/entries.txt", b.texts.Bytes()}, file{"proofs/checkpoint", b.checkpoint},
		file{"proofs/key.pub", []byte(b.Archive.LogKey() + "\n")})
	files = append(files, stamps...)
	files = append(files, file{"about/statement.json", append(statement, '\n')}, file{"about/text.txt", []byte(text(b.version))},
		file{"about/README.md", readme(b.claim)})
	for _, f := range files {
		if err := b.out.File(f.name, f.text); err != nil {
			return err
		}
	}
	return nil
}

// stamps are the files of the time-stamps that say most: the first one after
// the wording was found and read, which shows it to be no younger, and the
// latest one, which covers most looks.
func (b *bundle) stamps(ctx context.Context) ([]file, error) {
	all, err := b.Archive.Stamps()
	if err != nil {
		return nil, err
	}
	var need int64 // the log must have at least so many entries
	for _, l := range b.claim.Looks {
		if l.Found == LookShows {
			need = b.leaves[l.Capture] + 1
			break
		}
	}
	if b.version != nil {
		need = max(need, b.version.Leaf+1)
	}
	all = slices.DeleteFunc(all, func(s archive.Stamp) bool { return s.Size < need || s.Size > b.signed.Size })
	slices.SortStableFunc(all, func(a, b archive.Stamp) int { return a.Asked.Compare(b.Asked) })
	if len(all) > 2 {
		all = []archive.Stamp{all[0], all[len(all)-1]}
	}
	var out []file
	for i := range all {
		s := &all[i]
		if err := b.Archive.ReadStamp(s); err != nil { // it proves nothing, and keeps nothing from being proven
			b.claim.StampError = oneLine(err.Error())
			continue
		}
		hashes, err := b.Archive.Consistency(ctx, s.Size, b.signed.Size)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("proofs/stamp-%d", len(out)/len(stampFiles)+1)
		for k, text := range [][]byte{s.Checkpoint, s.Request, s.Response, formatHashes(hashes)} {
			out = append(out, file{name + stampFiles[k], text})
		}
	}
	return out, nil
}

// stampFiles are how the names of a stamp's files end.
var stampFiles = [4]string{".checkpoint", ".tsq", ".tsr", ".consistency"}

// text is a version as plain text, one block a paragraph; "" for none.
func text(v *archive.Version) string {
	if v == nil {
		return ""
	}
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
