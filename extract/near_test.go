package extract

import (
	"fmt"
	"strings"
	"testing"

	"veille/archive"
)

// sentences is a text of many sentences, none like the other; seed makes another.
func sentences(seed, count int) string {
	words := strings.Fields("centre return place person decision minister law court appeal detention family child airport country agency budget report measure article period state member order visit lawyer right file")
	var b strings.Builder
	x := uint32(seed)*2654435761 + 12345
	for range count {
		for range 12 {
			x = x*1664525 + 1013904223
			b.WriteString(words[x>>16%uint32(len(words))] + " ")
		}
		b.WriteString("is done. ")
	}
	return b.String()
}

// TestFingerprint: an article with another date and one word changed is nearly
// the same; another article of the same words is not.
func TestFingerprint(t *testing.T) {
	mark := func(text string) Fingerprint {
		return FingerprintOf([]archive.Block{{Role: archive.Main, Text: text}, {Role: archive.Boilerplate, Text: sentences(99, 40)}})
	}
	text := sentences(1, 60)
	for name, test := range map[string]struct {
		other string
		want  bool
	}{
		"itself":         {text, true},
		"in capitals":    {strings.ToUpper(text), true},
		"a stamp more":   {text + " Last updated on 3 March 2026.", true},
		"a word changed": {strings.Replace(text, "centre", "prison", 1), true},
		"another text":   {sentences(2, 60), false},
		"too short":      {"The centre is closed.", false},
	} {
		if got := mark(text).Near(mark(test.other)); got != test.want {
			t.Errorf("%s: near is %v, want %v", name, got, test.want)
		}
	}
	near := 0
	for i := range 60 {
		for j := range i {
			if mark(sentences(i, 30)).Near(mark(sentences(j, 30))) {
				near++
			}
		}
	}
	if near > 0 {
		t.Errorf("%d of 1770 pairs of different texts are taken for near", near)
	}
}

// TestNearDuplicates: an article that is found at a second address is read,
// and the operator is told; it does not matter in which pass it came.
func TestNearDuplicates(t *testing.T) {
	for _, once := range []bool{true, false} {
		w := newWorld(t)
		for i, at := range []string{"news/one", "news/two", "node/7169"} {
			seed := i
			if at == "node/7169" {
				seed = 0
			}
			w.answer("https://example.org/"+at, 200, htmlPage(fmt.Sprintf("%s Read %d times.", sentences(seed, 40), i)))
			if !once {
				w.sync()
			}
		}
		w.sync()
		for at, want := range map[string]string{"news/one": "", "news/two": "", "node/7169": "nearly the same text as https://example.org/news/one: another address of it?"} {
			p, err := w.a.Page(t.Context(), "https://example.org/"+at)
			if err != nil {
				t.Fatal(err)
			}
			if p.Last.Class != archive.Content || p.Last.Reason != want || Remark(p) != want || p.Versions != 1 {
				t.Errorf("at once %v: remark %q, want %q; %s is %s, %q, %d versions; want %q", once, Remark(p), want, at, p.Last.Class, p.Last.Reason, p.Versions, want)
			}
		}
	}
}
