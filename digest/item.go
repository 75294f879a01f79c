package digest

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/diff"
)

// A measure says how much of one change a letter shows.
type measure struct {
	edits   int // edits of one change
	senses  int // reasons
	context int // characters of unchanged text on each side of what changed
	run     int // characters of one deletion or insertion
	edit    int // characters of one edit
	words   int // stretches of one edit that are the same, removed or added
}

// measures are those of the densities. A full redline has bounds too: mail
// programs cut what is too long, and its end is what they cut.
var measures = map[Density]measure{
	Headlines: {},
	Excerpts:  {edits: 4, senses: 6, context: 90, run: 400, edit: 1200, words: 60},
	Full:      {edits: 60, senses: 20, context: 4000, run: 4000, edit: 12_000, words: 200},
}

// A shown is one change as a letter shows it.
type shown struct {
	Title   string
	Lang    string // of the page
	Source  string
	URL     string // of the page
	Link    string // of the change
	Summary string
	Because string // "" where there is only one subscription it can be
	Brief   bool   // a headline and no more
	Seen    string
	Steps   string // "" for a single step
	Also    string // "" unless other pages changed in the same way
	Senses  []sense
	Edits   []excerpt
	More    string // edits not shown
	Hidden  string // housekeeping not shown

	document string
}

// A sense is one with its evidence; "" where the summary has said it.
type sense struct{ Label, Evidence string }

// An excerpt is the part of an edit in which something changed.
type excerpt struct {
	Path  string
	Label string // "moved", "" otherwise
	Words []diff.Word
}

// size is about how many bytes of HTML an item takes.
func (s *shown) size() int {
	n := 150 + len(s.Link) + len(s.Title) + len(s.Summary) + len(s.Because) + len(s.Also)
	if s.Brief {
		return n
	}
	n += 550 + len(s.Link) + len(s.URL) + len(s.Seen)
	for _, x := range s.Senses {
		n += 40 + len(x.Label) + len(x.Evidence)
	}
	for i := range s.Edits {
		n += s.Edits[i].size()
	}
	return n
}

func (e *excerpt) size() int {
	n := 250 + len(e.Path)
	for _, w := range e.Words {
		if n += len(w.Text); w.Op != diff.Equal {
			n += 60
		}
	}
	return n
}

// headline is how much of a headline's parts is shown, in characters: a line or two.
const headlineTitle, headlineText, headlineReason = 100, 180, 80

// shown makes an item of a change, in brief or of so many bytes at most, as far
// as its first edit lets it.
func (l *letters) shown(w *tongue, i *item, several, brief bool, room int) shown {
	s := shown{Title: oneLine(i.page.Title, 200), Lang: i.page.Lang, Source: l.sourceName(i.page.Source, w.lang), URL: i.page.URL,
		Link: l.base.JoinPath("change", i.ID()).String(), Summary: sentence(i.summary[w.lang], i.page.Title), document: i.document}
	if s.Title == "" {
		s.Title = i.page.URL
	}
	if several {
		s.Because = l.reasons(w, i.reasons)
	}
	if n := len(i.also); n > 0 {
		s.Also = w.count("item.also", n, "url", i.also[0].page.URL)
	}
	density := i.density()
	if s.Brief = brief || density == Headlines; s.Brief {
		s.Title, s.Summary, s.Because = oneLine(s.Title, headlineTitle), printed(s.Summary, headlineText), oneLine(s.Because, headlineReason)
		return s
	}
	s.Seen = w.seen(i.seen)
	if len(i.via) > 1 {
		s.Steps = w.say("seen.steps", "n", strconv.Itoa(len(i.via)))
	}
	s.fill(w, i, measures[density], room-s.size())
	return s
}

// sentence is a summary as it stands below the title, which it need not repeat.
func sentence(summary, title string) string {
	s := printed(summary, 400)
	for _, colon := range []string{": ", "\u00a0: ", "\u202f: ", " : "} {
		if rest, ok := strings.CutPrefix(s, printed(title, 400)+colon); ok && title != "" {
			first, n := utf8.DecodeRuneInString(rest)
			return string(unicode.ToUpper(first)) + rest[n:]
		}
	}
	return s
}

// repeats reports whether an evidence says nothing that its summary has not said:
// it has all the words, on both sides of "30 days → 10 days".
func repeats(summary, evidence string) bool {
	words := func(s string) string { return " " + strings.Join(wordsOf(s), " ") + " " }
	all := words(summary)
	for side := range strings.SplitSeq(evidence, "→") {
		if w := words(side); w == "  " || !strings.Contains(all, w) {
			return false
		}
	}
	return true
}

// fill shows the edits that there is room for, and at least one: those that
// matter most, in the order of the page, under each heading once.
func (s *shown) fill(w *tongue, i *item, much measure, room int) {
	news, small := i.split()
	var chosen []*diff.Edit
	parts := map[*diff.Edit]excerpt{}
	for n, e := range news[:min(len(news), much.edits)] {
		x := much.excerpt(w, e, i.page.Title)
		if room -= x.size(); n > 0 && room <= 0 {
			break
		}
		chosen, parts[e] = append(chosen, e), x
	}
	i.inOrder(chosen)
	path := ""
	for _, e := range chosen {
		x := parts[e]
		if x.Path == path {
			x.Path = ""
		} else {
			path = x.Path
		}
		s.Edits = append(s.Edits, x)
	}
	for _, e := range news {
		for _, x := range e.Senses {
			r := sense{w.sense(x.Code), oneLine(x.Evidence, 160)}
			if repeats(s.Summary, x.Evidence) {
				r.Evidence = ""
			}
			// Of pages that came or went the summary says that too.
			whole := x.Code == "appear" || x.Code == "withdraw"
			if x.Code != "other" && (r.Evidence != "" || !whole) && len(s.Senses) < much.senses && !slices.Contains(s.Senses, r) { // what says no more than that words changed is seen below
				s.Senses = append(s.Senses, r)
			}
		}
	}
	if n := len(news) - len(s.Edits); n > 0 {
		s.More = w.count("item.more", n)
	}
	if small > 0 {
		s.Hidden = w.count("item.hidden", small)
	}
}

// split parts a change's edits into those to be shown and the number of those
// that are housekeeping. Shown first is what the reader's searches find, then
// what weighs most; a reader who asked for housekeeping sees it too.
func (i *item) split() (news []*diff.Edit, small int) {
	for n := range i.Edits {
		if e := &i.Edits[n]; e.Weight >= min(i.least(), DefaultWeight) {
			news = append(news, e)
		}
	}
	small = len(i.Edits) - len(news)
	slices.SortStableFunc(news, func(a, b *diff.Edit) int { return b.Weight - a.Weight })
	i.foundFirst(news)
	return news, small
}

// inOrder puts edits in the order of the page, those that searches find first.
func (i *item) inOrder(edits []*diff.Edit) {
	at := map[*diff.Edit]int{}
	for n := range i.Edits {
		at[&i.Edits[n]] = n
	}
	slices.SortFunc(edits, func(a, b *diff.Edit) int { return at[a] - at[b] })
	i.foundFirst(edits)
}

// foundFirst puts the edits first that the reader's searches find.
func (i *item) foundFirst(edits []*diff.Edit) {
	found := map[*diff.Edit]int{}
	for _, e := range edits {
		for _, w := range i.watches {
			if (w.match != nil || w.passage != nil) && e.Weight >= w.MinWeight && w.finds(i.change, e) {
				found[e] = 1
			}
		}
	}
	slices.SortStableFunc(edits, func(a, b *diff.Edit) int { return found[b] - found[a] })
}

// A shownNotice is a piece of news of another kind as a letter shows it.
type shownNotice struct{ Source, Title, Lang, Text, Link, Because string }

// Head is source and title, in one line.
func (s shownNotice) Head() string { return strings.TrimPrefix(s.Source+" – "+s.Title, " – ") }

func (l *letters) shownNotice(w *tongue, n *noticed, several bool) shownNotice {
	s := shownNotice{Source: l.sourceName(n.Source, w.lang), Title: oneLine(n.Title, 200), Lang: or(n.Lang, w.lang), Text: oneLine(n.Text[w.lang], 400)}
	s.Link = l.base.String() + n.Link
	if several {
		s.Because = l.reasons(w, n.reasons)
	}
	if s.Title == "" {
		s.Title, s.Source = s.Source, ""
	}
	if n.Kind == KindHealth {
		s.Text = w.say("notice.readable", "at", w.time(n.Time))
		if strings.HasPrefix(n.Key, "health ") {
			s.Text = w.say("notice.unreadable", "since", w.time(n.Time.Add(-unreadable)))
		}
	}
	return s
}

// excerpt shortens an edit to what changed and a little around it, below the
// headings that say more than the page's title.
func (m measure) excerpt(t *tongue, e *diff.Edit, title string) excerpt {
	path := e.Path
	if len(path) > 0 && path[0] == title {
		path = path[1:]
	}
	x := excerpt{Path: oneLine(strings.Join(path, " › "), 160)}
	if e.Op == diff.Move {
		x.Label = t.say("item.moved")
	}
	words := e.Words
	if len(words) == 0 {
		words = plainWords(e)
	}
	room := m.edit
	for i, w := range words {
		text := clean(w.Text)
		if w.Op == diff.Equal {
			text = m.around(text, i == 0, i == len(words)-1)
		} else {
			text = shorten(text, min(m.run, max(room, 60)))
		}
		if text == "" {
			continue
		}
		x.Words = append(x.Words, diff.Word{Op: w.Op, Text: text})
		if room -= len([]rune(text)); (room <= 0 || len(x.Words) >= m.words) && i < len(words)-1 {
			x.Words = append(x.Words, diff.Word{Op: diff.Equal, Text: " …"})
			break
		}
	}
	return x
}

// plainWords spells out an edit that does not do so itself.
func plainWords(e *diff.Edit) (words []diff.Word) {
	if e.Before == e.After {
		return []diff.Word{{Op: diff.Equal, Text: e.After}}
	}
	if e.Before != "" {
		words = append(words, diff.Word{Op: diff.Deleted, Text: e.Before})
	}
	if e.After != "" {
		words = append(words, diff.Word{Op: diff.Inserted, Text: e.After})
	}
	return words
}

// around keeps of an unchanged text what stands next to what changed.
func (m measure) around(s string, first, last bool) string {
	r := []rune(s)
	switch {
	case first && last:
		return shorten(s, m.run)
	case first && len(r) > m.context:
		return "… " + wordEnd(r, m.context)
	case last && len(r) > m.context:
		return wordStart(r, m.context) + " …"
	case !first && !last && len(r) > 2*m.context+10:
		return wordStart(r, m.context) + " … " + wordEnd(r, m.context)
	}
	return s
}

// wordStart is the beginning of a long text, up to a space.
func wordStart(r []rune, most int) string {
	n := most
	for n > most/2 && !unicode.IsSpace(r[n]) {
		n--
	}
	return strings.TrimRightFunc(string(r[:n]), unicode.IsSpace)
}

// wordEnd is the end of a long text, from a space.
func wordEnd(r []rune, most int) string {
	n := len(r) - most
	for n < len(r)-most/2 && !unicode.IsSpace(r[n-1]) {
		n++
	}
	return strings.TrimLeftFunc(string(r[n:]), unicode.IsSpace)
}

// shorten cuts a long text, and keeps a space at its end if it had one.
func shorten(s string, max int) string {
	if len([]rune(s)) <= max {
		return s
	}
	out := cut(s, max)
	if strings.HasSuffix(s, " ") {
		out += " "
	}
	return out
}

// clean makes text fit for a mail: control characters and line ends become
// spaces; other white space stays as it is.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}
