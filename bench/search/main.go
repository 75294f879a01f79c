// Command search measures how well and how fast Veille searches.
//
//	go run ./bench/search [SET…]
//	go run ./bench/search -passages 1000000 [-cache DIR] [-users 8] [-cold] [-profile FILE]
//	go run ./bench/search -passages 1000000 -hostile [-cache DIR]
//	go run ./bench/search -passages 1000000 -dearest 20 [-only KIND] [-profile FILE] [-cache DIR]
//	go run ./bench/search -passages 1000000 -answers FILE [-only KIND] [-cache DIR]
//	go run ./bench/search -law [-profile FILE]
//
// The first measures relevance. The second makes an archive of that many
// passages from the histories of laws and searches it, beside SQLite's FTS5 on
// the same passages, with so many users at once; each side is a process of its
// own. What it makes is kept in the cache directory for the next run. Of what is
// there the others ask hostile queries, name the queries that take most of the
// processor when one user asks them, and write whole answers to a file, by which
// two builds are compared.
//
// VEILLE_DATA names the folder with the sets; what is not there is skipped.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	passages := flag.Int("passages", 0, "measure speed on this many passages, instead of relevance")
	cache := flag.String("cache", filepath.Join(os.TempDir(), "veille-bench-search"), "where archive and indexes are kept between runs")
	users := flag.Int("users", 8, "how many search at once")
	queries := flag.Int("queries", 200, "of each kind")
	profile := flag.String("profile", "", "write Veille's CPU profile of the queries to this file, and of indexing beside it (.make)")
	only := flag.String("only", "", "only this kind of query")
	hostile := flag.Bool("hostile", false, "ask queries that are made to take long of what is in the cache")
	dearest := flag.Int("dearest", 0, "name so many queries of each kind that take most of the processor, of what is in the cache")
	answers := flag.String("answers", "", "write whole answers to this file, of what is in the cache")
	cold := flag.Bool("cold", false, "ask at once, before Veille has read frequent words as a server does when it starts")
	law := flag.Bool("law", false, "measure what it costs to index the versions of one law")
	child := flag.String("child", "", "what this process measures; set by the benchmark itself")
	flag.Parse()
	data := os.Getenv("VEILLE_DATA")
	if data == "" {
		fmt.Println("VEILLE_DATA is not set: nothing to measure on")
		return
	}
	var err error
	switch b := (&bed{data: data, passages: *passages, dir: filepath.Join(*cache, fmt.Sprint(*passages)), users: *users, queries: *queries, profile: *profile, only: *only,
		dear: *dearest, answers: *answers, cold: *cold}); {
	case *child != "":
		err = b.child(context.Background(), *child)
	case *hostile:
		err = b.hostile(context.Background())
	case *dearest > 0:
		err = b.dearest(context.Background())
	case *answers != "":
		err = b.writeAnswers(context.Background())
	case *law:
		err = b.law(context.Background())
	case *passages > 0:
		err = b.speed()
	default:
		err = errors.Join(relevance(context.Background(), filepath.Join(data, "relevance"), flag.Args()), crossLanguage(context.Background(), filepath.Join(data, "be-constitutional-court-4lang")))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "search:", err)
		os.Exit(1)
	}
}
