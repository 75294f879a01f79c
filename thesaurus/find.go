package thesaurus

import (
	"slices"
	"strings"
)

// A Match is a place in a text where a concept is named. Start and End are
// byte offsets.
type Match struct {
	Concept    *Concept
	Start, End int
}

// A node is a place in a tree of names, one word a step.
type node struct {
	next map[string]*node
	ends []ending // the names that end here
}

// An ending is a name of a concept, and the conditions under which it counts.
type ending struct {
	concept  *Concept
	abbr     string // the very letters, "" if the name is no abbreviation
	everyday bool
}

func (n *node) add(name string, e ending) {
	for _, w := range Words(name) {
		child := n.next[w.Text]
		if child == nil {
			child = &node{}
			if n.next == nil {
				n.next = map[string]*node{}
			}
			n.next[w.Text] = child
		}
		n = child
	}
	n.ends = append(n.ends, e)
}

// index makes the trees and tables that Find and Lookup walk.
func (t *Thesaurus) index() {
	t.tries = map[string]*node{"": {}}
	t.near = &node{}
	for _, lang := range Languages {
		t.tries[lang] = &node{}
	}
	for _, c := range t.all {
		for _, word := range c.Near {
			t.near.add(word, ending{concept: c})
		}
		for _, lang := range Languages {
			everyday := map[string]bool{}
			for _, name := range c.Everyday[lang] {
				everyday[key(name)] = true
			}
			for _, name := range slices.Concat([]string{c.Pref[lang]}, c.Variants[lang]) {
				k := key(name)
				e := ending{concept: c, everyday: everyday[k]}
				t.tries[lang].add(name, e)
				t.tries[""].add(name, e)
				if e.everyday {
					t.named("~"+k, c)
				} else {
					t.named(k, c)
				}
			}
			for _, abbr := range c.Abbr[lang] {
				t.tries[lang].add(abbr, ending{concept: c, abbr: strings.TrimRight(abbr, ".")})
				t.named("="+abbr, c)
			}
		}
	}
}

func (t *Thesaurus) named(key string, c *Concept) {
	if !slices.Contains(t.byName[key], c) {
		t.byName[key] = append(t.byName[key], c)
	}
}

// Find returns the places where a text names concepts, in order. The names of
// its language count, or, where that is none of [Languages], those of all. The
// longest name wins, and what it covers is not looked at again; a name that
// several concepts share gives a match for each. Everyday names count only if
// one of the concept's Near words stands anywhere in the text.
//
// The time grows with the length of the text; any bytes are taken.
func (t *Thesaurus) Find(text, lang string) []Match {
	tree := t.tries[lang]
	if tree == nil {
		tree = t.tries[""]
	}
	words := Words(text)
	var settled map[*Concept]bool // made when first needed
	counts := func(e ending, start, end int) bool {
		if e.abbr != "" && text[start:end] != e.abbr {
			return false
		}
		if e.everyday && settled == nil {
			settled = t.settle(words)
		}
		return !e.everyday || settled[e.concept]
	}
	var found []Match
	for i := 0; i < len(words); {
		n, step := tree, 1
		var best []Match
		for j := i; j < len(words); j++ {
			if n = n.next[words[j].Text]; n == nil {
				break
			}
			start, end := words[i].Start, words[j].End
			fresh := true
			for _, e := range n.ends {
				if !counts(e, start, end) {
					continue
				}
				if fresh {
					best, fresh = best[:0], false
				}
				if !slices.ContainsFunc(best, func(m Match) bool { return m.Concept == e.concept }) {
					best = append(best, Match{e.concept, start, end})
				}
				step = j - i + 1
			}
		}
		found = append(found, best...)
		i += step
	}
	return found
}

// settle finds the concepts whose everyday names count among these words.
func (t *Thesaurus) settle(words []Word) map[*Concept]bool {
	settled := map[*Concept]bool{}
	for i := range words {
		n := t.near
		for j := i; j < len(words); j++ {
			if n = n.next[words[j].Text]; n == nil {
				break
			}
			for _, e := range n.ends {
				settled[e.concept] = true
			}
		}
	}
	return settled
}
