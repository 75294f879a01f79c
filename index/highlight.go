package index

import (
	"cmp"
	"html"
	"slices"
	"strings"
	"unicode/utf8"

	"veille/cite"
)

// snippetBytes is about how much of a long passage is shown.
const snippetBytes = 320

// mark is a stretch of a text that was found, in bytes.
type mark struct{ start, end int }

// marks finds what a query found in a text: the places of all its words,
// phrases, prefixes and added names that are not under a NOT. Where they
// overlap, the longest at the first place counts.
func marks(n *node, lang, text string) []mark {
	if n == nil {
		return nil
	}
	var leaves []*node
	var keys []string // of numbers
	var collect func(*node)
	collect = func(n *node) {
		switch {
		case n.op == opCite:
			keys = append(keys, n.keys...)
		case n.op == opWord || n.op == opPhrase || n.op == opPrefix || n.op == opNames || n.op == opNear || n.op == opFuzzy:
			if n.field == "" {
				leaves = append(leaves, n)
			}
		case n.op != opNot:
			for _, k := range n.kids {
				collect(k)
			}
		}
	}
	collect(n)
	found := cited(keys, text)
	if len(leaves) == 0 {
		return found
	}
	if !slices.ContainsFunc(leaves, func(l *node) bool { return l.op == opWord }) {
		lang = "" // without stems
	}
	tokens := analyse(lang, text)
	for i := 0; i < len(tokens); {
		covers := 0
		for _, l := range leaves {
			if l.op == opWord && l.rare && isStop(lang, l.words[0]) {
				continue
			}
			covers = max(covers, l.matches(lang, tokens, i))
		}
		if covers == 0 {
			i++
			continue
		}
		found = append(found, mark{tokens[i].start, tokens[i+covers-1].end})
		i += covers
	}
	if len(keys) == 0 {
		return found // in order, and apart
	}
	return apart(found)
}

// cited finds where a text cites one of some numbers.
func cited(keys []string, text string) (found []mark) {
	if len(keys) == 0 {
		return nil
	}
	for _, c := range cite.Find(text) {
		if slices.ContainsFunc(c.Keys(), func(k string) bool { return slices.Contains(keys, k) }) {
			found = append(found, mark{c.Start, c.End})
		}
	}
	return found
}

// apart puts marks in order and leaves out those that overlap with a longer one
// or an earlier one of the same length.
func apart(found []mark) []mark {
	slices.SortFunc(found, func(a, b mark) int {
		return cmp.Or(cmp.Compare(b.end-b.start, a.end-a.start), cmp.Compare(a.start, b.start))
	})
	var out []mark
	for _, m := range found {
		if !slices.ContainsFunc(out, func(o mark) bool { return m.start < o.end && o.start < m.end }) {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b mark) int { return cmp.Compare(a.start, b.start) })
	return out
}

// highlight returns a text as HTML with the marks in <mark>, cut to the
// stretch with the most of them if it is long.
func highlight(text string, found []mark) string {
	from, to := window(text, found)
	var b strings.Builder
	if from > 0 {
		b.WriteString("… ")
	}
	at := from
	for _, m := range found {
		if m.start < from || m.end > to {
			continue
		}
		b.WriteString(html.EscapeString(text[at:m.start]))
		b.WriteString("<mark>")
		b.WriteString(html.EscapeString(text[m.start:m.end]))
		b.WriteString("</mark>")
		at = m.end
	}
	b.WriteString(html.EscapeString(text[at:to]))
	if to < len(text) {
		b.WriteString(" …")
	}
	return b.String()
}

// window chooses the stretch of a text to show.
func window(text string, found []mark) (from, to int) {
	if len(text) <= snippetBytes+snippetBytes/4 {
		return 0, len(text)
	}
	best := mark{}
	if len(found) > 0 {
		best = mark{found[0].start, found[0].end}
		most := 0
		for i := range found {
			n, end := 0, found[i].end
			for j := i; j < len(found) && found[j].end-found[i].start <= snippetBytes*3/4; j++ {
				n, end = n+1, found[j].end
			}
			if n > most {
				most, best = n, mark{found[i].start, end}
			}
		}
	}
	spare := max(0, snippetBytes-(best.end-best.start))
	from = max(0, best.start-spare/2)
	to = min(len(text), max(best.end, from+snippetBytes))
	from = max(0, min(from, to-snippetBytes))
	return wordEdge(text, from, -1), wordEdge(text, to, 1)
}

// wordEdge moves an offset outwards to the next space, if one is near, and
// always to the edge of a character.
func wordEdge(text string, at, step int) int {
	for i, n := at, 0; n < 40; i, n = i+step, n+1 {
		if i <= 0 {
			return 0
		}
		if i >= len(text) {
			return len(text)
		}
		if step > 0 && text[i] == ' ' {
			return i
		}
		if step < 0 && text[i-1] == ' ' {
			return i
		}
	}
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at += step
	}
	return at
}
