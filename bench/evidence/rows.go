package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"

	"veille/archive"
	"veille/archive/warc"
	"veille/evidence"
	"veille/source"
)

var begin = time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// pages makes pages of about 60 KB that compress as HTML does, some hundred
// texts with a number each.
type pages struct{ texts [][]byte }

func newPages() *pages {
	p := &pages{}
	r := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 6000)
	for i := range words {
		b := make([]byte, 3+r.IntN(9))
		for k := range b {
			b[k] = "etaoinshrdlucmfwypvbgkjqxz"[min(r.IntN(26), r.IntN(26))]
		}
		words[i] = string(b)
	}
	for range 200 {
		var b bytes.Buffer
		for b.Len() < 60_000 {
			fmt.Fprintf(&b, "<div class=\"field field--name-body\"><p>")
			for range 20 + r.IntN(40) {
				b.WriteString(words[min(r.IntN(6000), r.IntN(6000))] + " ")
			}
			b.WriteString("</p></div>\n")
		}
		p.texts = append(p.texts, b.Bytes())
	}
	return p
}

// answer is the i-th page as it crosses the wire.
func (p *pages) answer(i int) []byte {
	body := append(fmt.Appendf(nil, "<!doctype html><title>Page %d</title>", i), p.texts[i%len(p.texts)]...)
	return append(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nDate: Tue, 03 Mar 2026 08:00:00 GMT\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\nETag: \"%x\"\r\n\r\n",
		len(body), i), body...)
}

var request = []byte("GET /page HTTP/1.1\r\nHost: example.org\r\nUser-Agent: Veille (+https://veille.example.org)\r\nAccept-Encoding: gzip, br\r\n\r\n")

func address(i int) string { return fmt.Sprintf("https://example.org/page/%d", i) }

// measured does the work of one row and prints its result.
func measured(what string, args []string) error {
	r := &result{}
	var err error
	switch what {
	case "gzip", "copy":
		err = copied(r, what, args)
	case "add":
		err = added(r, args)
	case "gunzip", "gunzip+sha256":
		err = unpacked(r, args[0], what == "gunzip+sha256")
	case "verify":
		err = verified(r, args[0])
	case "rebuild":
		err = rebuilt(r, args[0])
	case "make":
		err = made(r, args)
	case "import":
		err = taken(r, args)
	default:
		err = fmt.Errorf("there is no row %q", what)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// copied writes pages to one file, compressed or not, synced every 64.
func copied(r *result, how string, args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(args[0], how))
	if err != nil {
		return err
	}
	defer f.Close()
	var w io.Writer = f
	var z *gzip.Writer
	if how == "gzip" {
		z = gzip.NewWriter(f)
		w = z
	}
	p := newPages()
	start := time.Now()
	for i := range n {
		b := p.answer(i)
		r.Bytes += int64(len(b))
		if _, err := w.Write(b); err != nil {
			return err
		}
		if i%64 == 63 {
			if z != nil {
				z.Flush()
			}
			if err := f.Sync(); err != nil {
				return err
			}
		}
	}
	if z != nil {
		z.Close()
	}
	r.Captures, r.Took = int64(n), time.Since(start)
	return nil
}

func added(r *result, args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	batch, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	a, err := archive.Open(args[0], quiet())
	if err != nil {
		return err
	}
	defer a.Close()
	s, err := a.Stats(context.Background())
	if err != nil {
		return err
	}
	at := begin.Add(time.Duration(s.Captures) * time.Second)
	p := newPages()
	start := time.Now()
	for i := 0; i < n; i += batch {
		var cs []*archive.Capture
		for k := i; k < min(n, i+batch); k++ {
			x := archive.Exchange{URL: address(k), Time: at, IP: "192.0.2.1", Request: request, Response: p.answer(k)}
			r.Bytes += int64(len(x.Response))
			cs = append(cs, &archive.Capture{Source: "bench", URL: x.URL, Lang: "en", Time: at, Exchanges: []archive.Exchange{x}})
		}
		if err := a.Add(context.Background(), cs...); err != nil {
			return err
		}
	}
	r.Captures, r.Took = int64(n), time.Since(start)
	return nil
}

// unpacked reads the WARC files as gzip and nothing else.
func unpacked(r *result, data string, hashed bool) error {
	names, err := filepath.Glob(filepath.Join(data, "warc", "*"))
	if err != nil {
		return err
	}
	start := time.Now()
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		var to io.Writer = io.Discard
		if hashed {
			to = sha256.New()
		}
		n, err := io.Copy(to, z)
		r.Bytes += n
		if f.Close(); err != nil {
			return err
		}
	}
	r.Took = time.Since(start)
	return nil
}

func verified(r *result, data string) error {
	a, err := archive.Open(data, quiet())
	if err != nil {
		return err
	}
	defer a.Close()
	start := time.Now()
	rep, err := a.Verify(context.Background())
	if err != nil {
		return err
	}
	if !rep.OK {
		return fmt.Errorf("%q", rep.Problems)
	}
	r.Captures, r.Took = rep.Captures, time.Since(start)
	return nil
}

func rebuilt(r *result, data string) error {
	start := time.Now()
	if err := archive.Rebuild(context.Background(), data, quiet(), false); err != nil {
		return err
	}
	r.Took = time.Since(start)
	a, err := archive.Open(data, quiet())
	if err != nil {
		return err
	}
	defer a.Close()
	s, err := a.Stats(context.Background())
	r.Captures = s.Captures
	return err
}

// made writes a WARC file as another tool would.
func made(r *result, args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	f, err := os.Create(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	p := newPages()
	var w warc.Writer
	start := time.Now()
	for i := range n {
		at := begin.AddDate(-1, 0, 0).Add(time.Duration(i) * time.Minute)
		answer := warc.New(warc.TypeResponse, at, "application/http;msgtype=response", p.answer(i))
		answer.Set("WARC-Target-URI", address(i%1000)) // versions of a thousand pages
		asked := warc.New(warc.TypeRequest, at, "application/http;msgtype=request", request)
		asked.Set("WARC-Target-URI", address(i%1000))
		asked.Set("WARC-Concurrent-To", "<"+answer.ID()+">")
		for _, rec := range []*warc.Record{asked, answer} {
			r.Bytes += int64(len(rec.Block))
			if _, err := w.Append(rec); err != nil {
				return err
			}
		}
		if i%64 == 63 || i == n-1 {
			if _, err := f.Write(w.Bytes()); err != nil {
				return err
			}
			w.Reset()
		}
	}
	r.Captures, r.Took = int64(2*n), time.Since(start)
	return f.Sync()
}

func taken(r *result, args []string) error {
	a, err := archive.Open(args[0], quiet())
	if err != nil {
		return err
	}
	defer a.Close()
	i := &evidence.Importer{Archive: a, Sources: &source.List{}, Log: quiet()}
	rep := &evidence.ImportReport{}
	start := time.Now()
	if err := i.Files(context.Background(), []string{args[1]}, rep); err != nil {
		return err
	}
	r.Captures, r.Took = 2*int64(rep.Captures+rep.Duplicates), time.Since(start)
	if r.Captures == 0 {
		return fmt.Errorf("nothing was taken: %+v", rep)
	}
	return nil
}
