package main

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// The labels of the pairs.
const (
	content = "content"
	format  = "content-format-or-link-only"
	seen    = "noise-visible"
	unseen  = "noise"
)

// news is the least weight that raises a change.
const news = 2

// The halves of the set. Rules are tuned on one and held to the other; all
// pairs of a service are in the same, for they have one frame.
const (
	tuned = "tuned on"
	held  = "held out"
)

// service is whose page it is.
func (p *pagePair) service() string {
	name, _, _ := strings.Cut(p.Doc, "/")
	return name
}

// half is the half of the set that a pair is in, by a hash of the service's name.
func (p *pagePair) half() string {
	h := fnv.New32a()
	h.Write([]byte(p.service())) // never fails
	if h.Sum32()%2 == 0 {
		return tuned
	}
	return held
}

func inHalf(pairs []*pagePair, half string) []*pagePair {
	var out []*pagePair
	for _, p := range pairs {
		if p.half() == half {
			out = append(out, p)
		}
	}
	return out
}

// What contradicts a label.
const (
	judgedChanged = "words of the text judged did change"
	otherChanged  = "words judged for another document or day did change"
)

// judge sets of each pair what contradicts its label: of content that raised
// nothing why nothing of the page changed, of noise that raised a change that
// the words stand in a text that curators cut out, of this document these days
// or of another day or document of the same service, as some services have all
// their documents on one page.
func judge(pairs []*pagePair) {
	texts := map[string]string{}
	for _, p := range pairs {
		switch {
		case p.Label == content && p.weight < news:
			p.why = p.unreal()
		case p.Label != content && p.weight >= news && p.changed(squeeze(p.curated(p.VersionBefore))+" "+squeeze(p.curated(p.VersionAfter))):
			p.why = judgedChanged
		case p.Label != content && p.weight >= news:
			s := p.service()
			if _, ok := texts[s]; !ok {
				texts[s] = curatedOf(pairs, s)
			}
			if p.changed(texts[s]) {
				p.why = otherChanged
			}
		}
	}
}

// curatedOf is all that curators cut out of the pages of a service.
func curatedOf(pairs []*pagePair, service string) string {
	var b strings.Builder
	done := map[string]bool{}
	for _, p := range pairs {
		if p.service() != service {
			continue
		}
		for _, name := range []string{p.VersionBefore, p.VersionAfter} {
			if !done[name] {
				done[name] = true
				b.WriteString(squeeze(p.curated(name)) + " ")
			}
		}
	}
	return b.String()
}

// reason is what contradicts a label, for showing.
func (p *pagePair) reason() string {
	if p.why == "" {
		return ""
	}
	return " (" + p.why + ")"
}

// count counts the pairs with a label that raise a change in some way, and all
// with that label.
func count(pairs []*pagePair, label string, raises func(*pagePair) bool) (n, of int) {
	for _, p := range pairs {
		if p.Label == label {
			of++
			if raises(p) {
				n++
			}
		}
	}
	return n, of
}

// The ways to raise a change.
func raised(p *pagePair) bool  { return p.weight >= news }
func calm(p *pagePair) bool    { return p.settled >= news }
func flaps(p *pagePair) bool   { return p.weight >= news && p.settled < news }
func differs(p *pagePair) bool { return p.visible }

// weighted is how many of the changes that a collection's whole history raises
// are real, by how often each kind happens: the pairs labelled noise stand for
// differences that a reader cannot see at all, of which the history counts none
// among the visible. regard says whether a pair labelled noise counts as real.
func (c collection) weighted(pairs []*pagePair, raises, regard func(*pagePair) bool) float64 {
	n, of := count(pairs, content, raises)
	m, _ := count(pairs, format, raises)
	right := float64(c.content) * share(n+m, of)
	n, of = count(pairs, seen, raises)
	r, _ := count(pairs, seen, func(p *pagePair) bool { return raises(p) && regard(p) })
	all := right + float64(c.seen)*share(n, of)
	return 100 * (right + float64(c.seen)*share(r, of)) / all
}

// precision prints how many of the changes raised are real.
func (c collection) precision(t *table, pairs []*pagePair) {
	none := func(*pagePair) bool { return false }
	ours := c.weighted(pairs, raised, none)
	t.row(c.name+": precision by base rates", fmt.Sprintf("%.1f %%", ours), fmt.Sprintf(">= %.0f %%", c.aimPercent), ours >= c.aimPercent)
	t.note("  of a plain diff of all visible text", fmt.Sprintf("%.1f %%", c.weighted(pairs, differs, none)))
	t.note("  once volatility is learned", fmt.Sprintf("%.1f %%", c.weighted(pairs, calm, none)))
	flapping, _ := count(pairs, content, flaps)
	noisy, _ := count(pairs, seen, flaps)
	t.note("  pairs that only flap: labelled content, noise-visible", fmt.Sprintf("%d, %d", flapping, noisy))
	judged := func(p *pagePair) bool { return p.why == judgedChanged }
	t.note("  the same, where words of the text judged did change: real", fmt.Sprintf("%.1f %%", c.weighted(pairs, raised, judged)))
	t.note("  and those judged for another document or day", fmt.Sprintf("%.1f %%", c.weighted(pairs, raised, func(p *pagePair) bool { return p.why != "" })))
}

// byLabel prints how many pairs of each label raise a change.
func byLabel(t *table, prefix string, pairs []*pagePair) {
	for _, x := range []struct {
		label string
		limit float64
	}{{content, 0.99}, {format, 1}, {seen, 0.05}, {unseen, 0.05}} {
		n, of := count(pairs, x.label, raised)
		limit, ok := fmt.Sprintf("<= %.0f %%", 100*x.limit), func(s float64) bool { return s <= x.limit }
		switch x.label {
		case content:
			limit, ok = fmt.Sprintf(">= %.0f %%", 100*x.limit), func(s float64) bool { return s >= x.limit }
		case format:
			limit = ""
		}
		t.row(fmt.Sprintf("%s%s: %d of %d raise >= 2", prefix, x.label, n, of), percent(n, of), limit, ok(share(n, of)))
		if x.label == content {
			unreal, _ := count(pairs, content, func(p *pagePair) bool { return p.why != "" })
			t.note("  in which no visible word changed", fmt.Sprint(unreal))
			t.row("  without these", percent(n, of-unreal), limit, ok(share(n, of-unreal)))
			continue
		}
		judged, _ := count(pairs, x.label, func(p *pagePair) bool { return p.why == judgedChanged })
		other, _ := count(pairs, x.label, func(p *pagePair) bool { return p.why == otherChanged })
		if judged+other > 0 {
			t.note("  "+judgedChanged, fmt.Sprint(judged))
			t.note("  "+otherChanged, fmt.Sprint(other))
			t.note("  without these", percent(n-judged-other, of))
		}
	}
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
