package extract

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
)

func TestAnchor(t *testing.T) {
	for _, test := range []struct {
		path   string // elements parted by " / "; the block is a paragraph
		anchor string
	}{
		{"Loi / CHAPITRE II. - Du séjour / Art. 7/1bis / § 2 / 1°", "art-7-1bis-par-2-pt-1"},
		{"Loi / Article 1er", "art-1"},
		{"Loi / Article premier", "art-1"},
		{"Code / Livre V / Article L. 511-1", "art-l-511-1"},
		{"Wet / Hoofdstuk 3 / Afdeling 1 / Artikel 12a / 2. / b.", "art-12a-par-2-pt-b"},
		{"Gesetz / Kapitel 5 / § 62b Ausreisegewahrsam / (1) / 2.", "sec-62b-par-1-pt-2"},
		{"Directive / CHAPTER II / Article 3(1)(b)", "art-3-1-b"},
		{"Directive / Article 15 Detention / 1. / (a)", "art-15-par-1-pt-a"},
		{"Directive / Recital 16", "rec-16"},
		{"Directive / Considérant 16", "rec-16"},
		{"Act / SCHEDULE 2 / Part 1 / Article 4", "schedule-2-art-4"},
		{"Loi / Annexe II / Chapitre 1er", "annex-2-chap-1"},
		{"Loi / TITRE Ier / CHAPITRE IV", "title-1-chap-4"},
		{"Anlage 3 (zu § 5)", "annex-3"},
		{"Regulation / ANNEX II / 3. / (a)", "annex-2-pt-3-pt-a"},
		{"Loi / Art. 4 / § 1er", "art-4-par-1"},
		{"Wet / Art. 4 / § 1", "art-4-par-1"},
		{"Loi / [¹ CHAPITRE IIbis. - Du retour]¹", "chap-iibis"},
		{"About us / Contact", ""},
		{"", ""},
	} {
		b := &archive.Block{Kind: archive.Paragraph, Role: archive.Main}
		if test.path != "" {
			b.Path = strings.Split(test.path, " / ")
		}
		want := strings.ReplaceAll(test.anchor, "schedule", "annex")
		if got := Anchor(b); got != want {
			t.Errorf("%s: %q, want %q", test.path, got, want)
		}
	}
}

// TestAnchors: an anchor belongs to one block; an article named in a table of
// contents leaves it to the article itself.
func TestAnchors(t *testing.T) {
	h := func(s string) archive.Block { return archive.Block{Kind: archive.Heading, Level: 3, Text: s} }
	p := func(s string) archive.Block { return archive.Block{Kind: archive.Paragraph, Text: s} }
	blocks := []archive.Block{h("Article 1 Scope"), h("Article 2 Period"), h("Article 1 Scope"), p("This act applies."), p("It does so at once."),
		h("Article 2 Period"), p("1. Thirty days."), p("2. More:"), p("(a) if ill;"), p("(b) if pregnant."), h("Article 2 Period"), p("Another act's article.")}
	for i := range blocks {
		blocks[i].Role = archive.Main
	}
	setPaths(blocks)
	want := []string{"", "", "art-1", "", "", "art-2", "art-2-par-1", "art-2-par-2", "art-2-par-2-pt-a", "art-2-par-2-pt-b", "art-2-2", ""}
	if d := cmp.Diff(want, Anchors(blocks)); d != "" {
		t.Errorf("wanted -, got +:\n%s", d)
	}
}

// TestAnchorStays: what is inserted before a block does not move its anchor.
func TestAnchorStays(t *testing.T) {
	law := func(extra bool) map[string]string {
		var blocks []archive.Block
		add := func(s string) {
			blocks = append(blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: s})
		}
		add("CHAPITRE Ier. - Dispositions générales")
		for i := 1; i <= 5; i++ {
			if extra && i == 3 {
				add("Art. 2/1. Un article inséré par la loi du 3 mai 2024, avec son propre texte.")
			}
			add(fmt.Sprintf("Art. %d. § 1er. Le délai de l'article %d est de trente jours à compter de la notification.", i, i))
			add(fmt.Sprintf("§ 2. Le ministre peut prolonger le délai de l'article %d par décision motivée.", i))
		}
		setPaths(blocks)
		out := map[string]string{}
		for i, a := range Anchors(blocks) {
			if a != "" {
				out[a] = blocks[i].Text
			}
		}
		return out
	}
	before, after := law(false), law(true)
	for a, text := range before {
		if after[a] != text {
			t.Errorf("%s was %q and is %q", a, text, after[a])
		}
	}
	if len(after) != len(before)+1 || len(before) != 11 {
		t.Errorf("%d anchors before, %d after; want 11 and 12", len(before), len(after))
	}
}

// TestAnchorsMany: an article that is named a hundred thousand times costs no
// more than as many articles.
func TestAnchorsMany(t *testing.T) {
	blocks := make([]archive.Block, 100_000)
	for i := range blocks {
		blocks[i] = archive.Block{Kind: archive.Article, Role: archive.Main, Marker: "Art. 1.", Path: []string{"Act", "Art. 1", "§ " + fmt.Sprint(i%2)}, Text: "x"}
	}
	anchors := Anchors(blocks)
	if got := anchors[len(anchors)-1]; got != "art-1-par-1-50000" {
		t.Errorf("the last anchor is %q", got)
	}
}
