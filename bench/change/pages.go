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
}

// collections are the parts of the set with what their whole history holds:
// changes of content, and noise that can be seen. The rest of the snapshots
// differ in bytes only.
var collections = []struct {
	name                       string
	snapshots, content, seen   int
	plainPrecision, aimPercent float64
}{
	{"demo", 16657, 80, 640, 11, 60},
	{"sante-numerique-france", 24570, 119, 1109, 10, 60},
	{"dating", 160434, 660, 10300, 6, 60},
}

// pages measures how often a change is raised where the text changed, and
// where it did not.
func pages(t *table, data string) error {
	root := filepath.Join(data, "ota-change-pairs")
	if _, err := os.Stat(root); err != nil {
		fmt.Println("skipped: there is no ota-change-pairs in the data folder")
		return nil
	}
	raised, all := map[string]int{}, map[string]int{}
	contradicted := map[string]int{}
	for _, c := range collections {
		pairs, err := readPairs(filepath.Join(root, c.name))
		if err != nil {
			return err
		}
		if err := comparePairs(pairs); err != nil {
			return err
		}
		learn(pairs)
		own, of, wrongly, calm, quiet := map[string]int{}, map[string]int{}, 0, map[string]int{}, map[string]int{}
		for _, p := range pairs {
			of[p.Label]++
			all[p.Label]++
			if p.settled >= 2 {
				calm[p.Label]++
			} else if p.weight >= 2 {
				quiet[p.Label]++
			}
			if p.weight >= 2 {
				own[p.Label]++
				raised[p.Label]++
				if p.Label != "content" && p.contradicts() {
					contradicted[p.Label]++
					if p.Label == "noise-visible" {
						wrongly++
					}
				}
			}
		}
		for _, p := range pairs {
			if p.Label == "content" && p.weight < 2 && p.unreal() != "" {
				contradicted["content"]++
			}
		}
		t.showPairs(pairs)
		// What a year of telling would hold: each kind by how often it happens.
		// The pairs labelled noise stand for differences that a reader cannot
		// see at all, of which the history counts none among the visible.
		real := float64(c.content) * share(own["content"], of["content"])
		real += float64(c.content) * float64(of["content-format-or-link-only"]) / float64(of["content"]) * share(own["content-format-or-link-only"], of["content-format-or-link-only"])
		seen := float64(c.seen) * share(own["noise-visible"], of["noise-visible"])
		p := 100 * real / (real + seen)
		t.row(fmt.Sprintf("%s: precision by base rates (plain diff %.0f %%)", c.name, c.plainPrecision), fmt.Sprintf("%.1f %%", p),
			fmt.Sprintf(">= %.0f %%", c.aimPercent), p >= c.aimPercent)
		changed := float64(c.seen) * share(wrongly, of["noise-visible"])
		settled := float64(c.content)*share(calm["content"], of["content"]) + float64(c.content)*share(calm["content-format-or-link-only"], of["content"])
		false_ := float64(c.seen) * share(calm["noise-visible"], of["noise-visible"])
		t.row("  once volatility is learned", fmt.Sprintf("%.1f %%", 100*settled/(settled+false_)), "", true)
		t.note("  pairs that only flap: labelled content, labelled noise that can be seen", fmt.Sprintf("%d, %d", quiet["content"], quiet["noise-visible"]))
		t.note("  the same, where words of the text judged did change counted as real", fmt.Sprintf("%.1f %%", 100*(real+changed)/(real+seen)))
	}
	byLabel(t, all, raised, contradicted)
	return nil
}

// byLabel prints how many pairs of each label raise a change.
func byLabel(t *table, all, raised, contradicted map[string]int) {
	for _, x := range []struct {
		label string
		least bool
		limit float64
	}{{"content", true, 0.99}, {"content-format-or-link-only", false, 1}, {"noise-visible", false, 0.05}, {"noise", false, 0.05}} {
		s := share(raised[x.label], all[x.label])
		limit, ok := fmt.Sprintf("<= %.0f %%", 100*x.limit), s <= x.limit
		if x.least {
			limit, ok = fmt.Sprintf(">= %.0f %%", 100*x.limit), s >= x.limit
		}
		if x.limit == 1 {
			limit = ""
		}
		t.row(fmt.Sprintf("%s: %d of %d pairs raise weight >= 2", x.label, raised[x.label], all[x.label]), percent(raised[x.label], all[x.label]), limit, ok)
		if n := contradicted["content"]; x.least && n > 0 {
			t.row(fmt.Sprintf("  without %d in which no word of the page changed", n), percent(raised[x.label], all[x.label]-n), limit, share(raised[x.label], all[x.label]-n) >= x.limit)
		} else if n := contradicted[x.label]; n > 0 {
			t.note(fmt.Sprintf("  of these, words of the text judged did change: %d; without them", n), percent(raised[x.label]-n, all[x.label]))
		}
	}
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// showPairs shows what went wrong.
func (t *table) showPairs(pairs []*pagePair) {
	missed, false_ := 0, 0
	for _, p := range pairs {
		switch {
		case p.Label == "content" && p.weight < 2:
			why := p.unreal()
			if why != "" {
				why = " (" + why + ")"
			}
			t.wrong(&missed, "missed %s %s%s: weight %d%s", p.ID, p.Doc, why, p.weight, heaviest(p.change))
		case (p.Label == "noise" || p.Label == "noise-visible") && p.weight >= 2:
			why := ""
			if p.contradicts() {
				why = " (words of the text judged did change)"
			}
			t.wrong(&false_, "false %s %s %s%s: weight %d%s", p.Label, p.ID, p.Doc, why, p.weight, heaviest(p.change))
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
