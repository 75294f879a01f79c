package main

import (
	"context"
	"fmt"

	"veille/digest"
)

type webhooksCmd struct {
	Add    webhooksAddCmd    `cmd:"" help:"Add a webhook or a chat; prints the secret with which a webhook's messages are signed."`
	List   webhooksListCmd   `cmd:"" default:"withargs" help:"List webhooks and chats, and how they fare."`
	Remove webhooksRemoveCmd `cmd:"" help:"Remove one, with what waits for it."`
	Test   webhooksTestCmd   `cmd:"" help:"Send a message of the type test now."`
}

type webhooksAddCmd struct {
	URL  string `arg:"" help:"Address: https://…, or a chat's, such as discord://token@id."`
	Name string `placeholder:"NAME" help:"Name for the list."`
	Lang string `placeholder:"LANG" help:"Language of the summaries: en, fr, nl or de (en)."`
	filter
	PrivateHooks bool `name:"private-hooks" env:"VEILLE_PRIVATE_HOOKS" help:"It may be without TLS, on this machine, in a private network, or a chat on a server of one's own."`
	JSON         bool `help:"Print one JSON document."`
}

// Run adds a hook.
func (c *webhooksAddCmd) Run(ctx context.Context, a *app) error {
	return a.withSubscribers(ctx, func(d *digest.Digester) error {
		d.Postman = digest.NewPostman(c.PrivateHooks, 0)
		h, err := d.AddHook(ctx, digest.HookRequest{URL: c.URL, Name: c.Name, Lang: c.Lang, Filter: c.filter.filter()})
		if err != nil {
			return err
		}
		secret := d.Store.HookSecret(h.ID)
		if c.JSON {
			return writeJSON(a.out, map[string]any{"id": h.ID, "secret": secret})
		}
		fmt.Fprintf(a.out, "webhook %d, %s\n", h.ID, h.Where())
		if h.Web() {
			fmt.Fprintf(a.out, "secret: %s\n", secret)
		}
		return nil
	})
}

type webhooksListCmd struct {
	JSON bool `help:"Print one JSON document."`
}

// Run lists hooks. Addresses of chats are not shown: they hold passwords.
func (c *webhooksListCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(func(s *digest.Store) error {
		list, err := s.Hooks(ctx)
		if err != nil {
			return err
		}
		for _, h := range list {
			h.URL, h.Error = h.Where(), shown(h.Error)
		}
		if c.JSON {
			if list == nil {
				list = []*digest.Hook{}
			}
			return writeJSON(a.out, map[string]any{"total": len(list), "webhooks": list})
		}
		for _, h := range list {
			state := ""
			switch {
			case !h.Stopped.IsZero():
				state = "  stopped: " + h.Error
			case h.Error != "":
				state = "  " + h.Error
			}
			fmt.Fprintf(a.out, "%d  %s  %s  %d waiting, %d failed%s\n", h.ID, h.URL, shown(h.Name), h.Waiting, h.Failed, state)
		}
		fmt.Fprintln(a.out, plural(len(list), "webhook"))
		return nil
	})
}

type webhooksRemoveCmd struct {
	ID int64 `arg:"" help:"Number of the webhook."`
}

// Run removes a hook.
func (c *webhooksRemoveCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(func(s *digest.Store) error {
		if err := s.RemoveHook(ctx, c.ID); err != nil {
			return err
		}
		fmt.Fprintf(a.out, "webhook %d removed\n", c.ID)
		return nil
	})
}

type webhooksTestCmd struct {
	ID           int64 `arg:"" help:"Number of the webhook."`
	PrivateHooks bool  `name:"private-hooks" env:"VEILLE_PRIVATE_HOOKS" help:"It may lead to this machine and to private networks."`
}

// Run sends a test.
func (c *webhooksTestCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(func(s *digest.Store) error {
		d := &digest.Digester{Store: s, Log: a.log, Now: a.now, Postman: digest.NewPostman(c.PrivateHooks, 0)}
		if err := d.TestHook(ctx, c.ID); err != nil {
			return err
		}
		fmt.Fprintf(a.out, "webhook %d took it\n", c.ID)
		return nil
	})
}
