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
// after each [Index.Sync]: about 60 bytes and a microsecond a passage.
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
	came    []uint32 // in events: the change that put it in
	went    []uint32 // in events: the change that took it out
	next    []int32  // block number of what took its place, -1 for nothing
	kinds   []variety
	first   []int64 // by kind: when the first of its passages began
	numbers map[variety]uint16
	events  []Event
	lines   map[string]uint32 // which of the events
	group   []int32           // by page: its document
	groups  map[string]int32
	byGroup []string // the documents' names

	pages       int       // one more than the highest page number
	pageWords   []float32 // of each page: words of main passages that stand
	meanWords   float64   // of the pages that have any
	meanPassage float64   // words of a main passage
	live        int       // passages
}

// A variety is what passages have in common and are counted by.
type variety struct{ source, lang string }

// row is what columns are made of: one line, kept beside the index. As Bleve
// keeps all rows in a dictionary too, what neighbours share comes first.
func (p *passage) row(words int) string {
	until, role, next := int64(forever), "m", -1
	if p.Until != nil {
		until = p.Until.By.UnixMilli()
	}
	if p.Role != archive.Main {
		role = "b"
	}
	if len(p.Next) > 0 {
		next = p.Next[0].Block
	}
	return fmt.Sprintf("%s|%s|%d|%s|%s|%d|%d|%s|%s|%d|%d|%d", role, p.Lang, p.Page, p.Source, p.Document, p.From, until,
		p.Came.line(), p.Went.line(), p.Block, next, words)
}

// cutRow cuts a row into its parts. A document's name, the fifth of them, may
// have any signs.
func cutRow(row string) (part [12]string, ok bool) {
	const name = 4
	for i := range name {
		if part[i], row, ok = strings.Cut(row, "|"); !ok {
			return part, false
		}
	}
	for i := len(part) - 1; i > name; i-- {
		at := strings.LastIndexByte(row, '|')
		if at < 0 {
			return part, false
		}
		row, part[i] = row[:at], row[at+1:]
	}
	part[name] = row
	return part, true
}

// add takes the row of passage n.
func (c *columns) add(n uint64, row string) error {
	part, ok := cutRow(row)
	if !ok {
		return ErrDamaged
	}
	var num [6]int64
	for i, at := range [...]int{2, 5, 6, 9, 11, 10} { // page, from, until, block, words, next
		v, err := strconv.ParseInt(part[at], 10, 64)
		if err != nil {
			return ErrDamaged
		}
		num[i] = v
	}
	for uint64(len(c.page)) <= n {
		c.page, c.from, c.until = append(c.page, 0), append(c.from, 0), append(c.until, 0)
		c.block, c.words, c.kind, c.main = append(c.block, 0), append(c.words, 0), append(c.kind, 0), append(c.main, false)
		c.came, c.went, c.next = append(c.came, 0), append(c.went, 0), append(c.next, -1)
	}
	s := variety{part[3], part[1]}
	k, ok := c.numbers[s]
	if !ok {
		k = uint16(len(c.kinds))
		s = variety{strings.Clone(s.source), strings.Clone(s.lang)}
		c.kinds, c.numbers[s] = append(c.kinds, s), k
		c.first = append(c.first, num[1])
	}
	c.first[k] = min(c.first[k], num[1])
	c.page[n], c.from[n], c.until[n], c.block[n] = int32(num[0]), num[1], num[2], int32(num[3])
	c.words[n], c.kind[n], c.main[n] = uint16(min(num[4], 1<<16-1)), k, part[0] == "m"
	c.came[n], c.went[n], c.next[n] = c.event(part[7]), c.event(part[8]), int32(num[5])
	c.join(int(num[0]), part[3], part[4])
	c.pages = max(c.pages, int(num[0])+1)
	c.live++
	return nil
}

// event numbers an event by its line.
func (c *columns) event(line string) uint32 {
	if k, ok := c.lines[line]; ok {
		return k
	}
	k := uint32(len(c.events))
	line = strings.Clone(line)
	part := strings.Fields(line)
	e := Event{}
	if len(part) > 0 && len(part[0]) > 1 {
		e.News = part[0][0] == 'n'
		e.Weight = int(part[0][1] - '0')
		e.Senses = part[1:]
	}
	c.events, c.lines[line] = append(c.events, e), k
	return k
}

// join puts a page among those of its document.
func (c *columns) join(page int, source, document string) {
	for len(c.group) <= page {
		c.group = append(c.group, -1)
	}
	if c.group[page] >= 0 {
		return
	}
	name := "page " + strconv.Itoa(page)
	if document != "" {
		name = source + " " + document
	}
	k, ok := c.groups[name]
	if !ok {
		k = int32(len(c.byGroup))
		c.byGroup, c.groups[name] = append(c.byGroup, name), k
	}
	c.group[page] = k
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
	c := &columns{numbers: map[variety]uint16{}, lines: map[string]uint32{}, groups: map[string]int32{}}
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
