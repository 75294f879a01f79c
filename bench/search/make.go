package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // FTS5 is in it

	"veille/archive"
	"veille/digest"
	"veille/index"
	"veille/thesaurus"
)

// forever is the end of what still stands, in ms.
const forever = 253_370_764_800_000

// A made is what a side has made of the passages.
type made struct {
	Passages, Pages int
	Text, Size      int64
	Seconds         float64
	CPU             float64 // s
	Peak            float64 // MB
}

func (b *bed) archiveDir() string { return filepath.Join(b.dir, "data") }
func (b *bed) indexDir() string   { return filepath.Join(b.dir, "index") }
func (b *bed) ftsFile() string    { return filepath.Join(b.dir, "fts.db") }

// publish fills the archive, and a table of SQLite with the same passages. It
// says how many mirrors it took.
func (b *bed) publish(ctx context.Context) (err error) {
	if err := os.RemoveAll(b.dir); err != nil {
		return err
	}
	a, err := archive.Open(b.archiveDir(), quiet())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	db, err := openFTS(b.ftsFile(), 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, `CREATE TABLE passages (id INTEGER PRIMARY KEY, url TEXT, source TEXT, lang TEXT, path TEXT, text TEXT, born INTEGER, gone INTEGER)`); err != nil {
		return err
	}
	m := made{}
	for mirror := 0; m.Passages < b.passages; mirror++ {
		list, err := pages(b.data, mirror)
		if err != nil || len(list) == 0 || mirror == maxMirrors {
			return errors.Join(err, fmt.Errorf("%d mirrors of %d pages have no %d passages", mirror, len(list), b.passages))
		}
		for i := range list {
			if m.Passages >= b.passages {
				break
			}
			n, size, err := list[i].publish(ctx, a, db)
			if err != nil {
				return err
			}
			m.Pages, m.Passages, m.Text = m.Pages+1, m.Passages+n, m.Text+size
		}
	}
	return b.note("published", &m)
}

// publish adds a page's wordings to the archive, and its passages to the table.
func (p *page) publish(ctx context.Context, a *archive.Archive, db *sql.DB) (n int, size int64, err error) {
	var passages []row
	open := map[string]int{}
	for i, file := range p.files {
		read, err := blocks(file)
		if err != nil {
			return 0, 0, err
		}
		c := &archive.Capture{Source: p.source, URL: p.url, Lang: p.lang, Time: p.at[i], Exchanges: []archive.Exchange{{URL: p.url, Time: p.at[i],
			Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\n\r\n%s", file)}}}
		if err := a.Add(ctx, c); err != nil {
			return 0, 0, err
		}
		v := &archive.Version{Lang: p.lang, Title: filepath.Base(filepath.Dir(file)) + " " + filepath.Base(file), Strategy: "main", Blocks: read}
		if _, err := a.AddReadings(ctx, c.Seq, []archive.Reading{{Capture: c.Seq, Class: archive.Content, Version: v}}); err != nil {
			return 0, 0, err
		}
		stand := map[string]bool{}
		for k := range read {
			key := read[k].Text // of a text that a page has twice there is one passage
			stand[key] = true
			if _, ok := open[key]; !ok && len(thesaurus.Words(read[k].Text)) > 0 {
				open[key] = len(passages)
				passages = append(passages, row{text: read[k].Text, path: strings.Join(read[k].Path, " / "), born: p.at[i].UnixMilli(), gone: forever})
				size += int64(len(read[k].Text))
			}
		}
		for key, k := range open {
			if !stand[key] {
				passages[k].gone = p.at[i].UnixMilli()
				delete(open, key)
			}
		}
	}
	return len(passages), size, p.insert(ctx, db, passages)
}

// A row is a passage as SQLite has it.
type row struct {
	text, path string
	born, gone int64
}

func (p *page) insert(ctx context.Context, db *sql.DB, rows []row) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	s, err := tx.PrepareContext(ctx, `INSERT INTO passages (url, source, lang, path, text, born, gone) VALUES (?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if _, err := s.ExecContext(ctx, p.url, p.source, p.lang, r.path, r.text, r.born, r.gone); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// openFTS opens the database of FTS5.
func openFTS(file string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=cache_size(-64000)&_pragma=mmap_size(2000000000)")
	if err == nil {
		db.SetMaxOpenConns(connections)
	}
	return db, err
}

// index has Veille index the archive.
func (b *bed) index(ctx context.Context) error {
	a, err := archive.Open(b.archiveDir(), quiet())
	if err != nil {
		return err
	}
	defer a.Close()
	if err := os.RemoveAll(b.indexDir()); err != nil {
		return err
	}
	th, err := thesaurus.Load()
	if err != nil {
		return err
	}
	began := time.Now()
	stop, err := b.profiled(".make")
	if err != nil {
		return err
	}
	defer stop()
	x, err := index.Open(b.indexDir(), publishers(maxMirrors), th, digest.Comparer())
	if err != nil {
		return err
	}
	defer x.Close()
	if err := x.Sync(ctx, quiet(), a); err != nil {
		return err
	}
	m := made{Seconds: time.Since(began).Seconds(), CPU: cpuMS() / 1000}
	r, err := x.Search(ctx, nil, index.Query{Past: true, All: true})
	if err != nil {
		return err
	}
	m.Passages = r.Total
	if err := x.Close(); err != nil {
		return err
	}
	if m.Size, err = sizeOf(b.indexDir()); err != nil {
		return err
	}
	m.Peak = peakMB()
	return b.note("veille", &m)
}

// fts has FTS5 index the same passages.
func (b *bed) fts(ctx context.Context) error {
	db, err := openFTS(b.ftsFile(), 1)
	if err != nil {
		return err
	}
	defer db.Close()
	before, err := sizeOf(b.ftsFile())
	if err != nil {
		return err
	}
	m := made{}
	began := time.Now()
	for _, s := range []string{
		`DROP TABLE IF EXISTS words`,
		`CREATE VIRTUAL TABLE words USING fts5(text, content='passages', content_rowid='id', tokenize="unicode61 remove_diacritics 2")`,
		`INSERT INTO words (words) VALUES ('rebuild')`, `INSERT INTO words (words) VALUES ('optimize')`, `PRAGMA wal_checkpoint(TRUNCATE)`,
	} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("FTS5: %w", err)
		}
	}
	m.Seconds, m.CPU = time.Since(began).Seconds(), cpuMS()/1000
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM passages`).Scan(&m.Passages); err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	after, err := sizeOf(b.ftsFile())
	m.Size, m.Text, m.Peak = after, after-before, peakMB() // Text: what the index alone takes
	return errors.Join(err, b.note("fts5", &m))
}

// note keeps what a side has made beside it.
func (b *bed) note(name string, m *made) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.dir, name+".json"), text, 0o644)
}

func (b *bed) noted(name string) (*made, error) {
	text, err := os.ReadFile(filepath.Join(b.dir, name+".json"))
	if err != nil {
		return nil, err
	}
	m := &made{}
	return m, json.Unmarshal(text, m)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
