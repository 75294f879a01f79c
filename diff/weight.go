package diff

import (
	"slices"
	"sort"

	"veille/archive"
)

// weightOf is the weight of each sense, from 0 to 5. What a reader may want
// to know weighs 2 or more. A weight says how much a change may matter, so it
// never grows with the length of the text: one word can weigh 5.
var weightOf = map[string]int{
	senseModality:   5,
	senseNegation:   5,
	senseDeadline:   5,
	senseAmount:     4,
	senseException:  4,
	senseScope:      4,
	senseTerm:       4,
	senseDefinition: 4,
	senseForce:      4,
	senseRemedy:     4,
	senseAuthority:  3,
	senseXref:       3,
	senseOther:      2,

	senseContact:    1,
	senseStamp:      1,
	senseTypo:       1,
	senseWhitespace: 0,
	senseNav:        0,
	senseMedia:      0,

	senseWithdraw: 5,
	senseAppear:   4,
	senseRestored: 3,
	senseMoveURL:  3,
}

// news is the least weight that is news rather than housekeeping.
const news = 2

// passageWeight is the weight of a passage that came or went: 3, or 2 if it
// is a few words only.
func passageWeight(words int) int {
	if words < moveWords {
		return 2
	}
	return 3
}

// moveWeight is the weight of a block that moved or was renumbered: order
// means more among paragraphs and provisions than among the items of a list,
// which a page may sort anew every day.
func moveWeight(b *archive.Block) int {
	switch b.Kind {
	case archive.Item, archive.Row:
		return 1
	}
	return 2
}

// weigh sets the weight of an edit to that of its strongest signal, but at
// least the given one. What happens to boilerplate alone is never news.
func (e *Edit) weigh(signals []signal, least int) {
	e.Weight = least
	e.Senses = make([]Sense, 0, len(signals))
	for _, s := range signals {
		e.Senses = append(e.Senses, s.Sense)
		e.Weight = max(e.Weight, s.weight)
	}
	if e.Role == archive.Boilerplate {
		e.Weight = min(e.Weight, 1)
	}
}

// sumUp fills the fields of the change that follow from its edits.
func (c *Change) sumUp() {
	for i := range c.Edits {
		c.Weight = max(c.Weight, c.Edits[i].Weight)
		if c.Edits[i].Weight < news {
			c.Hidden++
		}
	}
	c.Senses = []string{}
	for i := range c.Edits {
		e := &c.Edits[i]
		// An edit may be news although none of its senses always is: an address in a sentence.
		any := !slices.ContainsFunc(e.Senses, func(s Sense) bool { return weightOf[s.Code] >= news })
		for _, s := range e.Senses {
			if (e.Weight >= news && (any || weightOf[s.Code] >= news) || c.Weight < news) && !slices.Contains(c.Senses, s.Code) {
				c.Senses = append(c.Senses, s.Code)
			}
		}
	}
	sort.SliceStable(c.Senses, func(i, j int) bool {
		a, b := c.Senses[i], c.Senses[j]
		if weightOf[a] != weightOf[b] {
			return weightOf[a] > weightOf[b]
		}
		return a < b
	})
}
