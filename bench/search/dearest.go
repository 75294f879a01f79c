package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"veille/index"
)

// A price is what one query took of the processor, in ms.
type price struct {
	q     *query
	first float64 // of the first asking
	cpu   float64 // of the cheapest of those that followed
	found int
}

// rounds is how often each query is asked to find its price.
const rounds = 4

// dearest asks the queries of each kind one after another and prints those that
// take most of the processor.
func (b *bed) dearest(ctx context.Context) error {
	r, err := b.ready(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	stop, err := b.profiled("")
	if err != nil {
		return err
	}
	defer stop()
	for _, kind := range kinds {
		if b.only != "" && b.only != kind {
			continue
		}
		all, err := r.prices(ctx, kind)
		if err != nil {
			return err
		}
		var first, cpu float64
		for _, p := range all {
			first, cpu = first+p.first, cpu+p.cpu
		}
		n := float64(max(len(all), 1))
		fmt.Printf("%s: ms of CPU a query, the first time %.1f, then %.1f; the dearest, and how many each finds:\n", kind, first/n, cpu/n)
		slices.SortStableFunc(all, func(a, b price) int { return cmp.Compare(b.cpu, a.cpu) })
		for _, p := range all[:min(len(all), b.dear)] {
			fmt.Printf("%9.1f %9.1f %9d  %s\n", p.first, p.cpu, p.found, p.q.named())
		}
	}
	return nil
}

// prices asks all queries of a kind, and then again.
func (r *ready) prices(ctx context.Context, kind string) ([]price, error) {
	all := make([]price, len(r.queries[kind]))
	for round := range rounds {
		for i := range all {
			p := &all[i]
			p.q = &r.queries[kind][i]
			before := cpuMS()
			var err error
			if p.found, err = askVeille(ctx, r.x, r.a, p.q); err != nil {
				return nil, fmt.Errorf("%s: %w", p.q.text, err)
			}
			switch took := cpuMS() - before; {
			case round == 0:
				p.first = took
			case round == 1 || took < p.cpu:
				p.cpu = took
			}
		}
	}
	return all, nil
}

// ways are the ways in which each query is asked for its whole answer.
func ways(q index.Query) []index.Query {
	newest, past, grouped, bare := q, q, q, q
	newest.Sort, newest.Exact, newest.Limit = "newest", true, 50
	past.Past, past.Sort, past.All = true, "oldest", true
	grouped.Grouped, grouped.Langs = true, []string{"fr", "nl", "de"}
	bare.Bare, bare.Limit, bare.Offset = true, 1000, 200
	return []index.Query{q, newest, past, grouped, bare}
}

// writeAnswers writes the whole answers to all searches, hostile ones among them,
// one a line: two builds that search alike write the same file.
func (b *bed) writeAnswers(ctx context.Context) (err error) {
	r, err := b.ready(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	f, err := os.Create(b.answers)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	defer func() { err = errors.Join(err, out.Flush(), f.Close()) }()
	write := json.NewEncoder(out)
	var asked []query
	for _, kind := range kinds {
		if kind != "trace" && (b.only == "" || b.only == kind) {
			asked = append(asked, r.queries[kind]...)
		}
	}
	if b.only == "" {
		for _, text := range hostile() {
			asked = append(asked, query{text: text})
		}
	}
	for i := range asked {
		for way, q := range ways(asked[i].search()) {
			res, err := r.x.Search(ctx, r.a, q)
			failed := ""
			if err != nil {
				failed = err.Error()
			} else {
				res.Took = 0
			}
			if err := write.Encode(map[string]any{"asked": fmt.Sprintf("%.200q, way %d", asked[i].named(), way), "answer": res, "failed": failed}); err != nil {
				return err
			}
		}
	}
	return nil
}
