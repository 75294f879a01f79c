package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"veille/archive"
	"veille/digest"
	"veille/index"
	"veille/source"
	"veille/thesaurus"
)

const looks = 1000

// heads are the heads of unchanged answers: a plain server's, one of a content
// system behind a proxy, and a 304.
var heads = map[string]string{
	"short": "HTTP/1.1 200 OK\r\nDate: %s\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 2\r\nETag: \"5f3\"\r\n\r\nok",
	"long": "HTTP/1.1 200 OK\r\nDate: %s\r\nServer: nginx\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Length: 2\r\nConnection: keep-alive\r\n" +
		"X-Drupal-Dynamic-Cache: HIT\r\nContent-Language: fr\r\nX-Content-Type-Options: nosniff\r\nLast-Modified: Tue, 03 Mar 2026 08:00:00 GMT\r\n" +
		"ETag: \"1234567890abcdef\"\r\nCache-Control: max-age=900, public\r\nVary: Cookie,Accept-Encoding\r\nStrict-Transport-Security: max-age=31536000\r\n\r\nok",
	"304": "HTTP/1.1 304 Not Modified\r\nDate: %s\r\nServer: nginx\r\nETag: \"5f3\"\r\n\r\n",
}

// unchanged says what one of a thousand unchanged looks costs on disk.
func unchanged(dir, kind string) (int64, error) {
	a, err := archive.Open(dir, quiet())
	if err != nil {
		return 0, err
	}
	look := func(i int) error {
		at := begin.Add(time.Duration(i) * 6 * time.Hour)
		head := heads[kind]
		if i == 0 && kind == "304" {
			head = heads["short"]
		}
		x := archive.Exchange{URL: "https://www.example.org/fr/retour-volontaire", Time: at, IP: "192.0.2.1", Request: request,
			Response: fmt.Appendf(nil, head, at.Format(time.RFC1123))}
		return a.Add(context.Background(), &archive.Capture{Source: "be-example", URL: x.URL, Lang: "fr", Document: "be-example/2", Time: at,
			Exchanges: []archive.Exchange{x}, Notes: map[string]string{"robots": "allow /", "tls": "TLS 1.3 TLS_AES_128_GCM_SHA256 sha256:" + strings.Repeat("0a", 32)}})
	}
	var sizes [2]int64
	for k, upto := range []int{1, 1 + looks} {
		for i := k; i < upto; i++ {
			if err := look(i); err != nil {
				return 0, err
			}
		}
		if err := a.Close(); err != nil { // so that the catalogue is one file
			return 0, err
		}
		if sizes[k], err = size(dir); err != nil {
			return 0, err
		}
		if a, err = archive.Open(dir, quiet()); err != nil {
			return 0, err
		}
	}
	return (sizes[1] - sizes[0]) / looks, a.Close()
}

// size is how large all files under a directory are together.
func size(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	return n, err
}

// law says what all versions of a law take in catalogue and index, beside the
// last one alone.
func law(dir, versions string) error {
	names, err := filepath.Glob(filepath.Join(versions, "*.md"))
	if err != nil {
		return err
	}
	if len(names) == 0 {
		fmt.Println("versions of a law: skipped, the data sets do not hold it")
		return nil
	}
	slices.Sort(names)
	all, long, err := keepVersions(filepath.Join(dir, "law"), names)
	if err != nil {
		return err
	}
	one, short, err := keepVersions(filepath.Join(dir, "law1"), names[len(names)-1:])
	if err != nil {
		return err
	}
	fmt.Printf("%-44s %10d\n%-44s %10d   (catalogue and index: %.2f times one; limit 4)\n", "the last version of a law", one,
		fmt.Sprintf("its %d versions", len(names)), all, float64(all)/float64(one))
	fmt.Printf("%-44s %10.2f   (CPU, s; the last alone: %.2f; %.1f times one; limit 4)\n", "indexing them", long.Seconds(), short.Seconds(), long.Seconds()/short.Seconds())
	return nil
}

// keepVersions reads files as the versions of a page and says what they take in
// catalogue and index, and how much processor time indexing them takes.
func keepVersions(dir string, names []string) (bytes int64, indexing time.Duration, err error) {
	ctx := context.Background()
	a, err := archive.Open(dir, quiet())
	if err != nil {
		return 0, 0, err
	}
	defer a.Close()
	for i, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return 0, 0, err
		}
		at := begin.AddDate(0, 0, i)
		x := archive.Exchange{URL: "https://example.org/loi", Time: at, Request: request,
			Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", len(text), text)}
		c := &archive.Capture{Source: "be-law", URL: x.URL, Lang: "fr", Time: at, Exchanges: []archive.Exchange{x}}
		if err := a.Add(ctx, c); err != nil {
			return 0, 0, err
		}
		v := &archive.Version{Title: "Loi", Lang: "fr", Strategy: "text"}
		for _, p := range strings.Split(string(text), "\n\n") {
			if p = strings.Join(strings.Fields(p), " "); p != "" {
				v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: p})
			}
		}
		if _, err := a.AddReadings(ctx, c.Seq, []archive.Reading{{Capture: c.Seq, Class: archive.Content, Version: v}}); err != nil {
			return 0, 0, err
		}
	}
	words, err := thesaurus.Load()
	if err != nil {
		return 0, 0, err
	}
	x, err := index.Open(filepath.Join(dir, "index"), &source.List{Sources: []*source.Source{{ID: "be-law", Kind: "gazette", Jurisdiction: "BE"}}}, words, digest.Comparer())
	if err != nil {
		return 0, 0, err
	}
	before := cpuTime()
	if err := x.Sync(ctx, quiet(), a); err != nil {
		return 0, 0, err
	}
	indexing = cpuTime() - before
	if err := x.Close(); err != nil {
		return 0, 0, err
	}
	if err := a.Close(); err != nil {
		return 0, 0, err
	}
	indexed, err := size(filepath.Join(dir, "index"))
	if err != nil {
		return 0, 0, err
	}
	info, err := os.Stat(filepath.Join(dir, "catalogue.db"))
	if err != nil {
		return 0, 0, err
	}
	return indexed + info.Size(), indexing, nil
}

// cpuTime is how much processor time the process has taken.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
