package diff

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/archive"
)

// A list of links that came or went as a whole – a footer, a menu – is known by
// the links in it that stand on every page ("Privacy policy", "Contact"). What
// stands between those is navigation too, if it is short enough for a link.

const (
	linkLabels = 3 // labels that a list of links has at least; and half of it
	linkWords  = 6 // words that a link may have
)

// linkSets calls the links of lists that came or went navigation.
func (d *describer) linkSets(edits []Edit) {
	for i := 0; i < len(edits); {
		n, labels := 1, 0
		for i+n < len(edits) && nextTo(&edits[i+n-1], &edits[i+n]) {
			n++
		}
		for k := i; k < i+n; k++ {
			if e := &edits[k]; len(e.Senses) == 1 && e.Senses[0].Code == senseNav && e.Role != archive.Boilerplate {
				labels++
			}
		}
		if labels >= linkLabels && labels*2 >= n {
			for k := i; k < i+n; k++ {
				if e := &edits[k]; e.Weight >= news && len(e.Senses) == 1 && e.Senses[0].Code == senseOther && linkLike(e.Before+e.After) {
					e.Senses[0].Code, e.Weight = senseNav, 1
				}
			}
		}
		i += n
	}
}

// nextTo reports whether two edits are of blocks that came, or went, one after the other.
func nextTo(a, b *Edit) bool {
	switch {
	case a.Op != b.Op || a.Role != b.Role:
		return false
	case a.Op == Insert:
		return b.To == a.To+1
	}
	return a.Op == Delete && b.From == a.From+1
}

// linkLike reports whether a text can be that of a link: a few words that
// begin with a capital, without figures, and that end without a mark.
func linkLike(s string) bool { return titleLike(s, linkWords) }

// titleLike reports the same of a text of so many words at most.
func titleLike(s string, most int) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r) && !hasDigit(s) && len(strings.Fields(s)) <= most && !strings.ContainsAny(s[len(s)-1:], ".;:,!?")
}

// roles tells apart what came into the text or went from it, and what is only
// read as text now, or as the frame of the page.
func (d *describer) roles(edits []Edit) {
	d.sameInFrame(edits)
	d.amongFrame(edits)
}

// sameInFrame calls a passage of a few words that came into the main text and
// went from the frame of the page, or the other way, what it is: not new, but
// read as something else. Longer passages are paired when blocks are aligned.
func (d *describer) sameInFrame(edits []Edit) {
	type side struct {
		op  Op
		key string
	}
	frame := map[side][]int{}
	for i := range edits {
		if e := &edits[i]; e.Role == archive.Boilerplate && (e.Op == Insert || e.Op == Delete) {
			k := side{e.Op, blockKey(e.Before + e.After)}
			frame[k] = append(frame[k], i)
		}
	}
	if len(frame) == 0 {
		return
	}
	for i := range edits {
		e := &edits[i]
		if e.Role == archive.Boilerplate || e.Weight < news || e.Op != Insert && e.Op != Delete {
			continue
		}
		k := side{Delete, blockKey(e.Before + e.After)}
		if e.Op == Delete {
			k.op = Insert
		}
		if at := frame[k]; len(at) > 0 {
			frame[k] = at[1:]
			d.asFrame(e)
		}
	}
}

// asFrame makes an edit one of the frame of the page.
func (d *describer) asFrame(e *Edit) {
	e.weigh([]signal{newSignal(senseNav, "", "", e.Before, e.After)}, 1)
}

// amongFrame looks at lists of links that are read as text in one version and
// as the frame of the page in the other: what comes or goes between two links
// that only changed their role is a link of that list. A running sentence, or
// one with figures, stays what it is.
func (d *describer) amongFrame(edits []Edit) {
	old, new := map[int]bool{}, map[int]bool{} // read as text here, and as the frame there
	for i := range edits {
		e := &edits[i]
		switch {
		case e.Op != Reformat || e.From < 0 || e.To < 0:
		case d.new.Blocks[e.To].Role != archive.Boilerplate && d.old.Blocks[e.From].Role == archive.Boilerplate:
			new[e.To] = true
		case d.old.Blocks[e.From].Role != archive.Boilerplate && d.new.Blocks[e.To].Role == archive.Boilerplate:
			old[e.From] = true
		}
	}
	for i := range edits {
		e := &edits[i]
		if e.Role == archive.Boilerplate || e.Weight < news || !linkLike(e.Before+e.After) {
			continue
		}
		if e.Op == Insert && d.new.Blocks[e.To].Kind == archive.Item && new[e.To-1] && new[e.To+1] ||
			e.Op == Delete && d.old.Blocks[e.From].Kind == archive.Item && old[e.From-1] && old[e.From+1] {
			d.asFrame(e)
		}
	}
}
