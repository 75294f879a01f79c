package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"veille/archive"
	"veille/evidence"
)

type proveCmd struct {
	URL   string `arg:"" optional:"" help:"Address of the page."`
	At    string `placeholder:"TIME" help:"The wording that stood then: 2026-03-01 or 2026-03-01T09:30:00Z. Now, if it is not given."`
	Out   string `short:"o" placeholder:"FILE" help:"Where to write the bundle; proof.wacz, if it is not given."`
	Check string `placeholder:"FILE" help:"Check a bundle, without network, instead of writing one."`
	Key   string `placeholder:"KEY" help:"With --check: the log's public key, or a file that holds it. The one in the bundle, if it is not given, which does not show whose it is."`
	JSON  bool   `help:"Print one JSON document."`
}

// Run writes a bundle that proves what a page said, or checks one.
func (c *proveCmd) Run(ctx context.Context, a *app) error {
	switch {
	case c.Check != "" && c.URL != "":
		return errors.New("give an address, to prove what it said, or --check and a bundle; not both")
	case c.Check != "":
		return c.check(a)
	case c.URL == "":
		return errors.New("say which page, or check a bundle with --check FILE")
	}
	out := c.Out
	if out == "" {
		out = "proof.wacz"
	}
	var bundle bytes.Buffer
	if err := c.write(ctx, a, &bundle); err != nil {
		return err
	}
	v, err := evidence.Check(bytes.NewReader(bundle.Bytes()), int64(bundle.Len()), "")
	if err != nil {
		return fmt.Errorf("the bundle does not hold: %w; run `veille verify`", err)
	}
	if err := os.WriteFile(out, bundle.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	if c.JSON {
		return writeJSON(a.out, map[string]any{"file": out, "bytes": bundle.Len(), "claim": v.Claim})
	}
	fmt.Fprintf(a.out, "%s: version %d of %s, found %s\n", out, v.Claim.Version, v.Claim.URL, looked(v.Claim))
	return nil
}

// write makes the bundle, or has a running instance make it.
func (c *proveCmd) write(ctx context.Context, a *app, w io.Writer) error {
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
	v, err := ar.VersionAt(ctx, page.ID, at)
	if err != nil {
		return err
	}
	_, err = evidence.Prove(ctx, ar, w, v.ID, "Veille "+version(), a.now(), nil)
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

func (c *proveCmd) check(a *app) error {
	key := c.Key
	if b, err := os.ReadFile(key); err == nil {
		key = strings.TrimSpace(string(b))
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
	v, err := evidence.Check(f, info.Size(), key)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Check, err)
	}
	if c.JSON {
		return writeJSON(a.out, v)
	}
	fmt.Fprintf(a.out, "%s\n%s\nversion %d was found %s.\n", v.Claim.Title, v.Claim.URL, v.Claim.Version, looked(v.Claim))
	if after := v.Claim.Seen.After; !after.IsZero() {
		fmt.Fprintf(a.out, "It was not there yet on %s.\n", after.UTC().Format(time.RFC3339))
	}
	if v.Claim.Until != nil {
		fmt.Fprintf(a.out, "It no longer stood on %s.\n", v.Claim.Until.By.UTC().Format(time.RFC3339))
	}
	fmt.Fprintf(a.out, "%d entries are in the log %s of %d entries, signed with the key\n%s\n", v.Entries, v.Claim.Log, v.Claim.LogSize, v.Key)
	if v.OwnKey {
		fmt.Fprintln(a.out, "This is the key in the bundle itself: compare it with the one its keeper publishes, or check again with --key.")
	}
	return nil
}

// looked says how often and when a wording was found.
func looked(c *evidence.Claim) string {
	if c.Checks == 1 {
		return "once, on " + c.First.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("%d times between %s and %s, unchanged", c.Checks, c.First.UTC().Format(time.RFC3339), c.Last.UTC().Format(time.RFC3339))
}
