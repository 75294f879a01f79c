package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"veille/archive"
)

type addCmd struct {
	Page   string `arg:"" name:"file|url" help:"A saved page (HTML, PDF, MHTML, …) or a mail (.eml); or an address, to fetch now."`
	URL    string `placeholder:"URL" help:"Address of the page that was saved. Needed for a file that does not say it; a saved page in MHTML does."`
	At     string `placeholder:"TIME" help:"When it was saved: 2026-03-01 or 2026-03-01T09:30:00Z. If it is not given, what an MHTML file or a mail says, or else now."`
	Source string `placeholder:"ID" help:"Source that the page belongs to; the one that names it in sources.yaml, if it is not given."`
	By     string `env:"VEILLE_BY" placeholder:"WHO" help:"Who saved it; kept with the capture. The account that runs the command, if it is not given."`
	Reason string `placeholder:"WHY" help:"Why it was added by hand; kept with the capture."`
	JSON   bool   `help:"Print one JSON document."`
}

// Run keeps the page as a capture, reads and indexes it. If nothing can be read
// in it the capture is kept all the same, it is said why, and the exit status
// is 1.
func (c *addCmd) Run(ctx context.Context, a *app) error {
	by, err := c.who()
	if err != nil {
		return err
	}
	h, err := a.open(ctx)
	if err != nil {
		return a.explainLock(err)
	}
	defer h.close()
	capture, err := c.capture(ctx, a, h)
	if err != nil {
		return err
	}
	capture.Notes["added-by"] = by
	held, err := already(ctx, h.archive, capture)
	if err != nil {
		return err
	}
	if held != 0 { // added twice it would count as two looks
		capture.Seq = held
	} else if err := h.archive.Add(ctx, capture); err != nil {
		return err
	}
	p := &pass{}
	if err := h.sync(ctx, a, p); err != nil {
		return err
	}
	look, err := h.archive.Look(ctx, capture.Seq)
	if err != nil {
		return err
	}
	if c.JSON {
		err = writeJSON(a.out, map[string]any{"capture": capture.Seq, "url": capture.URL, "source": capture.Source, "at": capture.Time,
			"by": by, "class": look.Class, "reason": look.Reason, "new_versions": p.read.NewVersions, "added": held == 0})
	} else if held != 0 {
		fmt.Fprintf(a.out, "capture %d of %s, saved on %s, is these bytes: nothing was added\n", held, capture.URL, clock(capture.Time))
	} else {
		fmt.Fprintf(a.out, "capture %d of %s (%s), saved on %s by %s: %s, %d new versions\n", capture.Seq, capture.URL, capture.Source,
			clock(capture.Time), by, look.Class, p.read.NewVersions)
	}
	if err == nil && look.Class != archive.Content {
		fmt.Fprintf(a.err, "veille: %s is kept as it is, and no text could be read in it: %s\n", c.Page, cmp.Or(look.Reason, look.Err, string(look.Class)))
		err = errFailed
	}
	return err
}

// already finds the capture of the page that has the same time and bytes, 0 if
// there is none.
func already(ctx context.Context, ar *archive.Archive, c *archive.Capture) (archive.Seq, error) {
	page, err := ar.Page(ctx, c.URL)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	looks, err := ar.Looks(ctx, page.ID, 0)
	if err != nil {
		return 0, err
	}
	c.Parse()
	payload := fmt.Sprintf("sha256:%x", sha256.Sum256(c.Body))
	for _, l := range looks {
		if !l.Time.Equal(c.Time.Truncate(time.Millisecond)) {
			continue
		}
		if h, err := ar.Holding(ctx, l.Seq); err != nil || h.Payload == payload {
			return l.Seq, err
		}
	}
	return 0, nil
}

// who is who added it: nobody adds without a name.
func (c *addCmd) who() (string, error) {
	if by := strings.TrimSpace(c.By); by != "" {
		return by, nil
	}
	u, err := user.Current()
	if err != nil || u.Username == "" {
		return "", errors.New("say who saved it, with --by: what somebody adds by hand rests on their word")
	}
	return "account " + u.Username, nil
}

func (c *addCmd) capture(ctx context.Context, a *app, h *house) (*archive.Capture, error) {
	var saved *savedFile
	var err error
	if !isAddress(c.Page) {
		if saved, err = readSaved(c.Page); err != nil {
			return nil, err
		}
	}
	return c.captureOf(ctx, a, h, saved)
}

// captureOf makes the capture of a saved file or, without one, of what the
// address that was named answers.
func (c *addCmd) captureOf(ctx context.Context, a *app, h *house, saved *savedFile) (*archive.Capture, error) {
	address := c.URL
	if address == "" && saved == nil {
		address = c.Page
	} else if address == "" {
		address = saved.address
	}
	var err error
	if address == "" {
		return nil, fmt.Errorf("%s does not say which page it is; say it with --url", c.Page)
	}
	if address, err = h.sources.Canonical(address); err != nil {
		return nil, err
	}
	at, err := c.when(a, saved)
	if err != nil {
		return nil, err
	}
	var capture *archive.Capture
	if saved == nil {
		if capture, err = h.crawler.Fetch(ctx, c.Page); err != nil {
			return nil, err
		}
	} else {
		capture = saved.capture(address, at)
	}
	capture.URL, capture.Origin = address, archive.Added
	if capture.Notes == nil {
		capture.Notes = map[string]string{}
	}
	for k, v := range map[string]string{"added": "by hand", "added-why": cmp.Or(c.Reason, "not said"), "added-from": c.Page, "added-at": clock(a.now())} {
		capture.Notes[k] = v
	}
	if saved != nil {
		capture.Notes["added-from"] = filepath.Base(c.Page) // where it lay on somebody's disk is nobody's business
		if saved.subject != "" {
			capture.Notes["added-subject"] = saved.subject
		}
	}
	return capture, c.belongs(ctx, h, capture)
}

// when is when the page was saved: as the command line says, or the file.
func (c *addCmd) when(a *app, saved *savedFile) (time.Time, error) {
	if c.At == "" && saved != nil && !saved.at.IsZero() {
		if saved.at.After(a.now().Add(time.Minute)) || saved.at.Year() < 1990 {
			return saved.at, fmt.Errorf("%s says that it was saved on %s, which cannot be; say when with --at", c.Page, clock(saved.at))
		}
		return saved.at, nil
	}
	at, err := parseTime(c.At, a.now())
	if err != nil {
		return at, fmt.Errorf("--at: %w", err)
	}
	switch {
	case at.After(a.now().Add(time.Minute)):
		return at, fmt.Errorf("--at: %s lies in the future", clock(at))
	case at.Year() < 1990:
		return at, fmt.Errorf("--at: on %s there was no page to save", clock(at))
	}
	return at, nil
}

// belongs finds the source of a capture.
func (c *addCmd) belongs(ctx context.Context, h *house, capture *archive.Capture) error {
	capture.Source = c.Source
	page, err := h.archive.Page(ctx, capture.URL)
	switch {
	case err == nil:
		capture.Lang, capture.Document = page.Lang, page.Document
		if capture.Source == "" {
			capture.Source = page.Source
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if s := h.sources.Claim(capture.URL); s != nil && capture.Source == "" {
		capture.Source = s.ID
	}
	if capture.Source == "" {
		return fmt.Errorf("no source names %s; say which it belongs to, with --source", capture.URL)
	}
	src := h.sources.Source(capture.Source)
	if src == nil {
		return fmt.Errorf("there is no source %q in %s", capture.Source, h.sources.File)
	}
	for _, d := range src.Pages {
		for _, p := range d.Pages {
			if p.URL == capture.URL {
				capture.Lang, capture.Document = p.Lang, d.ID
			}
		}
	}
	return nil
}
