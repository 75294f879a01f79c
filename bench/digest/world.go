package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"veille/archive"
	"veille/digest"
)

const publishers = 50

// begin is when the pages are first seen.
var begin = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// The words that the pages are made of: one list of terms that readers search
// for, and rarer ones.
var terms = strings.Fields("detention return centre appeal minister decision period residence permit asylum applicant family minor reception shelter removal escort voluntary " +
	"assistance deadline court judge lawyer costs interpreter transfer border police custody hearing notice refusal entry ban")

func word(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		return terms[r.IntN(len(terms))]
	}
	return fmt.Sprintf("word%d", r.IntN(5000))
}

func sentence(r *rand.Rand) string {
	words := make([]string, 14)
	for i := range words {
		words[i] = word(r)
	}
	return "The " + strings.Join(words, " ") + "."
}

// make lets each page stand, has everybody subscribe, and then lets the pages
// say another number of days in one of their thirty passages, and something
// else in another.
func (b *bed) make(ctx context.Context, a *archive.Archive) error {
	texts := make([][]string, b.changes)
	for p := range texts {
		r := rand.New(rand.NewPCG(uint64(p), 0))
		for range 30 {
			texts[p] = append(texts[p], sentence(r))
		}
		texts[p][3] = fmt.Sprintf("An appeal is lodged within 30 days of the %s.", word(r))
		if err := look(ctx, a, p, begin.Add(time.Duration(p)*time.Millisecond), texts[p]); err != nil {
			return err
		}
	}
	for _, name := range rows {
		if err := b.subscribe(ctx, a, name); err != nil {
			return err
		}
	}
	if err := b.subscribeSizes(ctx, a); err != nil {
		return err
	}
	for p := range texts {
		texts[p][3] = strings.Replace(texts[p][3], "30 days", "10 days", 1)
		texts[p][7] = sentence(rand.New(rand.NewPCG(uint64(p), 1)))
		if err := look(ctx, a, p, begin.Add(30*time.Minute+time.Duration(p)*time.Millisecond), texts[p]); err != nil {
			return err
		}
	}
	return nil
}

// look adds a capture of a page, and what was read in it.
func look(ctx context.Context, a *archive.Archive, p int, at time.Time, texts []string) error {
	body := strings.Join(texts, "\n")
	url := fmt.Sprintf("https://publisher-%02d.example.org/page/%d", p%publishers, p)
	c := &archive.Capture{Source: fmt.Sprintf("publisher-%02d", p%publishers), URL: url, Lang: "en", Time: at, Exchanges: []archive.Exchange{{URL: url, Time: at, IP: "127.0.0.1",
		Request:  []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
		Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}}}
	if err := a.Add(ctx, c); err != nil {
		return err
	}
	title := fmt.Sprintf("Page %d of the handbook", p)
	v := &archive.Version{Title: title, Lang: "en", Strategy: "main"}
	for i, s := range texts {
		v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Path: []string{title, fmt.Sprintf("Article %d", i/4+1)}, Text: s})
	}
	_, err := a.AddReadings(ctx, c.Seq, []archive.Reading{{Capture: c.Seq, Class: archive.Content, Version: v}})
	return err
}

// shape is of how many distinct filters the subscriptions of a row are, and of
// how many people.
func (b *bed) shape(name string) (filters, people int) {
	if name == "send" {
		return 1000, b.subscriptions
	}
	fmt.Sscan(name, &filters)
	return filters, b.subscriptions / 2
}

// subscribe makes the subscriptions of a row.
func (b *bed) subscribe(ctx context.Context, a *archive.Archive, name string) error {
	d, err := b.digester(a, name)
	if err != nil {
		return err
	}
	defer d.Store.Close()
	filters, people := b.shape(name)
	var reqs []digest.Request
	for i := range b.subscriptions {
		req := filter(i % filters)
		req.Email, req.Cadence, req.Lang, req.Density = fmt.Sprintf("reader%d@example%d.org", i%people, i%97), digest.Daily, digest.Langs[i%len(digest.Langs)], digest.Headlines
		if name == "send" {
			req.Sources, req.Query = []string{fmt.Sprintf("publisher-%02d", i%publishers)}, "" // so that all have something to read
			req.Query = "days"
		}
		reqs = append(reqs, req)
	}
	_, err = d.AddAllConfirmed(ctx, reqs)
	return err
}

// filter is the n-th of the distinct filters.
func filter(n int) digest.Request {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	var req digest.Request
	switch n % 5 {
	case 0:
		req.Sources = []string{fmt.Sprintf("publisher-%02d", n/5%publishers)}
		if n >= 5*publishers {
			req.Query = word(r)
		}
	case 1:
		req.Query = fmt.Sprintf("word%d", n)
	case 2:
		req.Query = terms[r.IntN(len(terms))] + " " + fmt.Sprintf("word%d", n)
	case 3:
		req.Query = fmt.Sprintf("%q OR word%d", terms[r.IntN(len(terms))]+" "+terms[r.IntN(len(terms))], n)
	default:
		req.Query, req.MinWeight = fmt.Sprintf("word%d NOT %s", n, terms[r.IntN(len(terms))]), 2+n%4
	}
	return req
}

// A sink is an SMTP server that counts what it takes.
type sink struct {
	addr   string
	server *smtp.Server
	n      atomic.Int64
	bytes  sync.Map // of the last mail, by recipient
}

func listen() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{addr: l.Addr().String()}
	s.server = smtp.NewServer(s)
	s.server.Domain = "localhost"
	go s.server.Serve(l)
	return s, nil
}

func (s *sink) stop() int {
	s.server.Close()
	return int(s.n.Load())
}

// NewSession implements [smtp.Backend].
func (s *sink) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{sink: s}, nil }

type session struct {
	sink *sink
	to   string
}

// Mail implements [smtp.Session].
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements [smtp.Session].
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

// Data implements [smtp.Session].
func (s *session) Data(r io.Reader) error {
	n, err := io.Copy(io.Discard, r)
	s.sink.n.Add(1)
	s.sink.bytes.Store(s.to, n)
	return err
}

// Reset implements [smtp.Session].
func (s *session) Reset() {}

// Logout implements [smtp.Session].
func (s *session) Logout() error { return nil }
