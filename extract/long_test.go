package extract

import (
	"strings"
	"testing"
	"unicode/utf8"

	"veille/archive"
)

// TestABlockWithoutEnd is parted, and nothing of it is lost.
func TestABlockWithoutEnd(t *testing.T) {
	for name, text := range map[string]string{"words": strings.Repeat("opvang en terugkeer ", 20_000), "no space": strings.Repeat("é", 100_000), "short": "14 jours"} {
		text = strings.TrimSpace(text)
		blocks := splitLong([]archive.Block{{Kind: archive.Item, Marker: "a)", Text: "before"}, {Kind: archive.Item, Marker: "b)", Text: text, Role: archive.Main}})
		var parts []string
		for i, b := range blocks[1:] {
			if len(b.Text) > maxText || !utf8.ValidString(b.Text) || b.Role != archive.Main || (b.Marker == "b)") != (i == 0) {
				t.Errorf("%s: part %d has %d bytes, marker %q", name, i, len(b.Text), b.Marker)
			}
			parts = append(parts, b.Text)
		}
		got, want := strings.Join(parts, " "), text
		if got, want = strings.ReplaceAll(got, " ", ""), strings.ReplaceAll(want, " ", ""); got != want {
			t.Errorf("%s: %d characters became %d", name, len(want), len(got))
		}
	}
}
