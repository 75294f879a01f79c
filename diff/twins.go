package diff

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"veille/archive"
)

// How the blocks of two language versions of one document are aligned. Words
// cannot be compared, but the rest can: the numbers of articles, figures,
// citations and dates, the kind of a block and how long it is.
//
//  1. Blocks whose number ("Art. 8" and "Artikel 8") or figures occur once on
//     each side are anchors, as far as they stand in the same order.
//  2. Between anchors, blocks are paired in order so that kinds agree and
//     lengths are in proportion (after Gale and Church, 1993); a block may have
//     no twin.

// A Twin is a block of one language version and its counterpart in the other.
type Twin struct{ A, B int }

// maxTwinArea is how many pairs of blocks between two anchors are weighed; in
// a larger stretch blocks are paired by their place alone.
const maxTwinArea = 1 << 16

// Twins aligns the main blocks of two versions in different languages.
func Twins(a, b *archive.Version) []Twin {
	x, y := twinBlocks(a), twinBlocks(b)
	var out []Twin
	i, j := 0, 0
	for _, m := range append(twinAnchors(x, y), match{len(x), len(y), 0}) {
		out = append(out, twinStretch(x[i:m.a], y[j:m.b])...)
		if m.n > 0 {
			out = append(out, Twin{x[m.a].index, y[m.b].index})
		}
		i, j = m.a+m.n, m.b+m.n
	}
	return out
}

// A twinBlock is what of a block does not depend on its language.
type twinBlock struct {
	index  int
	kind   archive.Kind
	level  int
	marks  string // its number, figures, citations and dates
	length int
}

func twinBlocks(v *archive.Version) []twinBlock {
	var out []twinBlock
	for i := range v.Blocks {
		b := &v.Blocks[i]
		if b.Role == archive.Boilerplate {
			continue
		}
		t := twinBlock{index: i, kind: b.Kind, level: b.Level, length: len(b.Text)}
		t.marks = invariants(b.Marker + " " + b.Text)
		out = append(out, t)
	}
	return out
}

// invariants are the parts of a text that a translation keeps: figures,
// citations and dates, in order of their values.
func invariants(text string) string {
	var out []string
	for _, t := range tokenise(text) {
		if !hasDigit(t.text) {
			continue
		}
		key := strings.ToLower(t.key)
		if t.kind == reference { // "8bis" and "8bis", "§ 1er" and "§ 1"
			key = strings.TrimSuffix(strings.Trim(key, "§ °."), "er")
		}
		out = append(out, key)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// twinAnchors are the blocks whose marks occur once on each side.
func twinAnchors(x, y []twinBlock) []match {
	count := func(blocks []twinBlock) map[string]int {
		n := map[string]int{}
		for i := range blocks {
			n[blocks[i].marks]++
		}
		return n
	}
	nx, ny := count(x), count(y)
	at := map[string]int{}
	for j := range y {
		at[y[j].marks] = j
	}
	var unique []match
	for i := range x {
		if m := x[i].marks; m != "" && nx[m] == 1 && ny[m] == 1 && (x[i].kind == archive.Heading) == (y[at[m]].kind == archive.Heading) {
			unique = append(unique, match{i, at[m], 1})
		}
	}
	return longestIncreasing(unique)
}

// twinStretch pairs the blocks between two anchors.
func twinStretch(x, y []twinBlock) []Twin {
	if len(x) == 0 || len(y) == 0 {
		return nil
	}
	if len(x)*len(y) > maxTwinArea {
		var out []Twin
		for i := range x {
			if j := i * len(y) / len(x); x[i].kind == y[j].kind {
				out = append(out, Twin{x[i].index, y[j].index})
			}
		}
		return out
	}
	w := len(y) + 1
	best := make([]float64, (len(x)+1)*w) // the gain of pairing what comes from i and j on
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			best[i*w+j] = max(best[(i+1)*w+j], best[i*w+j+1], best[(i+1)*w+j+1]+kinship(&x[i], &y[j]))
		}
	}
	var out []Twin
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch k := kinship(&x[i], &y[j]); {
		case k > 0 && best[i*w+j] == best[(i+1)*w+j+1]+k:
			out = append(out, Twin{x[i].index, y[j].index})
			i, j = i+1, j+1
		case best[i*w+j] == best[(i+1)*w+j]:
			i++
		default:
			j++
		}
	}
	return out
}

// kinship rates two blocks as twins: 0 for no twins at all.
func kinship(x, y *twinBlock) float64 {
	if (x.kind == archive.Heading) != (y.kind == archive.Heading) || x.length == 0 || y.length == 0 {
		return 0
	}
	ratio := float64(x.length) / float64(y.length)
	if ratio > 1 {
		ratio = 1 / ratio
	}
	if ratio < 0.3 && max(x.length, y.length) > 80 {
		return 0
	}
	k := 0.2 + ratio
	if x.kind == y.kind && x.level == y.level {
		k += 0.3
	}
	if x.marks == y.marks {
		k += 0.5
		if x.marks != "" {
			k++
		}
	}
	return k
}

// TwinSignature is equal for two changes of language twins that change alike:
// as many blocks in the same ways, with the same figures and citations. It is
// "" for a change that is no news.
func (c *Change) TwinSignature() string {
	if c.Weight < news {
		return ""
	}
	h := sha256.New()
	for i := range c.Edits {
		e := &c.Edits[i]
		if e.Weight < news {
			continue
		}
		var was, is strings.Builder
		for _, w := range e.Words {
			switch w.Op {
			case Deleted:
				was.WriteString(w.Text + " ")
			case Inserted:
				is.WriteString(w.Text + " ")
			}
		}
		h.Write([]byte(string(e.Op) + "\x00" + invariants(was.String()) + "\x00" + invariants(is.String()) + "\x01"))
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}
