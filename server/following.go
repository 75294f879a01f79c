package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"veille/archive"
	"veille/index"
	"veille/thesaurus"
)

// How the figures of a page are followed through its versions. What the versions
// say in figures is read from its record (figurerecord.go); what stands beside a
// phrase is followed anew for each question.

// A phrase is what figures stand with: words in a row, one of some. It may be
// used concurrently.
type phrase struct {
	runs []phraseRun
	more *index.TraceWords // what else it may be, nil if there is nothing
}

// A phraseRun is folded words in a row: as a part of a text of a record, and by
// their hashes.
type phraseRun struct {
	text   []byte
	hashes []uint32
}

// newPhrase reads a query of nothing but phrases; without a thesaurus it is not
// widened.
func newPhrase(query string, names *thesaurus.Thesaurus) (*phrase, error) {
	match, err := index.Compile(query, names)
	if err != nil {
		return nil, err
	}
	runs, ok := match.Phrases()
	if !ok {
		return nil, fmt.Errorf("%s is more than phrases", query)
	}
	return phraseOf(runs), nil
}

// tracedPhrase reads a phrase as a trace does; of words side by side the other names
// of their concept count too, unless it is exact.
func tracedPhrase(text string, names *thesaurus.Thesaurus, exact bool) (*phrase, error) {
	words, err := index.CompileTrace(text, names)
	if err != nil {
		return nil, err
	}
	if words.Typed {
		if exact {
			names = nil
		}
		return newPhrase(`"`+strings.ReplaceAll(text, `"`, " ")+`"`, names)
	}
	p := phraseOf(words.Runs)
	if words.More() {
		p.more = words
	}
	return p, nil
}

func phraseOf(runs [][]string) *phrase {
	p := &phrase{}
	for _, words := range runs {
		run := phraseRun{text: []byte(spaced(words))}
		for _, w := range words {
			run.hashes = append(run.hashes, wordHash(w))
		}
		p.runs = append(p.runs, run)
	}
	return p
}

// pageSeries are the figures of one page, and how much had to be read for them: its
// different blocks, and a twentieth of those that only stand there again.
type pageSeries struct {
	series []FigureSeries
	blocks int
}

// pageFigures follows the figures of one page through its versions: those that
// stand with a phrase, all if that is nil. room is for reading records, and may be
// used again for the next page.
func (d *Documents) pageFigures(ctx context.Context, page FigureSeries, match *phrase, room *[]byte) (*pageSeries, error) {
	history, err := d.Archive.History(ctx, page.Page)
	if err != nil {
		return nil, err
	}
	r, err := d.figureRecord(ctx, page.Page, history, room)
	if err != nil {
		return nil, err
	}
	return &pageSeries{r.follow(match, len(history)).series(&page, history), r.cost}, nil
}

// errRecord is of a record that this process has made, and cannot read.
var errRecord = errors.New("a record of figures is not as it was written")

// figureRecord is the record of a page with a history: from the file, or made,
// and put there.
func (d *Documents) figureRecord(ctx context.Context, page archive.PageID, history []*archive.Version, room *[]byte) (figureRecord, error) {
	kept, stamp := d.figures.Load(), historyStamp(history)
	if kept.read(page, stamp, room) {
		if r, ok := readFigureRecord(*room); ok {
			return r, nil
		}
	}
	made, err := d.makeFigures(ctx, history)
	if err != nil {
		return figureRecord{}, err
	}
	kept.put(page, stamp, made)
	r, ok := readFigureRecord(made)
	if !ok {
		return r, errRecord
	}
	return r, nil
}

// A following is how the figures of a record go on from one version to the next.
type following struct {
	*figureRecord
	all    []followed
	values []followedValue

	version int
	found   []placedFigure // in this version
	settled bool           // the same figures in the next version change nothing
	next    []int32        // of each of all, the number in found with which it goes on, and one
	used    []bool         // of each of found: it is what one of all goes on with
	free    []int32        // by key: the first of found that is not used, and one
	after   []int32        // of each of found: the next with the same key, and one
}

// A followed is one figure over time.
type followed struct {
	figure uint32 // as which it stood last
	latest int32  // the last of its values
	many   int    // values
}

// A followedValue is a value that a figure has in versions from since on; gone
// is the version that no longer has it, -1 if there is none.
type followedValue struct {
	figure, place uint32
	since, gone   int
	before        int32 // the value before, -1 if there is none
}

// A placedFigure is a figure in a version, and the place of its block.
type placedFigure struct{ figure, place uint32 }

// follow follows the figures beside a phrase through so many versions.
func (r *figureRecord) follow(match *phrase, versions int) *following {
	f := &following{figureRecord: r, settled: true, free: make([]int32, figureFields*r.figures())}
	beside := r.beside(match)
	if beside != nil && !slices.Contains(beside, true) {
		return f
	}
	read := &versionReader{rest: r.parts[partVersions]}
	var found []placedFigure
	for f.version = range versions {
		found = found[:0]
		for _, b := range read.next() {
			if beside == nil || beside[b.block] {
				for from, to := r.of(b.block); from < to; from++ {
					found = append(found, placedFigure{from, b.place})
				}
			}
		}
		if f.settled && slices.EqualFunc(f.found, found, func(a, b placedFigure) bool { return a.figure == b.figure }) {
			continue
		}
		f.found, found = found, f.found
		f.step()
	}
	return f
}

// step goes on to the next version: a figure is the same if its sentence is but
// for the figure, the same value first; or else if it is of the same kind and unit
// at the same place, in a sentence like it.
func (f *following) step() {
	f.next = append(f.next[:0], make([]int32, len(f.all))...)
	f.used = append(f.used[:0], make([]bool, len(f.found))...)
	f.after = append(f.after[:0], make([]int32, len(f.found))...)
	f.pick(figureSame)
	f.pick(figureSentence)
	f.pick(figurePlace)
	for i := range f.all {
		s := &f.all[i]
		last := &f.values[s.latest]
		switch {
		case last.gone >= 0:
		case f.next[i] == 0:
			last.gone = f.version
		default:
			found := f.found[f.next[i]-1]
			s.figure = found.figure
			if f.field(found.figure, figureValue) != f.field(last.figure, figureValue) {
				last.gone = f.version
				f.value(s, found)
			}
		}
	}
	for j, found := range f.found {
		if !f.used[j] {
			f.all, f.next = append(f.all, followed{figure: found.figure, latest: -1}), append(f.next, int32(j+1))
			f.value(&f.all[len(f.all)-1], found)
		}
	}
	f.settled = f.inOrder()
}

// value gives a figure the value that it has since this version.
func (f *following) value(s *followed, found placedFigure) {
	f.values = append(f.values, followedValue{found.figure, found.place, f.version, -1, s.latest})
	s.latest, s.figure = int32(len(f.values)-1), found.figure
	s.many++
}

// pick finds out which figures go on as which of those found, by what both
// share: those that have stood longer first, with the first that there is.
func (f *following) pick(key int) {
	for j := len(f.found) - 1; j >= 0; j-- {
		if !f.used[j] {
			first := &f.free[f.field(f.found[j].figure, key)]
			f.after[j], *first = *first, int32(j+1)
		}
	}
	for i := range f.all {
		s := &f.all[i]
		if f.next[i] != 0 || f.values[s.latest].gone >= 0 {
			continue
		}
		for at := &f.free[f.field(s.figure, key)]; *at != 0; at = &f.after[*at-1] {
			if j := *at - 1; key != figurePlace || alike(f.string(s.figure, figureWhat), f.string(f.found[j].figure, figureWhat)) {
				f.used[j], f.next[i], *at = true, j+1, f.after[j]
				break
			}
		}
	}
	for _, found := range f.found {
		f.free[f.field(found.figure, key)] = 0
	}
}

// inOrder reports whether figures that are the same in all go on in the order in
// which they were found, as they would if they were found once more.
func (f *following) inOrder() bool {
	in := true
	for i := range f.all {
		if next := f.next[i]; next != 0 {
			last := &f.free[f.field(f.all[i].figure, figureSame)]
			in, *last = in && *last < next, next
		}
	}
	for _, found := range f.found {
		f.free[f.field(found.figure, figureSame)] = 0
	}
	return in
}

// series are the figures of a page as they are told, by its history.
func (f *following) series(page *FigureSeries, history []*archive.Version) []FigureSeries {
	out, values := make([]FigureSeries, len(f.all)), make([]FigureValue, len(f.values))
	paths := map[uint32][]string{}
	for i := range f.all {
		s, number := &f.all[i], f.field(f.all[i].figure, figurePath)
		path, ok := paths[number]
		if !ok {
			path = f.path(number)
			paths[number] = path
		}
		out[i] = *page
		out[i].Path, out[i].What, out[i].Kind, out[i].Unit = path, f.string(s.figure, figureWhat), f.string(s.figure, figureKind), f.string(s.figure, figureUnit)
		out[i].Values, values = values[:s.many:s.many], values[s.many:]
		for at, k := s.latest, s.many-1; at >= 0; at, k = f.values[at].before, k-1 {
			out[i].Values[k] = f.told(&f.values[at], history)
		}
	}
	return out
}

// told is a value as it is told.
func (f *following) told(v *followedValue, history []*archive.Version) FigureValue {
	since := history[v.since]
	link := strconv.AppendInt([]byte("/v/"), int64(since.ID), 10)
	link = strconv.AppendUint(append(link, "#b"...), uint64(v.place), 10)
	out := FigureValue{Value: f.string(v.figure, figureValue), Unit: f.string(v.figure, figureUnit), Text: f.string(v.figure, figureText), FirstSeen: since.Seen, Version: since.ID, Link: string(link)}
	if v.gone >= 0 {
		out.Gone = &history[v.gone].Seen
	}
	return out
}
