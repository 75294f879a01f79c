// Package digest keeps the subscriptions and tells their readers what changed.
//
// A subscription is asked for, confirmed by its owner ([Digester.Subscribe],
// [Digester.Confirm]), and stopped with one click ([Digester.Stop]). What is due
// is told by [Digester.Sync], in four steps that a crash may part anywhere:
//
//  1. the letter is written to the outbox, with the list of the changes it
//     tells, in one transaction ([Queued]);
//  2. it is marked [Sending];
//  3. it is handed to the [Mailer];
//  4. it is marked [Sent], and the reader's Upto moves, in one transaction.
//
// Killed before 1, the next Sync composes the letter again; between 1 and 2 it
// sends it; after 2 nobody knows whether it arrived, so it is shown as
// [Uncertain] and not sent again: nothing is lost from sight, nothing told twice.
//
// Everything about people is in subscribers.db ([Store]) and nowhere else.
package digest

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"veille/archive"
	"veille/source"
	"veille/thesaurus"
)

// A Mailer hands one mail to the world. Its errors wrap ErrUnreachable,
// ErrTemporary, ErrRefused or ErrUncertain; any other counts as ErrUncertain.
// Send is never called by two goroutines at once. A Mailer that is an
// io.Closer is closed whenever there is nothing more to send for now, and must
// be usable again after that.
type Mailer interface {
	Send(ctx context.Context, m *Mail) error
}

// A Digester tells subscribers what changed. Its fields are set before the
// first use; its methods may then be called by several goroutines. Composing
// and sending are done by one at a time, and only in the process that has the
// archive open: the archive's lock is what makes a letter found "sending" at
// the first Sync a letter that a crash left behind.
type Digester struct {
	Archive   *archive.Archive
	Sources   *source.List
	Thesaurus *thesaurus.Thesaurus
	Store     *Store
	Mailer    Mailer // nil: letters wait in the outbox, to be read there
	BaseURL   string // public address of the web pages, "https://veille.example.org"
	From      string // sender, "Veille <veille@example.org>"
	Log       *slog.Logger
	Now       func() time.Time // nil: the store's clock, or time.Now

	// crash is called at each point at which a test may end the program.
	crash func(point string)
}

// Options say what Sync is to do.
type Options struct {
	Now    bool // whatever the hour: all confirmed subscriptions, and letters that wait to be tried again
	DryRun bool // only compose, into Report.Mails; write and send nothing
}

// A Report is what Sync did.
type Report struct {
	Due       int     `json:"due"`       // subscriptions whose time had come
	Mails     []*Mail `json:"mails"`     // composed now; where a link needs a token they hold a mark
	Changes   int     `json:"changes"`   // told in them, counted once a reader
	Nothing   int     `json:"nothing"`   // subscriptions due with nothing to tell: no mail
	Reverted  int     `json:"reverted"`  // pages that changed and changed back, in the period of any of them
	Sent      int     `json:"sent"`      // letters the server took, of any kind
	Waiting   int     `json:"waiting"`   // letters that could not be sent now
	Failed    int     `json:"failed"`    // letters refused for good
	Uncertain int     `json:"uncertain"` // letters of which nobody knows
}

// Sync sends what waits in the outbox, composes what is due, and sends that.
// An error means that the archive or the store failed, or the configuration is
// wrong; what a mail server answers is in the report and in the outbox.
func (d *Digester) Sync(ctx context.Context, o Options) (*Report, error) {
	r := &Report{}
	letters, err := d.letters()
	if err != nil {
		return nil, err
	}
	s := d.Store
	s.sending.Lock()
	defer s.sending.Unlock()
	if !o.DryRun {
		if r.Uncertain, err = s.recover(ctx); err != nil {
			return nil, err
		}
		if r.Uncertain > 0 {
			d.Log.Warn("letters may or may not have been sent before a crash", "count", r.Uncertain)
		}
		if _, err := s.forget(ctx); err != nil {
			return nil, err
		}
		if err := d.send(ctx, o.Now, r); err != nil {
			return r, err
		}
	}
	if err := d.composeAll(ctx, o, letters, r); err != nil || o.DryRun {
		return r, err
	}
	return r, d.send(ctx, o.Now, r)
}

// Send sends what waits in the outbox and composes nothing: after a
// subscription was asked for, so that its confirmation leaves at once. It waits
// for a Sync that is under way, and for the mail server: do not let a visitor
// wait for it.
func (d *Digester) Send(ctx context.Context) (*Report, error) {
	r := &Report{}
	d.tellTime()
	d.Store.sending.Lock()
	defer d.Store.sending.Unlock()
	n, err := d.Store.recover(ctx)
	if err != nil {
		return nil, err
	}
	r.Uncertain = n
	return r, d.send(ctx, false, r)
}

// composeAll writes the letters of all subscriptions that are due.
func (d *Digester) composeAll(ctx context.Context, o Options, letters *letters, r *Report) error {
	// Without a mailer nothing is ever sent: letters gather for reading.
	subs, err := d.Store.due(ctx, o.Now, d.Mailer != nil)
	if err != nil {
		return err
	}
	stats, err := d.Archive.Stats(ctx)
	if err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	news := newNews(d, stats.LatestVersion)
	for _, sub := range subs {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.Due++
		if sub.Cadence == Now && sub.composed >= news.upto {
			r.Nothing++ // and nothing to write down
			continue
		}
		if err := d.composeOne(ctx, o, letters, news, sub, r); err != nil {
			return fmt.Errorf("digest of subscription %d: %w", sub.ID, err)
		}
	}
	return nil
}

func (d *Digester) composeOne(ctx context.Context, o Options, letters *letters, news *news, sub *Subscription, r *Report) error {
	found, err := news.of(ctx, sub)
	if err != nil {
		return err
	}
	r.Reverted += found.reverted
	var m *Mail
	if len(found.told) > 0 {
		if m, err = letters.digest(sub, found); err != nil {
			return err
		}
	}
	if !o.DryRun {
		d.at("compose")
		done, err := d.Store.compose(ctx, sub, m, news.upto)
		if err != nil || !done {
			return err
		}
		d.at("composed")
	}
	if m == nil {
		r.Nothing++
		return nil
	}
	r.Mails = append(r.Mails, m)
	r.Changes += len(found.told)
	return nil
}

func (d *Digester) at(point string) {
	if d.crash != nil {
		d.crash(point)
	}
}

// Subscribe checks a request, writes it down and puts the mail that asks for
// confirmation into the outbox; call [Digester.Send] to let it leave. The
// answer to the asker must not depend on whether the address was known. Errors
// to tell the asker: *RequestError (400), ErrTooMany (429).
func (d *Digester) Subscribe(ctx context.Context, req Request) (*Pending, error) {
	sub, err := req.subscription(d.Sources, d.Thesaurus)
	if err != nil {
		return nil, err
	}
	letters, err := d.letters()
	if err != nil {
		return nil, err
	}
	m, err := letters.confirm(sub, d.Store.now().Add(ConfirmWithin))
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return d.Store.subscribe(ctx, sub, m)
}

// Confirm makes the subscription stand that a confirmation link is about. What
// the archive holds by now is not told; what comes after is. A second use
// changes nothing and is no error. Errors: ErrToken (404), ErrExpired (410).
func (d *Digester) Confirm(ctx context.Context, token string) (*Subscription, error) {
	d.tellTime()
	stats, err := d.Archive.Stats(ctx)
	if err != nil {
		return nil, fmt.Errorf("confirm: %w", err)
	}
	return d.Store.confirm(ctx, token, stats.LatestVersion)
}

// Stop is [Store.Stop], here so that a server needs to know one thing only.
func (d *Digester) Stop(ctx context.Context, token string) (*Subscription, error) {
	d.tellTime()
	return d.Store.Stop(ctx, token)
}

// AddConfirmed adds a subscription without asking its owner, who has agreed in
// another way: for the operator's command line only. If the address already
// watches the same, that subscription gets the new settings. Errors are those
// of Subscribe, without the limit.
func (d *Digester) AddConfirmed(ctx context.Context, req Request) (*Subscription, error) {
	d.tellTime()
	sub, err := req.subscription(d.Sources, d.Thesaurus)
	if err != nil {
		return nil, err
	}
	stats, err := d.Archive.Stats(ctx)
	if err != nil {
		return nil, fmt.Errorf("add subscription: %w", err)
	}
	return sub, d.Store.addConfirmed(ctx, sub, stats.LatestVersion)
}

// tellTime gives the store the digester's clock, if it has none of its own.
func (d *Digester) tellTime() {
	if d.Now != nil {
		d.Store.clock.Store(&d.Now)
	}
}

// letters checks the configuration that every letter needs, and makes ready to write.
func (d *Digester) letters() (*letters, error) {
	d.tellTime()
	base, err := baseURL(d.BaseURL)
	if err != nil {
		return nil, err
	}
	if d.Mailer != nil || d.From != "" {
		if _, err := parseFrom(d.From); err != nil {
			return nil, err
		}
	}
	l, err := newLetters(base, d.Sources, d.Thesaurus)
	if err != nil {
		return nil, err
	}
	l.confirmMark, l.stopMark = d.Store.mark(forConfirm), d.Store.mark(forStop)
	return l, nil
}
