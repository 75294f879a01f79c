package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"veille/archive"
	"veille/extract"
)

// An extractor reads files and returns their main text.
type extractor struct {
	name  string
	texts []string
	cpu   time.Duration
}

func (b *bench) extraction(ctx context.Context, set string) error {
	samples, err := b.load(set)
	if err != nil {
		return err
	}
	if len(samples) == 0 {
		fmt.Printf("%s: skipped, the set is not in %s\n", set, b.data)
		return nil
	}
	slices.SortFunc(samples, func(a, b sample) int { return strings.Compare(a.id, b.id) })
	bytes := 0
	own := extractor{name: "veille", texts: make([]string, len(samples))}
	class := make([]string, len(samples))
	for i := range samples {
		body, err := os.ReadFile(samples[i].file)
		if err != nil {
			return err
		}
		bytes += len(body)
		begin := cpuTime()
		t, err := readPage(ctx, body, samples[i].url, nil)
		own.cpu += cpuTime() - begin
		if err != nil {
			return err
		}
		own.texts[i] = mainText(t, set == "zyte")
		class[i] = string(t.Class)
		if t.Version != nil {
			class[i] = t.Version.Strategy
		}
	}
	all := []extractor{own}
	if b.peers {
		all = append(all, b.runPeers(samples)...)
	}
	table(set, samples, all, bytes)
	b.listWorst(set, samples, &own, class)
	return nil
}

// readPage reads one HTML page without a source's rules, after the version before.
func readPage(ctx context.Context, body []byte, url string, before *archive.Version) (*extract.Text, error) {
	if url == "" {
		url = "https://www.example.org/a/page"
	}
	c := &archive.Capture{URL: url, FinalURL: url, Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: body}
	past := &extract.Past{}
	if before != nil {
		past.Strategy, past.Blocks = before.Strategy, before.Blocks
	}
	return extract.ReadAfter(ctx, c, nil, past)
}

// mainText joins the main blocks; without the page's title if the set's truth
// is the body of an article only.
func mainText(t *extract.Text, bodyOnly bool) string {
	if t.Version == nil {
		return ""
	}
	var s strings.Builder
	for i := range t.Version.Blocks {
		if b := &t.Version.Blocks[i]; b.Role == archive.Main && !(bodyOnly && b.Kind == archive.Heading && b.Level == 1) {
			if b.Kind == archive.Article {
				s.WriteString(b.Marker + " ")
			}
			s.WriteString(b.Text)
			s.WriteByte('\n')
		}
	}
	return s.String()
}

// cpuTime is what this process has used, user and system.
func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func table(set string, samples []sample, all []extractor, bytes int) {
	kinds := map[string]int{}
	for i := range samples {
		kinds[samples[i].kind]++
	}
	rows := []string{"all", "tuned", "held"}
	if len(kinds) > 1 {
		var names []string
		for k := range kinds {
			names = append(names, k)
		}
		slices.SortFunc(names, func(a, b string) int { return kinds[b] - kinds[a] })
		rows = append(rows, names...)
	}
	fmt.Printf("\n%-28s", set+", F1 (precision, recall)")
	for _, e := range all {
		fmt.Printf(" %-20s", e.name)
	}
	fmt.Println()
	for _, row := range rows {
		n := 0
		cells := ""
		for _, e := range all {
			var of []score
			for i := range samples {
				s := &samples[i]
				if row == "all" || row == s.kind || row == "tuned" && !s.held || row == "held" && s.held {
					of = append(of, judge(set, s, e.texts[i]))
				}
			}
			m := mean(set, of)
			n = len(of)
			cells += fmt.Sprintf(" %-20s", fmt.Sprintf("%.3f (%.3f, %.3f)", m.f1, m.precision, m.recall))
		}
		fmt.Printf("%-28s%s\n", fmt.Sprintf("  %s, %d pages", row, n), cells)
	}
	fmt.Printf("%-28s", "  ms CPU per 60 KB")
	for _, e := range all {
		cell := "–"
		if e.cpu > 0 {
			cell = fmt.Sprintf("%.2f", float64(e.cpu.Microseconds())/1000*60_000/float64(bytes))
		}
		fmt.Printf(" %-20s", cell)
	}
	fmt.Println()
}

func (b *bench) listWorst(set string, samples []sample, own *extractor, class []string) {
	if b.worst == 0 {
		return
	}
	var order []int
	scores := make([]score, len(samples))
	for i := range samples {
		if b.half != "" && samples[i].held != (b.half == "held") {
			continue
		}
		scores[i] = judge(set, &samples[i], own.texts[i])
		order = append(order, i)
	}
	slices.SortFunc(order, func(x, y int) int {
		switch d := scores[x].f1 - scores[y].f1; {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	})
	for _, i := range order[:min(b.worst, len(order))] {
		s := scores[i]
		fmt.Printf("%.3f (%.3f, %.3f) %-14s %-12s %s %s\n", s.f1, s.precision, s.recall, samples[i].kind, class[i], samples[i].id, samples[i].url)
		for _, line := range first(surplus(own.texts[i], samples[i].truth), b.lines) {
			fmt.Printf("    %.150s\n", line)
		}
	}
}

// surplus lists the lines that were taken for main text and are not.
func surplus(found, truth string) []string {
	have := count(shingles(truth))
	var out []string
	for line := range strings.Lines(found) {
		w := shingles(line)
		hits := 0
		for _, x := range w {
			if have[x] > 0 {
				hits++
			}
		}
		if len(w) > 0 && hits*2 < len(w) && len(words(line)) > 3 {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

func first(of []string, n int) []string { return of[:min(len(of), n)] }
