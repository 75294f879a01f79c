package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"veille/digest"
)

type bouncesCmd struct {
	Read bouncesReadCmd `cmd:"" default:"withargs" help:"Read reports on mails that did not arrive (RFC 3464), and suspend their addresses."`
	List bouncesListCmd `cmd:"" help:"List the addresses that are suspended."`
	Lift bouncesLiftCmd `cmd:"" help:"Let mail to an address leave again."`
}

type bouncesReadCmd struct {
	Files []string `arg:"" name:"file" help:"Mails as they were received, one a file; - for standard input."`
	JSON  bool     `help:"Print one JSON document."`
}

// A readBounce is what was made of one file.
type readBounce struct {
	File string `json:"file"`
	*digest.Bounce
	Error string `json:"error,omitempty"`
}

// Run heeds reports. One that cannot be, or is on no letter of ours, is named
// and makes the exit status 1; the others are heeded. It needs only
// subscribers.db, and may run beside `veille serve`.
func (c *bouncesReadCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(func(s *digest.Store) error {
		list := []readBounce{}
		var failed error
		for _, file := range c.Files {
			b, err := heed(ctx, s, file)
			r := readBounce{File: file, Bounce: b}
			if err != nil {
				r.Error, failed = err.Error(), errFailed
			}
			list = append(list, r)
		}
		if c.JSON {
			return errors.Join(writeJSON(a.out, map[string]any{"reports": list}), failed)
		}
		for _, r := range list {
			fmt.Fprintf(a.out, "%s: %s\n", r.File, r.words())
		}
		return failed
	})
}

// heed reads one file.
func heed(ctx context.Context, s *digest.Store, file string) (*digest.Bounce, error) {
	in := io.Reader(os.Stdin)
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	return s.Bounced(ctx, in)
}

// words say what was made of a report.
func (r *readBounce) words() string {
	switch {
	case r.Error != "":
		return shown(r.Error)
	case r.Again:
		return fmt.Sprintf("mail %d: this report was read before", r.Letter)
	case !r.Failed:
		return fmt.Sprintf("mail %d: the report says nothing of a failure", r.Letter)
	case r.Suspended:
		return fmt.Sprintf("mail %d did not arrive, its address is suspended: %s", r.Letter, shown(r.Reason))
	}
	return fmt.Sprintf("mail %d did not arrive: %s", r.Letter, shown(r.Reason))
}

type bouncesListCmd struct {
	JSON bool `help:"Print one JSON document."`
}

// Run lists suspended addresses.
func (c *bouncesListCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(func(s *digest.Store) error {
		list, err := s.Suspended(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			if list == nil {
				list = []*digest.Person{}
			}
			return writeJSON(a.out, map[string]any{"total": len(list), "suspended": list})
		}
		for _, p := range list {
			fmt.Fprintf(a.out, "%s  since %s  %s\n", p.Email, moment(p.Suspended), shown(p.Why))
		}
		fmt.Fprintf(a.out, "%d addresses suspended\n", len(list))
		return nil
	})
}

type bouncesLiftCmd struct {
	Address string `arg:"" help:"Address that works again."`
}

// Run ends a suspension.
func (c *bouncesLiftCmd) Run(ctx context.Context, a *app) error {
	return a.withStore(func(s *digest.Store) error {
		if err := s.LiftAddress(ctx, c.Address); err != nil {
			return err
		}
		fmt.Fprintf(a.out, "%s is sent mail again, what was refused first\n", c.Address)
		return nil
	})
}

// withStore runs f with subscribers.db alone, which needs no lock.
func (a *app) withStore(f func(*digest.Store) error) error {
	file := filepath.Join(a.flags.Data, "subscribers.db")
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("%w; name the data directory with --data", err)
	}
	s, err := digest.Open(file)
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.Close())
}
