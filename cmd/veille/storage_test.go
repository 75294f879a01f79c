package main

import (
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/digest"
	"veille/index"
	"veille/source"
	"veille/thesaurus"
)

// size is how large all files under some directories are together.
func size(t *testing.T, dirs ...string) (n int64) {
	t.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if info, err := d.Info(); err == nil { // merged away, otherwise
				n += info.Size()
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func openData(t *testing.T, dir string) *archive.Archive {
	t.Helper()
	a, err := archive.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAnUnchangedLookCostsAKilobyte: a thousand of them, with facts about robots.txt and TLS, cost at
// most 1 KB each in WARC files, catalogue and log.
func TestAnUnchangedLookCostsAKilobyte(t *testing.T) {
	const looks = 1000
	when := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
	for name, head := range map[string]string{
		"the same bytes": "HTTP/1.1 200 OK\r\nDate: %s\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 2\r\nLast-Modified: Tue, 03 Mar 2026 08:00:00 GMT\r\nETag: \"65e42f1c-5f3\"\r\n\r\nok",
		"304":            "HTTP/1.1 304 Not Modified\r\nDate: %s\r\nServer: nginx\r\nLast-Modified: Tue, 03 Mar 2026 08:00:00 GMT\r\nETag: \"65e42f1c-5f3\"\r\n\r\n",
	} {
		dir := t.TempDir()
		look := func(i int) *archive.Capture {
			at, answer := when.Add(time.Duration(i)*time.Hour), head
			if i == 0 {
				answer = strings.Replace(strings.Replace(head, "304 Not Modified", "200 OK", 1), "\r\n\r\n", "\r\nX: 1\r\n\r\nok", 1)
			}
			x := archive.Exchange{URL: "https://www.example.org/fr/retour-volontaire", Time: at, IP: "192.0.2.1",
				Request:  []byte("GET /fr/retour-volontaire HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Veille/0.1 (+https://veille.example.org)\r\nAccept: text/html, */*;q=0.8\r\nAccept-Encoding: gzip, br\r\nIf-None-Match: \"65e42f1c-5f3\"\r\n\r\n"),
				Response: fmt.Appendf(nil, answer, at.Format(time.RFC1123))}
			return &archive.Capture{Source: "be-example", URL: x.URL, Lang: "fr", Time: at, Exchanges: []archive.Exchange{x},
				Notes: map[string]string{"robots": "allow /", "tls": "TLS 1.3 TLS_AES_128_GCM_SHA256 sha256:" + strings.Repeat("0a", 32)}}
		}
		var sizes [2]int64
		for k, upto := range []int{1, 1 + looks} {
			a := openData(t, dir)
			for i := k; i < upto; i += 50 {
				var cs []*archive.Capture
				for j := i; j < min(upto, i+50); j++ {
					cs = append(cs, look(j))
				}
				if err := a.Add(t.Context(), cs...); err != nil {
					t.Fatal(err)
				}
			}
			if err := a.Close(); err != nil { // the catalogue is one file then
				t.Fatal(err)
			}
			sizes[k] = size(t, dir)
		}
		each := (sizes[1] - sizes[0]) / looks
		t.Logf("%s: %d bytes each", name, each)
		if each > 1024 {
			t.Errorf("%s: an unchanged look costs %d bytes, want at most 1024", name, each)
		}
	}
}

// kept reads texts as the versions of a page; it says what they take in
// catalogue and index.
func kept(t *testing.T, texts []string) int64 {
	t.Helper()
	dir := t.TempDir()
	a := openData(t, dir)
	defer a.Close()
	for i, text := range texts {
		at := time.Date(2000, 1, 1+i, 0, 0, 0, 0, time.UTC)
		x := archive.Exchange{URL: "https://example.org/law", Time: at,
			Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", len(text), text)}
		c := &archive.Capture{Source: "be-law", URL: x.URL, Lang: "fr", Time: at, Exchanges: []archive.Exchange{x}}
		if err := a.Add(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		v := &archive.Version{Title: "Loi", Lang: "fr", Strategy: "text"}
		for _, p := range strings.Split(text, "\n\n") {
			if p = strings.Join(strings.Fields(p), " "); p != "" {
				v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: p})
			}
		}
		if _, err := a.AddReadings(t.Context(), c.Seq, []archive.Reading{{Capture: c.Seq, Class: archive.Content, Version: v}}); err != nil {
			t.Fatal(err)
		}
	}
	words, err := thesaurus.Load()
	if err != nil {
		t.Fatal(err)
	}
	indexDir := filepath.Join(dir, "index")
	x, err := index.Open(indexDir, &source.List{Sources: []*source.Source{{ID: "be-law", Kind: "gazette", Jurisdiction: "BE"}}}, words, digest.Comparer())
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := x.Sync(t.Context(), slog.New(slog.DiscardHandler), a); err != nil {
		t.Fatal(err)
	}
	// The index merges its files in the background: wait until they stay as they are.
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	last, still := int64(0), 0
	for range 600 {
		<-tick.C
		n := size(t, indexDir)
		if still++; n != last {
			last, still = n, 0
		}
		if still == 10 {
			break
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d versions: catalogue %d, index %d bytes", len(texts), size(t, filepath.Join(dir, "catalogue.db")), last)
	return size(t, filepath.Join(dir, "catalogue.db")) + last
}

// TestVersionsCostWhatChanges: forty versions of a law, each with two articles
// amended, take in catalogue and index no four times what one takes.
func TestVersionsCostWhatChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 29))
	article := func(n int) string {
		var b strings.Builder
		fmt.Fprintf(&b, "Art. %d.", n)
		for range 60 {
			fmt.Fprintf(&b, " mot%d", r.IntN(5000))
		}
		return b.String()
	}
	articles := make([]string, 400)
	for i := range articles {
		articles[i] = article(i)
	}
	var texts []string
	for range 40 {
		articles[r.IntN(400)], articles[r.IntN(400)] = article(r.IntN(400)), article(r.IntN(400))
		texts = append(texts, strings.Join(articles, "\n\n"))
	}
	all, one := kept(t, texts), kept(t, texts[len(texts)-1:])
	if all > 4*one {
		t.Errorf("40 versions take %d bytes, one takes %d: want at most four times as much", all, one)
	}
}

// TestALawCostsWhatChanges is the same with a law as it was: 85 versions in
// which it grew from one article to hundreds.
func TestALawCostsWhatChanges(t *testing.T) {
	root := os.Getenv("VEILLE_DATA")
	if root == "" {
		t.Skip("VEILLE_DATA does not name a folder with the data sets")
	}
	names, _ := filepath.Glob(filepath.Join(root, "be-fr-loi-1999-04-29", "versions", "*.md"))
	if len(names) == 0 {
		t.Skip("the data sets do not hold the law")
	}
	slices.Sort(names)
	var texts []string
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(b))
	}
	all, one := kept(t, texts), kept(t, texts[len(texts)-1:])
	t.Logf("%d versions: %.2f times one", len(texts), float64(all)/float64(one))
	if all > 4*one {
		t.Errorf("%d versions take %d bytes, one takes %d: want at most four times as much", len(texts), all, one)
	}
}
