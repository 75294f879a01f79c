package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/digest"
	"veille/index"
	"veille/source"
	"veille/thesaurus"
)

// An article is one provision in four languages.
type article struct {
	number string
	text   map[string]string // by language
}

// crossLanguage measures whether a concept that is searched in one language
// finds the provision in another: the Belgian Constitution in four languages,
// 209 aligned articles, one page an article and language.
//
// A query is a concept's name in a language in which some article names the
// concept: the first that means nothing else. Its own article is the one that the query finds first
// among those, in its language. The share is of the queries whose first ten in
// another language hold that article's translation; in the last column, of those
// whose first ten over all languages together hold one.
func crossLanguage(ctx context.Context, dir string) error {
	file := filepath.Join(dir, "constitution-aligned.jsonl")
	if _, err := os.Stat(file); err != nil {
		fmt.Println("be-constitutional-court-4lang not there: skipped")
		return nil
	}
	articles, err := aligned(file)
	if err != nil {
		return err
	}
	th, err := thesaurus.Load()
	if err != nil {
		return err
	}
	x, done, err := indexed(ctx, articles, th)
	if err != nil {
		return err
	}
	defer done()
	fmt.Printf("\nAcross languages: %d articles of the Constitution; share of concept queries whose first ten hold the translation of their article\n", len(articles))
	fmt.Printf("%-6s %8s  %6s %6s %6s %6s  %6s  %s\n", "query", "concepts", "en", "fr", "nl", "de", "any", "ms/query")
	var all, hit, anywhere int
	for _, from := range thesaurus.Languages {
		row, n, any := map[string]int{}, 0, 0
		began, asked := time.Now(), 0
		for _, c := range th.All() {
			own, err := ownArticle(ctx, x, th, articles, c, from)
			if err != nil {
				return err
			}
			if own == "" {
				continue
			}
			n++
			for _, to := range thesaurus.Languages {
				got, err := firstTen(ctx, x, nameOf(c, from), to)
				if err != nil {
					return err
				}
				if asked++; slices.Contains(got, to+"/"+own) {
					row[to]++
				} else if os.Getenv("VERBOSE") != "" {
					fmt.Printf("  %s %q → %s: not %s, but %s\n", from, nameOf(c, from), to, own, strings.Join(got, " "))
				}
			}
			got, err := firstTen(ctx, x, nameOf(c, from), "")
			if err != nil {
				return err
			}
			if asked++; slices.ContainsFunc(got, func(id string) bool { return id != from+"/"+own && strings.HasSuffix(id, "/"+own) }) {
				any++
			}
		}
		fmt.Printf("%-6s %8d ", from, n)
		for _, to := range thesaurus.Languages {
			fmt.Printf(" %6s", share(row[to], n))
			if to != from {
				all, hit = all+n, hit+row[to]
			}
		}
		anywhere += any
		fmt.Printf("  %6s  %8.2f\n", share(any, n), time.Since(began).Seconds()*1000/float64(max(asked, 1)))
	}
	fmt.Printf("of %d pairs of a concept query and another language: %s; over all languages together: %s\n", all, share(hit, all), share(anywhere, all/3))
	return nil
}

func share(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3f", float64(n)/float64(of))
}

// ownArticle is the article that a concept query finds first in its own
// language, of those that name the concept; "" if none does.
func ownArticle(ctx context.Context, x *index.Index, th *thesaurus.Thesaurus, articles []article, c *thesaurus.Concept, lang string) (string, error) {
	names := map[string]bool{}
	for _, a := range articles {
		if slices.ContainsFunc(th.Find(a.text[lang], lang), func(m thesaurus.Match) bool { return m.Concept == c }) {
			names[lang+"/"+a.number] = true
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	got, err := firstTen(ctx, x, nameOf(c, lang), lang)
	if err != nil {
		return "", err
	}
	for _, id := range got {
		if names[id] {
			return strings.TrimPrefix(id, lang+"/"), nil
		}
	}
	return "", nil
}

// nameOf is a concept's first name in a language that is no everyday word.
func nameOf(c *thesaurus.Concept, lang string) string {
	for _, name := range append([]string{c.Pref[lang]}, c.Variants[lang]...) {
		if !slices.Contains(c.Everyday[lang], name) {
			return name
		}
	}
	return c.Pref[lang]
}

// firstTen are the first ten pages that the default search finds, in one
// language or in all ("").
func firstTen(ctx context.Context, x *index.Index, query, lang string) ([]string, error) {
	q := index.Query{Text: plain(query), Limit: 60}
	if lang != "" {
		q.Langs = []string{lang}
	}
	res, err := x.Search(ctx, nil, q)
	if err != nil {
		return nil, fmt.Errorf("query %q: %w", query, err)
	}
	var out []string
	for _, h := range res.Hits {
		if id := strings.TrimPrefix(h.URL, "https://example.org/"); !slices.Contains(out, id) && len(out) < 10 {
			out = append(out, id)
		}
	}
	return out, nil
}

func aligned(file string) ([]article, error) {
	var out []article
	err := lines(file, func(line []byte) error {
		var row map[string]string
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		out = append(out, article{row["article"], row})
		return nil
	})
	return out, err
}

// indexed publishes the articles and indexes them.
func indexed(ctx context.Context, articles []article, th *thesaurus.Thesaurus) (x *index.Index, done func(), err error) {
	work, err := os.MkdirTemp("", "veille-bench-*")
	if err != nil {
		return nil, nil, err
	}
	done = func() { os.RemoveAll(work) }
	defer func() {
		if err != nil {
			done()
		}
	}()
	a, err := archive.Open(filepath.Join(work, "data"), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, nil, err
	}
	defer a.Close()
	on := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var captures []*archive.Capture
	var versions []*archive.Version
	for _, art := range articles {
		for _, lang := range thesaurus.Languages {
			url := "https://example.org/" + lang + "/" + art.number
			captures = append(captures, &archive.Capture{Source: "set", URL: url, Lang: lang, Time: on, Exchanges: []archive.Exchange{{URL: url, Time: on,
				Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\n\r\n%s", url)}}})
			v := &archive.Version{Lang: lang, Title: art.number, Strategy: "main"}
			for _, paragraph := range paragraphs(art.text[lang]) {
				v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: paragraph})
			}
			versions = append(versions, v)
		}
	}
	if err = a.Add(ctx, captures...); err != nil {
		return nil, nil, err
	}
	readings := make([]archive.Reading, len(captures))
	for i, c := range captures {
		readings[i] = archive.Reading{Capture: c.Seq, Class: archive.Content, Version: versions[i]}
	}
	if _, err = a.AddReadings(ctx, captures[len(captures)-1].Seq, readings); err != nil {
		return nil, nil, err
	}
	if x, err = index.Open(filepath.Join(work, "index"), &source.List{Sources: []*source.Source{{ID: "set", Kind: "government"}}}, th, digest.Comparer()); err != nil {
		return nil, nil, err
	}
	if err = x.Sync(ctx, slog.New(slog.DiscardHandler), a); err != nil {
		x.Close()
		return nil, nil, err
	}
	return x, func() { x.Close(); os.RemoveAll(work) }, nil
}

// paragraphs are the lines of a text, put together again where one was broken
// inside a sentence.
func paragraphs(text string) []string {
	var out []string
	open := false
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if open {
			out[len(out)-1] += " " + line
		} else {
			out = append(out, line)
		}
		open = !strings.HasSuffix(line, ".") && !strings.HasSuffix(line, ";") && !strings.HasSuffix(line, ":")
	}
	return out
}
