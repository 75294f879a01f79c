package digest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"veille/archive"
)

// batch is for how many people digests are written down in one transaction.
const batch = 64

// A telling is what one person is to be told.
type telling struct {
	subs     []*Subscription // those that are due
	several  bool            // the person has more than one subscription
	items    []*item
	notices  []*noticed
	light    int // changes left out because they weigh too little
	reverted int // pages left out because they changed back
	gaps     []gap
	checks   int       // looks at what is watched
	since    time.Time // since then
	missed   []*Mail   // digests that may not have arrived
}

// An item is a change, and why this reader is told of it.
type item struct {
	*change
	reasons []*Subscription // all of the person's that it is for, due or not
	watches []*watch        // theirs
	also    []*item         // the same edits on other pages, told with this change
}

// density is the greatest that any of the reasons asks for.
func (i *item) density() Density {
	d := 0
	for _, s := range i.reasons {
		d = max(d, slices.Index(Densities, s.Density))
	}
	return Densities[d]
}

// least is the least weight that any of the reasons asks for.
func (i *item) least() int {
	least := 5
	for _, s := range i.reasons {
		least = min(least, s.MinWeight)
	}
	return least
}

// empty reports whether there is nothing to tell, and nobody wants to be told so.
func (t *telling) empty() bool {
	if len(t.items)+len(t.notices) > 0 {
		return false
	}
	return !slices.ContainsFunc(t.subs, func(s *Subscription) bool {
		return s.Cadence != Now && (s.Always || len(t.missed) > 0)
	})
}

// A desk is where the digests of one Sync are composed.
type desk struct {
	*news
	now      time.Time
	ledger   ledger
	notices  map[int64]map[string]bool // what else persons were told, by person
	standing map[int64][]*Subscription // what persons have confirmed, by person
	missed   map[int64][]*Mail
	gaps     []gap
	drifts   []Notice
	looks    map[time.Time]map[string]int // at each source, since a time
}

func newDesk(ctx context.Context, d *Digester, upto archive.Seq, due []*Subscription) (*desk, error) {
	k := &desk{news: newNews(d, upto), now: d.Store.now(), standing: map[int64][]*Subscription{}, looks: map[time.Time]map[string]int{}}
	oldest, last := upto, k.now
	known := map[int64]*Subscription{}
	for _, s := range due {
		known[s.ID] = s
		oldest = min(oldest, s.Upto)
		if s.wants(KindDrift) && s.Last.Before(last) {
			last = s.Last
		}
	}
	all, err := subscriptions(ctx, d.Store.read, `s.confirmed > 0 AND s.ended = 0`)
	if err != nil {
		return nil, fmt.Errorf("list subscriptions: %w", err)
	}
	for _, s := range all {
		k.standing[s.Person] = append(k.standing[s.Person], or(known[s.ID], s))
	}
	if k.ledger, err = d.Store.ledgerAfter(ctx, oldest); err != nil {
		return nil, err
	}
	if k.notices, err = d.Store.noticesTold(ctx); err != nil {
		return nil, err
	}
	if k.missed, err = d.Store.missed(ctx); err != nil {
		return nil, err
	}
	if k.gaps, err = gapsIn(ctx, d, k.now); err != nil {
		return nil, err
	}
	if last.Before(k.now) && d.Drifts != nil {
		if k.drifts, err = d.Drifts(ctx, last.Add(-driftBack)); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// ready makes the searches ready of subscriptions that are due, and of their
// owners' others, and returns those that are due without the ones whose search
// cannot be read any more. These stay where they are, and keep nobody waiting.
func (k *desk) ready(due []*Subscription) []*Subscription {
	var searches []string
	for _, s := range due {
		for _, other := range k.standing[s.Person] {
			searches = append(searches, other.Query)
		}
	}
	unreadable := k.compileAll(searches)
	if len(unreadable) == 0 {
		return due
	}
	wrong := func(s *Subscription) bool { return unreadable[s.Query] != nil }
	for person, subs := range k.standing {
		k.standing[person] = slices.DeleteFunc(subs, wrong)
	}
	return slices.DeleteFunc(due, func(s *Subscription) bool {
		if wrong(s) {
			k.d.Log.Error("subscription waits: its search cannot be read any more; change it, or remove it", "subscription", s.ID, "err", unreadable[s.Query])
		}
		return wrong(s)
	})
}

// siftAll asks the filters of all subscriptions that are due, and of their
// owners' others, of what came after each place at which any of them stands.
func (k *desk) siftAll(ctx context.Context, due []*Subscription) error {
	seen := map[*watch]bool{}
	var watches []*watch
	after := map[archive.Seq]bool{}
	for _, s := range due {
		after[s.Upto] = true
		for _, other := range k.standing[s.Person] {
			w, err := k.watch(ctx, other.Filter)
			if err != nil {
				return err
			}
			if !seen[w] {
				seen[w] = true
				watches = append(watches, w)
			}
		}
	}
	for seq := range after {
		if err := k.sift(ctx, watches, seq); err != nil {
			return err
		}
	}
	return nil
}

// composeAll writes the digests of all people for whom any is due.
func (d *Digester) composeAll(ctx context.Context, o Options, letters *letters, r *Report) error {
	// Without a mailer nothing is ever sent: letters gather for reading.
	due, err := d.Store.due(ctx, o.Now, d.Mailer != nil)
	if err != nil || len(due) == 0 {
		return err
	}
	stats, err := d.Archive.Stats(ctx)
	if err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	start := time.Now() // not the digester's clock: it may stand still
	k, err := newDesk(ctx, d, stats.LatestVersion, due)
	if err != nil {
		return err
	}
	due = k.ready(due)
	if err := k.siftAll(ctx, due); err != nil {
		return err
	}
	r.Took.Compare = k.comparing
	r.Took.Match, start = time.Since(start)-k.comparing, time.Now()
	defer func() { r.Took.Compose = time.Since(start) }()
	var list []*composed
	for len(due) > 0 {
		n := slices.IndexFunc(due, func(s *Subscription) bool { return s.Person != due[0].Person })
		if n < 0 {
			n = len(due)
		}
		c, err := k.compose(ctx, letters, due[:n], r)
		if err != nil {
			return fmt.Errorf("digest of person %d: %w", due[0].Person, err)
		}
		if due = due[n:]; c != nil {
			list = append(list, c)
		}
		if len(list) == batch || len(due) == 0 {
			if err := d.write(ctx, o, list, k.upto, r); err != nil {
				return err
			}
			list = nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// compose makes one person's digest; nil if there is nothing to write down.
func (k *desk) compose(ctx context.Context, letters *letters, subs []*Subscription, r *Report) (*composed, error) {
	r.People++
	r.Due += len(subs)
	t, err := k.tell(ctx, subs)
	if err != nil {
		return nil, err
	}
	r.Reverted += t.reverted
	c := &composed{subs: subs}
	if t.empty() {
		r.Nothing++
		if !slices.ContainsFunc(subs, func(s *Subscription) bool { return s.Cadence != Now || s.Upto < k.upto }) {
			return nil, nil
		}
		return c, nil
	}
	c.mail, err = letters.digest(t)
	return c, err
}

// write writes digests down, unless they are only to be looked at.
func (d *Digester) write(ctx context.Context, o Options, list []*composed, upto archive.Seq, r *Report) error {
	if !o.DryRun && len(list) > 0 {
		d.at("compose")
		if err := d.Store.compose(ctx, list, upto); err != nil {
			return err
		}
		d.at("composed")
	}
	for _, c := range list {
		if c.mail == nil || !c.done && !o.DryRun {
			continue
		}
		r.Composed++
		r.Changes += len(c.mail.Changes)
		switch {
		case o.Each != nil:
			if err := o.Each(c.mail); err != nil {
				return err
			}
			continue
		case !o.DryRun: // it is in the outbox, and there may be thousands
			c.mail.Text, c.mail.HTML = "", ""
		}
		r.Mails = append(r.Mails, c.mail)
	}
	return nil
}

// tell finds what a person has not been told of: what any of the subscriptions
// that are due finds after its place, each change once. Where several find
// stretches of one page with the same end, the longest is told. Steps that the
// person has been told of are taken out.
func (k *desk) tell(ctx context.Context, subs []*Subscription) (*telling, error) {
	person := subs[0].Person
	t := &telling{subs: subs, several: len(k.standing[person]) > 1, missed: k.missed[person], since: k.now}
	longest, light, reverted := map[archive.Seq]*change{}, map[archive.Seq]bool{}, map[archive.Seq]bool{}
	for _, s := range subs {
		if s.Last.Before(t.since) {
			t.since = s.Last
		}
		w, err := k.watch(ctx, s.Filter)
		if err != nil {
			return nil, err
		}
		h := w.hits[s.Upto]
		if h == nil {
			continue
		}
		for _, c := range h.told {
			if old := longest[c.to]; old == nil || c.from < old.from {
				longest[c.to] = c
			}
		}
		for _, c := range h.light {
			light[c.to] = true
		}
		for _, c := range h.reverted {
			reverted[c.to] = true
		}
	}
	for to, c := range longest {
		delete(light, to)
		delete(reverted, to)
		for _, r := range c.run.without(k.ledger[person]) {
			if err := k.add(ctx, t, r); err != nil {
				return nil, err
			}
		}
	}
	for _, r := range k.partly(subs, k.ledger[person]) {
		if longest[r.to] != nil {
			continue
		}
		had := len(t.items)
		for _, left := range r.without(k.ledger[person]) {
			if err := k.add(ctx, t, left); err != nil {
				return nil, err
			}
		}
		if len(t.items) > had {
			delete(light, r.to)
			delete(reverted, r.to)
		}
	}
	slices.SortFunc(t.items, func(a, b *item) int { return cmp.Compare(a.to, b.to) })
	t.light, t.reverted = len(light), len(reverted)
	k.notice(t)
	return t, k.cover(ctx, t)
}

// add puts a run before the reader, with all the reasons for it; not if what
// was left of it after taking out what was told is for none that is due.
func (k *desk) add(ctx context.Context, t *telling, r run) error {
	i := &item{}
	due := false
	for _, s := range k.standing[t.subs[0].Person] {
		w, err := k.watch(ctx, s.Filter)
		if err != nil {
			return err
		}
		c, v, err := k.ask(ctx, w, r)
		if err != nil {
			return err
		}
		if v == told {
			i.change, i.reasons, i.watches = c, append(i.reasons, s), append(i.watches, w)
			due = due || slices.ContainsFunc(t.subs, func(d *Subscription) bool { return d.ID == s.ID })
		}
	}
	if due {
		t.items = append(t.items, i)
	}
	return nil
}

// together puts changes that are the same behind one of them: the first, or
// the first in the reader's language.
func together(items []*item, lang string) []*item {
	var leads []*item
	by := map[string]int{} // which lead
	for _, i := range items {
		at := -1
		for _, key := range i.same {
			if n, ok := by[key]; ok {
				at = n
				break
			}
		}
		switch {
		case at < 0:
			at = len(leads)
			leads = append(leads, i)
		case i.page.Lang == lang && leads[at].page.Lang != lang:
			i.also = append(leads[at].also, leads[at])
			leads[at].also, leads[at] = nil, i
		default:
			leads[at].also = append(leads[at].also, i)
		}
		for _, key := range i.same {
			by[key] = at
		}
	}
	return leads
}
