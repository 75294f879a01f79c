package crawler

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMoved: an article gets another address. Its page keeps the old one and
// goes on from there; the listing, which now shows the new one, brings no new
// document, while one that is really new does.
func TestMoved(t *testing.T) {
	moved := false
	w := newWorld(t, without(func(rw http.ResponseWriter, r *http.Request) {
		list := `<a href="/illegal-stay/return">x</a>`
		if moved {
			list = `<a href="/irregular-stay/return">x</a> <a href="/other">y</a>`
		}
		switch {
		case r.URL.Path == "/list":
			says("text/html", list)(rw, r)
		case r.URL.Path == "/illegal-stay/return" && moved:
			http.Redirect(rw, r, "/irregular-stay/return", http.StatusMovedPermanently)
		default:
			pageOf("Return")(rw, r)
		}
	}), oneSource+`
    follow: {from: "http://HOST/list"}
`)
	w.run(Options{})
	moved = true
	for range 3 {
		w.clock = w.clock.Add(2 * time.Hour)
		w.run(Options{})
	}
	if diff := cmp.Diff([]string{"/illegal-stay/return", "/other new"}, found(w)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if c := w.last("/illegal-stay/return"); !strings.HasSuffix(c.FinalURL, "/irregular-stay/return") {
		t.Errorf("the page leads to %s", c.FinalURL)
	}
}
