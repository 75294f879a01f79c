package digest

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// noticesEvery is how often is looked for news that are no changes: they are
// about days and weeks.
const noticesEvery = time.Hour

// A hookNotice is what a webhook is told of a drift, or of a source's health.
type hookNotice struct {
	ID       string    `json:"id"` // the same as long as it is the same news
	Source   string    `json:"source"`
	Title    string    `json:"title"`
	Lang     string    `json:"lang"`               // of the title
	Summary  string    `json:"summary"`            // in the hook's language
	Link     string    `json:"link"`               // path on our web pages
	Time     time.Time `json:"time"`               // when it became news
	Readable *bool     `json:"readable,omitempty"` // of health: whether the source can be read in full again
}

// noticesForHooks writes down the news that are no changes: what became news
// since a hook was added, and what it was not told before.
func (d *Digester) noticesForHooks(ctx context.Context, list []*Hook, r *HookReport) error {
	now := d.Store.now()
	var due []*Hook
	since := now
	for _, h := range list {
		if h.wants(KindDrift) && h.noticed.Before(since) {
			since = h.noticed
		}
		if (h.wants(KindDrift) || h.wants(KindHealth)) && !now.Before(h.noticed.Add(noticesEvery)) {
			due = append(due, h)
		}
	}
	if len(due) == 0 {
		return nil
	}
	gaps, err := gapsIn(ctx, d, now)
	if err != nil {
		return fmt.Errorf("hooks: %w", err)
	}
	var drifts []Notice
	if d.Drifts != nil && since.Before(now) {
		if drifts, err = d.Drifts(ctx, since.Add(-driftBack)); err != nil {
			return fmt.Errorf("hooks: %w", err)
		}
	}
	base, err := baseURL(d.BaseURL)
	if err != nil {
		return err
	}
	l, err := newLetters(base, d.Sources, d.Thesaurus)
	if err != nil {
		return err
	}
	for _, h := range due {
		told, err := d.Store.hookTold(ctx, h.ID)
		if err != nil {
			return err
		}
		var messages []parcel
		for _, n := range otherNews(drifts, gaps, told, now) {
			if !h.wants(n.Kind) || !h.ofSource(n.Source, d.Sources.Source(n.Source)) || n.Weight < h.Filter.MinWeight || !n.Time.After(h.Created) {
				continue
			}
			body, err := d.noticeBody(l, h, n)
			if err != nil {
				return fmt.Errorf("hook %d: %w", h.ID, err)
			}
			messages = append(messages, parcel{n.Key, body})
		}
		if err := d.Store.queue(ctx, h, messages, `UPDATE hook SET noticed = $1 WHERE id = $2`, ms(now)); err != nil {
			return fmt.Errorf("hook %d: %w", h.ID, err)
		}
		r.Found += len(messages)
	}
	return nil
}

// noticeBody is what a hook is told of news that are no change: a document for a
// webhook, a line for a chat.
func (d *Digester) noticeBody(l *letters, h *Hook, n Notice) (string, error) {
	s := l.shownNotice(l.tongue(h.Lang, DefaultZone), &noticed{Notice: n}, false)
	if !h.Web() {
		return quiet(s.Head()+": "+s.Text) + " " + s.Link, nil
	}
	doc := hookNotice{ID: n.Key, Source: n.Source, Title: s.Title, Lang: s.Lang, Summary: s.Text, Link: n.Link, Time: n.Time.UTC()}
	if n.Kind == KindHealth {
		readable := strings.HasPrefix(n.Key, "readable ")
		doc.Readable = &readable
	}
	b, err := json.Marshal(hookEvent{string(n.Kind), d.Store.now(), doc})
	return string(b), err
}

// hookTold reads what a hook was told that is not a change of a page.
func (s *Store) hookTold(ctx context.Context, hook int64) (map[string]bool, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT change FROM delivery WHERE hook = $1 AND instr(change, '..') = 0`, hook)
	list, err := collect(rows, err, func(rows *sql.Rows) (c string, err error) { return c, rows.Scan(&c) })
	if err != nil {
		return nil, fmt.Errorf("hook %d: %w", hook, err)
	}
	told := map[string]bool{}
	for _, key := range list {
		told[key] = true
	}
	return told, nil
}
