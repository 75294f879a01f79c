package extract

import (
	"regexp"
	"strings"

	"veille/archive"
)

// Annotations are the signs around a passage that an amendment put in, as the
// Belgian register writes them: "[1 … ]1". They are written as raised figures,
// "[¹ … ]¹", which stand apart from the wording: a comparison of words passes
// over them.

// annotation matches the sign that begins a passage, or the one that ends it.
var annotation = regexp.MustCompile(`\[([0-9]{1,3}) |\]([0-9]{1,3})\b`)

// maxAnnotated is how many blocks a passage that an amendment put in may have.
const maxAnnotated = 60

// A sign is one figure of an annotation in the text of a block.
type sign struct{ block, from, to int }

// raiseAnnotations raises the figures of annotations that open and close, in one
// block of main text or in a later one.
func raiseAnnotations(blocks []archive.Block) {
	open := map[string]sign{}
	raised := map[int][]sign{}
	for i := range blocks {
		s := blocks[i].Text
		if blocks[i].Role != archive.Main || blocks[i].Kind == archive.Code || !strings.ContainsAny(s, "[]") {
			continue
		}
		for _, m := range annotation.FindAllStringSubmatchIndex(s, -1) {
			if m[2] >= 0 {
				open[s[m[2]:m[3]]] = sign{i, m[2], m[3]}
				continue
			}
			n := s[m[4]:m[5]]
			if o, ok := open[n]; ok && i-o.block <= maxAnnotated {
				raised[o.block] = append(raised[o.block], o)
				raised[i] = append(raised[i], sign{i, m[4], m[5]})
			}
			delete(open, n)
		}
	}
	for i, signs := range raised {
		blocks[i].Text = raiseAt(blocks[i].Text, signs)
	}
}

// raiseAt writes some figures of a text as raised ones.
func raiseAt(s string, signs []sign) string {
	at := make(map[int]int, len(signs))
	for _, n := range signs {
		at[n.from] = n.to
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if to, ok := at[i]; ok {
			b.WriteString(superscripts.Replace(s[i:to]))
			i = to
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

// opened matches the signs that begin a text.
var opened = regexp.MustCompile(`^(?:\[(?:[0-9]{1,3}|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}) ){1,3}`)

// numberFirst puts the number of an article, paragraph or point before the sign
// of the amendment that put it in: "[¹ § 2. …]¹" is "§ 2. [¹ …]¹".
func numberFirst(s string) string {
	if !strings.HasPrefix(s, "[") {
		return s
	}
	signs := opened.FindString(s)
	if mark, rest, _ := article(s[len(signs):]); signs != "" && mark != "" && rest != "" {
		return mark + " " + signs + rest
	}
	if mark, rest := point(s[len(signs):]); signs != "" && mark != "" {
		return mark + " " + signs + rest
	}
	return s
}
