package index

import (
	"fmt"
	"strconv"
	"strings"

	"veille/archive"
)

// What a search must know of every passage that has one of its words – its
// page, its lifespan, its source – lies in memory, one array a fact, by the
// passage's number in a state of the index: about 60 bytes a passage. It is read
// from the rows that stand beside the index ([passage.row]), a microsecond each,
// when the index is opened; after each [Index.Sync] those rows are read that are
// new (columnsread.go). A search keeps to one state from beginning to end.

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
	name    []int32  // its document, in byGroup: that of the page is that of the first of its passages
	kinds   []variety
	first   []int64 // by kind: when the first of its passages began
	numbers map[variety]uint16
	events  []Event
	lines   map[string]uint32 // which of the events
	group   []int32           // by page: its document
	groups  map[string]int32
	byGroup []string // the documents' names

	began       []int64   // by page: the earliest from of its passages
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
	s := variety{part[3], part[1]}
	k, ok := c.numbers[s]
	if !ok {
		k = uint16(len(c.kinds))
		s = variety{strings.Clone(s.source), strings.Clone(s.lang)}
		c.kinds, c.numbers[s] = append(c.kinds, s), k
	}
	c.page[n], c.from[n], c.until[n], c.block[n] = int32(num[0]), num[1], num[2], int32(num[3])
	c.words[n], c.kind[n], c.main[n] = uint16(min(num[4], 1<<16-1)), k, part[0] == "m"
	c.came[n], c.went[n], c.next[n] = c.event(part[7]), c.event(part[8]), int32(num[5])
	c.name[n] = c.nameOf(part[2], part[3], part[4])
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

// nameOf numbers the document of a page.
func (c *columns) nameOf(page, source, document string) int32 {
	name := "page " + page
	if document != "" {
		name = source + " " + document
	}
	k, ok := c.groups[name]
	if !ok {
		k = int32(len(c.byGroup))
		c.byGroup, c.groups[name] = append(c.byGroup, name), k
	}
	return k
}

// sumUp computes what follows from the rows.
func (c *columns) sumUp() {
	c.first = make([]int64, len(c.kinds))
	for k := range c.first {
		c.first[k] = forever
	}
	for n, page := range c.page {
		if page == 0 {
			continue
		}
		c.live++
		c.first[c.kind[n]] = min(c.first[c.kind[n]], c.from[n])
		for len(c.group) <= int(page) {
			c.group, c.began = append(c.group, -1), append(c.began, forever)
		}
		c.began[page] = min(c.began[page], c.from[n])
		if c.group[page] < 0 {
			c.group[page] = c.name[n]
		}
	}
	c.pages = len(c.group)
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
