package server

import (
	"testing"

	"veille/index"
)

// TestFiguresOfManyPages: of more pages than are followed, those with the most
// wordings are, in their order, and of equals the first.
func TestFiguresOfManyPages(t *testing.T) {
	traced := make([]index.TracedPage, maxFigurePages+10)
	for i := range traced {
		traced[i].Spans = make([]index.Span, 1)
	}
	traced[len(traced)-1].Spans = make([]index.Span, 3)
	if got := mostFigurePages(traced[:maxFigurePages]); len(got) != maxFigurePages || got[0] != &traced[0] {
		t.Errorf("of %d pages, %d are followed", maxFigurePages, len(got))
	}
	got := mostFigurePages(traced)
	if len(got) != maxFigurePages || got[0] != &traced[0] || got[maxFigurePages-2] != &traced[maxFigurePages-2] || got[maxFigurePages-1] != &traced[len(traced)-1] {
		t.Errorf("of %d pages, %d are followed, and the busiest is not the last of them", len(traced), len(got))
	}
}
