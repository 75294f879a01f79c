package index

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/source"
	"veille/thesaurus"
)

var t0 = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func day(n int) time.Time { return t0.AddDate(0, 0, n) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// sources are those of the corpus.
func sources() *source.List {
	return &source.List{Sources: []*source.Source{
		{ID: "be-office", Institution: "office", Kind: "government", Jurisdiction: "BE", Topics: []string{"closed-centres", "voluntary-return"}},
		{ID: "be-court", Kind: "court", Jurisdiction: "BE", Topics: []string{"reception-right", "appeals"}},
		{ID: "eu-press", Kind: "eu", Jurisdiction: "EU", Topics: []string{"return-hubs", "eu-return-regulation"}},
		{ID: "eu-law", Institution: "gazette", Kind: "gazette", Jurisdiction: "EU", Topics: []string{"eu-return-regulation"}},
		{ID: "de-amt", Kind: "government", Jurisdiction: "DE", Topics: []string{"forced-return"}},
	}}
}

func words(t testing.TB) *thesaurus.Thesaurus {
	t.Helper()
	th, err := thesaurus.Load()
	if err != nil {
		t.Fatal(err)
	}
	return th
}

func openArchive(t testing.TB) *archive.Archive {
	t.Helper()
	a, err := archive.Open(filepath.Join(t.TempDir(), "data"), quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

func openIndex(t testing.TB, dir string) *Index {
	t.Helper()
	x, err := Open(dir, sources(), words(t), comparer())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

func syncIndex(t testing.TB, x *Index, a *archive.Archive) {
	t.Helper()
	if err := x.Sync(context.Background(), quiet(), a); err != nil {
		t.Fatal(err)
	}
}

// blocks reads a small notation, one block a line: "# title", "## heading",
// "- item", "| row", "~ boilerplate"; anything else is a paragraph.
func blocks(text string) []archive.Block {
	var out []archive.Block
	path := make([]string, 0, 6)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		b := archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: line}
		mark, rest, _ := strings.Cut(line, " ")
		switch {
		case strings.Trim(mark, "#") == "":
			b.Kind, b.Level, b.Text = archive.Heading, len(mark), rest
			path = path[:min(len(path), b.Level-1)]
		case mark == "-":
			b.Kind, b.Text, b.Marker, b.Level = archive.Item, rest, "•", 1
		case mark == "|":
			b.Kind, b.Text = archive.Row, rest
		case mark == "~":
			b.Role, b.Text = archive.Boilerplate, rest
		}
		if b.Role == archive.Main {
			b.Path = append([]string{}, path...)
		}
		if b.Kind == archive.Heading {
			path = append(path, b.Text)
		}
		out = append(out, b)
	}
	return out
}

// publish puts a wording of a page into the archive, as read on a day. The
// text "gone" withdraws the page.
func publish(t testing.TB, a *archive.Archive, src, lang, url string, on time.Time, text string) *archive.Version {
	t.Helper()
	return publishTwin(t, a, src, lang, url, "", on, text)
}

// publishTwin does the same with a page that has twins in other languages.
func publishTwin(t testing.TB, a *archive.Archive, src, lang, url, document string, on time.Time, text string) *archive.Version {
	t.Helper()
	ctx := context.Background()
	body := fmt.Sprintf("%s at %s: %s", url, on, text)
	c := &archive.Capture{Source: src, URL: url, Lang: lang, Document: document, Time: on, Exchanges: []archive.Exchange{{URL: url, Time: on,
		IP: "127.0.0.1", Request: []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
		Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}}}
	if err := a.Add(ctx, c); err != nil {
		t.Fatal(err)
	}
	r := archive.Reading{Capture: c.Seq, Class: archive.Content, Version: &archive.Version{Lang: lang, Strategy: "main", Blocks: blocks(text)}}
	if text == "gone" {
		r.Class, r.Version.Blocks, r.Version.Gone = archive.Gone, nil, true
	} else {
		r.Version.Title = r.Version.Blocks[0].Text
	}
	added, err := a.AddReadings(ctx, c.Seq, []archive.Reading{r})
	if err != nil {
		t.Fatal(err)
	}
	if len(added) == 0 {
		return nil
	}
	return added[0]
}

// corpus fills an archive with some pages in four languages, and their changes.
func corpus(t testing.TB, a *archive.Archive) {
	t.Helper()
	for _, p := range pages {
		publish(t, a, p.source, p.lang, p.url, day(p.day), p.text)
	}
	for _, p := range statutes {
		publishTwin(t, a, p.source, p.lang, p.url, p.document, day(p.day), p.text)
	}
}

// comparer takes blocks of the same number for the same block: enough for the
// corpus, in which no two edits of a page move one another.
func comparer() Comparer {
	return Comparer{Stamp: "test", Senses: []string{"amount", "appear", "modality", "other", "restored", "withdraw"},
		Appeared: Effect{Weight: 4, Senses: []string{"appear"}}, Withdrawn: Effect{Weight: 5, Senses: []string{"withdraw"}},
		Restored: Effect{Weight: 3, Senses: []string{"restored"}},
		Effects: func(old, new *archive.Version) []Effect {
			var out []Effect
			for i := range max(len(old.Blocks), len(new.Blocks)) {
				switch {
				case i >= len(old.Blocks):
					out = append(out, Effect{To: []int{i}, Weight: 3, Senses: []string{"other"}})
				case i >= len(new.Blocks):
					out = append(out, Effect{From: []int{i}, Weight: 3, Senses: []string{"other"}})
				case old.Blocks[i].Text != new.Blocks[i].Text:
					e := Effect{From: []int{i}, To: []int{i}, Weight: 2, Senses: []string{"other"}}
					if a, b := old.Blocks[i].Text, new.Blocks[i].Text; strings.Contains(a, "shall") != strings.Contains(b, "shall") {
						e.Weight, e.Senses = 5, []string{"modality"}
					} else if strings.ContainsAny(a, "0123456789") {
						e.Weight, e.Senses = 4, []string{"amount"}
					}
					out = append(out, e)
				}
			}
			return out
		}}
}
