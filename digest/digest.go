// Package digest keeps the subscriptions and tells their readers what changed.
//
// A subscription is asked for, confirmed by its owner ([Digester.Subscribe],
// [Digester.Confirm]), and stopped with one click ([Digester.Stop]). What is due
// is told by [Digester.Sync], in four steps that a crash may part anywhere:
//
//  1. the letter is written to the outbox, with the list of the changes it
//     tells, in one transaction ([Queued]);
//  2. it is handed to the [Mailer];
//  3. before the last line of it goes out, it is marked [Sending];
//  4. when the server has answered, it is marked [Sent].
//
// Killed before 1, the next Sync composes the letter again; between 1 and 3 it
// sends it; after 3 nobody knows whether it arrived, so it is shown to the
// operator as [Uncertain] and not sent again, and the reader's next digest says
// that it may be missing and what it told: nothing is lost, nothing told twice.
//
// A person has one address and any number of subscriptions. What is due for a
// person is told in one digest, each change once with all the reasons for it;
// the ledger holds what a person was told, whichever subscription it was for.
// Filters are asked, not subscriptions: the work grows with the changes times
// the distinct filters.
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

// A Mailer hands one mail to the world. It calls last, once, when all is ready
// and before anybody could have taken the mail for whole; if that fails it gives
// up. Killed before, the mail is sent again; killed after, nobody knows. Its
// errors wrap ErrUnreachable, ErrTemporary, ErrRefused or ErrUncertain; any other
// counts as ErrUncertain. Send is never called by two goroutines at once. A
// Mailer that is an io.Closer is closed whenever there is nothing more to send
// for now, and must be usable again after that.
type Mailer interface {
	Send(ctx context.Context, m *Mail, last func() error) error
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

	// Drifts finds the changes first seen after a time that a language twin has
	// not followed; nil if nobody knows.
	Drifts func(ctx context.Context, since time.Time) ([]Notice, error)

	// Document is a change as webhooks get it, with its summary in a language:
	// what lists of changes hold. It is needed where there are webhooks.
	Document func(ctx context.Context, from, to archive.Seq, lang string) (any, error)
	// Postman carries messages to webhooks; nil: one that goes to public
	// addresses only.
	Postman *Postman

	// PerDomain is how many mails at most are handed over to one recipient domain
	// in a minute; 0: as many as there are. What is over waits in the outbox.
	PerDomain int

	// crash is called at each point at which a test may end the program.
	crash func(point string)
}

// Options say what Sync is to do.
type Options struct {
	Now    bool // whatever the hour: all confirmed subscriptions, and letters that wait to be tried again
	DryRun bool // only compose, into Report.Mails; write and send nothing

	// Each, if set, gets each mail as it is composed, and Report.Mails stays empty.
	Each func(*Mail) error
}

// A Report is what Sync did.
type Report struct {
	Due       int     `json:"due"`       // subscriptions whose time had come
	People    int     `json:"people"`    // whose they are
	Composed  int     `json:"composed"`  // mails composed now
	Mails     []*Mail `json:"mails"`     // these; with text in a dry run, where a mark stands for each token
	Changes   int     `json:"changes"`   // told in them, counted once a reader
	Nothing   int     `json:"nothing"`   // people with nothing to be told: no mail
	Reverted  int     `json:"reverted"`  // pages that changed and changed back, counted once a reader
	Sent      int     `json:"sent"`      // letters the server took, of any kind
	Waiting   int     `json:"waiting"`   // letters that could not be sent now
	Failed    int     `json:"failed"`    // letters refused for good
	Uncertain int     `json:"uncertain"` // letters of which nobody knows

	// Again is when the next letter may leave of those that wait because their
	// mail domain has had its share; zero if none does. Call Send then.
	Again time.Time `json:"again,omitzero"`

	Took Took `json:"-"`
}

// Took says where the time of a Sync went.
type Took struct {
	Compare time.Duration // comparing versions, whoever is told
	Match   time.Duration // finding out which changes each filter is about
	Compose time.Duration // writing digests, and writing them down
	Send    time.Duration // handing them over
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
	start := time.Now()
	err = d.send(ctx, o.Now, r)
	r.Took.Send = time.Since(start)
	return r, err
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

func (d *Digester) at(point string) {
	if d.crash != nil {
		d.crash(point)
	}
}

// Subscribe checks a request, writes it down and puts the mail that asks for
// confirmation into the outbox; call [Digester.Send] to let it leave. The
// answer to the asker must not depend on whether the address was known. Errors
// to tell the asker: *RequestError (400); ErrTooMany, ErrTooManyAtDomain and
// ErrTooManyFromYou (429).
func (d *Digester) Subscribe(ctx context.Context, req Request) (*Pending, error) {
	list, err := d.SubscribeAll(ctx, []Request{req})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// SubscribeAll is Subscribe for many of one asker, the first's: all of them, or none.
func (d *Digester) SubscribeAll(ctx context.Context, reqs []Request) ([]*Pending, error) {
	if len(reqs) == 0 {
		return nil, nil
	}
	letters, err := d.letters()
	if err != nil {
		return nil, err
	}
	subs, mails := make([]*Subscription, len(reqs)), make([]*Mail, len(reqs))
	for i, req := range reqs {
		if subs[i], err = d.check(ctx, req); err != nil {
			return nil, err
		}
		if err := refuseThrowaway(subs[i].Email); err != nil {
			return nil, err
		}
		if mails[i], err = letters.confirm(subs[i], d.Store.now().Add(ConfirmWithin)); err != nil {
			return nil, fmt.Errorf("subscribe: %w", err)
		}
	}
	return d.Store.subscribe(ctx, subs, mails, reqs[0].Asker)
}

// Check reports what is wrong with a request, and changes nothing. Its errors
// are those of Subscribe, without the limits.
func (d *Digester) Check(ctx context.Context, req Request) error {
	_, err := d.check(ctx, req)
	return err
}

// check makes a subscription of a request, if it can be one.
func (d *Digester) check(ctx context.Context, req Request) (*Subscription, error) {
	return req.subscription(&known{ctx, d.Sources, d.Thesaurus, d.Archive})
}

// Confirm makes the subscription stand that a confirmation link is about. What
// the archive holds by now is not told; what comes after is. A second use
// changes nothing and is no error. Errors: ErrToken (404), ErrExpired (410), and
// ErrFull (409) after which the link is good still.
func (d *Digester) Confirm(ctx context.Context, token string) (*Subscription, error) {
	d.tellTime()
	stats, err := d.Archive.Stats(ctx)
	if err != nil {
		return nil, fmt.Errorf("confirm: %w", err)
	}
	return d.Store.confirm(ctx, token, stats.LatestVersion)
}

// Stop is [Store.Stop], here so that a server needs to know one thing only.
func (d *Digester) Stop(ctx context.Context, token string) (*Stopping, error) {
	d.tellTime()
	return d.Store.Stop(ctx, token)
}

// AddConfirmed adds a subscription without asking its owner, who has agreed in
// another way: for the operator's command line only. If the address already
// watches the same, that subscription gets the new settings. Errors are those
// of Subscribe, without the limits.
func (d *Digester) AddConfirmed(ctx context.Context, req Request) (*Subscription, error) {
	subs, err := d.AddAllConfirmed(ctx, []Request{req})
	if err != nil {
		return nil, err
	}
	return subs[0], nil
}

// AddAllConfirmed is AddConfirmed for many: all of them, or none.
func (d *Digester) AddAllConfirmed(ctx context.Context, reqs []Request) ([]*Subscription, error) {
	d.tellTime()
	subs := make([]*Subscription, len(reqs))
	for i, req := range reqs {
		var err error
		if subs[i], err = d.check(ctx, req); err != nil {
			return nil, err
		}
	}
	stats, err := d.Archive.Stats(ctx)
	if err != nil {
		return nil, fmt.Errorf("add subscriptions: %w", err)
	}
	return subs, d.Store.addConfirmed(ctx, subs, stats.LatestVersion)
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
	l.marks = marks{d.Store.mark(forConfirm), d.Store.mark(forStop), d.Store.mark(forLeave), d.Store.mark(forManage)}
	return l, nil
}
