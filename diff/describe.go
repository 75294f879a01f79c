package diff

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"veille/archive"
)

// A describer turns links between blocks into edits.
type describer struct {
	old, new *archive.Version
	rules    *rules
	texts    lexer    // the texts that are cut into tokens
	names    []string // see namesPage; nil until they are asked for
	// where addresses are written one line a block
	oldLines, newLines addressBlocks
}

func newDescriber(old, new *archive.Version) *describer {
	return &describer{old: old, new: new, rules: rulesFor(new.Lang), texts: lexer{}, oldLines: addressBlocks{blocks: old.Blocks}, newLines: addressBlocks{blocks: new.Blocks}}
}

// edits describes what differs, in the order of the new text; what was
// deleted stands where it was.
func (d *describer) edits(links []link) []Edit {
	out := []Edit{}
	place := unpaired(len(d.old.Blocks)) // where each old block now stands, -1 if nowhere
	gone, fresh := all(len(d.old.Blocks)), all(len(d.new.Blocks))
	for _, l := range links {
		for i := l.i; i < l.i+l.n; i++ {
			gone[i] = false
			if l.op != Move && !l.away {
				place[i] = l.j
			}
		}
		for j := l.j; j < l.j+l.m; j++ {
			fresh[j] = false
		}
		if e, ok := d.linked(l); ok {
			out = append(out, e)
		}
	}
	out = slices.Grow(out, count(gone)+count(fresh))
	for i, g := range gone {
		if g {
			out = append(out, d.lone(Delete, i, -1))
		}
	}
	for j, f := range fresh {
		if f {
			out = append(out, d.lone(Insert, -1, j))
		}
	}
	inOrder(out, place)
	return out
}

func count(marks []bool) (n int) {
	for _, m := range marks {
		if m {
			n++
		}
	}
	return n
}

func all(n int) []bool {
	s := make([]bool, n)
	for i := range s {
		s[i] = true
	}
	return s
}

// linked describes a link, if there is anything to say.
func (d *describer) linked(l link) (Edit, bool) {
	x, y := &d.old.Blocks[l.i], &d.new.Blocks[l.j]
	if l.op == "" && l.same && x.Kind == y.Kind && x.Level == y.Level && x.Marker == y.Marker && x.Role == y.Role {
		return Edit{}, false
	}
	e := Edit{Op: l.op, Path: pathOf(y), Before: x.Text, After: y.Text, From: l.i, To: l.j, Away: l.away, Role: archive.Main}
	if x.Role == archive.Boilerplate && y.Role == archive.Boilerplate {
		e.Role = archive.Boilerplate
	}
	switch l.op {
	case "":
		d.inPlace(&e, x, y)
	case Move:
		e.Words = plainWords(Move, x.Text, y.Text)
		e.weigh(nil, d.moveWeight(y))
	case Split, Join:
		e.Before, e.After = joined(d.old.Blocks[l.i:l.i+l.n]), joined(d.new.Blocks[l.j:l.j+l.m])
		w := d.wording(e.Before, e.After)
		e.Words = w.words()
		if !l.reworded {
			e.weigh(nil, 1)
			break
		}
		found := signals(w, d.rules)
		if e.Role == archive.Boilerplate {
			found = navigation(found)
		}
		e.weigh(found, 1)
	case Substitute:
		d.substitute(&e, x, y)
	}
	return e, true
}

// moveWeight is [moveWeight], but 1 for what moves without meaning: the title
// of the page, and what buttons and menus say.
func (d *describer) moveWeight(b *archive.Block) int {
	if toks := tokenise(b.Text); d.namesPage(b.Text) || d.rules.label(toks, lows(toks)) {
		return 1
	}
	return moveWeight(b)
}

// inPlace describes a block whose text is the same but for typography.
func (d *describer) inPlace(e *Edit, x, y *archive.Block) {
	e.Op = Reformat
	w := d.wording(x.Text, y.Text)
	e.Words = w.words()
	if x.Text == y.Text && x.Marker != y.Marker && numbered(x.Marker) && numbered(y.Marker) {
		e.Op = Renumber
		e.weigh(nil, moveWeight(y))
		return
	}
	found := signals(w, d.rules)
	for i := range found {
		found[i].weight = 0 // by its key the text is the same
		found[i].Code = senseWhitespace
	}
	if was, is := form(x), form(y); was != is {
		found = append(found, newSignal(senseWhitespace, was, is, was, is))
	}
	e.weigh(found, 0)
}

// numbered reports whether a marker is a number or letter rather than a bullet.
func numbered(marker string) bool { return strings.IndexFunc(marker, wordRune) >= 0 }

// form is what a block is apart from its text.
func form(b *archive.Block) string {
	s := string(b.Kind)
	if b.Level > 0 {
		s += fmt.Sprintf(" %d", b.Level)
	}
	if b.Marker != "" {
		s += " " + b.Marker
	}
	if b.Role == archive.Boilerplate {
		s += " (" + string(b.Role) + ")"
	}
	return s
}

// substitute describes a block that was reworded.
func (d *describer) substitute(e *Edit, x, y *archive.Block) {
	w := d.wording(x.Text, y.Text)
	e.Words = w.words()
	if renumbering(x.Text, y.Text) {
		e.Op = Renumber
		e.weigh(nil, moveWeight(y))
		if y.Kind != archive.Heading && (leading.FindString(x.Text) == "" || leading.FindString(y.Text) == "") {
			e.Weight = 1 // a number came or went, as lists gain and lose theirs
		}
		return
	}
	found := signals(w, d.rules)
	switch {
	case e.Role == archive.Boilerplate:
		found = navigation(found)
	case d.oldLines.holds(e.From) && d.newLines.holds(e.To):
		found = []signal{newSignal(senseContact, x.Text, y.Text, x.Text, y.Text)}
		found[0].weight = news
	case y.Kind == archive.Heading && d.namesPage(x.Text) && d.namesPage(y.Text):
		for i := range found {
			found[i].weight = min(found[i].weight, 1)
		}
	}
	if len(w.hunks) == 0 {
		e.Op = Reformat
	}
	e.weigh(found, 0)
}

// renumbering reports whether two texts differ in the number in front only,
// or are both nothing but a number. One of them may have none.
func renumbering(x, y string) bool {
	a, b := leading.FindString(x), leading.FindString(y)
	if parted(x[len(a):], y[len(b):]) {
		return false
	}
	return (a != "" || b != "") && len(a) < len(x) == (len(b) < len(y)) && blockKey(x[len(a):]) == blockKey(y[len(b):])
}

// navigation calls everything that happens to boilerplate navigation, except
// date-stamps and typography.
func navigation(found []signal) []signal {
	for i := range found {
		switch found[i].Code {
		case senseStamp, senseWhitespace, senseContact:
		default:
			found[i].Code = senseNav
			found[i].weight = weightOf[senseNav]
		}
	}
	return found
}

// lone describes a block that was inserted or deleted.
func (d *describer) lone(op Op, from, to int) Edit {
	e := Edit{Op: op, From: from, To: to}
	var b *archive.Block
	if op == Insert {
		b = &d.new.Blocks[to]
		e.After = b.Text
	} else {
		b = &d.old.Blocks[from]
		e.Before = b.Text
	}
	e.Path, e.Role = pathOf(b), b.Role
	e.head = b.Kind == archive.Heading || mayBeBare(b.Text) && leading.FindString(b.Text) == b.Text
	e.Words = plainWords(op, e.Before, e.After)
	said := unmarked(b.Text)
	if said == "" || blockKey(opening(b.Text)) == "" && blockKey(b.Text) == "" {
		e.weigh(nil, 0)
		return e
	}
	s := d.passage(d.housekeeping(e.Before, e.After), e.Role, b.Text, said, op)
	if e.Role != archive.Boilerplate && (s.Code == senseOther || s.Code == senseContact) {
		if op == Delete && d.oldLines.holds(from) || op == Insert && d.newLines.holds(to) {
			s.Code, s.weight = senseContact, news
		}
	}
	e.weigh([]signal{s}, 0)
	return e
}

// wording is [compareWords] with texts that have been cut before.
func (d *describer) wording(before, after string) *wording {
	return compareTokens(d.texts.tokens(before), d.texts.tokens(after))
}

// housekeeping is what a text that came or went is called if all its sentences
// are housekeeping, else "". Before or after is empty.
func (d *describer) housekeeping(before, after string) string {
	w := lone(d.texts.tokens(before), d.texts.tokens(after))
	c := newComparison(w, d.rules)
	for _, s := range c.areas() {
		if c.housekeeping(s) == "" {
			return "" // the others do not matter
		}
	}
	found := signals(w, d.rules)
	if len(found) == 0 || slices.ContainsFunc(found, func(s signal) bool { return weightOf[s.Code] >= news }) {
		return ""
	}
	return found[0].Code
}

// passage makes one signal of a block that came or went: housekeeping, if it
// has a code, only if all of its sentences are. What it said is its text without
// the marks of amendments.
func (d *describer) passage(code string, role archive.Role, text, said string, op Op) signal {
	if code == "" {
		code = senseOther
	}
	was, is := shorten(said), ""
	if op == Insert {
		was, is = is, was
	}
	s := newSignal(code, was, is, was, is)
	if code == senseOther {
		s.weight = passageWeight(fewFields(text))
	}
	if role == archive.Boilerplate || d.namesPage(text) {
		return navigation([]signal{s})[0]
	}
	return s
}

// fewFields counts the words of a text, up to moveWords.
func fewFields(text string) (n int) {
	for range strings.FieldsSeq(text) {
		if n++; n == moveWords {
			break
		}
	}
	return n
}

// namesPage reports whether a text is nothing but the title that the page has
// had all along, or a part of it such as the name of the site: whether it also
// stands above the text is no news.
func (d *describer) namesPage(text string) bool {
	if d.new.Title == "" {
		return false
	}
	if d.names == nil {
		d.names = []string{}
		was := titleKeys(d.old.Title)
		for _, key := range titleKeys(d.new.Title) {
			if slices.Contains(was, key) {
				d.names = append(d.names, key)
			}
		}
	}
	longest := 0
	for _, key := range d.names {
		longest = max(longest, len(key))
	}
	if longest == 0 || plainLetters(text) > longest {
		return false
	}
	return slices.Contains(d.names, plain(blockKey(text)))
}

// titled reports whether a text is a title or a part of it.
func titled(title, text string) bool { return slices.Contains(titleKeys(title), plain(blockKey(text))) }

// titleKeys are the title and its parts, as texts are compared with them.
func titleKeys(title string) []string {
	var keys []string
	for _, part := range append(titleParts.Split(title, -1), title) {
		if key := plain(blockKey(part)); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// plainLetters counts the letters and digits of a text that stay one byte each
// however it is folded.
func plainLetters(text string) (n int) {
	for i := range len(text) {
		if c := text[i] | 0x20; 'a' <= c && c <= 'z' || '0' <= text[i] && text[i] <= '9' {
			n++
		}
	}
	return n
}

// titleParts are the marks between the name of a page and that of its site.
var titleParts = regexp.MustCompile(`\s+[|–—·•»:-]\s+|\s*:\s+`)

// title describes a new page title, unless a heading already tells of it. By
// itself a title is weak evidence: sites rename themselves.
func (d *describer) title(edits []Edit) (Edit, bool) {
	a, b := d.old.Title, d.new.Title
	if blockKey(a) == blockKey(b) || a == "" || b == "" {
		return Edit{}, false
	}
	for i := range edits {
		if e := &edits[i]; e.To >= 0 && d.new.Blocks[e.To].Kind == archive.Heading && strings.Contains(b, e.After) && e.After != "" {
			return Edit{}, false
		}
	}
	e := Edit{Op: Substitute, Path: []string{}, Before: a, After: b, From: -1, To: -1, Place: -1, Role: archive.Main}
	w := d.wording(a, b)
	e.Words = w.words()
	found := signals(w, d.rules)
	for i := range found {
		if found[i].Code == senseOther {
			found[i].weight = 1
		}
	}
	e.weigh(found, 0)
	return e, true
}

// pathOf is a block's path, never nil.
func pathOf(b *archive.Block) []string { return append([]string{}, b.Path...) }

// joined is the text of several blocks, one a line.
func joined(blocks []archive.Block) string {
	texts := make([]string, len(blocks))
	for k := range blocks {
		texts[k] = blocks[k].Text
	}
	return strings.Join(texts, "\n")
}
