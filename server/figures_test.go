package server

import (
	"testing"

	"veille/index"
)

// TestFiguresOfManyPages: the first page is read whole; where there is more than
// may be read, the answer says so, and holds what was found.
func TestFiguresOfManyPages(t *testing.T) {
	w := newWorld(t)
	w.live()
	w.server.Handler()
	d := w.server.docs
	match, err := newPhrase(`"places"`, nil)
	if err != nil {
		t.Fatal(err)
	}
	look := func(most int) *FiguresDocument {
		t.Helper()
		doc := &FiguresDocument{}
		pages, err := d.figurePages(t.Context(), FiguresQuery{TraceQuery: index.TraceQuery{Phrase: "places", Exact: true}}, doc)
		if err != nil || len(pages) < 2 {
			t.Fatalf("%d pages have the word: %v", len(pages), err)
		}
		if err := d.figuresOn(t.Context(), doc, pages, match, most); err != nil {
			t.Fatal(err)
		}
		return doc
	}
	all, some := look(maxFigureBlocks), look(1)
	if all.More || !some.More || len(some.Figures) == 0 || len(some.Figures) >= len(all.Figures) {
		t.Errorf("%d figures and %v in all; with little to be read, %d and %v", len(all.Figures), all.More, len(some.Figures), some.More)
	}
}
