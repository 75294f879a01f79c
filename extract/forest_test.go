package extract

import (
	"strings"
	"testing"

	"veille/internal/boundhtml"
)

// TestForest walks two small trees, and finds every feature of the real ones
// among those that are computed.
func TestForest(t *testing.T) {
	f := parseForest("1 5\n0 2\n-1\n-0.5\n0.25\n0 3\n0.125\n2\n")
	if len(f.roots) != 2 || f.roots[1] != 5 {
		t.Fatalf("roots %v, want 0 and 5", f.roots)
	}
	for _, test := range []struct {
		x    []float32
		want float32
	}{{[]float32{1, 1}, -1 + 0.125}, {[]float32{3, 5}, -0.5 + 0.125}, {[]float32{9, 6}, 0.25 + 2}} {
		if got := f.odds(test.x); got != test.want {
			t.Errorf("%v: %v, want %v", test.x, got, test.want)
		}
	}
	doc, err := boundhtml.Parse(t.Context(), []byte("<h1>A</h1><p>B, and more of it.</p>"))
	if err != nil {
		t.Fatal(err)
	}
	p := flatten(doc)
	p.markChrome()
	width := int32(len(newScorer(p).features(0, nil)))
	real := theForest()
	if len(real.roots) < 50 {
		t.Errorf("the forest has %d trees", len(real.roots))
	}
	for i, n := range real.nodes {
		if n.feature >= width || n.feature >= 0 && (n.right <= int32(i)+1 || int(n.right) >= len(real.nodes)) {
			t.Fatalf("node %d of the forest asks for feature %d of %d and leads to %d of %d nodes", i, n.feature, width, n.right, len(real.nodes))
		}
	}
}

// TestRecall: what looks like nothing is read whole rather than not at all.
func TestRecall(t *testing.T) {
	page := "<html lang=en><body><nav><a href=/>Home</a></nav><div>" + strings.Repeat("<span>Room 4</span><br>", 3) + "</div></body></html>"
	doc, err := boundhtml.Parse(t.Context(), []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	p := flatten(doc)
	p.markChrome()
	c := p.choose(nil, &Past{})
	p.markMain(&c)
	main := 0
	for _, b := range p.blocks() {
		if b.Role == "main" {
			main++
		}
	}
	if main == 0 {
		t.Errorf("nothing is main text: %v", c.why)
	}
}
