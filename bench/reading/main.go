// Command reading measures how well and how fast pages are read, side by side
// with other extractors on the same pages in the same run.
//
//	go run ./bench/reading [-data DIR] [-set zyte,trafilatura,wcxb,pairs,laws,habits,conform,hostile]
//
// DIR, or VEILLE_DATA, is the folder the data sets are unpacked in; a set that
// is not there is left out, with a word about it. The peers written in Go lie in
// the module bench/reading/peers, those in Python in peers/peers.py, run with
// the interpreter that -python names; a peer that cannot be started is left out.
//
// The metrics are those the sets were published with: for Zyte's set
// precision and recall of four-word shingles, averaged over pages; for
// trafilatura's the share of wanted and unwanted snippets; for WCXB the F1 of
// words, averaged over pages. Each set is split in two halves by a hash of the
// page's name: rules are tuned looking at the half "tuned" only, and the half
// "held" tells whether they hold elsewhere.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
)

// A bench is one run.
type bench struct {
	data   string
	python string
	worst  int // pages of each set to list, the worst read first
	lines  int // of surplus text to show for each of these
	half   string
	peers  bool
}

func main() {
	b := &bench{}
	sets := flag.String("set", "zyte,trafilatura,wcxb,pairs,laws,habits,conform,hostile", "what to measure")
	flag.StringVar(&b.data, "data", os.Getenv("VEILLE_DATA"), "folder of the data sets")
	flag.StringVar(&b.python, "python", "", "Python interpreter that has trafilatura or rs_trafilatura")
	flag.IntVar(&b.worst, "worst", 0, "list that many of the worst pages of a set")
	flag.IntVar(&b.lines, "lines", 0, "with -worst: show that many lines wrongly taken for main text")
	flag.StringVar(&b.half, "half", "", "list the worst of this half only: tuned or held")
	flag.BoolVar(&b.peers, "peers", true, "run the peers too")
	flag.Parse()
	if b.data == "" {
		fmt.Println("skipped: name the folder of the data sets with -data or VEILLE_DATA")
		return
	}
	for name := range strings.SplitSeq(*sets, ",") {
		if err := b.run(context.Background(), name); err != nil {
			log.Fatalf("%s: %v", name, err)
		}
	}
}

func (b *bench) run(ctx context.Context, name string) error {
	switch name {
	case "zyte", "trafilatura", "wcxb":
		return b.extraction(ctx, name)
	case "pairs":
		return b.pairs(ctx)
	case "laws":
		return b.laws(ctx)
	case "habits":
		return b.habits(ctx)
	case "conform":
		return b.conform(ctx)
	case "hostile":
		return b.hostile(ctx)
	}
	return fmt.Errorf("there is no such set")
}
