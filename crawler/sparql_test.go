package crawler

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSPARQLPages: an answer that fills its LIMIT is followed by the next one,
// until one does not; what stands on later pages from the start is no news.
func TestSPARQLPages(t *testing.T) {
	asked := []string{}
	works := 5
	p := publisher{"/sparql": func(rw http.ResponseWriter, r *http.Request) {
		query := r.URL.Query().Get("query")
		offset := 0
		if _, after, ok := strings.Cut(query, "OFFSET "); ok {
			fmt.Sscan(after, &offset)
		}
		asked = append(asked, fmt.Sprint(offset))
		var rows []string
		for i := offset; i < min(works, offset+2); i++ {
			rows = append(rows, fmt.Sprintf(`{"n":{"value":"%d"}}`, works-i))
		}
		says("application/sparql-results+json", `{"head":{},"results":{"bindings":[`+strings.Join(rows, ",")+`]}}`)(rw, r)
	}}
	for i := 1; i <= 6; i++ {
		p[fmt.Sprintf("/work/%d", i)] = pageOf(fmt.Sprint(i))
	}
	w := newWorld(t, without(p.serve), oneSource+`
    discover:
      - as: sparql
        from: http://HOST/sparql
        query: SELECT ?n WHERE { { SELECT ?n WHERE { ?w x:n ?n } LIMIT 9 } } ORDER BY DESC(?n) LIMIT 2
        page: "http://HOST/work/{n}"
`)
	w.run(Options{})
	if diff := cmp.Diff([]string{"0", "2", "4"}, asked); diff != "" {
		t.Errorf("asked for offsets, -want +got\n%s", diff)
	}
	works = 6
	w.clock = w.clock.Add(2 * time.Hour)
	w.run(Options{})
	if diff := cmp.Diff([]string{"/work/5", "/work/4", "/work/3", "/work/2", "/work/1", "/work/6 new"}, found(w)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
