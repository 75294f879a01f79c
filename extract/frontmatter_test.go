package extract

import "testing"

// What a Markdown file says of itself is no wording: a law whose file was touched
// on another day has not changed.
func TestFrontMatterIsNoText(t *testing.T) {
	for _, x := range []struct{ text, title, rest string }{
		{"---\ntitle: \"The code\"\nlast_updated: \"2021-05-23\"\nstatus: in_force\n---\n# The code\n", "The code", "# The code\n"},
		{"---\r\ntitle: Code\r\ntags:\r\n  - law\r\n---\r\nText.", "Code", "Text."},
		{"---\nA line of prose, and a row.\n---\nText.", "", "---\nA line of prose, and a row.\n---\nText."},
		{"---\ntitle: never closed\n", "", "---\ntitle: never closed\n"},
		{"Text.\n---\ntitle: x\n---\n", "", "Text.\n---\ntitle: x\n---\n"},
		{"", "", ""},
	} {
		if title, rest := frontMatter(x.text); title != x.title || rest != x.rest {
			t.Errorf("%q: title %q, rest %q", x.text, title, rest)
		}
	}
}
