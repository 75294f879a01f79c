package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/digest"
	"veille/extract"
	"veille/index"
	"veille/source"
	"veille/thesaurus"
)

// publishers are how many sources the documents are divided among.
const publishers = 20

var topics = []string{"closed-centres", "appeals", "reception-right", "return-hubs", "voluntary-return", "detention-conditions", "statistics", "entry-ban", "legal-aid", "eu-pact"}

// A page is one document in one language.
type page struct {
	url, source, document string
	lang                  int
}

// pagesOf are the pages of a document: every fifth has a second language.
func pagesOf(n int) []page {
	first := n % len(langs)
	out := []page{{pageURL(n, first), sourceID(n), "", first}}
	if n%5 == 0 {
		out = append(out, page{pageURL(n, (first+1)%len(langs)), sourceID(n), "", (first + 1) % len(langs)})
	}
	return out
}

func pageURL(n, lang int) string {
	return fmt.Sprintf("https://publisher-%02d.example.org/%s/document/%d", n%publishers, langs[lang], n)
}

func sourceID(n int) string { return fmt.Sprintf("publisher-%02d", n%publishers) }

// sources is the sources.yaml of the archive. Nothing of it is due for years; what
// is crawled beside the readers comes from live.
func (b *bed) sources(live string) string {
	var s strings.Builder
	s.WriteString("contact: bench@example.org\nhosts:\n")
	if live != "" {
		fmt.Fprintf(&s, "  %q: {min_delay: 0s}\n", live)
	} else {
		s.WriteString("  publisher-00.example.org: {min_delay: 1s}\n")
	}
	s.WriteString("sources:\n")
	for p := range publishers {
		fmt.Fprintf(&s, "  - id: publisher-%02d\n    name: {en: Publisher %d, fr: Éditeur %d, nl: Uitgever %d, de: Herausgeber %d}\n    institution: institution-%d\n    kind: %s\n    jurisdiction: %s\n    topics: [%s, %s]\n    schedule: \"@every 87600h\"\n    pages:\n",
			p, p, p, p, p, p%7, []string{"government", "court", "parliament", "gazette"}[p%4], []string{"BE", "EU", "FR", "NL", "DE"}[p%5], topics[p%len(topics)], topics[(p*3+1)%len(topics)])
		for n := p; n < b.documents; n += publishers {
			var addresses []string
			for _, page := range pagesOf(n) {
				addresses = append(addresses, fmt.Sprintf("%s: %q", langs[page.lang], page.url))
			}
			fmt.Fprintf(&s, "      - {%s}\n", strings.Join(addresses, ", "))
		}
	}
	if live != "" {
		s.WriteString("  - id: live\n    name: {en: What is crawled}\n    institution: live\n    kind: government\n    jurisdiction: BE\n    topics: [statistics]\n    schedule: \"@every 5s\"\n    pages:\n")
		for n := range livePages {
			fmt.Fprintf(&s, "      - {en: \"http://%s/page/%d\"}\n", live, n)
		}
	}
	return s.String()
}

// make makes the archive and its index, unless they are there.
func (b *bed) make(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(b.dir, "made")); err == nil {
		return os.WriteFile(b.sourcesFile(), []byte(b.sources("")), 0o644)
	}
	if err := os.RemoveAll(b.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return err
	}
	began := time.Now()
	if err := os.WriteFile(b.sourcesFile(), []byte(b.sources("")), 0o644); err != nil {
		return err
	}
	list, err := source.Load(b.sourcesFile())
	if err != nil {
		return err
	}
	if err := b.fill(ctx, list); err != nil {
		return err
	}
	fmt.Printf("made %d documents × %d versions in %s: %.0f s\n", b.documents, b.versions, b.dir, time.Since(began).Seconds())
	return os.WriteFile(filepath.Join(b.dir, "made"), nil, 0o644)
}

func (b *bed) sourcesFile() string { return filepath.Join(b.dir, "sources.yaml") }
func (b *bed) data() string        { return filepath.Join(b.dir, "data") }

// fill has every document looked at in turn, as its publisher changes it.
func (b *bed) fill(ctx context.Context, list *source.List) (err error) {
	log := slog.New(slog.DiscardHandler)
	a, err := archive.Open(b.data(), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	r := rand.New(rand.NewPCG(8, 0))
	docs := make([]*document, b.documents)
	for n := range docs {
		docs[n] = newDocument(r, n)
	}
	order := make([]int, b.documents)
	for n := range order {
		order[n] = n
	}
	end := time.Now().UTC().Truncate(time.Second).Add(-time.Hour)
	step := 5 * 365 * 24 * time.Hour / time.Duration(b.versions*b.documents)
	at := end.Add(-step * time.Duration(b.versions*b.documents))
	for range b.versions {
		r.Shuffle(len(order), func(i, k int) { order[i], order[k] = order[k], order[i] })
		for chunk := range slices.Chunk(order, 100) {
			var captures []*archive.Capture
			for _, n := range chunk {
				at = at.Add(step)
				docs[n].change(r, at.Format(time.DateOnly))
				for _, p := range pagesOf(n) {
					captures = append(captures, capture(list, p, at, docs[n].page(p.lang)))
				}
			}
			if err := a.Add(ctx, captures...); err != nil {
				return err
			}
		}
		if _, err := extract.Sync(ctx, log, a, list); err != nil {
			return err
		}
	}
	th, err := thesaurus.Load()
	if err != nil {
		return err
	}
	x, err := index.Open(filepath.Join(b.data(), "index"), list, th, digest.Comparer())
	if err != nil {
		return err
	}
	return errors.Join(x.Sync(ctx, log, a), x.Close())
}

func capture(list *source.List, p page, at time.Time, body []byte) *archive.Capture {
	var answer bytes.Buffer
	fmt.Fprintf(&answer, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	return &archive.Capture{Source: p.source, URL: p.url, Lang: langs[p.lang], Document: list.Source(p.source).Document(p.url), Time: at,
		Exchanges: []archive.Exchange{{URL: p.url, Time: at, IP: "192.0.2.1", Request: []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), Response: answer.Bytes()}}}
}
