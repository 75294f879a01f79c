package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"veille/archive"
	"veille/digest"
)

type digestCmd struct {
	Now    bool `help:"Whatever the hour: send all that is waiting."`
	DryRun bool `name:"dry-run" help:"Print every mail that would go out, and send nothing."`
	JSON   bool `help:"Print one JSON document."`
	mailFlags
}

// Run sends the digests that are due.
func (c *digestCmd) Run(ctx context.Context, a *app) error {
	h, err := a.open(ctx)
	if err != nil {
		return a.explainLock(err)
	}
	defer h.close()
	if c.BaseURL == "" {
		c.BaseURL = "http://localhost:8080"
	}
	d, err := a.openDigest(h, &c.mailFlags)
	if err != nil {
		return err
	}
	defer d.Store.Close()
	rep, err := d.Sync(ctx, digest.Options{Now: c.Now, DryRun: c.DryRun})
	if err != nil {
		return err
	}
	if c.JSON {
		err = writeJSON(a.out, rep)
	} else {
		c.print(a, rep)
	}
	if err == nil && rep.Failed > 0 {
		err = errFailed
	}
	return err
}

func (c *digestCmd) print(a *app, rep *digest.Report) {
	if c.DryRun {
		for _, m := range rep.Mails {
			fmt.Fprintf(a.out, "To: %s\nSubject: %s\n\n%s\n%s\n", m.To, m.Subject, m.Text, "----")
		}
	}
	fmt.Fprintf(a.out, "%d subscriptions of %d people due, %d mails with %d changes, %d sent, %d waiting, %d failed, %d uncertain\n",
		rep.Due, rep.People, len(rep.Mails), rep.Changes, rep.Sent, rep.Waiting, rep.Failed, rep.Uncertain)
}

// openDigest opens the subscribers.
func (a *app) openDigest(h *house, m *mailFlags) (*digest.Digester, error) {
	store, err := digest.Open(filepath.Join(a.flags.Data, "subscribers.db"))
	if err != nil {
		return nil, err
	}
	d := &digest.Digester{Archive: h.archive, Sources: h.sources, Thesaurus: h.thesaurus, Store: store,
		BaseURL: m.BaseURL, From: m.From, Log: a.log, Now: a.now}
	if m.SMTP != "" {
		if m.From == "" {
			return nil, errors.Join(errors.New("mail needs a sender: set --from or VEILLE_FROM"), store.Close())
		}
		if d.Mailer, err = digest.NewSMTP(m.SMTP, m.From); err != nil {
			return nil, errors.Join(err, store.Close())
		}
	}
	return d, nil
}

type subscriptionsCmd struct {
	Add    subscriptionsAddCmd    `cmd:"" help:"Add a subscription."`
	List   subscriptionsListCmd   `cmd:"" default:"withargs" help:"List all subscriptions."`
	Remove subscriptionsRemoveCmd `cmd:"" help:"Remove a subscription, with all that is known of its owner."`
}

type subscriptionsAddCmd struct {
	Email     string   `required:"" placeholder:"ADDR" help:"Address of the subscriber."`
	Name      string   `placeholder:"NAME" help:"Name of the subscription, for the subject of the mails."`
	Query     string   `placeholder:"QUERY" help:"Only changes in which these words were put in or taken out."`
	Topic     []string `placeholder:"ID" help:"Only sources about this topic."`
	Source    []string `placeholder:"ID" help:"Only this source."`
	MinWeight int      `name:"min-weight" default:"2" help:"Least weight of a change."`
	Cadence   string   `default:"daily" help:"now, daily, weekly or monthly."`
	Lang      string   `default:"en" help:"Language of the mails: en, fr, nl or de."`
	Confirmed bool     `help:"The subscriber has agreed in another way: send no confirmation mail."`
	JSON      bool     `help:"Print one JSON document."`
}

// Run adds a subscription; without --confirmed it waits for the subscriber's
// confirmation, whose mail goes into the outbox.
func (c *subscriptionsAddCmd) Run(ctx context.Context, a *app) error {
	return a.withSubscribers(ctx, func(d *digest.Digester) error {
		req := digest.Request{Email: c.Email, Lang: c.Lang,
			Filter:   digest.Filter{Query: c.Query, Topics: c.Topic, Sources: c.Source, MinWeight: c.MinWeight},
			Settings: digest.Settings{Name: c.Name, Cadence: digest.Cadence(c.Cadence)}}
		if !c.Confirmed {
			if _, err := d.Subscribe(ctx, req); err != nil {
				return err
			}
			if c.JSON {
				return writeJSON(a.out, map[string]any{"email": c.Email, "confirmed": false})
			}
			fmt.Fprintf(a.out, "a mail to %s asks for confirmation; it waits in the outbox until `veille digest` or `veille serve` sends it\n", c.Email)
			return nil
		}
		sub, err := d.AddConfirmed(ctx, req)
		if err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(a.out, sub)
		}
		fmt.Fprintf(a.out, "subscription %d of %s, %s\n", sub.ID, sub.Email, sub.Cadence)
		return nil
	})
}

type subscriptionsListCmd struct {
	JSON bool `help:"Print one JSON document."`
}

// Run lists the subscriptions.
func (c *subscriptionsListCmd) Run(ctx context.Context, a *app) error {
	return a.withSubscribers(ctx, func(d *digest.Digester) error {
		subs, err := d.Store.List(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			if subs == nil {
				subs = []*digest.Subscription{}
			}
			return writeJSON(a.out, map[string]any{"total": len(subs), "subscriptions": subs})
		}
		for _, s := range subs {
			state := "confirmed"
			if s.Confirmed.IsZero() {
				state = "not confirmed"
			}
			fmt.Fprintf(a.out, "%d  %s  %s  %s  topics %v  sources %v  query %q  weight ≥ %d\n", s.ID, s.Email, s.Cadence, state, s.Topics, s.Sources, s.Query, s.MinWeight)
		}
		fmt.Fprintf(a.out, "%d subscriptions\n", len(subs))
		return nil
	})
}

type subscriptionsRemoveCmd struct {
	ID int64 `arg:"" help:"Number of the subscription."`
}

// Run removes a subscription.
func (c *subscriptionsRemoveCmd) Run(ctx context.Context, a *app) error {
	return a.withSubscribers(ctx, func(d *digest.Digester) error {
		if err := d.Store.Remove(ctx, c.ID); err != nil {
			return err
		}
		fmt.Fprintf(a.out, "subscription %d removed\n", c.ID)
		return nil
	})
}

// withSubscribers runs f with the subscribers, and the archive behind them.
func (a *app) withSubscribers(ctx context.Context, f func(*digest.Digester) error) error {
	h, err := a.open(ctx)
	if errors.Is(err, archive.ErrLocked) {
		return a.explainLock(err)
	}
	if err != nil {
		return err
	}
	d, err := a.openDigest(h, &mailFlags{BaseURL: "http://localhost:8080"})
	if err != nil {
		return errors.Join(err, h.close())
	}
	return errors.Join(f(d), d.Store.Close(), h.close())
}
