package archive

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"veille/archive/warc"
)

// A replayer gathers the records of one group at a time and lists each whole
// group in the catalogue.
type replayer struct {
	a        *Archive
	tx       *txn // under way
	file     int64
	name     string
	group    *group // records since the last group ended
	newest   bool   // it is the file that was written to last
	damaged  bool   // a record of this group could not be read
	passed   func(at location, why string)
	versions map[Seq]savedTogether // conversions of the group being read
}

// savedTogether is a version with the record that it was read back from.
type savedTogether struct {
	version *Version
	place   versionPlace

	// What the record says of the capture, for where that one is lost.
	url, source, capture string
	page                 PageID
	time                 time.Time
}

// A recordSource gives the records of a file one after another, as
// [warc.Reader.Next] does.
type recordSource func() (*warc.Record, warc.Span, error)

// replay lists the records of a file, read from an offset on. A record that
// cannot be read is passed over. It returns the offset up to which all groups
// are whole, and whether what follows is damage rather than an interrupted
// write.
func (p *replayer) replay(ctx context.Context, next recordSource, from int64) (whole int64, broken bool, err error) {
	p.group, p.versions = &group{}, map[Seq]savedTogether{}
	whole = from
	for {
		tx, err := p.a.begin(ctx)
		if err != nil {
			return whole, false, err
		}
		end, done, err := p.batch(ctx, tx, next, whole)
		if err != nil {
			tx.Rollback()
			return whole, false, err
		}
		if err := tx.Commit(); err != nil {
			return whole, false, fmt.Errorf("commit to catalogue: %w", err)
		}
		whole, p.a.tree.fresh = end, nil
		if done {
			return whole, p.damaged, nil
		}
	}
}

// batch lists up to some hundred groups in one transaction.
func (p *replayer) batch(ctx context.Context, tx *txn, next recordSource, whole int64) (end int64, done bool, err error) {
	p.tx = tx
	_, err = tx.ExecContext(ctx, `INSERT INTO file (id, name, size) VALUES ($1, $2, 0) ON CONFLICT (id) DO NOTHING`, p.file, p.name)
	if err != nil {
		return whole, false, fmt.Errorf("list WARC file: %w", err)
	}
	for range 1000 {
		rec, span, err := next()
		if errors.Is(err, warc.ErrMalformed) {
			p.damaged, p.group = true, &group{}
			continue
		}
		if err == io.EOF || errors.Is(err, warc.ErrTorn) {
			done = true
			// An interrupted write ends the newest file, and was never signed.
			p.damaged = p.damaged || err != io.EOF && (!p.newest || p.a.journal.signed > p.a.tree.size)
			break
		}
		if err != nil {
			return whole, false, fmt.Errorf("read %s: %w", p.name, err)
		}
		closed, err := p.record(ctx, tx, rec, location{p.file, span.Offset, span.Length})
		if err != nil {
			return whole, false, fmt.Errorf("read %s, offset %d: %w", p.name, span.Offset, err)
		}
		if closed {
			whole, p.damaged = span.Offset+span.Length, false
		}
	}
	if done && p.damaged {
		if err := p.orphans(ctx, tx); err != nil {
			return whole, false, fmt.Errorf("read %s: %w", p.name, err)
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE file SET size = $1 WHERE id = $2`, whole, p.file)
	if err != nil {
		return whole, false, fmt.Errorf("note size of %s: %w", p.name, err)
	}
	return whole, done, nil
}

// record takes one record; it reports whether a group ends with it.
func (p *replayer) record(ctx context.Context, tx *txn, rec *warc.Record, at location) (closed bool, err error) {
	switch {
	case rec.Type() == warc.TypeInfo:
		p.group = &group{}
		if name := rec.Get("WARC-Filename"); name != p.name { // in another order nothing would fit
			return true, fmt.Errorf("the file's first record says that it is %.60s; give it its name back", name)
		}
		return true, nil
	case rec.Get("Veille-Seq") != "":
		if err := p.orphans(ctx, tx); err != nil {
			return false, err
		}
		p.group.take(rec, at)
		g := p.group
		p.group = &group{}
		return true, p.capture(ctx, tx, g)
	case rec.Get("Content-Type") == typeVersion:
		return false, p.conversion(rec, at)
	case rec.Get("Content-Type") == typeReadings:
		return true, p.readings(ctx, tx, rec, at)
	}
	p.group.take(rec, at) // a request, a redirect, notes
	return false, nil
}

func (p *replayer) conversion(rec *warc.Record, at location) error {
	v, err := parseVersion(rec)
	leaf := int64(-1)
	if s := rec.Get("Veille-Leaf"); s != "" && err == nil {
		if leaf, err = strconv.ParseInt(s, 10, 64); err == nil && leaf < 0 {
			err = fmt.Errorf("Veille-Leaf is %.30q", s)
		}
	}
	if err != nil {
		return p.passOver(at, err.Error())
	}
	id := idOf(rec)
	if why, err := p.foreignEntry(leaf, leafVersion, v.ID, versionEntry(v.ID, v.Capture, id)); err != nil {
		return err
	} else if why != "" {
		return p.passOver(at, why)
	}
	t, err := rec.Date()
	if err != nil {
		return p.passOver(at, err.Error())
	}
	page, err := strconv.ParseInt(rec.Get("Veille-Page-ID"), 10, 64)
	if err != nil || page < 0 || page > maxNumber {
		page = 0 // it will follow from other records
	}
	p.versions[v.ID] = savedTogether{v, versionPlace{at, leaf, id}, rec.Get("WARC-Target-URI"), rec.Get("Veille-Source"),
		strings.Trim(rec.Get("WARC-Refers-To"), "<>"), PageID(page), t}
	return nil
}

func (p *replayer) capture(ctx context.Context, tx *txn, g *group) error {
	e, err := entryOf(g)
	if err != nil {
		return p.passOver(g.at, err.Error())
	}
	if why, err := p.foreign(e); err != nil {
		return err
	} else if why != "" {
		return p.passOver(g.at, why)
	}
	page, err := p.a.pageRow(ctx, tx, e.url)
	if err != nil {
		return err
	}
	p.a.nextCapture = e.seq + 1
	if e.leaf < 0 {
		e.leaf = p.a.tree.size
	}
	if p.damaged { // not all of what was signed can be read
		if e.hash, err = p.a.journal.hash(e.leaf); err != nil {
			return err
		}
	}
	return p.a.apply(ctx, tx, e, page)
}

// passOver leaves out a record that is whole and yet not one of the archive's.
// It stays in its file, where verify finds it.
func (p *replayer) passOver(at location, why string) error {
	p.passed(at, why)
	return nil
}

// Bounds of numbers that records bear.
const (
	maxNumber = 1 << 53 // of captures, versions and pages
	maxGap    = 1 << 20 // in entries of the log, where the log does not say how many there are
)

// foreign says why a capture is not one that this archive wrote: it bears
// numbers that are taken or cannot be, or the signed log has another entry in
// its place. "" if it is one.
func (p *replayer) foreign(e *entry) (string, error) {
	if e.seq < p.a.nextCapture {
		return fmt.Sprintf("there is a capture %d before it", e.seq), nil
	}
	if e.seq > maxNumber || e.page > maxNumber {
		return fmt.Sprintf("capture %d of page %d: there are not so many", e.seq, e.page), nil
	}
	if p.damaged { // its entry cannot be made from what is left of it
		return p.foreignEntry(e.leaf, leafCapture, e.seq, nil)
	}
	return p.foreignEntry(e.leaf, leafCapture, e.seq, e.logEntry())
}

// foreignEntry says why entry n of the log cannot be the one of a record, "" if
// it can. entry is its text, nil if not all of it can be read.
func (p *replayer) foreignEntry(n int64, kind int, seq Seq, entry []byte) (string, error) {
	j := p.a.journal
	switch {
	case n < 0: // written before there was a log
		return "", nil
	case n < p.a.tree.size:
		return fmt.Sprintf("there is an entry %d of the log before it", n), nil
	case n >= max(j.signed, j.noted, p.a.tree.size+maxGap):
		return fmt.Sprintf("entry %d of the log: there are not so many", n), nil
	case n >= j.proven:
		return "", nil
	}
	signed, err := j.saved(n, n+1)
	if err != nil {
		return "", err
	}
	l := signed[0]
	if l.seq != seq || l.kind != kind && !l.lost() || entry != nil && l.hash != tlog.RecordHash(entry) {
		return fmt.Sprintf("it is not what entry %d of the signed log says", n), nil
	}
	return "", nil
}

// readings lists what a group of readings says, as it was when they were made.
func (p *replayer) readings(ctx context.Context, tx *txn, rec *warc.Record, at location) error {
	var s savedReadings
	if err := json.Unmarshal(rec.Block, &s); err != nil {
		return p.passOver(at, "readings: "+err.Error())
	}
	w := &weaver{a: p.a, tx: tx, keep: p.kept, again: true}
	for _, r := range s.Readings {
		if err := p.reading(ctx, w, r); err != nil {
			return fmt.Errorf("reading of capture %d: %w", r.Capture, err)
		}
	}
	if err := w.settle(ctx); err != nil {
		return err
	}
	clear(p.versions)
	return setCursor(ctx, tx, Extract, s.Upto)
}

func (p *replayer) reading(ctx context.Context, w *weaver, r savedReading) error {
	again := &Reading{Capture: r.Capture, Class: r.Class, Reason: r.Reason}
	w.shows = r.Shows
	if r.Version != 0 {
		saved := p.versions[r.Version]
		switch {
		case r.Version < p.a.nextVersion || r.Version > maxNumber:
			return p.passOver(saved.place.at, fmt.Sprintf("there is a version %d before it", r.Version))
		case saved.version == nil:
			p.a.log.Error("version has no readable conversion record; run `veille verify`", "version", r.Version, "capture", r.Capture)
			p.a.nextVersion, w.shows = r.Version+1, r.Version
		default:
			p.a.nextVersion, again.Version = r.Version, saved.version
		}
	}
	_, err := w.reading(ctx, again)
	if errors.Is(err, errNoCapture) && again.Version != nil { // its record is lost, and was reported; its text is not
		if err := p.ghost(ctx, p.versions[r.Version], r); err != nil {
			return err
		}
		again.Reason = lostRecord
		_, err = w.reading(ctx, again)
	}
	if errors.Is(err, errNoCapture) {
		return nil
	}
	return err
}

// orphans places the texts whose readings were in a record that cannot be read.
func (p *replayer) orphans(ctx context.Context, tx *txn) error {
	if len(p.versions) == 0 {
		return nil
	}
	w := &weaver{a: p.a, tx: tx, keep: p.kept, again: true}
	for _, id := range slices.Sorted(maps.Keys(p.versions)) {
		v := p.versions[id].version
		r := savedReading{Capture: v.Capture, Class: Content, Version: id}
		if v.Gone {
			r.Class = Gone
		}
		if err := p.reading(ctx, w, r); err != nil {
			return fmt.Errorf("reading of capture %d: %w", r.Capture, err)
		}
	}
	clear(p.versions)
	return w.settle(ctx)
}

// lostRecord is what is said of a capture whose record is lost and whose text is not.
const lostRecord = "its record is lost, the text read in it is not; see `veille verify`"

// ghost lists a capture whose own record is lost, by what the text read in it
// says: so that the text keeps its place in the page's history.
func (p *replayer) ghost(ctx context.Context, s savedTogether, r savedReading) error {
	if s.place.leaf > p.a.tree.size {
		if err := p.a.addLost(ctx, p.tx, s.place.leaf); err != nil {
			return err
		}
	}
	e := &entry{seq: r.Capture, url: s.url, source: s.source, lang: s.version.Lang, page: s.page, purpose: string(PurposePage), time: s.time,
		status: http.StatusOK, recordID: s.capture, at: location{file: p.file, pos: s.place.at.pos}}
	if r.Class == Gone {
		e.status = http.StatusGone
	}
	err := p.tx.QueryRowContext(ctx, `SELECT id FROM leaf WHERE kind = $1 AND seq = $2`, lostCapture, e.seq).Scan(&e.leaf)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("log: %w", err)
	}
	page, err := p.a.pageRow(ctx, p.tx, e.url)
	if err != nil {
		return err
	}
	return p.a.list(ctx, p.tx, e, page)
}

// kept finds the conversion record that was written for a version.
func (p *replayer) kept(_ context.Context, _ *txn, v *Version) (versionPlace, error) {
	saved := p.versions[v.ID]
	if saved.version == nil {
		return versionPlace{}, fmt.Errorf("version %d has no conversion record before it", v.ID)
	}
	if saved.place.leaf < 0 {
		saved.place.leaf = p.a.tree.size
	}
	v.Cause = saved.version.Cause
	return saved.place, nil
}
