package levenshtein

import "testing"

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"source", "source", 0}, {"souce", "source", 1}, {"sorce", "source", 1}, {"form", "from", 2},
		{"kitten", "sitting", 3}, {"éloignement", "eloignement", 1}, {"délai", "delais", 2},
	} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := Distance(c.b, c.a); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d: it is the same both ways", c.b, c.a, got, c.want)
		}
	}
}
