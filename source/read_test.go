package source

import (
	"strings"
	"testing"
)

func TestParsePath(t *testing.T) {
	for _, s := range []string{"title", "a.b.c", "items[].title", "[].x", "[0][1]", `a["b.c"].d`, `["with space"]`} {
		p, err := ParsePath(s)
		if err != nil || p.String() != s {
			t.Errorf("path %s is read as %q, %v", s, p, err)
		}
	}
	for s, want := range map[string]string{"": "empty", ".a": "missing", "a..b": "missing", "a[": "not closed", "a[x]": "neither", "a[-1]": "neither",
		"a]": "has a", "a b": "has a", `a["b]`: "not closed", "a[]b": "neither a dot", "a.": "",
		strings.Repeat("a.", 40) + "a": "more than"} {
		if p, err := ParsePath(s); s != "a." && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("path %q is read as %q, %v; want an error that says %q", s, p, err, want)
		}
	}
}

func TestRead(t *testing.T) {
	const head = "sources:\n  - id: api\n    kind: government\n    jurisdiction: GB\n    topics: [all]\n    pages: [{en: \"https://api.example/x\"}]\n    read:\n"
	list, err := Parse("s.yaml", []byte(head+"      title: title\n      body:\n        - parts[].name as heading\n        - parts[].body\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := list.Sources[0].Read
	if r == nil || r.Title.String() != "title" || len(r.Body) != 2 || !r.Body[0].Heading || r.Body[1].Path.String() != "parts[].body" {
		t.Errorf("read %+v", r)
	}
	for text, want := range map[string]string{
		"      body: parts[\n": `s.yaml:8:13: "parts[" is not a path`,
		"      title: t\n":     "names no text",
		"      boddy: t\n":     `has no key "boddy"`,
	} {
		_, err := Parse("s.yaml", []byte(head+text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want %q", text, err, want)
		}
	}
}

// FuzzParsePath: what is read is written as it was.
func FuzzParsePath(f *testing.F) {
	f.Add(`a["b.c"][].d[3]`)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePath(s)
		if err != nil {
			return
		}
		again, err := ParsePath(p.String())
		if err != nil || again.String() != p.String() {
			t.Errorf("%q is written %q and read as %q, %v", s, p, again, err)
		}
	})
}
