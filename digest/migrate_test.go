package digest

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
)

// old makes a subscribers.db as it was before there were persons.
func old(t *testing.T, file, rows string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	text, err := migrations.ReadFile("migrations/sqlite/00001_subscribers.sql")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, nil, goose.WithVerbose(false), goose.WithGoMigrations(goose.NewGoMigration(1,
		&goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, string(text))
			return err
		}}, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(rows); err != nil {
		t.Fatal(err)
	}
}

// Subscriptions of old are carried over: two of one address come to one person,
// what was told is not told again, links in old mails work, letters keep their
// numbers and wait on.
func TestOldSubscriptionsAreCarriedOver(t *testing.T) {
	dir, secret := t.TempDir(), bytes.Repeat([]byte{7}, 32)
	at := ms(monday)
	before := &Store{secret: secret}
	old(t, filepath.Join(dir, "subscribers.db"), strings.NewReplacer("NOW", strconv.FormatInt(at, 10), "SECRET", hex.EncodeToString(secret),
		"STOP1", hex.EncodeToString(hash(before.token(forStop, 1))), "STOP3", hex.EncodeToString(hash(before.token(forStop, 3)))).Replace(`
		INSERT INTO setting VALUES ('secret', x'SECRET');
		INSERT INTO subscription (email, email_key, filter, name, query, topics, sources, min_weight, cadence, lang, zone, clock, created, confirmed, ended, due, composed, upto) VALUES
			('Reader@example.org', 'reader@example.org', '["centres",[],[],2]', 'Centres', 'centres', '[]', '[]', 2, 'daily', 'fr', 'Europe/Paris', '08:30', NOW, NOW, 0, NOW, 4, 4),
			('reader@example.org', 'reader@example.org', '["",[],["be-agency"],2]', '', '', '[]', '["be-agency"]', 2, 'now', 'nl', 'Europe/Brussels', '07:00', NOW, NOW + 1, 0, 0, 2, 2),
			('', '', '', '', '', '[]', '[]', 2, 'now', 'en', 'Europe/Brussels', '07:00', NOW, NOW, NOW, 0, 2, 2),
			('other@example.org', 'other@example.org', '["",[],[],3]', '', '', '[]', '[]', 3, 'weekly', 'en', 'Europe/Brussels', '07:00', NOW, 0, 0, 0, 0, 0);
		UPDATE subscription SET stop_hash = x'STOP1' WHERE id = 1;
		UPDATE subscription SET stop_hash = x'STOP3' WHERE id = 3;
		INSERT INTO confirmation (subscription, hash, email_hash, settings, created, expires, used) VALUES
			(4, x'00', x'00', '{"name":"All","cadence":"monthly","lang":"de","zone":"Europe/Berlin","at":"06:00"}', NOW, NOW + 999999999, 0);
		INSERT INTO letter (kind, subscription, confirmation, recipient, lang, subject, text, html, state, error, attempts, created, retry, expires, sent, upto) VALUES
			('digest', 1, 0, 'Reader@example.org', 'fr', 'one', 'text', 'html', 'sent', '', 1, NOW, 0, 0, NOW, 4),
			('digest', 3, 0, '', 'en', '', '', '', 'sent', '', 1, NOW, 0, 0, NOW, 2),
			('digest', 2, 0, 'reader@example.org', 'nl', 'two', 'waits', '<p>waits</p>', 'queued', '', 0, NOW, 0, 0, 0, 2);
		INSERT INTO told VALUES (1, '2..4', 1), (3, '1..2', 2);`))
	w := newWorld(t, dir)
	w.publish(centres, places("1")...)
	w.publish(hubs, places("1")...)
	w.publish(centres, places("2")...)
	w.publish(hubs, places("2")...) // 2..4, which the first of them has told
	list, err := w.store.List(t.Context())
	if err != nil || len(list) != 3 {
		t.Fatalf("%d subscriptions, %v", len(list), err)
	}
	for i, expect := range []string{"1 nl Europe/Brussels 08:30", "1 nl Europe/Brussels 07:00", "2 en Europe/Brussels 07:00"} {
		s := list[i]
		want(t, "subscription", strings.Join([]string{strconv.FormatInt(s.Person, 10), s.Lang, s.Zone, s.At}, " "), expect)
		want(t, "density", s.Density, Excerpts)
	}
	for id, many := range map[int64]int{1: 1, 3: 0} {
		st, err := w.store.LookupStop(t.Context(), w.store.token(forStop, id))
		if err != nil || len(st.Subscriptions) != many {
			t.Errorf("old link of %d: %+v, %v", id, st, err)
		}
	}
	want(t, "outbox", w.states(), "digest sent, digest sent, digest queued")
	w.pass(48 * time.Hour)
	ms := w.sync()
	want(t, "what waited", ms[0].Text, "waits")
	// The second of them had not looked at the change that the first has told.
	want(t, "mails", len(ms), 1)
	w.publish(hubs, places("3")...)
	ms = w.sync()
	want(t, "what comes after", changes(ms), "4..5")
}
