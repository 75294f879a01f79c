package evidence

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/archive"
	"veille/archive/warc"
	"veille/source"
)

// take adds the captures, in the order of time.
func (f *warcFile) take(ctx context.Context) error {
	b := &batch{warcFile: f}
	for n := range f.found {
		if err := ctx.Err(); err != nil {
			return err
		}
		x := &f.found[n]
		if f.Progress != nil {
			f.Progress(int64(n+1), int64(len(f.found)), "adding "+f.name+", captures")
		}
		c, payload, err := f.capture(ctx, x)
		if errors.Is(err, errNotHere) && len(b.captures) > 0 { // it may repeat one of those
			if err := b.add(ctx); err != nil {
				return err
			}
			c, payload, err = f.capture(ctx, x)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errNotHere) && f.missed != nil:
			f.missed[place{f.name, x.offset}] = true
			continue
		case err != nil:
			f.skip(x.offset, err.Error())
			continue
		}
		if err := b.put(ctx, c, payload); err != nil {
			return err
		}
	}
	return b.add(ctx)
}

// A batch of captures becomes durable together.
type batch struct {
	*warcFile
	captures []*archive.Capture
	bytes    int
	seen     map[sameCapture]bool // in this batch
}

// A sameCapture is what makes two captures one.
type sameCapture struct {
	url     string
	time    time.Time
	payload string
}

// put takes a capture that the archive does not have yet, and adds the batch if
// it is full.
func (b *batch) put(ctx context.Context, c *archive.Capture, payload string) error {
	k := sameCapture{c.URL, c.Time.UTC().Truncate(time.Millisecond), payload}
	have, err := b.Archive.Has(ctx, c.URL, c.Time, payload)
	if err != nil {
		return err
	}
	if have || b.seen[k] {
		b.rep.Duplicates++
		return nil
	}
	if b.seen == nil {
		b.seen = map[sameCapture]bool{}
	}
	b.seen[k] = true
	b.captures = append(b.captures, c)
	b.bytes += len(c.Exchanges[0].Response)
	if len(b.captures) >= importBatch || b.bytes >= importBytes {
		return b.add(ctx)
	}
	return nil
}

// add adds the batch, and empties it.
func (b *batch) add(ctx context.Context) error {
	if len(b.captures) == 0 {
		return nil
	}
	if err := b.Archive.Add(ctx, b.captures...); err != nil {
		return err
	}
	b.rep.Captures += len(b.captures)
	b.captures, b.bytes, b.seen = nil, 0, nil
	return nil
}

// record reads a record by its offset.
func (f *warcFile) record(offset int64) (*warc.Record, error) {
	rec, _, err := warc.NewReader(io.NewSectionReader(f.r, offset, f.size-offset), offset).Next()
	return rec, err
}

// capture makes the capture of a record, and says the digest of its payload.
func (f *warcFile) capture(ctx context.Context, x *found) (c *archive.Capture, payload string, err error) {
	rec, err := f.record(x.offset)
	if err != nil {
		return nil, "", err
	}
	address, err := f.Sources.Canonical(x.uri)
	if err != nil {
		return nil, "", err
	}
	e := archive.Exchange{URL: x.uri, Time: x.time, IP: rec.Get("WARC-IP-Address"), Response: rec.Block, Truncated: rec.Get("WARC-Truncated")}
	if x.request >= 0 {
		if req, err := f.record(x.request); err == nil {
			e.Request = req.Block
		}
	}
	c = &archive.Capture{URL: address, Time: x.time, Origin: archive.Imported, Notes: map[string]string{"imported-from": f.name,
		"imported-offset": strconv.FormatInt(x.offset, 10), "imported-record": x.id, "imported-type": x.typ}}
	if f.software != "" {
		c.Notes["imported-software"] = f.software
	}
	switch x.typ {
	case "resource":
		e.Response = append(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
			oneLine(rec.Get("Content-Type")), len(rec.Block)), rec.Block...)
	case warc.TypeRevisit:
		e.Truncated = ""
		if e.Response, err = f.revisit(ctx, x, rec); err != nil {
			return nil, "", err
		}
	}
	if e.Truncated != "" {
		c.Err = "the crawler kept only a part: " + e.Truncated
	}
	c.Exchanges = []archive.Exchange{e}
	f.belongs(c)
	if c.Parse(); len(c.Body) > maxPage && c.Err == "" { // kept, and not read: the crawler takes no more either
		c.Err = fmt.Sprintf("the page has %d bytes, over %d", len(c.Body), maxPage)
	}
	return c, payloadOf(e.Response), nil
}

func oneLine(s string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(s) }

// belongs finds the source of a capture.
func (f *warcFile) belongs(c *archive.Capture) {
	c.Source = f.Source
	s := f.Sources.Source(f.Source)
	if f.Source == "" {
		c.Source = UnclaimedSource
		if s = f.Sources.Claim(c.URL); s == nil {
			if i := slices.IndexFunc(f.Sources.Sources, func(s *source.Source) bool { return s.Lists(c.URL) }); i >= 0 {
				s = f.Sources.Sources[i]
			}
		}
		if s != nil {
			c.Source = s.ID
		}
	}
	if s == nil {
		return
	}
	for _, d := range s.Pages {
		for _, p := range d.Pages {
			if p.URL == c.URL {
				c.Lang, c.Document = p.Lang, d.ID
			}
		}
	}
	if s.Lists(c.URL) { // kept, and not read as a page
		c.Purpose = archive.PurposeDiscovery
	}
}

// payloadOf is the archive's digest of an answer's payload, "" if it is no
// HTTP or has none.
func payloadOf(response []byte) string {
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(response)), nil)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if len(body) == 0 {
		return ""
	}
	return warc.Digest(body)
}
