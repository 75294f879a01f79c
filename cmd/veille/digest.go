package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"veille/archive"
	"veille/digest"
	"veille/server"
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
	if err == nil {
		err = a.sendRest(ctx, d, rep)
	}
	var hooks *digest.HookReport
	if err == nil && !c.DryRun {
		hooks, err = d.SyncHooks(ctx)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		err = writeJSON(a.out, struct {
			*digest.Report
			Hooks *digest.HookReport `json:"hooks,omitempty"`
		}{rep, hooks})
	} else {
		c.print(a, rep)
		if hooks != nil && *hooks != (digest.HookReport{}) {
			fmt.Fprintf(a.out, "hooks: %d news found, %d sent, %d waiting, %d failed\n", hooks.Found, hooks.Sent, hooks.Waiting, hooks.Failed)
		}
	}
	if err == nil && rep.Failed > 0 {
		err = errFailed
	}
	return err
}

// sendRest waits for the share of mail domains that had more to be sent than a
// minute allows, and sends the rest.
func (a *app) sendRest(ctx context.Context, d *digest.Digester, rep *digest.Report) error {
	for !rep.Again.IsZero() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(max(rep.Again.Sub(a.now()), time.Second)):
		}
		more, err := d.Send(ctx)
		if err != nil {
			return err
		}
		rep.Again = more.Again
		rep.Sent += more.Sent
		rep.Waiting += more.Waiting
		rep.Failed += more.Failed
		rep.Uncertain += more.Uncertain
	}
	return nil
}

func (c *digestCmd) print(a *app, rep *digest.Report) {
	if c.DryRun {
		for _, m := range rep.Mails {
			fmt.Fprintf(a.out, "To: %s\nSubject: %s\n\n%s\n%s\n", m.To, m.Subject, m.Text, "----")
		}
	}
	people := "1 person"
	if rep.People != 1 {
		people = fmt.Sprintf("%d people", rep.People)
	}
	fmt.Fprintf(a.out, "%s of %s due, %s with %s, %d sent, %d waiting, %d failed, %d uncertain\n", plural(rep.Due, "subscription"), people,
		plural(rep.Composed, "mail"), plural(rep.Changes, "change"), rep.Sent, rep.Waiting, rep.Failed, rep.Uncertain)
}

// openDigest opens the subscribers.
func (a *app) openDigest(h *house, m *mailFlags) (*digest.Digester, error) {
	store, err := digest.Open(filepath.Join(a.flags.Data, "subscribers.db"))
	if err != nil {
		return nil, err
	}
	d := &digest.Digester{Archive: h.archive, Sources: h.sources, Thesaurus: h.thesaurus, Store: store,
		BaseURL: m.BaseURL, From: m.From, PerDomain: m.PerDomain, Log: a.log, Now: a.now}
	docs := &server.Documents{Archive: h.archive, Index: h.index, Sources: h.sources, Thesaurus: h.thesaurus, Now: a.now}
	d.Drifts = docs.DriftNotices
	d.Document = func(ctx context.Context, from, to archive.Seq, lang string) (any, error) {
		return docs.Change(ctx, from, to, lang)
	}
	d.Postman = digest.NewPostman(m.PrivateHooks, 0)
	if m.SMTP != "" {
		if m.From == "" {
			return nil, errors.Join(errors.New("mail needs a sender: set --from or VEILLE_FROM"), store.Close())
		}
		if d.Mailer, err = a.mailer(m); err != nil {
			return nil, errors.Join(err, store.Close())
		}
	}
	return d, nil
}

// mailer is the mail server that the flags name, with the key that signs.
func (a *app) mailer(m *mailFlags) (*digest.SMTP, error) {
	smtp, err := digest.NewSMTP(m.SMTP, m.From)
	if err != nil || m.DKIMKey == "" {
		return smtp, err
	}
	if smtp.DKIM, err = digest.LoadDKIM(m.DKIMKey, m.DKIMSelector, m.From); err != nil {
		return nil, err
	}
	name, text := smtp.DKIM.Record()
	a.log.Info("mails are signed; the DNS has to say so", "name", name, "txt", text)
	return smtp, nil
}
