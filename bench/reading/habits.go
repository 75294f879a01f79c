package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"veille/archive"
	"veille/extract"
	"veille/source"
)

// habitLaws are the laws whose states are looked at again and again.
var habitLaws = []struct{ name, glob, lang string }{
	{"be-fr-constitution", "be-fr-constitution/versions/*.md", "fr"},
	{"de-asylblg", "de-gesetze/asylb*/*.md", "de"},
	{"nl-rijkswet", "nl-vreemdelingenrecht/rijkswet*/*.md", "nl"},
	{"en-ca-irpa", "en-fr-canada/en-ca-irpa/*.md", "en"},
}

const (
	habitStates = 10 // states of a law, the latest ones
	habitTimes  = 4  // looks at each
	habitPages  = 30 // pages that one law is cut into
)

// habits measures what the archive teaches. Each law is looked at as one page
// whose content holds a clock, a counter and news that are others at every look:
// how often does the main text differ although the law is the same, read by
// itself and read after the archive. Then it is cut into the pages of a site
// that all bear the same lines. In both, no text of the law may be lost.
func (b *bench) habits(ctx context.Context) error {
	fmt.Printf("\n%-24s %7s %14s %14s %12s %9s\n", "learned from the archive", "looks", "alarms before", "alarms after", "changes seen", "law lost")
	for _, l := range habitLaws {
		files, _ := filepath.Glob(filepath.Join(b.data, l.glob))
		if len(files) == 0 {
			fmt.Printf("%-24s skipped, not in %s\n", l.name, b.data)
			continue
		}
		if err := b.volatile(ctx, l.name, l.lang, files[max(0, len(files)-habitStates):]); err != nil {
			return err
		}
	}
	fmt.Printf("\n%-24s %7s %14s %14s %12s %9s\n", "", "pages", "chrome before", "chrome after", "", "law lost")
	for _, l := range habitLaws {
		files, _ := filepath.Glob(filepath.Join(b.data, l.glob))
		if len(files) == 0 {
			continue
		}
		if err := b.shared(ctx, l.name, l.lang, files[len(files)-1]); err != nil {
			return err
		}
	}
	return nil
}

// A shelf is an archive in a folder of its own.
type shelf struct {
	*archive.Archive
	list *source.List
	days int
}

func (b *bench) withShelf(f func(s *shelf) error) (err error) {
	dir, err := os.MkdirTemp("", "veille-habits")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	a, err := archive.Open(dir, nil)
	if err != nil {
		return err
	}
	defer func() {
		if e := a.Close(); err == nil {
			err = e
		}
	}()
	return f(&shelf{Archive: a, list: &source.List{Sources: []*source.Source{{ID: "s"}}}})
}

// look archives an answer, reads it, and returns the page's latest version.
func (s *shelf) look(ctx context.Context, url, body string) (*archive.Version, error) {
	at := time.Date(2020, 1, 1, 8, 0, 0, 0, time.UTC).AddDate(0, 0, s.days)
	s.days++
	answer := fmt.Sprintf("HTTP/1.1 200 %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", http.StatusText(200), len(body), body)
	c := &archive.Capture{Source: "s", Purpose: archive.PurposePage, URL: url, Time: at, Exchanges: []archive.Exchange{{URL: url, Time: at,
		Request: []byte("GET / HTTP/1.1\r\nHost: law.example\r\n\r\n"), Response: []byte(answer)}}}
	if err := s.Add(ctx, c); err != nil {
		return nil, err
	}
	if _, err := extract.Sync(ctx, nil, s.Archive, s.list); err != nil {
		return nil, err
	}
	p, err := s.Page(ctx, url)
	if err != nil {
		return nil, err
	}
	return s.Version(ctx, p.Latest)
}

// news are headlines that come and go.
var news = []string{"Minister opens the new office in the harbour", "Report on the year's budget is out", "Summer hours of the reading room", "Forty candidates for the vacant seat",
	"The library lends its maps again", "A prize for the best thesis", "Works at the main entrance", "How the chamber voted last week", "Statistics on applications", "The bulletin appears on Fridays now", "Lecture on the history of the court"}

// restless puts a law into a page on which something moves at every look.
func restless(md, lang string, look int) string {
	page := asPage(md, lang)
	clock := fmt.Sprintf("<p>Page consulted at %02d:%02d:%02d on the public portal.</p><p>This text has been read %d times since the portal opened.</p>", look*7%24, look*13%60, look*29%60, 10000+look*137)
	page = strings.Replace(page, `<div id="content">`, `<div id="content">`+clock, 1)
	var items strings.Builder
	for i := range 4 {
		fmt.Fprintf(&items, `<li><a href="/news/%d">%s (%d)</a></li>`, look*4+i, news[(look*4+i)%len(news)], look*4+i)
	}
	return strings.Replace(page, `</div><footer`, `<h2>Latest news</h2><ul>`+items.String()+`</ul></div><footer`, 1)
}

// lawTexts are the texts that a page of nothing but the law has as main text.
func lawTexts(ctx context.Context, md, lang string) (map[string]bool, error) {
	t, err := readPage(ctx, []byte(asPage(md, lang)), "https://law.example/act", nil)
	if err != nil || t.Version == nil {
		return nil, err
	}
	out := map[string]bool{}
	for i := range t.Version.Blocks {
		if b := &t.Version.Blocks[i]; b.Role == archive.Main {
			out[b.Marker+" "+b.Text] = true
		}
	}
	return out, nil
}

// lost counts the texts of the law that are not main text, and tells the main
// text that is the law's, in one string, and all of it.
func (b *bench) lost(v *archive.Version, law map[string]bool) (missing int, ofLaw, all string) {
	var x, y strings.Builder
	for i := range v.Blocks {
		block := &v.Blocks[i]
		key := block.Marker + " " + block.Text
		if block.Role != archive.Main {
			if law[key] {
				missing++
				if b.worst > 0 {
					fmt.Printf("    lost: %.120q\n", key)
				}
			}
			continue
		}
		y.WriteString(key + "\n")
		if law[key] {
			x.WriteString(key + "\n")
		}
	}
	return missing, x.String(), y.String()
}

func (b *bench) volatile(ctx context.Context, name, lang string, files []string) error {
	return b.withShelf(func(s *shelf) error {
		looks, before, after, changes, seen, gone, look := 0, 0, 0, 0, 0, 0, 0
		var plain, learned, ofLaw string
		var state map[string]bool // texts of the law in the state before
		var alone *archive.Version
		for i, file := range files {
			md, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			law, err := lawTexts(ctx, string(md), lang)
			if err != nil {
				return err
			}
			for n := range habitTimes {
				look++
				page := restless(string(md), lang, look)
				t, err := readPage(ctx, []byte(page), "https://law.example/act", alone)
				if err != nil || t.Version == nil {
					return fmt.Errorf("%s: %v %s", file, err, t.Reason)
				}
				alone = t.Version
				v, err := s.look(ctx, "https://law.example/act", page)
				if err != nil {
					return err
				}
				_, _, p := b.lost(alone, law)
				missing, x, y := b.lost(v, law)
				switch {
				case n > 0 && look > 5:
					looks++
					if p != plain {
						before++
					}
					if y != learned {
						after++
					}
				case n == 0 && i > 0 && !maps.Equal(law, state):
					changes++
					if x != ofLaw {
						seen++
					}
				}
				gone += missing
				plain, learned, ofLaw = p, y, x
			}
			state = law
		}
		fmt.Printf("%-24s %7d %14d %14d %6d of %-3d %9d\n", name, looks, before, after, seen, changes, gone)
		return nil
	})
}

// shared cuts a law into pages that all bear the same lines.
func (b *bench) shared(ctx context.Context, name, lang, file string) error {
	md, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	parts := strings.Split(strings.ReplaceAll(string(md), "\r", ""), "\n\n")
	each := max(8, len(parts)/habitPages)
	lines := []string{"This text is for information only; the printed edition is the one that counts.", "Was this page of use to you? Tell us what is missing.", "The registry answers on working days from nine to twelve."}
	return b.withShelf(func(s *shelf) error {
		pages, before, after, gone := 0, 0, 0, 0
		for round := range 2 {
			for at, n := 0, 0; at+each <= len(parts) && n < habitPages; at, n = at+each, n+1 {
				part := strings.Join(parts[at:at+each], "\n\n")
				law, err := lawTexts(ctx, part, lang)
				if err != nil {
					return err
				}
				page := asPage(part, lang)
				page = strings.Replace(page, `<div id="content">`, fmt.Sprintf(`<div id="content"><h1>Part %d</h1><p>%s</p>`, n+1, lines[0]), 1)
				page = strings.Replace(page, `</div><footer`, fmt.Sprintf(`<p>%s</p><p>%s</p><p>Edition %d.</p></div><footer`, lines[1], lines[2], round+1), 1)
				v, err := s.look(ctx, fmt.Sprintf("https://law.example/act/%d", n), page)
				if err != nil {
					return err
				}
				missing, _, main := b.lost(v, law)
				gone += missing
				hits := 0
				for _, line := range lines {
					if !strings.Contains(main, line) {
						hits++
					}
				}
				if round == 0 && n < 5 {
					before += hits
				} else if round == 1 {
					after += hits
					pages++
				}
			}
		}
		fmt.Printf("%-24s %7d %13.0f%% %13.0f%% %12s %9d\n", name, pages, 100*ratio(before, 5*len(lines)), 100*ratio(after, pages*len(lines)), "", gone)
		return nil
	})
}
