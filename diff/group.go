package diff

import (
	"slices"
	"strings"
)

// A Group is one exchange of words made in many places: a ministry was renamed,
// "Council" became "Parliament" throughout a code.
type Group struct {
	Before string `json:"before"` // as it stands in the first place
	After  string `json:"after"`
	Edits  []int  `json:"edits"` // indexes into [Change.Edits]
	// Articles is how many articles the places lie in; 0 if the text has none.
	Articles int `json:"articles"`
	// Others is how many of the edits lie in no article, such as transitional
	// provisions at the end of a code.
	Others int `json:"others"`
}

const (
	groupEdits = 4   // from so many edits on, an exchange is told as one
	groupWords = 8   // words that an exchange may have on a side
	groupKinds = 512 // different exchanges that are counted; beyond that nothing is told as one
)

// grouped finds the exchanges that many edits have in common, most frequent
// first. Forms of one word ("Council", "Councils") are one exchange.
func (c *Change) grouped() []Group {
	kinds := map[[2]string]*Group{}
	var order []*Group
	for i := range c.Edits {
		e := &c.Edits[i]
		if e.Op != Substitute || e.Weight < news || len(c.Edits) < groupEdits {
			continue
		}
		for k := 0; k+1 < len(e.Words); k++ {
			if e.Words[k].Op != Deleted || e.Words[k+1].Op != Inserted {
				continue
			}
			was, is := unmarked(strings.TrimSpace(e.Words[k].Text)), unmarked(strings.TrimSpace(e.Words[k+1].Text))
			if !exchangeable(was) || !exchangeable(is) || stem(was) == stem(is) {
				continue
			}
			key := exchange(was, is)
			g := kinds[key]
			if g == nil {
				if len(order) == groupKinds {
					return nil
				}
				g = &Group{Before: was, After: is}
				kinds[key] = g
				order = append(order, g)
			}
			if n := len(g.Edits); n == 0 || g.Edits[n-1] != i {
				g.Edits = append(g.Edits, i)
			}
		}
	}
	out := []Group{}
	for _, g := range order {
		if len(g.Edits) >= groupEdits {
			g.Articles, g.Others = c.articles(g.Edits)
			out = append(out, *g)
		}
	}
	slices.SortStableFunc(out, func(a, b Group) int { return len(b.Edits) - len(a.Edits) })
	return out
}

// exchangeable reports whether a text is a few words, one of them longer than articles and
// pronouns are.
func exchangeable(s string) bool {
	n := len(strings.Fields(s))
	return n > 0 && n <= groupWords && slices.ContainsFunc(strings.Fields(s), func(w string) bool { return letters(w) >= 4 })
}

// stem is a crude common form of the inflections of a name: folded, and each
// word without the endings of number and case.
func stem(s string) string {
	words := strings.Fields(plain(s))
	for i, w := range words {
		for _, ending := range []string{"'s", "ern", "en", "er", "es", "s", "n", "x", "e"} {
			if t := strings.TrimSuffix(w, ending); t != w && len(t) >= 4 {
				w = t
				break
			}
		}
		words[i] = w
	}
	return strings.Join(words, " ")
}

// exchange is what forms of one exchange have in common: what gave way, and the
// first word of what came ("Parliament", "Parliament of the community"), without the
// marks of amendments.
func exchange(was, is string) [2]string {
	first, _, _ := strings.Cut(stem(unmarked(is)), " ")
	return [2]string{stem(unmarked(was)), first}
}

// groupKeys are the exchanges that are told as groups.
func (c *Change) groupKeys() map[[2]string]bool {
	in := map[[2]string]bool{}
	for _, g := range c.Groups {
		in[exchange(g.Before, g.After)] = true
	}
	return in
}

// articles counts the articles in which edits lie, and the edits that lie in none.
func (c *Change) articles(edits []int) (articles, others int) {
	seen := map[string]bool{}
	for _, i := range edits {
		if a := c.article(&c.Edits[i]); a != "" {
			seen[a] = true
		} else {
			others++
		}
	}
	return len(seen), others
}

// covered tells of each edit whether all that changed in it are exchanges told
// as groups.
func (c *Change) covered() []bool {
	in := c.groupKeys()
	out := make([]bool, len(c.Edits))
	if len(in) == 0 {
		return out
	}
	for i := range c.Edits {
		ws := c.Edits[i].Words
		all := c.Edits[i].Op == Substitute
		for k := 0; k < len(ws) && all; k++ {
			if ws[k].Op == Equal || unmarked(ws[k].Text) == "" {
				continue
			}
			all = k+1 < len(ws) && ws[k].Op == Deleted && ws[k+1].Op == Inserted &&
				in[exchange(ws[k].Text, ws[k+1].Text)]
			k++
		}
		out[i] = all
	}
	return out
}
