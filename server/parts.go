package server

import (
	"fmt"
	"net/http"
	"strings"

	"veille/archive"
	"veille/extract"
)

// How many bytes of HTML a page gives to a wording that is shown in parts, and
// to its contents: to the titles, and to the places that links may name.
const (
	wordingBytes  = 40 << 10
	contentsBytes = 20 << 10
	placesBytes   = 24 << 10
)

// A part is an entry of the contents of a wording that is shown in parts. Places
// are the anchors of the blocks under it that are on other pages: a link to one
// of them finds the way there, without script too.
type part struct {
	Title, Href, Lang string
	Here              bool
	Level             int
	Places            []string
}

// fillWording sets out as much of a wording as a page holds: from the start,
// from the block that offset says, or the part in which block stands. whole=1
// asks for all of it.
func fillWording(r *http.Request, p *versionPage) error {
	v, query := p.V, without(r.URL.Query(), "ui")
	if truth(query.Get("whole")) {
		p.Groups = groups(v)
		return nil
	}
	at, err := offsetOf(query)
	if err != nil {
		return err
	}
	if where := query.Get("block"); where != "" {
		blocks, _, err := blocksAt(v, where)
		if err != nil {
			return err
		}
		at = blocks[0]
	}
	path := fmt.Sprintf("/v/%d", v.ID)
	weigh := func(i int) int { return weightOfBlock(&v.Blocks[i]) }
	if _, _, long := leaf(path, query, at, len(v.Blocks), leafBytes, weigh); long == nil {
		p.Groups = groups(v)
		return nil
	}
	from, to, l := leaf(path, query, at, len(v.Blocks), wordingBytes, weigh)
	l.All = path + "?whole=1"
	p.Groups, p.Leaves, p.Contents = groupsOf(v, from, to), l, contents(v, path, from, to)
	return nil
}

// weightOfBlock is about how many bytes a block is as HTML.
func weightOfBlock(b *archive.Block) int {
	return 420 + len(b.Text)*21/20 + 160*len(b.Refs)
}

// contents are the headings of a wording of which the blocks from one number up
// to another are shown: those of all levels for which there is room, and of the
// next level every second, third, … one.
func contents(v *archive.Version, path string, from, to int) []part {
	level, every := contentsLevel(v)
	names := extract.Anchors(v.Blocks)
	var out []part
	places, nth := 0, 0
	for i := range v.Blocks {
		b := &v.Blocks[i]
		listed := len(out) == 0 || levelOf(b) > 0 && levelOf(b) < level
		if levelOf(b) == level {
			listed = listed || nth%every == 0
			nth++
		}
		if listed {
			out = append(out, part{Title: titleOf(b), Href: fmt.Sprintf("%s?block=b%d#b%d", path, i, i), Lang: v.Lang, Here: i >= from && i < to, Level: max(1, min(levelOf(b), 4))})
		}
		last := &out[len(out)-1]
		for _, name := range []string{fmt.Sprintf("b%d", i), names[i]} {
			if name != "" && (i < from || i >= to) && places < placesBytes {
				last.Places = append(last.Places, name)
				places += len(name) + len("<i id=></i>")
			}
		}
	}
	return out
}

// contentsLevel is the deepest level of which the contents have room for titles,
// and which of them: every one, or every second, third, ….
func contentsLevel(v *archive.Version) (level, every int) {
	room := contentsBytes
	for level = 1; level <= levelArticle; level++ {
		needs := 0
		for i := range v.Blocks {
			if b := &v.Blocks[i]; levelOf(b) == level {
				needs += 100 + len(titleOf(b))
			}
		}
		if needs > room {
			return level, 1 + needs/max(room, contentsBytes/10)
		}
		room -= needs
	}
	return level, 1
}

// levelArticle is the level of articles that have no heading.
const levelArticle = 7

// maxTitle is how much of a heading the contents show, in bytes.
const maxTitle = 90

// levelOf is the level at which a block stands in the contents: a heading's, or
// below all headings that of an article; 0 where it has no place there.
func levelOf(b *archive.Block) int {
	switch {
	case b.Role != archive.Main:
		return 0
	case b.Kind == archive.Heading:
		return max(1, min(b.Level, 6))
	case b.Kind == archive.Article && b.Marker != "":
		return levelArticle
	}
	return 0
}

// titleOf is how the contents call a block.
func titleOf(b *archive.Block) string {
	return clip(strings.TrimSpace(b.Marker+" "+b.Text), maxTitle)
}
