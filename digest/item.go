package digest

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"veille/diff"
)

// How much of one change a letter shows.
const (
	maxEdits   = 4    // edits of one change
	maxSenses  = 6    // reasons
	maxContext = 90   // characters of unchanged text on each side of what changed
	maxRun     = 400  // characters of one deletion or insertion
	maxEdit    = 1200 // characters of one edit
)

// An item is one change as a letter shows it.
type item struct {
	Title   string
	Lang    string // of the page
	Source  string
	URL     string // of the page
	Link    string // of the change
	Summary string
	Seen    string
	Steps   string // "" for a single step
	Also    string // "" unless other pages changed in the same way
	Senses  []reason
	Edits   []excerpt
	More    string // edits not shown
	Hidden  string // housekeeping not shown
}

// A reason is a sense with its evidence.
type reason struct{ Label, Evidence string }

// An excerpt is the part of an edit in which something changed.
type excerpt struct {
	Path  string
	Label string // "moved", "" otherwise
	Words []diff.Word
}

func (l *letters) item(t *tongue, c *change, f *found, sub *Subscription, brief bool) item {
	i := item{Title: oneLine(c.page.Title, 200), Lang: c.page.Lang, Source: l.sourceName(c, t.lang), URL: c.page.URL,
		Link: l.base.JoinPath("change", c.ID()).String(), Summary: oneLine(c.summary[t.lang], 400)}
	if i.Title == "" {
		i.Title = c.page.URL
	}
	if n := len(c.also); n > 0 {
		i.Also = t.count("item.also", n, "url", c.also[0].page.URL)
	}
	if brief {
		return i
	}
	i.Seen = t.say("seen.by", "by", t.time(c.seen.By))
	if !c.seen.After.IsZero() {
		i.Seen = t.say("seen.between", "after", t.time(c.seen.After), "by", t.time(c.seen.By))
	}
	if c.steps > 1 {
		i.Steps = t.say("seen.steps", "n", strconv.Itoa(c.steps))
	}
	news, small := c.split(f, sub)
	for n, e := range news {
		if n < maxEdits {
			i.Edits = append(i.Edits, excerptOf(t, e))
		}
		for _, s := range e.Senses {
			r := reason{t.sense(s.Code), oneLine(s.Evidence, 160)}
			if len(i.Senses) < maxSenses && !slices.Contains(i.Senses, r) {
				i.Senses = append(i.Senses, r)
			}
		}
	}
	if n := len(news) - maxEdits; n > 0 {
		i.More = t.count("item.more", n)
	}
	if small > 0 {
		i.Hidden = t.count("item.hidden", small)
	}
	return i
}

// split parts a change's edits into those to be shown and the number of those
// that are housekeeping. Shown first is what the reader's search finds, then
// what weighs most; a reader who asked for housekeeping sees it too.
func (c *change) split(f *found, sub *Subscription) (news []*diff.Edit, small int) {
	for i := range c.Edits {
		if e := &c.Edits[i]; e.Weight >= min(sub.MinWeight, DefaultWeight) {
			news = append(news, e)
		}
	}
	small = len(c.Edits) - len(news)
	found := func(e *diff.Edit) int {
		if f.match != nil && e.Weight >= sub.MinWeight && c.editMatches(f.match, e) {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(news, func(a, b *diff.Edit) int {
		if x := found(b) - found(a); x != 0 {
			return x
		}
		return b.Weight - a.Weight
	})
	return news, small
}

// excerptOf shortens an edit to what changed and a little around it.
func excerptOf(t *tongue, e *diff.Edit) excerpt {
	x := excerpt{Path: oneLine(strings.Join(e.Path, " › "), 160)}
	if e.Op == diff.Move {
		x.Label = t.say("item.moved")
	}
	words := e.Words
	if len(words) == 0 {
		words = plainWords(e)
	}
	room := maxEdit
	for i, w := range words {
		text := clean(w.Text)
		if w.Op == diff.Equal {
			text = around(text, i == 0, i == len(words)-1)
		} else {
			text = shorten(text, min(maxRun, max(room, 60)))
		}
		if text == "" {
			continue
		}
		x.Words = append(x.Words, diff.Word{Op: w.Op, Text: text})
		if room -= len([]rune(text)); room <= 0 && i < len(words)-1 {
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
func around(s string, first, last bool) string {
	r := []rune(s)
	switch {
	case first && last:
		return shorten(s, maxRun)
	case first && len(r) > maxContext:
		return "… " + wordEnd(r)
	case last && len(r) > maxContext:
		return wordStart(r) + " …"
	case !first && !last && len(r) > 2*maxContext+10:
		return wordStart(r) + " … " + wordEnd(r)
	}
	return s
}

// wordStart is the beginning of a long text, up to a space.
func wordStart(r []rune) string {
	n := maxContext
	for n > maxContext/2 && !unicode.IsSpace(r[n]) {
		n--
	}
	return strings.TrimRightFunc(string(r[:n]), unicode.IsSpace)
}

// wordEnd is the end of a long text, from a space.
func wordEnd(r []rune) string {
	n := len(r) - maxContext
	for n < len(r)-maxContext/2 && !unicode.IsSpace(r[n-1]) {
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
