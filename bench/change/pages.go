package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"veille/diff"
)

// A pagePair is one line of pairs.jsonl.
type pagePair struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Doc    string `json:"doc"`
	Lang   string `json:"lang"`
	Before string `json:"before"`
	After  string `json:"after"`
	// When the two were fetched.
	BeforeTime time.Time `json:"before_time"`
	AfterTime  time.Time `json:"after_time"`
	// The texts that the curators' selectors cut out of them.
	VersionBefore string `json:"version_before"`
	VersionAfter  string `json:"version_after"`
	dir           string
	weight        int // of the change found; -1 if a page was no content
	change        *diff.Change
	traces        [2]*diff.Trace // of the two, for what is learned
	settled       int            // the weight once volatility is learned
	visible       bool           // the visible texts differ: what a plain diff raises
	why           string         // what contradicts the label, "" if nothing does
}

// A collection is a part of the set with what its whole history holds: changes
// of content, and noise that can be seen. The rest of the snapshots differ in
// bytes only.
type collection struct {
	name          string
	content, seen int
	aimPercent    float64
}

var collections = []collection{
	{"demo", 80, 640, 60},
	{"sante-numerique-france", 119, 1109, 60},
	{"dating", 660, 10300, 60},
}

// pages measures how often a change is raised where the text changed, and
// where it did not.
func pages(t *table, data string) error {
	root := filepath.Join(data, "ota-change-pairs")
	if _, err := os.Stat(root); err != nil {
		fmt.Println("skipped: there is no ota-change-pairs in the data folder")
		return nil
	}
	var everything []*pagePair
	for _, c := range collections {
		pairs, err := readPairs(filepath.Join(root, c.name))
		if err != nil {
			return err
		}
		if err := comparePairs(pairs); err != nil {
			return err
		}
		learn(pairs)
		judge(pairs)
		t.showPairs(pairs)
		everything = append(everything, pairs...)
		c.precision(t, pairs)
	}
	byLabel(t, "", everything)
	for _, half := range []string{tuned, held} {
		byLabel(t, half+": ", inHalf(everything, half))
	}
	return nil
}

// printPair prints what was found in one pair.
func printPair(id, data string) error {
	for _, c := range collections {
		pairs, err := readPairs(filepath.Join(data, "ota-change-pairs", c.name))
		if err != nil {
			return err
		}
		k := slices.IndexFunc(pairs, func(p *pagePair) bool { return p.ID == id })
		if k < 0 {
			continue
		}
		if err := pairs[k].compare(); err != nil || pairs[k].change == nil {
			return err
		}
		fmt.Printf("%s %s %s\n", id, pairs[k].Label, pairs[k].Doc)
		printEdits(pairs[k].change, pairs[k].Lang)
		return nil
	}
	return fmt.Errorf("there is no pair %s", id)
}

// showPairs shows what went wrong.
func (t *table) showPairs(pairs []*pagePair) {
	missed, false_ := 0, 0
	for _, p := range pairs {
		switch {
		case p.Label == content && p.weight < news:
			t.wrong(&missed, "missed %s, %s, %s%s: weight %d%s", p.ID, p.half(), p.Doc, p.reason(), p.weight, heaviest(p.change))
		case (p.Label == unseen || p.Label == seen) && p.weight >= news:
			t.wrong(&false_, "false %s %s, %s, %s%s: weight %d%s", p.Label, p.ID, p.half(), p.Doc, p.reason(), p.weight, heaviest(p.change))
		}
	}
}

// heaviest describes the heaviest edits of a change.
func heaviest(c *diff.Change) string {
	if c == nil {
		return " (no content)"
	}
	out, n := fmt.Sprintf(", %d edits", len(c.Edits)), 0
	for i := range c.Edits {
		if e := &c.Edits[i]; e.Weight == c.Weight && n < 3 {
			out += fmt.Sprintf("\n        %s w%d %s [%s] → [%s]", e.Op, e.Weight, short(fmt.Sprint(e.Path), 60), short(e.Before, 160), short(e.After, 160))
			for _, s := range e.Senses {
				out += fmt.Sprintf(" %s{%s}", s.Code, short(s.Evidence, 80))
			}
			n++
		}
	}
	return out
}

func readPairs(dir string) ([]*pagePair, error) {
	f, err := os.Open(filepath.Join(dir, "pairs.jsonl"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []*pagePair
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p := &pagePair{dir: dir}
		if err := json.Unmarshal(lines.Bytes(), p); err != nil {
			return nil, fmt.Errorf("pairs of %s: %w", dir, err)
		}
		out = append(out, p)
	}
	return out, lines.Err()
}

// comparePairs compares the pairs, as many at once as there are processors.
func comparePairs(pairs []*pagePair) error {
	work := make(chan *pagePair)
	errs := make(chan error, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for p := range work {
				if err := p.compare(); err != nil {
					select {
					case errs <- err:
					default:
					}
				}
			}
		})
	}
	for _, p := range pairs {
		work <- p
	}
	close(work)
	wait.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

func (p *pagePair) compare() error {
	p.weight = -1
	body, err := unzip(filepath.Join(p.dir, p.Before))
	if err != nil {
		return err
	}
	before, err := read(body, "text/html; charset=utf-8", p.Lang, nil)
	if err != nil || before == nil {
		return err
	}
	if body, err = unzip(filepath.Join(p.dir, p.After)); err != nil {
		return err
	}
	after, err := read(body, "text/html; charset=utf-8", p.Lang, before)
	if err != nil || after == nil {
		return err
	}
	before.Time, after.Time = p.BeforeTime, p.AfterTime
	p.change = diff.Between(before, after)
	p.weight, p.settled = p.change.Weight, p.change.Weight
	p.visible = squeeze(text(before.Blocks)) != squeeze(text(after.Blocks))
	p.traces = [2]*diff.Trace{diff.TraceOf(before), diff.TraceOf(after)}
	return nil
}

// learn settles the changes of each document by what the snapshots before them
// taught. The set holds a sample of the snapshots only, so less is learned than
// a monitor would learn that saw them all.
func learn(pairs []*pagePair) {
	pairs = slices.Clone(pairs)
	slices.SortStableFunc(pairs, func(a, b *pagePair) int { return a.BeforeTime.Compare(b.BeforeTime) })
	history, last := map[string][]*diff.Trace{}, map[string]string{}
	for _, p := range pairs {
		if p.change == nil {
			continue
		}
		h := history[p.Doc]
		if last[p.Doc] != p.Before {
			h = append(h, p.traces[0])
		}
		settled := *p.change
		settled.Edits = slices.Clone(p.change.Edits)
		settled.Settle(h[max(0, len(h)-diff.VolatileVersions):], 0)
		p.settled = settled.Weight
		history[p.Doc], last[p.Doc] = append(h, p.traces[1]), p.After
	}
}

func unzip(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		f, err = os.Open(name + ".gz")
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := bufio.NewReader(f)
	if head, _ := b.Peek(2); len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b {
		return io.ReadAll(b)
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer z.Close()
	return io.ReadAll(z)
}
