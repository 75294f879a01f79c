package digest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"veille/archive"
	"veille/index"
)

// ReplayDays is how far a replay looks back.
const ReplayDays = 90

// Limits of a replay: so many comparisons and mails, and over how many changes
// or mails it says that there would be much to read.
const maxReplayed, maxReplayMails, muchChanges, muchMails = 2000, 100, 90, 45

// onePass is how near in time changes are that a subscription "at once" is
// told in one mail: what one pass finds.
const onePass = 10 * time.Minute

// A Replay is what a subscription would have told, had it stood already.
type Replay struct {
	Since   time.Time    `json:"since"`
	Until   time.Time    `json:"until"`
	Days    int          `json:"days"` // from Since to Until
	Changes int          `json:"changes"`
	Light   int          `json:"light"`   // changes that weigh too little
	Partial bool         `json:"partial"` // there was too much to go back all of ReplayDays
	Much    bool         `json:"much"`    // more than a change a day, or a mail every other day
	Mails   []ReplayMail `json:"mails"`   // newest first

	NotReplayed []Kind `json:"not_replayed,omitempty"` // what was asked for besides changes: it would be told from now on
	OnlyNew     bool   `json:"-"`                      // nothing but that was asked for
}

// A ReplayMail is a mail that would have been sent. Of many only the newest
// have a text.
type ReplayMail struct {
	At      time.Time      `json:"at"`
	Subject string         `json:"subject"`
	Changes []ReplayChange `json:"changes"`
	Text    string         `json:"text,omitempty"`
}

// A ReplayChange is a change that would have been told.
type ReplayChange struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Lang    string `json:"lang"`
	Summary string `json:"summary"`
	Weight  int    `json:"weight"`

	Said string `json:"-"` // the summary as it stands below the title
}

// Replay tells what a subscription would have told in the last 90 days, had it
// stood then: how many mails with how many changes, and the mails. Nothing is
// written. News other than changes is not replayed. The request needs no
// address; its errors are *RequestError.
func (d *Digester) Replay(ctx context.Context, req Request) (*Replay, error) {
	d.tellTime()
	req.Email = or(req.Email, "reader@example.org")
	sub, err := d.check(ctx, req)
	if err != nil {
		return nil, err
	}
	base, err := baseURL(d.BaseURL)
	if err != nil {
		base = &url.URL{}
	}
	l, err := newLetters(base, d.Sources, d.Thesaurus)
	if err != nil {
		return nil, err
	}
	l.marks = marks{"LINK", "LINK", "LINK", "LINK"}
	p := &replayer{sub: sub, letters: l}
	now := d.Store.now()
	if p.news, p.steps, err = d.past(ctx, now.AddDate(0, 0, -ReplayDays), sub.Filter); err != nil {
		return nil, err
	}
	return p.run(ctx, now)
}

// past reads the steps since a time that can be within a filter.
func (d *Digester) past(ctx context.Context, since time.Time, f Filter) (*news, []archive.Step, error) {
	stats, err := d.Archive.Stats(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("replay: %w", err)
	}
	steps, err := d.Archive.Steps(ctx, archive.StepFilter{Since: since, UpTo: stats.LatestVersion, Sources: f.Sources, Published: true, News: true, Oldest: true})
	if err != nil {
		return nil, nil, fmt.Errorf("replay: %w", err)
	}
	return newNews(d, stats.LatestVersion), steps, nil
}

// A replayer goes back in time, mail by mail.
type replayer struct {
	*news
	sub     *Subscription
	letters *letters
	steps   []archive.Step // oldest first
}

// run replays the newest mails first, so that what is left out of too much is
// what is longest ago.
func (p *replayer) run(ctx context.Context, now time.Time) (*Replay, error) {
	r := &Replay{Since: now.AddDate(0, 0, -ReplayDays), Until: now, Days: ReplayDays, Mails: []ReplayMail{},
		OnlyNew: !p.sub.wants(KindNew) && !p.sub.wants(KindChange)}
	for _, k := range []Kind{KindDrift, KindHealth} {
		if p.sub.wants(k) {
			r.NotReplayed = append(r.NotReplayed, k)
		}
	}
	w, err := p.watch(ctx, p.sub.Filter)
	if err != nil {
		return nil, err
	}
	periods := p.periods(r.Since, now)
	for i := len(periods) - 1; i >= 0; i-- {
		at := periods[i]
		if len(p.changes) > maxReplayed || len(r.Mails) >= maxReplayMails {
			r.Partial, r.Since = true, at.end
			r.Days = int(now.Sub(r.Since).Hours() / 24)
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t := &telling{subs: []*Subscription{p.sub}, since: at.begin, checks: -1}
		for _, run := range joined(at.steps) {
			c, v, err := p.ask(ctx, w, run)
			if err != nil {
				return nil, err
			}
			switch v {
			case told:
				t.items = append(t.items, &item{change: c, reasons: t.subs, watches: []*watch{w}})
			case light:
				r.Light++
			}
		}
		if len(t.items) == 0 {
			continue
		}
		if err := p.add(r, at.end, t); err != nil {
			return nil, err
		}
	}
	r.Much = r.Changes*ReplayDays > muchChanges*max(r.Days, 1) || len(r.Mails)*ReplayDays > muchMails*max(r.Days, 1)
	return r, nil
}

// add writes a mail.
func (p *replayer) add(r *Replay, at time.Time, t *telling) error {
	m, err := p.letters.digest(t)
	if err != nil {
		return err
	}
	out := ReplayMail{At: at, Subject: m.Subject}
	if len(r.Mails) < 10 {
		out.Text = m.Text
	}
	for _, i := range t.items {
		out.Changes = append(out.Changes, ReplayChange{i.ID(), or(oneLine(i.page.Title, 200), i.page.URL), i.page.Lang, printed(i.summary[p.sub.Lang], 400), i.Weight,
			sentence(i.summary[p.sub.Lang], i.page.Title)})
	}
	slices.SortStableFunc(out.Changes, func(a, b ReplayChange) int { return cmp.Compare(b.Weight, a.Weight) })
	r.Changes += len(t.items)
	r.Mails = append(r.Mails, out)
	return nil
}

// A period is what one mail would have told.
type period struct {
	begin, end time.Time
	steps      []archive.Step
}

// periods part the steps by when they would have been told. What nobody would
// have been told of yet is in the last.
func (p *replayer) periods(since, now time.Time) []period {
	var out []period
	for _, s := range p.steps {
		n := len(out) - 1
		switch {
		case n >= 0 && s.Time.Before(out[n].end):
			out[n].steps = append(out[n].steps, s)
			continue
		case n >= 0:
			since = out[n].end
		}
		end := s.Time.Add(onePass)
		if p.sub.Cadence != Now || p.sub.Workdays {
			end = later(end, p.sub.next(s.Time), p.sub.Cadence != Now)
		}
		out = append(out, period{since, end, []archive.Step{s}})
	}
	if n := len(out) - 1; n >= 0 && out[n].end.After(now) {
		out[n].end = now
	}
	return out
}

// later is b if it counts in any case or is after a, else a.
func later(a, b time.Time, any bool) time.Time {
	if any || b.After(a) {
		return b
	}
	return a
}

// Equivalents lists, of what the person of a subscription has confirmed, what
// watches the same: by the same filter, by one that differs in small
// and capital letters, or by one that would have found the same changes in the
// last 90 days, and any.
func (d *Digester) Equivalents(ctx context.Context, sub *Subscription) ([]*Subscription, error) {
	d.tellTime()
	all, err := subscriptions(ctx, d.Store.read, `s.person = $1 AND s.confirmed > 0 AND s.ended = 0 AND s.id <> $2`, sub.Person, sub.ID)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	n, steps, err := d.past(ctx, d.Store.now().AddDate(0, 0, -ReplayDays), Filter{})
	if err != nil {
		return nil, err
	}
	runs := joined(steps)
	finds := func(f Filter) (map[stretch]bool, error) {
		w, err := n.watch(ctx, f)
		if err != nil {
			return nil, err
		}
		found := map[stretch]bool{}
		for _, r := range runs {
			if len(n.changes) > maxReplayed {
				break
			}
			_, v, err := n.ask(ctx, w, r)
			if err != nil {
				return nil, err
			}
			if v == told {
				found[r.stretch] = true
			}
		}
		return found, nil
	}
	mine, err := finds(sub.Filter)
	if err != nil {
		return nil, err
	}
	var same []*Subscription
	for _, other := range all {
		theirs, err := finds(other.Filter)
		if wrong := (*index.QueryError)(nil); errors.As(err, &wrong) {
			continue // it can be read no more, and tells nothing
		}
		if err != nil {
			return nil, err
		}
		if other.folded() == sub.folded() || len(mine) > 0 && maps.Equal(mine, theirs) {
			same = append(same, other)
		}
	}
	return same, nil
}
