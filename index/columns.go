package index

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	bindex "github.com/blevesearch/bleve_index_api"

	"veille/archive"
)

// What a search must know of every passage that has one of its words – its
// page, its lifespan, its source – lies in memory, one array a fact, by the
// passage's number in a state of the index. It is read from the rows that
// stand beside the index ([passage.row]) when the index is opened, and again
// after each [Index.Sync]: about 40 bytes and half a microsecond a passage.
// A search keeps to one state from beginning to end.

// columns are the facts about passages, by number.
type columns struct {
	page    []int32
	from    []int64 // ms; when it began to speak for its text
	until   []int64 // ms; forever while it stands
	block   []int32 // its number in the version that came at from
	words   []uint16
	kind    []uint16 // in kinds
	main    []bool
	kinds   []variety
	numbers map[variety]uint16

	pages       int       // one more than the highest page number
	pageWords   []float32 // of each page: words of main passages that stand
	meanWords   float64   // of the pages that have any
	meanPassage float64   // words of a main passage
	live        int       // passages
}

// A variety is what passages have in common and are counted by.
type variety struct{ source, lang string }

// row is what columns are made of: one line, kept beside the index.
func (p *passage) row(words int) string {
	until, role := int64(forever), "m"
	if p.Until != nil {
		until = p.Until.By.UnixMilli()
	}
	if p.Role != archive.Main {
		role = "b"
	}
	return fmt.Sprintf("%d|%d|%d|%d|%d|%s|%s|%s", p.Page, p.From, until, p.Block, words, role, p.Lang, p.Source)
}

// add takes the row of passage n.
func (c *columns) add(n uint64, row string) error {
	part := strings.SplitN(row, "|", 8)
	if len(part) != 8 {
		return ErrDamaged
	}
	var num [5]int64
	for i := range num {
		v, err := strconv.ParseInt(part[i], 10, 64)
		if err != nil {
			return ErrDamaged
		}
		num[i] = v
	}
	for uint64(len(c.page)) <= n {
		c.page, c.from, c.until = append(c.page, 0), append(c.from, 0), append(c.until, 0)
		c.block, c.words, c.kind, c.main = append(c.block, 0), append(c.words, 0), append(c.kind, 0), append(c.main, false)
	}
	s := variety{part[7], part[6]}
	k, ok := c.numbers[s]
	if !ok {
		k = uint16(len(c.kinds))
		s = variety{strings.Clone(s.source), strings.Clone(s.lang)}
		c.kinds, c.numbers[s] = append(c.kinds, s), k
	}
	c.page[n], c.from[n], c.until[n], c.block[n] = int32(num[0]), num[1], num[2], int32(num[3])
	c.words[n], c.kind[n], c.main[n] = uint16(min(num[4], 1<<16-1)), k, part[5] == "m"
	c.pages = max(c.pages, int(num[0])+1)
	c.live++
	return nil
}

// sumUp computes what follows from the rows.
func (c *columns) sumUp() {
	c.pageWords = make([]float32, c.pages)
	words, mains := 0, 0
	for n, page := range c.page {
		if c.main[n] && page != 0 {
			words += int(c.words[n])
			mains++
		}
		if c.until[n] == forever && c.main[n] {
			c.pageWords[page] += float32(c.words[n])
		}
	}
	var sum float64
	have := 0
	for _, w := range c.pageWords {
		if w > 0 {
			sum += float64(w)
			have++
		}
	}
	c.meanWords, c.meanPassage = 1, float64(words)/float64(max(mains, 1))
	if have > 0 {
		c.meanWords = sum / float64(have)
	}
}

// readColumns reads the rows of all passages.
func readColumns(r bindex.IndexReader) (*columns, error) {
	c := &columns{numbers: map[variety]uint16{}}
	all, err := r.DocIDReaderAll()
	if err != nil {
		return nil, err
	}
	defer all.Close()
	values, err := r.DocValueReader([]string{fieldRow})
	if err != nil {
		return nil, err
	}
	for {
		id, err := all.Next()
		if err != nil {
			return nil, err
		}
		if id == nil {
			break
		}
		rowErr := error(ErrDamaged)
		err = values.VisitDocValues(id, func(_ string, term []byte) { rowErr = c.add(id.Value(), string(term)) })
		if err = errors.Join(err, rowErr); err != nil {
			return nil, err
		}
	}
	c.sumUp()
	return c, nil
}
