package evidence

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"time"
	"unicode"

	"veille/archive"
	"veille/cite"
)

// A Citation is all that a reference to one wording says, or to one block of
// it. Dates are never mixed: Published and Updated are what the page says of
// itself, Seen, Until and LastSeen what was seen.
type Citation struct {
	Version    archive.Seq // its permanent number, the 17 of /v/17
	Number     int         // 1 for the page's first wording
	URL        string
	Title      string // the page's; its address where it has none
	Lang       string
	Source     string // its id
	Publisher  string // name of the source
	Type       string // one of the Cite constants
	Identifier string // of the act or judgment that the address names, in its normal spelling; "" for none
	Published  string // "2006-01-02", or ""
	Updated    string // likewise
	Gone       bool   // the publisher withdrew the page: there is no text
	Seen       archive.Interval
	Until      *archive.Interval // nil while it stands
	LastSeen   time.Time         // the latest capture that shows it
	Block      int               // -1 for the wording as a whole
	Path       []string          // of the block
	Quote      string            // its text
	Link       string            // permanent, with the block; without a host where the site has no public address, and then in no form of reference
	Archived   string            // where the page is shown as it was captured; likewise
	Digest     string            // SHA-256 of the first capture's content, in hex
	Log        string            // name of the tamper-evident log
	Entry      int64             // the wording's entry in it
}

// What a citation may be of, as CSL names it.
const (
	CiteWebpage     = "webpage"
	CiteLegislation = "legislation"
	CiteCase        = "legal_case"
)

// Cite tells what a reference to a version needs; block is a block of it, or
// -1. publisher names its source. For a version or block that is not there the
// error wraps [fs.ErrNotExist].
func (e *Exporter) Cite(ctx context.Context, id archive.Seq, block int, publisher string) (*Citation, error) {
	v, err := e.Archive.Version(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("cite: %w", err)
	}
	c := &Citation{Version: v.ID, Number: v.Number, URL: v.URL, Title: v.Title, Lang: v.Lang, Source: v.Source, Publisher: publisher,
		Published: v.PublishedOn, Updated: v.UpdatedOn, Gone: v.Gone, Seen: v.Seen, Until: v.Until, Block: block, Entry: v.Leaf,
		Link: fmt.Sprintf("%s/v/%d", e.BaseURL, v.ID), Archived: fmt.Sprintf("%s/web/%s/%s", e.BaseURL, v.Time.UTC().Format("20060102150405"), v.URL)}
	c.Type, c.Identifier = kindOf(v.URL)
	if block >= 0 {
		if block >= len(v.Blocks) {
			return nil, fmt.Errorf("cite: block %d of version %d, which has %d blocks (the first is 0): %w", block, v.ID, len(v.Blocks), fs.ErrNotExist)
		}
		c.Path, c.Quote = v.Blocks[block].Path, v.Blocks[block].Text
		c.Link += fmt.Sprintf("#b%d", block)
	}
	if err := e.seen(ctx, c, v); err != nil {
		return nil, fmt.Errorf("cite: %w", err)
	}
	for _, s := range []*string{&c.Title, &c.Publisher, &c.Quote} {
		*s = tidy(*s)
	}
	return c, nil
}

// seen tells what captures know of a version.
func (e *Exporter) seen(ctx context.Context, c *Citation, v *archive.Version) error {
	page, err := e.Archive.PageByID(ctx, v.Page)
	if err != nil {
		return err
	}
	for _, name := range []string{page.Title, v.URL} {
		if c.Title == "" {
			c.Title = name
		}
	}
	if c.Publisher == "" {
		c.Publisher = v.Source
	}
	h, err := e.Archive.Holding(ctx, v.Capture)
	if err != nil {
		return err
	}
	c.Digest = strings.TrimPrefix(h.Payload, "sha256:")
	switch c.LastSeen = v.Seen.By; {
	case v.Until != nil:
		c.LastSeen = v.Until.After
	case page.Last.Version == v.ID:
		c.LastSeen = page.Last.Time
	case page.LastContent.Version == v.ID:
		c.LastSeen = page.LastContent.Time
	}
	if p, err := archive.ParseCheckpoint(e.Archive.Checkpoint(), e.Archive.LogKey()); err == nil {
		c.Log = p.Origin
	}
	return nil
}

// kindOf is what the address of a page says that it is: the publisher's own
// address of an act or a judgment, or any page.
func kindOf(address string) (kind, id string) {
	if plain, err := url.PathUnescape(address); err == nil {
		address = plain
	}
	for _, c := range cite.Find(address) {
		switch c.Kind {
		case cite.ECLI, cite.CALL, cite.CouncilOfState, cite.ConstitutionalCourt, cite.CJEU, cite.ECtHR:
			return CiteCase, c.ID
		case cite.CELEX:
			if strings.HasPrefix(c.ID, "6") { // sector 6 is case law
				return CiteCase, c.ID
			}
			return CiteLegislation, c.ID
		case cite.ELI, cite.Numac:
			return CiteLegislation, c.ID
		}
	}
	return CiteWebpage, ""
}

// Interval says in words when the wording came about.
func (c *Citation) Interval() string {
	if c.Seen.After.IsZero() {
		return "first seen " + second(c.Seen.By) + " (not looked at before)"
	}
	return "first seen between " + second(c.Seen.After) + " and " + second(c.Seen.By)
}

// Standing says in words whether it still stands.
func (c *Citation) Standing() string {
	if c.Until == nil {
		return "still there " + second(c.LastSeen)
	}
	return "gone between " + second(c.Until.After) + " and " + second(c.Until.By)
}

// Proof says in words how the wording can be checked.
func (c *Citation) Proof() string {
	var parts []string
	if c.Digest != "" {
		parts = append(parts, "capture SHA-256 "+c.Digest)
	}
	if c.Log != "" {
		parts = append(parts, fmt.Sprintf("entry %d of the log %s", c.Entry, c.Log))
	}
	return strings.Join(parts, ", ")
}

// tidy is a text on one line, without control characters: what a page says ends
// neither a line nor a record.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// second is a time for people, in UTC.
func second(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
