package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"veille/archive"
	"veille/index"
)

// hostileLimit is what any query may take, in ms.
const hostileLimit = 1000

// hostile are queries that ask for as much as can be asked for. "!" before one
// is a trace.
func hostile() []string {
	letters := strings.Split("abcdefghijklmnopqrstuvwxyz", "")
	var prefixes, names []string
	for _, l := range letters {
		prefixes = append(prefixes, l+"*")
		names = append(names, l+l+"* OR "+l+"e*")
	}
	const stop = "de la le les des du en et van het der die und the of"
	return []string{"*", "a*", "de*", "**", "the", "de", `"of the"`, `"de la"`, `"de la de la de la"`, `"a a a"`, strings.Join(letters, " OR "), strings.Join(letters, " "),
		strings.Join(prefixes, " OR "), strings.Join(names, " OR "), strings.Join(strings.Fields(stop), " AND "), strings.Join(strings.Fields(stop), " OR "),
		"de NEAR/50 la", "de NEAR/5 la NEAR/5 les", `NOT article`, `NOT "de la"`, "de NOT la", "loi~", "de~", "le~2", "article~2", strings.Repeat("article~2 OR ", 60) + "loi~",
		"added:de", "removed:article", "in:removed de la", "in:added", "source:be-law", "weight:0", "(((((((((de)))))))))", strings.Repeat("(", 5000), strings.Repeat("a ", 5000),
		strings.Repeat("é", 4000), "\x00\xff\xfe", `"`, "cites:x", "title:de path:la", "as-of:1999 de la", "!de", "!de la", "!de OR la OR les", "!*ion", "!de NEAR/50 la"}
}

// hostile asks Veille hostile queries, one after another, and prints how long
// the slowest of three askings of each took. An error is an answer too.
func (b *bed) hostile(ctx context.Context) error {
	r, err := b.ready(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	rest := restMB()
	fmt.Printf("%-44s %9s %9s %9s\n", "hostile queries, one user", "max ms", "cpu ms", "found")
	over, slowest := 0, 0.0
	for _, text := range hostile() {
		most, cpu, found := 0.0, 0.0, 0
		var failed error
		for range 3 {
			began, before := time.Now(), cpuMS()
			found, failed = askHostile(ctx, r.x, r.a, text)
			most, cpu = max(most, float64(time.Since(began).Microseconds())/1000), max(cpu, cpuMS()-before)
		}
		answer := ""
		if failed != nil {
			answer = fmt.Sprintf("%.60s", failed)
		}
		if most > hostileLimit {
			over++
			answer += fmt.Sprintf("   over %d", hostileLimit)
		}
		slowest = max(slowest, most)
		fmt.Printf("%-44.44q %9.1f %9.1f %9d   %s\n", text, most, cpu, found, answer)
	}
	fmt.Printf("\nof %d queries %d over %d ms, the slowest %.0f ms; memory %.0f MB before, %.0f MB at most\n", len(hostile()), over, hostileLimit, slowest, rest, peakMB())
	return nil
}

func askHostile(ctx context.Context, x *index.Index, a *archive.Archive, text string) (int, error) {
	if phrase, ok := strings.CutPrefix(text, "!"); ok {
		return askVeille(ctx, x, a, &query{kind: "trace", text: phrase})
	}
	r, err := x.Search(ctx, a, index.Query{Text: text})
	if err != nil {
		return 0, err
	}
	return r.Total, nil
}
