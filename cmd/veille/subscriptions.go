package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"veille/archive"
	"veille/digest"
)

type subscriptionsCmd struct {
	Add    subscriptionsAddCmd    `cmd:"" help:"Add a subscription."`
	List   subscriptionsListCmd   `cmd:"" default:"withargs" help:"List all subscriptions."`
	Remove subscriptionsRemoveCmd `cmd:"" help:"Remove a subscription, with all that is known of its owner if it is the last."`
	Replay subscriptionsReplayCmd `cmd:"" help:"Tell what a subscription would have told in the last 90 days."`
	Export subscriptionsExportCmd `cmd:"" help:"Write all subscriptions as one JSON document."`
	Import subscriptionsImportCmd `cmd:"" help:"Add the subscriptions of such a document."`
}

// A filter is what is watched, as flags.
type filter struct {
	Query        string   `placeholder:"QUERY" help:"Only changes in which these words were put in or taken out."`
	Topic        []string `placeholder:"ID" help:"Only sources about this topic."`
	Source       []string `placeholder:"ID" help:"Only this source."`
	Jurisdiction []string `placeholder:"CODE" help:"Only sources of this country or body."`
	Document     []string `placeholder:"URL" help:"Only this page and its language twins."`
	Passage      string   `placeholder:"TEXT" help:"Only changes of this wording, or of what it has become."`
	Kind         []string `placeholder:"KIND" help:"Only news of this kind: new, change, drift or health."`
	MinWeight    int      `name:"min-weight" default:"2" help:"Least weight of a change."`
}

func (f *filter) filter() digest.Filter {
	out := digest.Filter{Query: f.Query, Topics: f.Topic, Sources: f.Source, Jurisdictions: f.Jurisdiction, Documents: f.Document,
		Passage: f.Passage, MinWeight: f.MinWeight}
	for _, k := range f.Kind {
		out.Kinds = append(out.Kinds, digest.Kind(k))
	}
	return out
}

// A watching is what a subscription watches and how it is told, as flags.
type watching struct {
	Name string `placeholder:"NAME" help:"Name of the subscription, for subjects and reasons."`
	Note string `placeholder:"TEXT" help:"Note of the subscriber, printed in each digest."`
	filter
	Cadence  string `default:"daily" help:"now, daily, weekly or monthly."`
	At       string `placeholder:"HH:MM" help:"Hour of the mails (07:00)."`
	Workdays bool   `help:"Not on Saturday and Sunday."`
	Density  string `placeholder:"HOW" help:"headlines, excerpts or full (excerpts)."`
	Always   bool   `help:"A mail also when nothing changed."`
	Lang     string `placeholder:"LANG" help:"Language of the mails to this address: en, fr, nl or de (en)."`
	Zone     string `placeholder:"ZONE" help:"Time zone of the address (Europe/Brussels)."`
}

func (f *watching) request() digest.Request {
	return digest.Request{Lang: f.Lang, Zone: f.Zone, Filter: f.filter.filter(),
		Settings: digest.Settings{Name: f.Name, Note: f.Note, Cadence: digest.Cadence(f.Cadence), At: f.At, Workdays: f.Workdays,
			Density: digest.Density(f.Density), Always: f.Always}}
}

type subscriptionsAddCmd struct {
	Email string `required:"" placeholder:"ADDR" help:"Address of the subscriber."`
	watching
	Confirmed bool `help:"The subscriber has agreed in another way: send no confirmation mail."`
	JSON      bool `help:"Print one JSON document."`
}

// Run adds a subscription; without --confirmed it waits for the subscriber's
// confirmation, whose mail goes into the outbox.
func (c *subscriptionsAddCmd) Run(ctx context.Context, a *app) error {
	return a.withSubscribers(ctx, func(d *digest.Digester) error {
		req := c.request()
		req.Email = c.Email
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
		same, err := d.Equivalents(ctx, sub)
		for _, other := range same {
			fmt.Fprintf(a.out, "subscription %d of the same address would have told the same in the last %d days\n", other.ID, digest.ReplayDays)
		}
		return err
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
			lines, err := d.Describe(s, "en")
			if err != nil {
				return err
			}
			state := ""
			if s.Confirmed.IsZero() {
				state = "  not confirmed"
			}
			fmt.Fprintf(a.out, "%d  %s  %s%s\n", s.ID, s.Email, joinLines(s.Name, lines), state)
		}
		fmt.Fprintln(a.out, plural(len(subs), "subscription"))
		return nil
	})
}

// joinLines puts a subscription in one line.
func joinLines(name string, lines []string) string {
	out := bytes.Buffer{}
	if name != "" {
		out.WriteString(name + ": ")
	}
	for i, l := range lines {
		if i > 0 {
			out.WriteString("; ")
		}
		out.WriteString(l)
	}
	return out.String()
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

type subscriptionsReplayCmd struct {
	watching
	JSON bool `help:"Print one JSON document."`
}

// Run tells what a subscription would have told.
func (c *subscriptionsReplayCmd) Run(ctx context.Context, a *app) error {
	return a.withSubscribers(ctx, func(d *digest.Digester) error {
		rep, err := d.Replay(ctx, c.request())
		if err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(a.out, rep)
		}
		for _, m := range rep.Mails {
			fmt.Fprintf(a.out, "%s  %s\n", m.At.Format("2006-01-02 15:04"), m.Subject)
			for _, change := range m.Changes {
				fmt.Fprintf(a.out, "    %s  weight %d  %s\n", change.ID, change.Weight, change.Summary)
			}
		}
		fmt.Fprintf(a.out, "%s with %s in the last %d days; too light to be told: %s\n", plural(len(rep.Mails), "mail"), plural(rep.Changes, "change"), rep.Days,
			plural(rep.Light, "change"))
		for _, kind := range rep.NotReplayed {
			fmt.Fprintf(a.out, "%s is not looked back on: it is told from now on\n", kind)
		}
		if rep.Much {
			fmt.Fprintln(a.out, "that is much to read: raise --min-weight, narrow the search, or choose a slower --cadence")
		}
		return nil
	})
}

type subscriptionsExportCmd struct {
	Out string `short:"o" placeholder:"FILE" help:"File to write; standard output if none is named."`
}

// Run writes all subscriptions. The document holds addresses: the file is made
// readable by its owner only.
func (c *subscriptionsExportCmd) Run(ctx context.Context, a *app) error {
	return a.withSubscribers(ctx, func(d *digest.Digester) error {
		subs, err := d.Store.List(ctx)
		if err != nil {
			return err
		}
		if subs == nil {
			subs = []*digest.Subscription{}
		}
		doc := map[string]any{"total": len(subs), "subscriptions": subs}
		if c.Out == "" {
			return writeJSON(a.out, doc)
		}
		f, err := os.OpenFile(c.Out, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("export subscriptions: %w; name a file that does not exist yet", err)
		}
		return errors.Join(writeJSON(f, doc), f.Close())
	})
}

type subscriptionsImportCmd struct {
	File      string `arg:"" help:"Document that export wrote; - for standard input."`
	Confirmed bool   `help:"The subscribers have agreed in another way: send no confirmation mails. What was exported unconfirmed is left out."`
}

// An imported is an entry of such a document. One that says when it was made and
// not when it was confirmed was asked for by nobody knows whom.
type imported struct {
	digest.Request
	Created   time.Time `json:"created"`
	Confirmed time.Time `json:"confirmed"`
}

// Run adds the subscriptions of a document. If any of them is wrong, none is added.
func (c *subscriptionsImportCmd) Run(ctx context.Context, a *app) error {
	in := io.Reader(os.Stdin)
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("import subscriptions: %w", err)
		}
		defer f.Close()
		in = f
	}
	var doc struct {
		Subscriptions []imported `json:"subscriptions"`
	}
	if err := json.NewDecoder(in).Decode(&doc); err != nil {
		return fmt.Errorf("import subscriptions: %s: %w; give a document that `veille subscriptions export` wrote", c.File, err)
	}
	return a.withSubscribers(ctx, func(d *digest.Digester) error {
		var wrong []error
		var reqs []digest.Request
		for i, s := range doc.Subscriptions {
			if c.Confirmed && s.Confirmed.IsZero() && !s.Created.IsZero() {
				continue
			}
			reqs = append(reqs, s.Request)
			if err := d.Check(ctx, s.Request); err != nil {
				wrong = append(wrong, fmt.Errorf("import subscriptions: entry %d: %w", i+1, err))
			}
		}
		if err := errors.Join(wrong...); err != nil {
			return err
		}
		var err error
		if c.Confirmed {
			_, err = d.AddAllConfirmed(ctx, reqs)
		} else {
			_, err = d.SubscribeAll(ctx, reqs)
		}
		if err != nil {
			return fmt.Errorf("import subscriptions: %w; none was added", err)
		}
		fmt.Fprintf(a.out, "%s added\n", plural(len(reqs), "subscription"))
		if left := len(doc.Subscriptions) - len(reqs); left > 0 {
			fmt.Fprintf(a.out, "%s left out: never confirmed\n", plural(left, "subscription"))
		}
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
