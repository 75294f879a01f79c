package evidence

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"veille/archive/warc"
)

// Crawlers that find the same bytes again write a revisit record: the answer's
// head, and which answer it repeats, by record id, by address and time, or only
// by the payload's digest. That answer may lie in the same file, in another one
// or have been imported long ago.

// errNotHere is wrapped by the error about an answer that repeats one which is
// neither in the file nor in the archive.
var errNotHere = errors.New("it repeats an answer that is neither in this file nor in the archive; import the file that holds it too")

// originals lists what revisits may refer to.
func (f *warcFile) originals(all []found) {
	f.byID, f.byDigest = make(map[string]*found, len(all)), make(map[string]*found, len(all))
	for n := range all {
		x := &all[n]
		if x.typ == warc.TypeRevisit {
			continue
		}
		f.byID[x.id] = x
		if _, ok := f.byDigest[x.digest]; !ok && x.digest != "" {
			f.byDigest[x.digest] = x
		}
	}
}

// revisit puts the answer together that a revisit record stands for: its own
// head and the payload of the answer that it repeats.
func (f *warcFile) revisit(ctx context.Context, x *found, rec *warc.Record) ([]byte, error) {
	head, _ := split(rec.Block)
	if bytes.Contains(head[:min(len(head), 20)], []byte(" 304")) {
		return rec.Block, nil // there is no body; it repeats what was there before
	}
	orig, err := f.original(ctx, x, rec)
	if err != nil {
		return nil, err
	}
	origHead, body := split(orig)
	if len(head) == 0 {
		return slices.Concat(origHead, body), nil
	}
	return reframe(head, origHead, body)
}

// original finds the answer that a revisit repeats.
func (f *warcFile) original(ctx context.Context, x *found, rec *warc.Record) ([]byte, error) {
	o := f.byID[x.refersTo]
	if o == nil {
		o = f.byDigest[x.digest]
	}
	if o != nil {
		r, err := f.record(o.offset)
		if err != nil {
			return nil, fmt.Errorf("the answer it repeats: %w", err)
		}
		return r.Block, nil
	}
	address := strings.Trim(rec.Get("WARC-Refers-To-Target-URI"), "<>")
	if address == "" {
		address = x.uri
	}
	canonical, err := f.Sources.Canonical(address)
	if err != nil {
		return nil, errNotHere
	}
	at, err := time.Parse(time.RFC3339Nano, rec.Get("WARC-Refers-To-Date"))
	if err != nil {
		at = time.Time{}
	}
	held, err := f.Archive.Held(ctx, canonical)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNotHere
	}
	if err != nil {
		return nil, err
	}
	for _, seq := range held {
		c, err := f.Archive.Capture(ctx, seq)
		if err != nil {
			return nil, err
		}
		if len(c.Exchanges) == 0 {
			continue
		}
		response := c.Exchanges[len(c.Exchanges)-1].Response
		_, known := warc.Matches(x.digest, nil)
		if known && matches(x.digest, response) || !known && c.Time.Equal(at.UTC().Truncate(time.Millisecond)) {
			return response, nil
		}
	}
	return nil, errNotHere
}

// matches reports whether an answer's payload has a digest, in any of the ways
// in which tools count it.
func matches(digest string, response []byte) bool {
	for payload := range payloads(response) {
		if ok, _ := warc.Matches(digest, payload); ok {
			return true
		}
	}
	return false
}

// reframe joins the head of one answer and the body of another so that they
// fit: the head's own transfer coding, around the payload.
func reframe(head, origHead, body []byte) ([]byte, error) {
	mine, err := readHead(head)
	if err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(slices.Concat(origHead, body))), nil)
	if err != nil {
		return nil, fmt.Errorf("the answer it repeats: %w", err)
	}
	if a, b := mine.Header.Get("Content-Encoding"), res.Header.Get("Content-Encoding"); a != b {
		return nil, fmt.Errorf("it is coded as %q, the answer it repeats as %q", a, b)
	}
	chunked := slices.Contains(mine.TransferEncoding, "chunked")
	if chunked == slices.Contains(res.TransferEncoding, "chunked") {
		return slices.Concat(head, body), nil
	}
	payload, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("the answer it repeats: %w", err)
	}
	if !chunked || len(payload) == 0 {
		return slices.Concat(head, payload), nil
	}
	return slices.Concat(head, fmt.Appendf(nil, "%x\r\n", len(payload)), payload, []byte("\r\n0\r\n\r\n")), nil
}

func readHead(head []byte) (*http.Response, error) {
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), nil)
	if err != nil {
		return nil, fmt.Errorf("its head: %w", err)
	}
	return res, nil
}
