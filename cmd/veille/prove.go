package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"veille/archive"
	"veille/evidence"
)

type proveCmd struct {
	URL   string `arg:"" optional:"" help:"Address of the page."`
	At    string `placeholder:"TIME" help:"What stood there then: 2026-03-01 or 2026-03-01T09:30:00Z. Now, if it is not given."`
	Out   string `short:"o" placeholder:"FILE" help:"Where to write the bundle; proof.wacz, if it is not given."`
	Check string `placeholder:"FILE" help:"Check a bundle, without network, instead of writing one."`
	Key   string `placeholder:"KEY" help:"With --check: the log's public key, or a file that holds it. The one in the bundle, if it is not given, which does not show whose it is."`
	TSACA string `name:"tsa-ca" placeholder:"FILE" help:"With --check: certificates (PEM) of the time-stamp authorities that you trust. Without it a stamp is checked, but not whose it is."`
	JSON  bool   `help:"Print one JSON document."`
	stampFlags
}

// Run writes a bundle that proves what a page said, or checks one.
func (c *proveCmd) Run(ctx context.Context, a *app) error {
	switch {
	case c.Check != "" && c.URL != "":
		return errors.New("give an address, to prove what it said, or --check and a bundle; not both")
	case c.Check != "":
		return c.check(ctx, a)
	case c.URL == "":
		return errors.New("say which page, or check a bundle with --check FILE")
	case c.Key != "" || c.TSACA != "":
		return errors.New("--key and --tsa-ca go with --check")
	}
	out := c.Out
	if out == "" {
		out = "proof.wacz"
	}
	f, err := os.CreateTemp(filepath.Dir(out), ".proof-*.wacz")
	if err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	defer os.Remove(f.Name())
	v, size, err := c.writeAndCheck(ctx, a, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := errors.Join(os.Chmod(f.Name(), 0o644), os.Rename(f.Name(), out)); err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	if v.Claim.StampError != "" {
		fmt.Fprintf(a.err, "veille: there is no new time-stamp in the bundle: %s\n", v.Claim.StampError)
	}
	if c.JSON {
		return writeJSON(a.out, map[string]any{"file": out, "bytes": size, "claim": v.Claim, "notes": v.Notes})
	}
	fmt.Fprintf(a.out, "%s: %s\n", out, about(v.Claim))
	return nil
}

func (c *proveCmd) writeAndCheck(ctx context.Context, a *app, f *os.File) (*evidence.Verdict, int64, error) {
	if err := c.write(ctx, a, f); err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("write the bundle: %w", err)
	}
	v, err := evidence.Check(ctx, f, info.Size(), "", nil)
	if err != nil {
		return nil, 0, fmt.Errorf("the bundle does not hold: %w; run `veille verify`", err)
	}
	return v, info.Size(), nil
}

// write makes the bundle, or has a running instance make it.
func (c *proveCmd) write(ctx context.Context, a *app, w io.Writer) error {
	auth, err := c.authority(a)
	if err != nil {
		return err
	}
	list, err := a.loadSources()
	if err != nil {
		return err
	}
	at, err := parseTime(c.At, a.now())
	if err != nil {
		return fmt.Errorf("--at: %w", err)
	}
	address, err := list.Canonical(c.URL)
	if err != nil {
		return err
	}
	ar, err := archive.Open(a.flags.Data, a.log)
	if errors.Is(err, archive.ErrLocked) {
		if c.TSA != "" {
			a.log.Warn("an instance has the archive and stamps its log itself, if it was told to; --tsa of this command is not used")
		}
		return a.download(ctx, "/proof?"+url.Values{"url": {address}, "at": {at.Format(time.RFC3339)}}.Encode(), w)
	}
	if err != nil {
		return err
	}
	defer ar.Close()
	page, err := ar.Page(ctx, address)
	if err != nil {
		return err
	}
	p := &evidence.Prover{Archive: ar, Software: "Veille " + version(), Now: a.now()}
	if auth != nil {
		if err := stampNow(ctx, ar, auth); err != nil {
			p.StampError = strings.Join(strings.Fields(err.Error()), " ")
		}
	}
	_, err = p.Page(ctx, w, page, at)
	return err
}

// download gets a file from the running instance.
func (a *app) download(ctx context.Context, path string, w io.Writer) error {
	at, ok := a.instance()
	if !ok {
		return fmt.Errorf("%s: %w, and it does not serve; wait until it ends", a.flags.Data, archive.ErrLocked)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at+path, nil)
	if err != nil {
		return fmt.Errorf("ask the instance: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the instance at %s: %w", at, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		var problem struct {
			Detail string `json:"detail"`
		}
		if b, err := io.ReadAll(io.LimitReader(res.Body, 64<<10)); err == nil && json.Unmarshal(b, &problem) == nil && problem.Detail != "" {
			return errors.New(problem.Detail)
		}
		return fmt.Errorf("the instance at %s answered %s", at, res.Status)
	}
	if _, err := io.Copy(w, res.Body); err != nil {
		return fmt.Errorf("ask the instance at %s: %w", at, err)
	}
	return nil
}

func (c *proveCmd) check(ctx context.Context, a *app) error {
	key := c.Key
	if b, err := os.ReadFile(key); err == nil {
		key = strings.TrimSpace(string(b))
	} else if key != "" && strings.Count(key, "+") < 2 {
		return fmt.Errorf("--key: %q is neither a key, NAME+HASH+KEY, nor a file that can be read; get it from the log's keeper, under /checkpoint/key", key)
	}
	trusted, err := roots(c.TSACA)
	if err != nil {
		return err
	}
	f, err := os.Open(c.Check)
	if err != nil {
		return fmt.Errorf("read the bundle: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read the bundle: %w", err)
	}
	v, err := evidence.Check(ctx, f, info.Size(), key, trusted)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Check, err)
	}
	if c.JSON {
		return writeJSON(a.out, v)
	}
	printVerdict(a.out, v)
	return nil
}

func printVerdict(w io.Writer, v *evidence.Verdict) {
	c := v.Claim
	if c.Title != "" {
		fmt.Fprintln(w, shown(c.Title))
	}
	fmt.Fprintf(w, "%s\n%s.\n", shown(c.URL), about(c))
	if !c.Seen.After.IsZero() && !c.SameBefore {
		fmt.Fprintf(w, "On %s there was something else.\n", clock(c.Seen.After))
	}
	if c.Until != nil && !c.SameAfter {
		fmt.Fprintf(w, "On %s there was something else again.\n", clock(c.Until.By))
	}
	if c.Kind == evidence.KindWording {
		fmt.Fprintf(w, "Of these looks %d brought the very bytes that were read, %d the answer \"not modified\", %d other bytes with the same wording, %d other bytes of which only the archive says so.\n",
			v.SameBytes, v.NotModified, v.ReadAgain, v.Asserted)
	}
	if c.Complete {
		fmt.Fprintln(w, "No look in between was left out.")
	}
	for _, s := range v.Stamps {
		whose := "an authority that you trust"
		if !s.Trusted {
			whose = "an authority that was not checked (see --tsa-ca)"
		}
		fmt.Fprintf(w, "Time-stamped on %s by %s: %d of these looks were in the log then.\n", clock(s.Time), whose, s.Looks)
	}
	fmt.Fprintf(w, "%d entries are in the log %s of %d entries, signed with the key\n%s\n", v.Entries, shown(c.Log), c.LogSize, shown(v.Key))
	for _, n := range v.Notes {
		fmt.Fprintf(w, "Note: %s\n", n)
	}
	if v.OwnKey {
		fmt.Fprintln(w, "This is the key in the bundle itself: compare it with the one its keeper publishes, or check again with --key.")
	}
}

// about says what a claim is, in one line.
func about(c *evidence.Claim) string {
	what := fmt.Sprintf("version %d", c.Version)
	switch {
	case c.Kind == evidence.KindWithdrawn:
		what = fmt.Sprintf("withdrawn (status %d)", c.Status)
	case c.Kind == evidence.KindAnswer && c.Status == 0:
		what = "no answer"
	case c.Kind == evidence.KindAnswer:
		what = fmt.Sprintf("no page to read, status %d", c.Status)
	}
	if c.Checks == 1 {
		return what + ", found once, on " + clock(c.First)
	}
	return fmt.Sprintf("%s, checked %d times between %s and %s, unchanged", what, c.Checks, clock(c.First), clock(c.Last))
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }
