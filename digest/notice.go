package digest

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/archive"
)

// unreadable is for how long a page has to be out of reach before readers are
// told: a server that is down for a night is no news.
const unreadable = 24 * time.Hour

// driftBack is how far before the last digest a change may lie that a
// translation has not followed: it is news only when its time is over.
const driftBack = 120 * 24 * time.Hour

// A Notice is a piece of news that is not a change of a page.
type Notice struct {
	Key    string // names it in the ledger; has no ".."
	Kind   Kind   // KindDrift or KindHealth
	Source string
	Lang   string // of the title; "" if it is in the reader's
	Title  string
	Text   map[string]string // by language
	Link   string            // path on our web pages
	Time   time.Time         // when it became news
	Weight int
}

// A noticed is a notice for one reader, and why.
type noticed struct {
	Notice
	reasons []*Subscription
}

// A gap is what cannot be read of a source.
type gap struct {
	source string
	pages  int // that cannot be read
	of     int // pages of the source
	since  time.Time
	class  archive.Class // of the last look at the page that has been so for longest
}

func (g *gap) key(word string) string {
	return word + " " + g.source + " " + strconv.FormatInt(ms(g.since), 10)
}

// gapsIn lists what cannot be read, by source.
func gapsIn(ctx context.Context, d *Digester, now time.Time) ([]gap, error) {
	pages, err := d.Archive.Pages(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("pages that cannot be read: %w", err)
	}
	by := map[string]*gap{}
	var order []string
	for _, p := range pages {
		if s := d.Sources.Source(p.Source); s == nil || !s.Enabled {
			continue
		}
		g := by[p.Source]
		if g == nil {
			g = &gap{source: p.Source}
			by[p.Source] = g
			order = append(order, p.Source)
		}
		g.of++
		if p.Fails == 0 || p.Last.Class == archive.Gone {
			continue
		}
		looks, err := d.Archive.Looks(ctx, p.ID, min(p.Fails, 1000))
		if err != nil {
			return nil, fmt.Errorf("pages that cannot be read: %w", err)
		}
		since := looks[len(looks)-1].Time
		if now.Sub(since) < unreadable {
			continue
		}
		if g.pages++; g.since.IsZero() || since.Before(g.since) {
			g.since, g.class = since, p.Last.Class
		}
	}
	var gaps []gap
	for _, id := range order {
		if by[id].pages > 0 {
			gaps = append(gaps, *by[id])
		}
	}
	return gaps, nil
}

// cover says how well what a reader watches was looked after.
func (k *desk) cover(ctx context.Context, t *telling) error {
	since := t.since.Truncate(time.Millisecond)
	if k.looks[since] == nil {
		count, err := k.d.Archive.CountSince(ctx, since)
		if err != nil {
			return err
		}
		k.looks[since] = count
	}
	within := func(source string) bool {
		s := k.d.Sources.Source(source)
		return slices.ContainsFunc(t.subs, func(sub *Subscription) bool { return sub.ofSource(source, s) })
	}
	for source, n := range k.looks[since] {
		if within(source) {
			t.checks += n
		}
	}
	for _, g := range k.gaps {
		if within(g.source) {
			t.gaps = append(t.gaps, g)
		}
	}
	return nil
}

// notice finds the news of other kinds that a person has not been told.
func (k *desk) notice(t *telling) {
	person := t.subs[0].Person
	told := k.notices[person]
	try := func(n Notice) {
		out := &noticed{Notice: n}
		s := k.d.Sources.Source(n.Source)
		for _, sub := range t.subs {
			if sub.wants(n.Kind) && sub.ofSource(n.Source, s) && n.Weight >= sub.MinWeight && n.Time.After(sub.Last) {
				out.reasons = append(out.reasons, sub)
			}
		}
		if len(out.reasons) > 0 {
			t.notices = append(t.notices, out)
		}
	}
	for _, n := range otherNews(k.drifts, k.gaps, told, k.now) {
		try(n)
	}
	slices.SortStableFunc(t.notices, func(a, b *noticed) int { return strings.Compare(a.Key, b.Key) })
}

// otherNews are the news that are no change of a page and that somebody has not
// been told: drifts, sources that cannot be read, and of those that were told to
// be so the ones that can be read again.
func otherNews(drifts []Notice, gaps []gap, told map[string]bool, now time.Time) []Notice {
	list := slices.Clone(drifts)
	open := map[string]bool{}
	for i := range gaps {
		g := &gaps[i]
		open[g.key("health")] = true
		list = append(list, Notice{Key: g.key("health"), Kind: KindHealth, Source: g.source, Link: "/source/" + g.source, Time: g.since.Add(unreadable), Weight: 5})
	}
	for key := range told {
		rest, ok := strings.CutPrefix(key, "health ")
		if !ok || open[key] {
			continue
		}
		source, _, _ := strings.Cut(rest, " ")
		list = append(list, Notice{Key: "readable " + rest, Kind: KindHealth, Source: source, Link: "/source/" + source, Time: now, Weight: 5})
	}
	return slices.DeleteFunc(list, func(n Notice) bool { return told[n.Key] })
}

// noticesTold reads what persons were told that is not a change of a page.
func (s *Store) noticesTold(ctx context.Context) (map[int64]map[string]bool, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT person, change FROM told WHERE version = 0`)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	out := map[int64]map[string]bool{}
	for rows.Next() {
		var person int64
		var key string
		if err := rows.Scan(&person, &key); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		if out[person] == nil {
			out[person] = map[string]bool{}
		}
		out[person][key] = true
	}
	return out, rows.Err()
}

// missed lists, by person, the digests of which nobody knows whether they
// arrived, and of which no later digest has said so.
func (s *Store) missed(ctx context.Context) (map[int64][]*Mail, error) {
	list, err := lettersWhere(ctx, s.read, `l.kind = 'digest' AND l.state = 'uncertain' AND l.mentioned = 0 AND l.recipient <> ''
		AND EXISTS (SELECT 1 FROM told t WHERE t.letter = l.id) ORDER BY l.id`)
	out := map[int64][]*Mail{}
	for _, m := range list {
		if err == nil {
			m.Changes, err = s.toldIn(ctx, m.ID)
		}
		out[m.Person] = append(out[m.Person], m)
	}
	if err != nil {
		return nil, fmt.Errorf("uncertain digests: %w", err)
	}
	return out, nil
}

// toldIn lists what a letter tells.
func (s *Store) toldIn(ctx context.Context, letter int64) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT change FROM told WHERE letter = $1 ORDER BY change`, letter)
	return collect(rows, err, func(rows *sql.Rows) (c string, err error) { return c, rows.Scan(&c) })
}
