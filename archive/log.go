package archive

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"veille/archive/warc"
)

// The tamper-evident log.
//
// Every capture and every version is an entry of an append-only Merkle tree
// (RFC 6962; C2SP tlog-tiles), in the order in which they came. An entry is a
// few lines of text that can be made again from the WARC records alone:
//
//	veille-capture/2                             veille-version/2
//	seq 17                                       version 5
//	previous 16                                  capture 17
//	page https://example.org/fr                  record conversion urn:uuid:… sha256:… sha256:…
//	source be-example
//	time 2026-03-03T08:00:00.000Z
//	status 200
//	origin imported                              (not for the crawler's)
//	refers 12                                    (only for a revisit)
//	request as capture 14                        (only where it is not kept again)
//	notes as capture 12                          (likewise)
//	error dial: connection refused               (only where there was one)
//	payload sha256:…                             (only where there is one)
//	record request urn:uuid:… sha256:… sha256:…  (each of the group)
//	record response urn:uuid:… sha256:… sha256:…
//
// A record's two digests are those of its block and of its header, from
// "WARC/1.1" to the blank line. previous is the capture of the same page that
// came to the archive before this one; there is none before the first. So
// whoever has some captures of a page sees whether others between them were
// left out. Entries of before, veille-capture/1 and veille-version/1, have no
// previous and one digest a record; which it is, the record's Veille-Entry says.
// All this is there
// so that whoever has the records, a proof and a signed checkpoint can see
// that these bytes, and no others, were in the archive when the checkpoint was
// signed. The tree's hashes lie in the catalogue, written in the transaction
// of what they cover; journal.go says what is kept beside it.

// The kinds of entries.
const (
	leafLost    = 0 // its records are lost, and nobody knows whose it was
	leafCapture = 1
	leafVersion = 2
	lostCapture = 3 // its records are lost, its hash is known
	lostVersion = 4
)

// tree is the log's state: entries before size are in the catalogue. fresh are
// those added by the transaction under way.
type tree struct {
	size  int64
	fresh []leaf
}

// A leaf is an entry's hash and whose it is.
type leaf struct {
	hash tlog.Hash
	kind int
	seq  Seq
}

// lost reports whether the entry's records are lost.
func (l leaf) lost() bool { return l.kind != leafCapture && l.kind != leafVersion }

// logEntry is a capture's entry.
func (e *entry) logEntry() []byte {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString(name + " " + strings.NewReplacer("\n", " ", "\r", " ").Replace(value) + "\n")
		}
	}
	if e.form >= entryForm {
		b.WriteString("veille-capture/2\n")
	} else {
		b.WriteString("veille-capture/1\n")
	}
	line("seq", strconv.FormatInt(int64(e.seq), 10))
	line("previous", number(e.previous))
	line("page", e.url)
	line("source", e.source)
	line("time", entryTime(e.time))
	line("status", strconv.Itoa(e.status))
	line("origin", e.origin)
	line("refers", number(e.refers))
	line("request as capture", number(e.request))
	line("notes as capture", number(e.notes))
	line("error", e.err)
	line("payload", e.payload)
	for _, r := range e.records {
		line("record", r.format(e.form))
	}
	return []byte(b.String())
}

func versionEntry(id, capture Seq, r recordID) []byte {
	return fmt.Appendf(nil, "veille-version/%d\nversion %d\ncapture %d\nrecord %s\n", max(r.form, 1), id, capture, r.format(r.form))
}

// addLeaf appends an entry to the tree. at is the number that its record bears
// (-1: none). Numbers that are missing before it belong to records that are
// lost: their hashes are taken from what is kept beside the catalogue.
func (a *Archive) addLeaf(ctx context.Context, tx *txn, at int64, l leaf) error {
	switch {
	case at < 0:
		at = a.tree.size
	case at < a.tree.size:
		return fmt.Errorf("entry %d of the log is there already", at)
	}
	if at > a.tree.size {
		if err := a.addLost(ctx, tx, at); err != nil {
			return err
		}
	}
	return a.addHash(ctx, tx, l)
}

// addLost appends the entries before number upto whose records are lost.
func (a *Archive) addLost(ctx context.Context, tx *txn, upto int64) error {
	from := a.tree.size
	saved, err := a.journal.saved(from, upto)
	if err != nil {
		return err
	}
	if known := from + int64(len(saved)); known < upto {
		if !a.anew {
			a.journal.breaks(fmt.Errorf("the records of entries %d to %d of the log are lost, and log/leaves does not have them either", known, upto-1))
		}
		for n := known; n < upto; n++ {
			saved = append(saved, leaf{hash: tlog.RecordHash(fmt.Appendf(nil, "veille-lost/1\nentry %d\n", n))})
		}
	}
	a.log.Error("records are lost; the log keeps their entries", "first", from, "last", upto-1)
	for _, l := range saved {
		switch l.kind { // numbers are never used again
		case leafCapture, lostCapture:
			l.kind, a.nextCapture = lostCapture, max(a.nextCapture, l.seq+1)
		case leafVersion, lostVersion:
			l.kind, a.nextVersion = lostVersion, max(a.nextVersion, l.seq+1)
		default:
			l.kind = leafLost
		}
		if err := a.addHash(ctx, tx, l); err != nil {
			return err
		}
	}
	return nil
}

// addHash appends a leaf to the tree.
func (a *Archive) addHash(ctx context.Context, tx *txn, l leaf) error {
	n := a.tree.size
	hashes, err := tlog.StoredHashesForRecordHash(n, l.hash, hashReader(ctx, tx))
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	first := tlog.StoredHashIndex(0, n)
	for i, h := range hashes {
		if _, err := tx.ExecContext(ctx, `INSERT INTO hash (id, hash) VALUES ($1, $2)`, first+int64(i), h[:]); err != nil {
			return fmt.Errorf("log: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO leaf (id, kind, seq) VALUES ($1, $2, $3)`, n, l.kind, l.seq); err != nil {
		return fmt.Errorf("log: %w", err)
	}
	a.tree.size++
	a.tree.fresh = append(a.tree.fresh, l)
	return nil
}

// hashReader reads the tree's hashes from the catalogue.
func hashReader(ctx context.Context, db querier) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, n := range indexes {
			var b []byte
			if err := db.QueryRowContext(ctx, `SELECT hash FROM hash WHERE id = $1`, n).Scan(&b); err != nil {
				return nil, fmt.Errorf("hash %d of the log: %w", n, err)
			}
			if len(b) != tlog.HashSize {
				return nil, fmt.Errorf("hash %d of the log: %w", n, errCorrupt)
			}
			out[i] = tlog.Hash(b)
		}
		return out, nil
	})
}

// LogSize is the number of entries of the tamper-evident log.
func (a *Archive) LogSize(ctx context.Context) (n int64, err error) {
	if err := a.read.QueryRowContext(ctx, `SELECT count(*) FROM leaf`).Scan(&n); err != nil {
		return 0, fmt.Errorf("log: %w", err)
	}
	return n, nil
}

// ErrNotInLog is wrapped by errors about entries that the log does not have,
// or not yet.
var ErrNotInLog = errors.New("not in the log")

// Tile returns the hashes of a tile of the log (C2SP tlog-tiles): width of
// them, 1 to 256. The error for one that is not there wraps [ErrNotInLog].
func (a *Archive) Tile(ctx context.Context, level int, n int64, width int) ([]byte, error) {
	size, err := a.LogSize(ctx)
	if err != nil {
		return nil, err
	}
	if level < 0 || level > 7 || n < 0 || n > 1<<40 || width < 1 || width > 256 || n*256+int64(width) > size>>(8*level) {
		return nil, fmt.Errorf("tile %d/%d of width %d in a log of %d entries: %w", level, n, width, size, ErrNotInLog)
	}
	data, err := tlog.ReadTileData(tlog.Tile{H: 8, L: level, N: n, W: width}, hashReader(ctx, a.read))
	if err != nil {
		return nil, fmt.Errorf("tile %d/%d: %w", level, n, err)
	}
	return data, nil
}

// Entries returns the entries of a bundle of the log (C2SP tlog-tiles): width
// of them, from entry 256 n on, each after its length in two bytes. They are
// made from the WARC files. The error for one that is not there wraps
// [ErrNotInLog].
func (a *Archive) Entries(ctx context.Context, n int64, width int) ([]byte, error) {
	if n < 0 || n > 1<<40 || width < 1 || width > 256 {
		return nil, fmt.Errorf("entries %d of width %d: %w", n, width, ErrNotInLog)
	}
	var out []byte
	for i := n * 256; i < n*256+int64(width); i++ {
		e, err := a.Entry(ctx, i)
		if err != nil {
			return nil, err
		}
		if len(e) > 1<<16-1 {
			return nil, fmt.Errorf("entry %d of the log is %d bytes long", i, len(e))
		}
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(e))), e...)
	}
	return out, nil
}

// Entry returns the text of one entry, made from the WARC files. The error for
// one that is not there, or whose records are lost, wraps [ErrNotInLog].
func (a *Archive) Entry(ctx context.Context, n int64) ([]byte, error) {
	var kind int
	var seq Seq
	err := a.read.QueryRowContext(ctx, `SELECT kind, seq FROM leaf WHERE id = $1`, n).Scan(&kind, &seq)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("entry %d: %w", n, ErrNotInLog)
	}
	if err != nil {
		return nil, fmt.Errorf("entry %d of the log: %w", n, err)
	}
	var data []byte
	switch kind {
	case leafCapture:
		data, err = a.Group(ctx, seq)
	case leafVersion:
		data, err = a.VersionRecord(ctx, seq)
	default:
		return nil, fmt.Errorf("entry %d: its records are lost: %w", n, ErrNotInLog)
	}
	if err != nil {
		return nil, err
	}
	for e, err := range Entries(bytes.NewReader(data)) {
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", n, err)
		}
		return e.Text, nil
	}
	return nil, fmt.Errorf("entry %d: its records are lost: %w", n, ErrNotInLog)
}

// Proof returns the hashes that prove entry n to be in the log of that size
// (RFC 6962 §2.1.1).
func (a *Archive) Proof(ctx context.Context, n, size int64) (tlog.RecordProof, error) {
	have, err := a.LogSize(ctx)
	if err != nil {
		return nil, err
	}
	if n < 0 || n >= size || size > have {
		return nil, fmt.Errorf("proof of entry %d in a log of %d entries, which has %d: %w", n, size, have, ErrNotInLog)
	}
	p, err := tlog.ProveRecord(size, n, hashReader(ctx, a.read))
	if err != nil {
		return nil, fmt.Errorf("proof of entry %d: %w", n, err)
	}
	return p, nil
}

// entryTime is a time as entries have it.
func entryTime(t time.Time) string { return t.UTC().Format(warc.TimeFormat) }
