// Command change measures how well changes are found and named, and how fast,
// on real pages and laws whose changes are known.
//
//	go run ./bench/change [-only pages,authorities,laws,speed] [-show N]
//
// It reads the data sets in the folder named by VEILLE_DATA and prints one
// table: what was measured, the figure, and the limit it is held to.
//
//   - pages: pairs of web pages labelled by whether their text changed
//     (ota-change-pairs), read without selectors. A pair raises a change if the
//     weight is 2 or more.
//   - authorities: six pairs of pages of authorities that were labelled by hand
//     (edgi-change-labels).
//   - laws: consolidated laws in dated states with the list of articles that
//     each state changed. A law is written out as plain HTML and read like any
//     page; an article is reported if an edit lies in it.
//   - speed: two states of a code of 1,900 articles, beside
//     git diff --word-diff --histogram on the same text, one sentence a line.
//
// -state prints what was found in one state of a law, or the summary of each state, -pair what was found in one pair of pages.
// -show prints that many of the errors of each set.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/extract"
)

// A table is printed row by row, as soon as a figure is known.
type table struct{ show int }

// row prints a figure and the limit it is held to; ok says whether it holds.
func (t *table) row(what, figure, limit string, ok bool) {
	verdict := ""
	if limit != "" && !ok {
		verdict = "  MISSED"
	}
	fmt.Printf("%-58s %14s  %-16s%s\n", what, figure, limit, verdict)
}

// note prints a figure without a limit.
func (t *table) note(what, figure string) { t.row(what, figure, "", true) }

// wrong shows one error.
func (t *table) wrong(shown *int, format string, args ...any) {
	if *shown < t.show {
		fmt.Printf("    "+format+"\n", args...)
	}
	*shown++
}

func main() {
	only := flag.String("only", "pages,authorities,laws,speed", "what to measure")
	show := flag.Int("show", 0, "how many errors of each set to show")
	one := flag.String("state", "", "print every edit that led to one state of a law, as in \"CESEDA 2019-01-01\", or the summary of each state, as in \"CESEDA\"")
	pair := flag.String("pair", "", "print every edit of one pair of pages, as in dating-0812")
	flag.Parse()
	data := os.Getenv("VEILLE_DATA")
	if data == "" {
		fmt.Println("skipped: name the folder of the data sets with VEILLE_DATA")
		return
	}
	t := &table{show: *show}
	if *one != "" {
		if err := printState(*one, data); err != nil {
			log.Fatal(err)
		}
		return
	}
	if *pair != "" {
		if err := printPair(*pair, data); err != nil {
			log.Fatal(err)
		}
		return
	}
	t.row("measure", "figure", "limit", true)
	parts := strings.Split(*only, ",")
	for _, p := range []struct {
		name string
		run  func(*table, string) error
	}{{"pages", pages}, {"authorities", government}, {"laws", laws}, {"speed", speed}} {
		if !slices.Contains(parts, p.name) {
			continue
		}
		fmt.Printf("\n%s\n", p.name)
		if err := p.run(t, data); err != nil {
			log.Fatal(err)
		}
	}
}

// read reads a page as if it had been captured, by the strategy of the version
// before if there is one.
func read(body []byte, kind, lang string, before *archive.Version) (*archive.Version, error) {
	c := &archive.Capture{URL: "https://example.org/page", Lang: lang, Status: http.StatusOK, Time: time.Unix(0, 0), Body: body,
		FinalURL: "https://example.org/page", Header: http.Header{"Content-Type": {kind}}}
	strategy := ""
	if before != nil {
		strategy = before.Strategy
	}
	text, err := extract.ReadAs(context.Background(), c, nil, strategy)
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	if text.Version == nil {
		return nil, nil // no content: never a change
	}
	if text.Version.Lang == "" {
		text.Version.Lang = lang
	}
	return text.Version, nil
}

// percent writes a share.
func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f %%", 100*float64(n)/float64(of))
}

// short cuts a text for showing.
func short(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
