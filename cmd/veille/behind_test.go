package main

import (
	"path/filepath"
	"testing"

	"veille/digest"
	"veille/index"
	"veille/source"
	"veille/thesaurus"
)

// TestAnIndexOfAnotherRelease: where the rules are others now the index begins
// anew; who searches first, before anything is crawled, finds what is there.
func TestAnIndexOfAnotherRelease(t *testing.T) {
	demo := watchDemo(t, "@every 1h")
	d := &desk{t: t, args: demo.args()}
	d.run("crawl")
	var before, after foundDoc
	d.json(&before, "search", "places")
	names, err := thesaurus.Load()
	if err != nil {
		t.Fatal(err)
	}
	other := digest.Comparer()
	other.Stamp += "another release"
	x, err := index.Open(filepath.Join(demo.Data, "index"), &source.List{}, names, other)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	d.json(&after, "search", "places")
	if before.Total == 0 || after.Total != before.Total {
		t.Errorf("%d passages before, %d with the index of another release", before.Total, after.Total)
	}
	var figures struct{ Total int }
	if d.json(&figures, "figures", "places"); figures.Total == 0 {
		t.Error("no figures")
	}
}
