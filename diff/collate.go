package diff

import (
	"slices"

	"veille/archive"
)

// Collation: any number of wordings of a page beside one another.
//
// Each wording is aligned with the one before it, as redlines are, so that a
// row follows its passage through rewording, moves and renumbering. Of a
// passage that was split the first part goes on; where some were joined, the
// first of them does. A passage that was taken out and comes back word for word
// is in its old row again.

// A Collation is a table of the passages of a page, one row a passage, one
// column a wording.
type Collation struct {
	Versions []*archive.Version // as they were given
	// Rows are in the order of the last wording that has blocks; what is not in
	// it any more stands behind what it stood behind last.
	Rows []CollatedRow
}

// A CollatedRow is one passage: of each version the number of its block, -1
// where the passage is not there.
type CollatedRow struct{ Blocks []int }

// Collate aligns the wordings of a page, oldest first. A version that is Gone
// has none of the passages. Neither is modified.
func Collate(versions ...*archive.Version) *Collation {
	c := &collator{n: len(versions), ended: map[string][]*CollatedRow{}}
	for k, v := range versions {
		if !v.Gone {
			c.next(k, v)
		}
	}
	out := &Collation{Versions: versions, Rows: make([]CollatedRow, len(c.rows))}
	for i, r := range c.rows {
		out.Rows[i] = *r
	}
	return out
}

// A collator makes a collation, one wording after another.
type collator struct {
	n     int
	rows  []*CollatedRow // in order
	last  *archive.Version
	at    []*CollatedRow            // of each block of last
	ended map[string][]*CollatedRow // that are not in last, by the text they had
}

// next takes the k-th wording.
func (c *collator) next(k int, v *archive.Version) {
	at := make([]*CollatedRow, len(v.Blocks))
	if c.last != nil {
		for _, l := range alignBlocks(c.last.Blocks, v.Blocks) {
			at[l.j] = c.at[l.i]
		}
		c.end(at)
	}
	for j := range v.Blocks {
		if at[j] == nil {
			at[j] = c.row(v.Blocks[j].Text)
		}
		at[j].Blocks[k] = j
	}
	c.order(at)
	c.last, c.at = v, at
}

// end remembers the rows of the last wording that the next does not have.
func (c *collator) end(at []*CollatedRow) {
	goOn := make(map[*CollatedRow]bool, len(at))
	for _, r := range at {
		if r != nil {
			goOn[r] = true
		}
	}
	for i, r := range c.at {
		if !goOn[r] {
			text := c.last.Blocks[i].Text
			c.ended[text] = append(c.ended[text], r)
		}
	}
}

// row is a row that ended with a text, or a new one.
func (c *collator) row(text string) *CollatedRow {
	if was := c.ended[text]; len(was) > 0 {
		c.ended[text] = was[1:]
		return was[0]
	}
	r := &CollatedRow{Blocks: make([]int, c.n)}
	for i := range r.Blocks {
		r.Blocks[i] = -1
	}
	return r
}

// order puts the rows of a wording in its order, and leaves the others behind
// what they stood behind.
func (c *collator) order(at []*CollatedRow) {
	here := make(map[*CollatedRow]bool, len(at))
	for _, r := range at {
		here[r] = true
	}
	behind := map[*CollatedRow][]*CollatedRow{} // nil: at the very beginning
	var before *CollatedRow
	for _, r := range c.rows {
		if here[r] {
			before = r
		} else {
			behind[before] = append(behind[before], r)
		}
	}
	rows := append(make([]*CollatedRow, 0, len(c.rows)+len(at)), behind[nil]...)
	for _, r := range at {
		rows = append(append(rows, r), behind[r]...)
	}
	c.rows = rows
}

// A Segment is a stretch of a passage: one reading where all wordings that have
// the passage agree, several where they differ.
type Segment struct{ Readings []Reading }

// A Reading is what some versions (by their place in the collation) have in a
// segment; "" where they have nothing there.
type Reading struct {
	Text     string
	Versions []int
}

// Segments splits a row into stretches that are the same everywhere and
// stretches that differ. A version's readings put together are its block's
// text, to the byte.
func (c *Collation) Segments(row int) []Segment {
	var texts []string // distinct ones, by when they came
	var versions [][]int
	for k, n := range c.Rows[row].Blocks {
		if n < 0 {
			continue
		}
		text := c.Versions[k].Blocks[n].Text
		if i := slices.Index(texts, text); i >= 0 {
			versions[i] = append(versions[i], k)
			continue
		}
		texts, versions = append(texts, text), append(versions, []int{k})
	}
	if len(texts) == 0 {
		return nil
	}
	t := newTable(texts)
	var out []Segment
	for i := t.next[0]; i != 0; { // column 0 is before all
		same := t.agrees(i)
		parts := make([]string, len(texts))
		for ; i != 0 && t.agrees(i) == same; i = t.next[i] {
			for k := range texts {
				parts[k] += t.cells[i][k]
			}
		}
		out = append(out, segment(parts, versions))
	}
	return out
}

// segment joins the versions that read the same.
func segment(parts []string, versions [][]int) Segment {
	var s Segment
	for i, text := range parts {
		k := slices.IndexFunc(s.Readings, func(r Reading) bool { return r.Text == text })
		if k < 0 {
			s.Readings = append(s.Readings, Reading{Text: text})
			k = len(s.Readings) - 1
		}
		s.Readings[k].Versions = append(s.Readings[k].Versions, versions[i]...)
	}
	for k := range s.Readings {
		slices.Sort(s.Readings[k].Versions)
	}
	return s
}

// A table has a column for each token that some text has, in an order that
// suits all texts.
type table struct {
	cells [][]string // of each column, by text
	next  []int      // the column that follows, 0 for none
}

// newTable aligns each text with the one before it.
func newTable(texts []string) *table {
	t := &table{cells: [][]string{nil}, next: []int{0}}
	var was []token
	var columns []int // of the tokens of was
	for k, text := range texts {
		toks := tokenise(text)
		from := make([]int, len(toks)) // the column of the token that this one was, 0 for none
		if k > 0 {
			for i, j := range compareTokens(was, toks).toB {
				if j >= 0 {
					from[j] = columns[i]
				}
			}
		}
		at := 0
		for j := range toks {
			if from[j] != 0 {
				at = from[j]
			} else {
				t.cells, t.next = append(t.cells, make([]string, len(texts))), append(t.next, t.next[at])
				t.next[at] = len(t.next) - 1
				at = t.next[at]
			}
			from[j] = at
			t.cells[at][k] = toks[j].text + toks[j].space
		}
		was, columns = toks, from
	}
	return t
}

// agrees reports whether all texts have the same in a column.
func (t *table) agrees(column int) bool {
	first := t.cells[column][0]
	return first != "" && !slices.ContainsFunc(t.cells[column], func(s string) bool { return s != first })
}
