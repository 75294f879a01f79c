package diff

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"veille/archive"
)

// Whatever two versions hold, the edits make the new one of the old one.
func TestOddVersions(t *testing.T) {
	trash := func(seed int) *archive.Version {
		v := &archive.Version{ID: archive.Seq(seed), Lang: "en"}
		for i := range 40 {
			b := make([]byte, 1+(i*seed)%97)
			for k := range b {
				if b[k] = byte(i*31 + k*seed*17); b[k] == '\n' {
					b[k] = 0 // no block has a line end
				}
			}
			v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: string(b)})
		}
		return v
	}
	french, german := page(1, "Le ministre peut décider dans les 30 jours.\nLes familles sont logées ailleurs."), page(2, "Der Minister kann binnen 30 Tagen entscheiden.\nFamilien werden anderswo untergebracht.")
	french.Lang, german.Lang = "fr", "de"
	albanian := page(3, "Marrëveshja në diskutim për 30 ditë.")
	albanian.Lang = "sq"
	empty := &archive.Version{ID: 4, Lang: "en"}
	for _, x := range []struct {
		name     string
		old, new *archive.Version
	}{
		{"two languages", french, german}, {"a language without rules", french, albanian}, {"from nothing", empty, page(1, alpha+beta)},
		{"to nothing", page(1, alpha+beta), empty}, {"nothing", empty, empty}, {"trash", trash(3), trash(5)}, {"trash and text", trash(7), page(1, alpha+beta)},
		{"empty blocks", page(1, alpha), &archive.Version{ID: 2, Blocks: make([]archive.Block, 5)}},
	} {
		for _, pair := range [][2]*archive.Version{{x.old, x.new}, {x.new, x.old}} {
			c := Between(pair[0], pair[1])
			if got := applied(pair[0].Blocks, c.Edits); !slices.Equal(got, texts(pair[1].Blocks)) {
				t.Errorf("%s: edits make %q", x.name, got)
			}
			for _, lang := range languages {
				if c.Summary(lang) == "" {
					t.Errorf("%s: no summary", x.name)
				}
			}
		}
	}
}

// A page of very many blocks of one word, all of them moved about, is compared
// within bounds: every step is near-linear.
func TestManyBlocksOfOneWord(t *testing.T) {
	const n = 100_000
	old, new := &archive.Version{Lang: "en"}, &archive.Version{Lang: "en"}
	for i := range n {
		old.Blocks = append(old.Blocks, archive.Block{Role: archive.Main, Text: fmt.Sprint("w", i*7919%n)})
		new.Blocks = append(new.Blocks, archive.Block{Role: archive.Main, Text: fmt.Sprint("w", i*104729%n)})
	}
	same := strings.Repeat("x", 3)
	for i := 0; i < n; i += 3 { // and many that are all the same
		old.Blocks[i].Text, new.Blocks[(i*7)%n].Text = same, same
	}
	c := Between(old, new)
	if got := applied(old.Blocks, c.Edits); !slices.Equal(got, texts(new.Blocks)) {
		t.Error("the edits do not make the new text")
	}
}
