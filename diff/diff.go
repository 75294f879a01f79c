// Package diff says what changed between two versions of a page, and in what
// sense it may matter. It is made of pure functions: the same two versions
// always give the same [Change], so changes are computed when they are asked
// for and never stored.
//
// The work is done in four steps, one file or two for each:
//
//   - blocks.go and pair.go align the blocks of both versions: unchanged, moved,
//     changed, split, joined, inserted, deleted;
//   - words.go aligns the words inside a changed block, with the sequence
//     engine of sequence.go and the tokens of token.go;
//   - senses.go and its neighbours compare aligned sentences and name the senses,
//     each with the words that are the evidence; the vocabularies are data, one
//     file per language in rules/;
//   - weight.go ranks. Nothing is thrown away: housekeeping weighs 0 or 1 and is
//     counted in [Change.Hidden].
package diff

import (
	"fmt"
	"slices"

	"veille/archive"
)

// Op says what happened to a block.
type Op string

// The operations. There are no others.
const (
	Insert     Op = "insert"
	Delete     Op = "delete"
	Substitute Op = "substitute" // other words
	Move       Op = "move"       // the same words in another place
	Split      Op = "split"      // the same words, now in several blocks; other words too, if it has senses
	Join       Op = "join"       // and in one block
	Renumber   Op = "renumber"   // only the number in front differs
	Reformat   Op = "reformat"   // only typography, kind or level differs
)

// A Change is what differs between two versions of a page.
type Change struct {
	// From is nil when the page appeared.
	From *archive.Version `json:"-"`
	To   *archive.Version `json:"-"`
	// Edits holds every edit, in the order of the new text; deletions stand
	// where the text was.
	Edits []Edit `json:"edits"`
	// Weight is that of the heaviest edit: 0 and 1 are housekeeping, 2 to 5 are news.
	Weight int `json:"weight"`
	// Senses are the codes of the edits that are news, strongest first, each
	// once; of all edits when none is news.
	Senses []string `json:"senses"`
	// Hidden counts the edits that weigh less than 2.
	Hidden int `json:"hidden"`
	// Groups are exchanges of the same words in many places, the most frequent first.
	Groups []Group `json:"groups"`
}

// An Edit is what happened to one block, or to the blocks of one split or join.
type Edit struct {
	Op   Op       `json:"op"`
	Path []string `json:"path"` // of the new block, or of the deleted one
	// Before and After are the block's text in the old and in the new version.
	// Where an edit has several blocks on one side (split, join) their texts are
	// joined by "\n", which no block contains.
	Before string `json:"before"`
	After  string `json:"after"`
	// From and To are the indexes of the (first) block in the old and in the new
	// version, -1 where there is none. Both are -1 for the page as a whole: its
	// title, or its appearance, withdrawal or return.
	From int `json:"from"`
	To   int `json:"to"`
	// Place is where the old text stood, as the index of the new block before it:
	// -1 at the very beginning. For what has not left its place it is To.
	Place int `json:"place"`
	// Away reports that a block was not only reworded but moved as well.
	Away bool `json:"away,omitempty"`
	// Role is Boilerplate only if all blocks concerned are.
	Role   archive.Role `json:"role"`
	Weight int          `json:"weight"`
	// Damped says why the edit weighs less than its senses would have it: see
	// [Change.Settle]. It is nil for nearly all edits.
	Damped *Damping `json:"damped,omitempty"`
	Senses []Sense  `json:"senses"`
	// Words spell the edit out: the equal and deleted ones put together are
	// Before, the equal and inserted ones After, to the byte.
	Words []Word `json:"words"`

	marker string // of the article it stands in, for the summary
	head   bool   // it is of a heading, or of nothing but a number
}

// A Sense is one reason why an edit may matter: a signal, not a finding.
type Sense struct {
	Code   string `json:"code"`
	Before string `json:"before"` // figures with digits normalised: "1145" for "1 145"
	After  string `json:"after"`
	// Evidence is never empty: the words that triggered the sense, as they
	// stand in the texts.
	Evidence string `json:"evidence"`
}

// A Word is a run of words that were kept, deleted or inserted.
type Word struct {
	Op   string `json:"op"` // "equal", "delete" or "insert"
	Text string `json:"text"`
}

// The values of [Word.Op].
const (
	Equal    = "equal"
	Deleted  = "delete"
	Inserted = "insert"
)

// Between tells what changed from old to new.
//
// With no old version the page appeared; a new version that is Gone was
// withdrawn; an old one that was Gone has been restored. Each of these is a
// single edit that carries the title. A page whose publisher gave it another
// address was moved ("move-url"), with the addresses as before and after: beside
// what else changed, or in the place of an appearance or withdrawal where the
// text went on at another page. Between(v, v) has no edits. Versions in
// different languages are compared by the rules of the new one. Neither
// version is modified, and any number of calls may run at once.
func Between(old, new *archive.Version) *Change {
	c := &Change{From: old, To: new, Edits: []Edit{}}
	switch {
	case new == nil:
	case old == nil:
		if new.MovedFrom != "" && !new.Gone {
			c.Edits = append(c.Edits, moved(new.MovedFrom, standsAt(new)))
		} else if !new.Gone {
			c.Edits = append(c.Edits, lifecycle(Insert, senseAppear, "", heading(new)))
		}
	case old.Gone && new.Gone:
	case new.Gone && new.MovedTo != "":
		c.Edits = append(c.Edits, moved(standsAt(old), new.MovedTo))
	case new.Gone:
		c.Edits = append(c.Edits, lifecycle(Delete, senseWithdraw, heading(old), ""))
	case old.Gone:
		c.Edits = append(c.Edits, lifecycle(Insert, senseRestored, "", heading(new)))
	default:
		c.Edits = compare(old, new)
		if old.MovedTo != new.MovedTo {
			c.Edits = slices.Insert(c.Edits, 0, moved(standsAt(old), standsAt(new)))
		}
		for i := range c.Edits {
			if to := c.Edits[i].To; to >= 0 && new.Blocks[to].Kind == archive.Article {
				c.Edits[i].marker = new.Blocks[to].Marker
			}
		}
	}
	c.sumUp()
	c.Groups = c.grouped()
	return c
}

// ID names the change by its two versions: "17..18", and "0..18" for an appearance.
func (c *Change) ID() string {
	var from, to archive.Seq
	if c.From != nil {
		from = c.From.ID
	}
	if c.To != nil {
		to = c.To.ID
	}
	return fmt.Sprintf("%d..%d", from, to)
}

// lifecycle is the one edit of a page that came or went.
func lifecycle(op Op, code, before, after string) Edit {
	e := Edit{
		Op: op, Path: []string{}, Before: before, After: after, From: -1, To: -1, Place: -1,
		Role: archive.Main, Words: plainWords(op, before, after),
	}
	e.Senses = []Sense{{Code: code, Before: before, After: after, Evidence: before + after}}
	e.Weight = weightOf[code]
	return e
}

// moved makes the edit for a page that was given another address.
func moved(from, to string) Edit {
	e := lifecycle(Substitute, senseMoveURL, from, to)
	e.Words = []Word{{Deleted, from}, {Inserted, to}}
	e.Senses[0].Evidence = from + arrow + to
	return e
}

// standsAt is where the text of a version stands.
func standsAt(v *archive.Version) string {
	if v.MovedTo != "" {
		return v.MovedTo
	}
	return v.URL
}

// heading is what a page is called: its title, else its address.
func heading(v *archive.Version) string {
	switch {
	case v.Title != "":
		return v.Title
	case v.URL != "":
		return v.URL
	}
	return "untitled page"
}

// compare aligns two versions that both have a text and describes each
// difference.
func compare(old, new *archive.Version) []Edit {
	d := newDescriber(old, new)
	edits := d.edits(alignTexts(old.Blocks, new.Blocks, d.texts))
	d.roles(edits)
	d.related(edits)
	d.linkSets(edits)
	if e, ok := d.title(edits); ok {
		edits = append([]Edit{e}, edits...)
	}
	return edits
}
