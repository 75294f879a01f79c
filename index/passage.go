package index

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"veille/archive"
	"veille/cite"
	"veille/thesaurus"
)

// A passage is a block with its lifespan, as it is stored.
type passage struct {
	Page   archive.PageID
	Source string
	URL    string
	Lang   string
	Title  string
	Kind   archive.Kind
	Role   archive.Role
	Path   []string
	Text   string
	Since  archive.Seq      // version that brought it
	Seen   archive.Interval // when Since came
	From   int64            // ms; when it began to speak for its text
	Block  int              // its number in the version that came at From
	Until  *archive.Interval

	Document string      // shared with its twins in other languages
	Articles []string    // numbers of those it stands in
	Came     Event       // the change that put it in
	Went     Event       // the change that took it out
	Last     archive.Seq // the last version it stood in, once it has ended
	Gone     archive.Seq // the version that no longer had it
	Next     []successor // what took its place there
}

// An Event is the change by which a passage came or went. News is unset where
// there was none: the page began to be watched, we read the same capture in
// another way, or the same words stood elsewhere in the page before or after.
type Event struct {
	News   bool
	Weight int
	Senses []string
}

// line is an event as it stands in a row: "n4 deadline modality".
func (e *Event) line() string {
	kind := "-"
	if e.News {
		kind = "n"
	}
	return strings.Join(append([]string{kind + strconv.Itoa(e.Weight)}, e.Senses...), " ")
}

// A successor is a passage that took the place of another.
type successor struct {
	ID    string
	Block int // its number in the version that brought it there
}

// textKey identifies a text of a page: of the blocks with the same key, one is
// a passage.
type textKey [16]byte

func keyOf(b *archive.Block) textKey {
	h := sha256.New()
	h.Write([]byte(b.Role))
	h.Write([]byte{0})
	h.Write([]byte(b.Text))
	return textKey(h.Sum(nil))
}

// passageID names the passage that a block is. It is the same for all equal
// blocks that have stood since the same version. k is the key of its text.
func passageID(page archive.PageID, k textKey, b *archive.Block) string {
	h := sha256.New()
	h.Write(k[:])
	for _, p := range b.Path {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return strconv.FormatInt(int64(page), 36) + "." + strconv.FormatInt(int64(b.Since), 36) + "." + hex.EncodeToString(h.Sum(nil)[:8])
}

// An outline is a version and those of its blocks that are passages.
type outline struct {
	*archive.Version
	keys  []textKey       // by block: of its text, zero if it is not searchable
	best  map[textKey]int // by the key of a text: the block that is its passage
	ids   []string        // by block: of the passage that it is, or is equal to; else ""
	block map[string]int  // by id
	words map[int]string  // by block, those asked for: see wordsOf
}

// maxPassages is how many passages of one version are written, the first of
// its text. The longest codes have some ten thousand; a page with a million
// would keep the index busy for minutes, and from everybody else.
const maxPassages = 100_000

// passage is the id of the passage that a block is, "" if it is none.
func (o *outline) passage(i int) string {
	if id := o.ids[i]; id != "" && o.block[id] == i {
		return id
	}
	return ""
}

// first says behind which block so many of its passages lie.
func (o *outline) first(most int) int {
	for i := range o.ids {
		if o.passage(i) == "" {
			continue
		}
		if most--; most < 0 {
			return i
		}
	}
	return len(o.ids)
}

// has reports whether a passage stands in it; in none does anything.
func (o *outline) has(id string) bool {
	if o == nil {
		return false
	}
	_, ok := o.block[id]
	return ok
}

// outlineOf chooses, for each text of a version, the block that is its passage:
// the one that has stood longest, and of several the first by path, so that it
// changes only when that block goes; of equal ones it is the first. Old is the
// version of the page before, if that is known: what stayed is not read again.
func outlineOf(v *archive.Version, old *outline) *outline {
	o := &outline{Version: v, keys: make([]textKey, len(v.Blocks)), best: make(map[textKey]int, len(v.Blocks)), ids: make([]string, len(v.Blocks)), words: map[int]string{}}
	if old != nil && old.Page != v.Page {
		old = nil
	}
	was := o.read(old)
	for i := range v.Blocks {
		b := &v.Blocks[i]
		if k := o.keys[i]; k == (textKey{}) {
			continue
		} else if j, ok := o.best[k]; !ok || before(b, &v.Blocks[j]) {
			o.best[k] = i
		}
	}
	o.block = make(map[string]int, len(o.best))
	for i := range v.Blocks {
		b := &v.Blocks[i]
		switch j, ok := o.best[o.keys[i]]; {
		case !ok:
		case i == j:
			if o.ids[i] = old.idAt(was[i], b); o.ids[i] == "" {
				o.ids[i] = passageID(v.Page, o.keys[i], b)
			}
			o.block[o.ids[i]] = i
		case b.Since == v.Blocks[j].Since && slices.Equal(b.Path, v.Blocks[j].Path):
			o.ids[i] = o.ids[j]
		}
	}
	return o
}

// read finds the keys of all texts, those of blocks that stayed where they were in
// an older version. It tells of each block which one it is there, or -1.
func (o *outline) read(old *outline) []int {
	was, next := make([]int, len(o.Blocks)), 0 // the older block whose turn it is
	for i := range o.Blocks {
		b := &o.Blocks[i]
		if old != nil && next < len(old.Blocks) && old.Blocks[next].Text == b.Text && old.Blocks[next].Role == b.Role {
			o.keys[i], was[i] = old.keys[next], next
			next++
			continue
		}
		was[i] = -1
		if !searchable(b) {
			continue
		}
		o.keys[i] = keyOf(b)
		if old != nil {
			if j, ok := old.best[o.keys[i]]; ok {
				was[i], next = j, j+1
			}
		}
	}
	return was
}

// idAt is the id that block i has and another block of its text would have too, ""
// if that would have another one.
func (o *outline) idAt(i int, b *archive.Block) string {
	if o == nil || i < 0 || o.Blocks[i].Since != b.Since || !slices.Equal(o.Blocks[i].Path, b.Path) {
		return ""
	}
	return o.ids[i]
}

// before reports whether a rather than b is the passage of the text they share.
func before(a, b *archive.Block) bool {
	if a.Since != b.Since {
		return a.Since < b.Since
	}
	return strings.Join(a.Path, "\x00") < strings.Join(b.Path, "\x00")
}

// searchable leaves out blocks without a single letter or digit.
func searchable(b *archive.Block) bool { return thesaurus.HasWords(b.Text) }

// citedKeys are the numbers of what a text cites, in their normal spelling.
func citedKeys(text string) (keys []string) {
	for _, c := range cite.Find(text) {
		for _, k := range c.Keys() {
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// titleLead is how far into its title a page's own number may stand, in bytes.
const titleLead = 40

// numbersOf are the numbers that a page itself bears: in its address, and at
// the beginning of its title – "Directive 2008/115/EC of …", "Judgment
// C-562/13", but not "Questions and answers on Directive 2008/115/EC".
func numbersOf(address, title string) []string {
	var keys []string
	if plain, err := url.PathUnescape(address); err == nil {
		address = plain
	}
	found := cite.Find(address)
	if m := celexURI.FindStringSubmatch(address); m != nil {
		if c, ok := cite.Parse(m[1]); ok {
			found = append(found, c)
		}
	}
	if t := cite.Find(title); len(t) > 0 && (t[0].Start == 0 || t[0].Start <= titleLead && !about.MatchString(title[:t[0].Start])) {
		found = append(found, t[0])
	}
	for _, c := range found {
		for _, k := range c.Keys() {
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

var (
	// celexURI is the number in an address of EUR-Lex.
	celexURI = regexp.MustCompile(`(?i)CELEX[:=/]0?([1-9]\d{4}[A-Z]{1,2}\d{4})`)
	// about are words after which a title names another document than its own.
	about = regexp.MustCompile(`(?i)\b(?:on|of|to|about|sur|à|de|du|des|la|le|les|op|over|van|bij|het|zu|zur|zum|über|der|die|das|amending|modifiant|tot|implementing|under)\s+(?:the\s+)?$`)
)

// pageKey is the number of the passage's page, as it is indexed.
func (p *passage) pageKey() string { return strconv.FormatInt(int64(p.Page), 10) }
