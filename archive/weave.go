package archive

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// How a page's versions follow from its captures.
//
// Put the captures of a page that could be read in the order of time; each
// run of neighbours that show the same text is one version. A capture of today
// comes at the end of that order, and its text either continues the last run
// or begins a new one. A late capture – of an imported crawl, of a page saved
// last year – falls somewhere before: it continues the run before it, or begins
// the run after it earlier, or stands between as a version of its own; if it
// stands inside a run it splits it in two, and the second part becomes a
// version too, with the same text and an id of its own (A, X, A).
//
// Ids are given in the order of arrival and stay; Number, Prev, Seen, Until and
// the block lists of what comes after are settled anew, once for each batch of
// readings. All of it follows from the captures and readings in the order in
// which they came, so that a rebuild comes to the same.

// A versionPlace says where a version's conversion record lies.
type versionPlace struct {
	at   location
	leaf int64
	rec  recordID
}

// A weaver puts the readings of one batch into the history of their pages.
type weaver struct {
	a  *Archive
	tx *txn
	// keep writes the conversion record of a new version, or finds the one that
	// was written when the archive is rebuilt.
	keep  func(ctx context.Context, tx *txn, v *Version) (versionPlace, error)
	added []*Version
	dirty []dirtyPage

	again bool // the archive is being rebuilt
	shows Seq  // then: the version that the capture showed, if its text was none of its own
}

// errNoCapture is wrapped by the error about a reading of a capture that there is not.
var errNoCapture = errors.New("no such capture")

// A dirtyPage has to be settled from the version on that stood at a time.
type dirtyPage struct {
	page PageID
	from int64
	by   Seq // the latest late capture
}

// A capturedAt is what must be known of a capture to place its reading.
type capturedAt struct {
	seq          Seq
	page         PageID
	time         int64
	late         bool
	origin       Origin
	source, url  string
	latest       Seq // the page's latest version
	latestOf     Seq // the capture that first showed it
	latestDigest string
	shown        Seq // the version it is known to show already, because it repeats another
	shownDigest  string
}

func (w *weaver) captured(ctx context.Context, seq Seq) (*capturedAt, error) {
	c := &capturedAt{seq: seq}
	var late int
	err := w.tx.QueryRowContext(ctx, `SELECT c.page, c.time, c.late, c.origin, p.source, p.url, p.latest,
			coalesce(v.capture, 0), coalesce(v.digest, ''), c.version, coalesce(s.digest, '')
		FROM capture c JOIN page p ON p.id = c.page LEFT JOIN version v ON v.id = p.latest
			LEFT JOIN version s ON s.id = c.version WHERE c.seq = $1`, seq).
		Scan(&c.page, &c.time, &late, &c.origin, &c.source, &c.url, &c.latest, &c.latestOf, &c.latestDigest, &c.shown, &c.shownDigest)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("capture %d: %w", seq, errNoCapture)
	}
	c.late = late != 0
	w.tx.touch(c.page, c.source)
	return c, err
}

// reading lists one reading, with the version it brings, if any.
func (w *weaver) reading(ctx context.Context, r *Reading) (savedReading, error) {
	s := savedReading{Capture: r.Capture, Class: r.Class, Reason: r.Reason}
	c, err := w.captured(ctx, r.Capture)
	if err != nil {
		return s, err
	}
	if w.again && r.Version == nil {
		if s.Shows, err = w.shown(ctx, c, r); err != nil {
			return s, err
		}
		return s, w.list(ctx, c, r, s.Shows)
	}
	var shows Seq
	if v := r.Version; v != nil {
		digest := textDigest(v)
		if shows, err = w.standing(ctx, c, digest); err != nil {
			return s, err
		}
		switch {
		case shows != 0:
			s.Shows = shows
		case v.Gone && c.latest == 0: // nothing to withdraw
		default:
			if shows, err = w.insert(ctx, c, v, digest); err != nil {
				return s, err
			}
			s.Version = shows
		}
	}
	return s, w.list(ctx, c, r, shows)
}

// shown finds, while the archive is rebuilt, the version that a capture showed
// whose reading brought none of its own.
func (w *weaver) shown(ctx context.Context, c *capturedAt, r *Reading) (Seq, error) {
	if w.shows == 0 {
		if r.Class == Content { // written before readings said so
			return c.latest, nil
		}
		return 0, nil
	}
	var digest string
	err := w.tx.QueryRowContext(ctx, `SELECT digest FROM version WHERE id = $1`, w.shows).Scan(&digest)
	if errors.Is(err, sql.ErrNoRows) { // its record is lost, and was reported
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("version %d: %w", w.shows, err)
	}
	_, err = w.standing(ctx, c, digest)
	return w.shows, err
}

// list marks a capture, and those that repeat it, as read.
func (w *weaver) list(ctx context.Context, c *capturedAt, r *Reading, shows Seq) error {
	_, err := w.tx.ExecContext(ctx, `UPDATE capture SET class = $1, reason = $2, version = $3 WHERE seq = $4`, r.Class, r.Reason, shows, r.Capture)
	if err != nil {
		return err
	}
	// Those that were added since and repeated it then.
	if _, err = w.tx.ExecContext(ctx, listSame, r.Class, r.Reason, shows, r.Capture); err != nil {
		return err
	}
	if r.Class.failure() { // an answer of 200 that was no good after all
		_, err = w.tx.ExecContext(ctx, listFailed, c.page, r.Capture)
	}
	return err
}

// These find their rows by an index whatever the archive's size. SQLite takes
// one that is of some rows only where the statement itself says that it wants no others.
const (
	listSame    = `UPDATE capture SET class = $1, reason = $2, version = $3 WHERE same = $4 AND same <> 0 AND class = ''`
	listFailed  = `UPDATE page SET fails = fails_before + 1 WHERE id = $1 AND last_seq = $2`
	samePayload = `SELECT seq, record, time FROM capture WHERE payload = $1 AND payload <> '' AND page = $2
		AND status = 200 AND err = '' ORDER BY seq LIMIT 1`
)

// A neighbour is the version that the nearest readable capture shows.
type neighbour struct {
	version Seq // 0 if there is none
	digest  string
	capture Seq
	time    int64
}

// before and after find the neighbours of a capture in time.
func (w *weaver) before(ctx context.Context, c *capturedAt) (neighbour, error) {
	return w.neighbour(ctx, c, `(c.time, c.seq) < ($2, $3) AND c.version <> 0 ORDER BY c.time DESC, c.seq DESC`)
}

func (w *weaver) after(ctx context.Context, c *capturedAt) (neighbour, error) {
	return w.neighbour(ctx, c, `(c.time, c.seq) > ($2, $3) AND c.version <> 0 ORDER BY c.time, c.seq`)
}

func (w *weaver) neighbour(ctx context.Context, c *capturedAt, where string) (n neighbour, err error) {
	err = w.tx.QueryRowContext(ctx, `SELECT c.version, v.digest, c.seq, c.time FROM capture c JOIN version v ON v.id = c.version
		WHERE c.page = $1 AND `+where+` LIMIT 1`, c.page, c.time, c.seq).Scan(&n.version, &n.digest, &n.capture, &n.time)
	if errors.Is(err, sql.ErrNoRows) {
		return n, nil
	}
	return n, err
}

// standing finds the version that a text of capture c continues, or begins
// earlier; 0 if it is a new one.
func (w *weaver) standing(ctx context.Context, c *capturedAt, digest string) (Seq, error) {
	if !c.late {
		if c.latestDigest == digest {
			return c.latest, nil
		}
		return 0, nil
	}
	if c.shownDigest == digest { // it repeats another and stands where a run was split
		w.mark(c, c.time)
		return c.shown, nil
	}
	prev, err := w.before(ctx, c)
	if err != nil {
		return 0, err
	}
	next, err := w.after(ctx, c)
	if err != nil {
		return 0, err
	}
	switch {
	case prev.version != 0 && prev.digest == digest:
		w.mark(c, c.time)
		return prev.version, nil
	case next.version != 0 && next.digest == digest:
		w.mark(c, c.time)
		_, err := w.tx.ExecContext(ctx, `UPDATE version SET capture = $1, time = $2 WHERE id = $3`, c.seq, c.time, next.version)
		return next.version, err
	}
	return 0, nil
}

// mark notes that a page has to be settled.
func (w *weaver) mark(c *capturedAt, from int64) {
	for i := range w.dirty {
		if d := &w.dirty[i]; d.page == c.page {
			d.from, d.by = min(d.from, from), max(d.by, c.seq)
			return
		}
	}
	w.dirty = append(w.dirty, dirtyPage{c.page, from, c.seq})
}

// insert adds a new version and returns its id.
func (w *weaver) insert(ctx context.Context, c *capturedAt, v *Version, digest string) (Seq, error) {
	v.Capture, v.Page, v.Source, v.URL = c.seq, c.page, c.source, c.url
	v.Cause, v.Late = Published, c.late || c.origin == Imported
	v.Time = at(c.time)
	v.Seen = Interval{By: v.Time}
	if !c.late {
		if c.latest != 0 && c.latestOf == c.seq {
			v.Cause = Reextracted
		}
		err := w.append(ctx, c, v, digest)
		return v.ID, err
	}
	prev, err := w.before(ctx, c)
	if err != nil {
		return 0, err
	}
	next, err := w.after(ctx, c)
	if err != nil {
		return 0, err
	}
	if err := w.store(ctx, v, digest); err != nil {
		return 0, err
	}
	if prev.version != 0 && prev.version == next.version {
		if err := w.split(ctx, c, next); err != nil {
			return 0, fmt.Errorf("version %d: %w", prev.version, err)
		}
	}
	w.mark(c, c.time)
	return v.ID, nil
}

// split makes the part of a run from the capture of next on a version of its own.
func (w *weaver) split(ctx context.Context, c *capturedAt, next neighbour) error {
	second, err := scanVersion(w.tx.QueryRowContext(ctx, `SELECT `+versionColumns+versionFrom+`WHERE v.id = $1`, next.version))
	if err != nil {
		return err
	}
	if second.Blocks, _, err = w.a.loadBlocks(ctx, w.tx, next.version); err != nil {
		return err
	}
	second.Capture, second.Cause, second.Late, second.Time = next.capture, Published, true, at(next.time)
	if err := w.store(ctx, second, next.digest); err != nil {
		return err
	}
	_, err = w.tx.ExecContext(ctx, `UPDATE capture SET version = $1 WHERE page = $2 AND version = $3 AND (time, seq) > ($4, $5)`,
		second.ID, c.page, next.version, c.time, c.seq)
	return err
}

// store gives a version its id and lists it with all its texts, as its page's
// first; settle puts it in its place.
func (w *weaver) store(ctx context.Context, v *Version, digest string) error {
	v.Prev, v.Number, v.Until = 0, 1, nil
	return w.row(ctx, v, digest, nil, nil)
}

// row gives a version its id and writes a version's row, its conversion record and its entry in the log.
func (w *weaver) row(ctx context.Context, v *Version, digest string, prev []Block, refs []blockRef) error {
	v.ID = w.a.nextVersion
	w.a.nextVersion++
	placed, own := place(v, prev, refs)
	p, err := w.keep(ctx, w.tx, v)
	if err != nil {
		return err
	}
	v.Leaf = p.leaf
	if err := w.a.addLeaf(ctx, w.tx, p.leaf, leaf{tlog.RecordHash(versionEntry(v.ID, v.Capture, p.rec)), leafVersion, v.ID}); err != nil {
		return err
	}
	_, err = w.tx.ExecContext(ctx, `INSERT INTO version (id, page, capture, number, prev, cause, late, gone, title, lang,
			published_on, updated_on, in_force_on, moved_to, moved_from, strategy, digest, time, seen_after, blocks, texts, file, pos, length, leaf)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`,
		v.ID, v.Page, v.Capture, v.Number, v.Prev, v.Cause, flag(v.Late), flag(v.Gone), v.Title, v.Lang, v.PublishedOn, v.UpdatedOn,
		v.InForceOn, v.MovedTo, v.MovedFrom, v.Strategy, digest, ms(v.Time), ms(v.Seen.After), emptyNotNil(encodeRuns(placed)), w.a.codec.encode(own),
		p.at.file, p.at.pos, p.at.length, p.leaf)
	if err != nil {
		return fmt.Errorf("list version %d: %w", v.ID, err)
	}
	w.tx.wove(v.Page)
	w.added = append(w.added, v)
	return nil
}

// append adds a version at the end of its page's history.
func (w *weaver) append(ctx context.Context, c *capturedAt, v *Version, digest string) error {
	after, err := w.readableBefore(ctx, c.page, c.time, c.seq)
	if err != nil {
		return err
	}
	v.Seen.After = at(after)
	var prev []Block
	var refs []blockRef
	v.Prev, v.Number = c.latest, 1
	if v.Prev != 0 {
		if prev, refs, err = w.a.loadBlocks(ctx, w.tx, v.Prev); err != nil {
			return err
		}
		if err := w.tx.QueryRowContext(ctx, `SELECT number + 1 FROM version WHERE id = $1`, v.Prev).Scan(&v.Number); err != nil {
			return err
		}
		_, err = w.tx.ExecContext(ctx, `UPDATE version SET until_after = $1, until_by = $2 WHERE id = $3`,
			ms(v.Seen.After), ms(v.Seen.By), v.Prev)
		if err != nil {
			return err
		}
	}
	if err := w.row(ctx, v, digest, prev, refs); err != nil {
		return err
	}
	_, err = w.tx.ExecContext(ctx, `UPDATE page SET latest = $1, versions = $2,
		title = CASE WHEN $3 = '' THEN title ELSE $4 END WHERE id = $5`, v.ID, v.Number, v.Title, v.Title, v.Page)
	return err
}

// readableBefore is the time of the page's last capture before (t, seq) that
// could be read, whatever it showed: 0 if there is none.
func (w *weaver) readableBefore(ctx context.Context, page PageID, t int64, seq Seq) (after int64, err error) {
	err = w.tx.QueryRowContext(ctx, `SELECT coalesce((SELECT time FROM capture
		WHERE page = $1 AND (time, seq) < ($2, $3) AND class IN ('content', 'gone') ORDER BY time DESC, seq DESC LIMIT 1), 0)`,
		page, t, seq).Scan(&after)
	return after, err
}
