package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
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

// A set is questions, texts, and which texts answer which question.
type set struct {
	name, lang string
	bm25       float64 // nDCG@10 of plain BM25 on the whole set, by its README
	recall     float64 // R@10 likewise, 0 where none is given
	more       float64 // how much better we mean to be
}

var sets = []set{
	{"nl-rijksoverheid", "nl", .887, 0, 0}, {"fr-service-public", "fr", .910, 0, 0}, {"fr-cnil-crpa", "fr", .608, 0, .03},
	{"de-legalquad", "de", .835, 0, 0}, {"de-gov-faq-covid", "de", .463, 0, .03}, {"en-gov-faq-covid", "en", .553, 0, .03},
	{"en-obliqa-test", "en", .658, .757, .03},
}

// relevance measures how well the default search answers questions, of the
// sets that are named or of all.
func relevance(ctx context.Context, dir string, only []string) error {
	for _, name := range only {
		if !slices.ContainsFunc(sets, func(s set) bool { return s.name == name }) {
			return fmt.Errorf("there is no set %q: name some of those in the table that is printed without names", name)
		}
	}
	fmt.Println("Relevance: the default search, against plain BM25 on the same sets (some queries are kept back there)")
	fmt.Printf("%-18s %6s %7s  %7s %6s %7s  %5s  %8s\n", "set", "texts", "queries", "nDCG@10", "BM25", "aim", "R@10", "ms/query")
	for _, s := range sets {
		if len(only) > 0 && !slices.Contains(only, s.name) {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, s.name)); err != nil {
			fmt.Printf("%-18s not there: skipped\n", s.name)
			continue
		}
		if err := s.measure(ctx, filepath.Join(dir, s.name)); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func (s *set) measure(ctx context.Context, dir string) error {
	work, err := os.MkdirTemp("", "veille-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	a, err := archive.Open(filepath.Join(work, "data"), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer a.Close()
	texts, err := s.publish(ctx, a, filepath.Join(dir, "corpus.jsonl"))
	if err != nil {
		return err
	}
	th, err := thesaurus.Load()
	if err != nil {
		return err
	}
	x, err := index.Open(filepath.Join(work, "index"), &source.List{Sources: []*source.Source{{ID: "set", Kind: "government"}}}, th, digest.Comparer())
	if err != nil {
		return err
	}
	defer x.Close()
	if err := x.Sync(ctx, slog.New(slog.DiscardHandler), a); err != nil {
		return err
	}
	relevant, err := qrels(filepath.Join(dir, "qrels.tsv"))
	if err != nil {
		return err
	}
	var ndcg, recall float64
	n := 0
	began := time.Now()
	err = lines(filepath.Join(dir, "queries.jsonl"), func(line []byte) error {
		var q struct{ ID, Text string }
		if err := json.Unmarshal(line, &q); err != nil {
			return err
		}
		want := relevant[q.ID]
		if len(want) == 0 {
			return nil
		}
		got, err := ranking(ctx, x, q.Text)
		if err != nil {
			return fmt.Errorf("query %s: %w", q.ID, err)
		}
		d, r := score(got, want)
		ndcg, recall, n = ndcg+d, recall+r, n+1
		return nil
	})
	if err != nil || n == 0 {
		return err
	}
	fmt.Printf("%-18s %6d %7d  %7.3f %6.3f %7.3f  %5.3f  %8.2f\n", s.name, texts, n, ndcg/float64(n), s.bm25, s.bm25+s.more, recall/float64(n),
		time.Since(began).Seconds()*1000/float64(n))
	return nil
}

// ranking is the order of texts that the default search gives: of a text's
// passages the first counts.
func ranking(ctx context.Context, x *index.Index, text string) ([]string, error) {
	res, err := x.Search(ctx, nil, index.Query{Text: plain(text), Limit: 60})
	if err != nil {
		return nil, err
	}
	var out []string
	seen := map[string]bool{}
	for _, h := range res.Hits {
		if id := strings.TrimPrefix(h.URL, "https://example.org/"); !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out, nil
}

// plain takes out what the query language would read as more than words.
func plain(text string) string {
	text = strings.NewReplacer(`"`, " ", "“", " ", "”", " ", "„", " ", "«", " ", "»", " ", "(", " ", ")", " ", "*", " ", ":", " ", "~", " ", " -", " ").Replace(text)
	if f := strings.Fields(text); len(f) > 60 {
		text = strings.Join(f[:60], " ")
	}
	return text
}

// score is nDCG and recall of the first ten.
func score(got []string, want map[string]bool) (ndcg, recall float64) {
	var dcg, best float64
	hits := 0
	for i := range 10 {
		gain := 1 / math.Log2(float64(i+2))
		if i < len(want) {
			best += gain
		}
		if i < len(got) && want[got[i]] {
			dcg += gain
			hits++
		}
	}
	return dcg / best, float64(hits) / float64(len(want))
}

func (s *set) publish(ctx context.Context, a *archive.Archive, file string) (n int, err error) {
	on := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var batch []*archive.Capture
	var versions []*archive.Version
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := a.Add(ctx, batch...); err != nil {
			return err
		}
		readings := make([]archive.Reading, len(batch))
		for i, c := range batch {
			readings[i] = archive.Reading{Capture: c.Seq, Class: archive.Content, Version: versions[i]}
		}
		_, err := a.AddReadings(ctx, batch[len(batch)-1].Seq, readings)
		batch, versions = nil, nil
		return err
	}
	err = lines(file, func(line []byte) error {
		var d struct{ ID, Title, Text string }
		if err := json.Unmarshal(line, &d); err != nil {
			return err
		}
		n++
		url := "https://example.org/" + d.ID
		batch = append(batch, &archive.Capture{Source: "set", URL: url, Lang: s.lang, Time: on, Exchanges: []archive.Exchange{{URL: url, Time: on,
			Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\n\r\n%s", d.ID)}}})
		v := &archive.Version{Lang: s.lang, Title: d.Title, Strategy: "main"}
		for paragraph := range strings.SplitSeq(d.Title+"\n"+d.Text, "\n") {
			if paragraph = strings.Join(strings.Fields(paragraph), " "); paragraph != "" {
				v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: paragraph})
			}
		}
		versions = append(versions, v)
		if len(batch) == 500 {
			return flush()
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	return n, flush()
}

func qrels(file string) (map[string]map[string]bool, error) {
	out := map[string]map[string]bool{}
	err := lines(file, func(line []byte) error {
		f := strings.Fields(string(line))
		if len(f) < 3 || f[len(f)-1] == "0" {
			return nil
		}
		if out[f[0]] == nil {
			out[f[0]] = map[string]bool{}
		}
		out[f[0]][f[1]] = true
		return nil
	})
	return out, err
}

func lines(file string, do func([]byte) error) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	s := bufio.NewScanner(bytes.NewReader(b))
	s.Buffer(nil, 1<<26)
	for s.Scan() {
		if err := do(s.Bytes()); err != nil {
			return err
		}
	}
	return s.Err()
}
