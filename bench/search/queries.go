package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"veille/archive"
	"veille/digest"
	"veille/index"
	"veille/thesaurus"
)

// kinds are the kinds of queries that are measured.
var kinds = []string{"phrase", "boolean+facet", "as-of", "prefix", "trace"}

// A query is what a user asks, in the words of both engines.
type query struct {
	kind   string
	text   string // of Veille
	match  string // of FTS5
	source string
	asOf   time.Time
}

// draw makes queries from passages drawn from all, the same in every run.
func (b *bed) draw(ctx context.Context, db *sql.DB) (map[string][]query, error) {
	var most int64
	if err := db.QueryRowContext(ctx, `SELECT max(id) FROM passages`).Scan(&most); err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(6, 2026))
	out := map[string][]query{}
	var other string
	for tries := 0; tries < 1000*b.queries; tries++ {
		var text, src string
		var born int64
		if err := db.QueryRowContext(ctx, `SELECT text, source, born FROM passages WHERE id = ?`, 1+r.Int64N(most)).Scan(&text, &src, &born); err != nil {
			return nil, err
		}
		var long, all []string
		for _, w := range thesaurus.Words(text) {
			all = append(all, w.Text)
			if len(w.Text) >= 6 && w.Text[0] > '9' {
				long = append(long, w.Text)
			}
		}
		if len(long) < 3 || len(all) < 8 {
			continue
		}
		kind := kinds[tries%len(kinds)]
		if len(out[kind]) == b.queries {
			continue
		}
		q := query{kind: kind}
		at := r.IntN(len(all) - 3)
		phrase := `"` + strings.Join(all[at:at+3], " ") + `"`
		switch kind {
		case "phrase":
			q.text, q.match = phrase, phrase
		case "trace":
			q.text, q.match = strings.Trim(phrase, `"`), phrase
		case "as-of":
			q.text, q.match = long[0]+" AND "+long[1], long[0]+" AND "+long[1]
			q.asOf = time.UnixMilli(born).AddDate(1, 0, 0)
		case "prefix":
			q.text, q.match = long[0][:5]+"*", long[0][:5]+"*"
		default:
			if other == "" {
				other = long[2]
				continue
			}
			q.match = fmt.Sprintf("(%s OR %s) AND %s NOT %s", long[0], long[1], long[2], other)
			q.text, q.source, other = q.match, src, ""
		}
		out[kind] = append(out[kind], q)
	}
	return out, nil
}

// A ready is Veille, ready to be asked.
type ready struct {
	x       *index.Index
	a       *archive.Archive
	queries map[string][]query
	open    float64 // s until the first answer
	warm    float64 // s after that until frequent words are read
}

func (r *ready) close() error { return errors.Join(r.x.Close(), r.a.Close()) }

// ready opens what was made.
func (b *bed) ready(ctx context.Context) (r *ready, err error) {
	db, err := openFTS(b.ftsFile(), 1)
	if err != nil {
		return nil, err
	}
	r = &ready{}
	if r.queries, err = b.draw(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	if r.a, err = archive.Open(b.archiveDir(), quiet()); err != nil {
		return nil, err
	}
	th, err := thesaurus.Load()
	if err != nil {
		return nil, errors.Join(err, r.a.Close())
	}
	began := time.Now()
	if r.x, err = index.Open(b.indexDir(), publishers(maxMirrors), th, digest.Comparer()); err != nil {
		return nil, errors.Join(err, r.a.Close())
	}
	if c, err := r.x.Cursor(); err != nil || c == 0 {
		return nil, errors.Join(err, fmt.Errorf("%s was made by another version of Veille; delete veille.json beside it, and it is made again", b.indexDir()), r.close())
	}
	if _, err := r.x.Search(ctx, r.a, index.Query{Text: "retour"}); err != nil {
		return nil, errors.Join(err, r.close())
	}
	r.open = time.Since(began).Seconds()
	if b.cold {
		return r, nil
	}
	began = time.Now()
	if err := r.x.Warm(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	r.warm = time.Since(began).Seconds()
	return r, nil
}

// veille asks Veille.
func (b *bed) veille(ctx context.Context) (*side, error) {
	r, err := b.ready(ctx)
	if err != nil {
		return nil, err
	}
	defer r.close()
	s := &side{Open: r.open, Warm: r.warm}
	stop, err := b.profiled("")
	if err != nil {
		return nil, err
	}
	defer stop()
	s.Timings, err = b.times(ctx, r.queries, func(ctx context.Context, q *query) (int, error) { return askVeille(ctx, r.x, r.a, q) })
	return s, err
}

func askVeille(ctx context.Context, x *index.Index, a *archive.Archive, q *query) (int, error) {
	if q.kind == "trace" {
		t, err := x.Trace(ctx, a, index.TraceQuery{Phrase: q.text})
		if err != nil {
			return 0, err
		}
		n := 0
		for i := range t.Pages {
			n += len(t.Pages[i].Spans)
		}
		return n, nil
	}
	r, err := x.Search(ctx, a, q.search())
	if err != nil {
		return 0, err
	}
	return r.Total, nil
}

// search is the query as Veille is asked it.
func (q *query) search() index.Query {
	ask := index.Query{Text: q.text, AsOf: q.asOf}
	if q.source != "" {
		ask.Sources = []string{q.source}
	}
	return ask
}

// named is the query in words.
func (q *query) named() string {
	text := q.text
	if q.source != "" {
		text += " source:" + q.source
	}
	if !q.asOf.IsZero() {
		text += " as-of:" + q.asOf.Format(time.DateOnly)
	}
	return text
}

// fts5 asks SQLite.
func (b *bed) fts5(ctx context.Context) (*side, error) {
	db, err := openFTS(b.ftsFile(), b.users)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	queries, err := b.draw(ctx, db)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if _, err := askFTS(ctx, db, &query{kind: "phrase", match: "retour"}); err != nil {
		return nil, err
	}
	s := &side{Open: time.Since(began).Seconds()}
	s.Timings, err = b.times(ctx, queries, func(ctx context.Context, q *query) (int, error) { return askFTS(ctx, db, q) })
	return s, err
}

// askFTS asks for what Veille gives: the first twenty passages with what was
// found marked, how many there are, and how many of each source.
func askFTS(ctx context.Context, db *sql.DB, q *query) (int, error) {
	if q.kind == "trace" {
		return count(db.QueryContext(ctx, `SELECT url, path, passages.text, born, gone FROM words JOIN passages ON passages.id = words.rowid WHERE words MATCH ? ORDER BY born`, q.match))
	}
	which, args := `words MATCH ? AND gone = ?`, []any{q.match, int64(forever)}
	if !q.asOf.IsZero() {
		which, args = `words MATCH ? AND born <= ? AND gone > ?`, []any{q.match, q.asOf.UnixMilli(), q.asOf.UnixMilli()}
	}
	if q.source != "" {
		which, args = which+` AND source = ?`, append(args, q.source)
	}
	const from = ` FROM words JOIN passages ON passages.id = words.rowid WHERE `
	if _, err := count(db.QueryContext(ctx, `SELECT url, path, snippet(words, 0, '<mark>', '</mark>', '…', 40), born, gone`+from+which+` ORDER BY rank LIMIT 20`, args...)); err != nil {
		return 0, err
	}
	rows, err := db.QueryContext(ctx, `SELECT source, count(*)`+from+which+` GROUP BY source`, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	total := 0
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			return 0, err
		}
		total += n
	}
	return total, rows.Err()
}

// count reads all rows of an answer.
func count(rows *sql.Rows, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var url, path, text string
		var born, gone int64
		if err := rows.Scan(&url, &path, &text, &born, &gone); err != nil {
			return 0, err
		}
		n++
	}
	return n, rows.Err()
}
