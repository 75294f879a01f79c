package extract

import (
	"fmt"
	"slices"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"veille/source"
)

// The strategies by which the main text of a page is found; see
// [archive.Version.Strategy]. A forest grown anew, or a new rule beside it,
// gets a new name: what it reads otherwise is then known for our doing, not the
// publisher's.
const (
	strategySelect = "select"   // the source's own CSS selectors
	strategyScored = "scored-3" // what the scorer takes for main text
)

// A choice is where the main text of a page is.
type choice struct {
	strategy string
	tops     []int32 // elements holding the main text, of strategySelect
	scorer   *scorer // of strategyScored
	why      []string
}

func (c *choice) say(format string, args ...any) { c.why = append(c.why, fmt.Sprintf(format, args...)) }

// choose finds the main text: where the source says, else where the scorer does.
func (p *page) choose(src *source.Source, past *Past) choice {
	c := choice{strategy: strategyScored}
	if src != nil && len(src.Select) > 0 && !past.unselected {
		if c.tops = p.selected(src.Select); len(c.tops) > 0 {
			c.strategy = strategySelect
			c.say("main text by the source's selector")
			return c
		}
		c.say("the source's selectors match nothing with text in it")
	}
	c.scorer = newScorer(p)
	c.scorer.judge(past, &c)
	return c
}

// selected returns the outermost elements that the first selector matches
// that matches any text.
func (p *page) selected(selectors []string) []int32 {
	for _, s := range selectors {
		var out []int32
		end := int32(0)
		for _, t := range p.find(goquery.Single(s).Match) {
			if t >= end && p.nodes[t].text > 0 {
				out = append(out, t)
				end = p.nodes[t].end
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// drop marks what the source's selectors name as chrome.
func (p *page) drop(selectors []string) {
	for _, s := range selectors {
		for _, i := range p.find(goquery.Single(s).Match) {
			p.nodes[i].dropped = true
		}
	}
}

// markMain gives every element its role, for the text right in it.
func (p *page) markMain(c *choice) {
	for i := range p.nodes {
		n := &p.nodes[i]
		if n.n.Type != html.ElementNode {
			continue
		}
		up := n.parent
		switch {
		case up >= 0 && p.nodes[up].dropped || n.dropped:
			n.dropped, n.main = true, false
		case c.scorer != nil:
			if k := c.scorer.of[c.scorer.places[i].block]; k >= 0 {
				n.main = c.scorer.units[k].main
			}
		case slices.Contains(c.tops, int32(i)):
			n.main = true
		case up >= 0 && p.nodes[up].main:
			n.main = !p.isChrome(int32(i))
		}
	}
}

// isChrome decides on a doubtful element inside what a source selects.
func (p *page) isChrome(i int32) bool {
	n := &p.nodes[i]
	switch n.chrome {
	case strongChrome:
		return true
	case linksChrome:
		return n.link*2 >= n.text
	case weakChrome:
		switch n.n.DataAtom {
		case atom.Aside, atom.Dialog:
			return true
		case atom.Header, atom.Footer:
			return false
		}
		return n.link*5 >= n.text*2
	}
	return false
}
