package extract

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"veille/archive"
)

// Anchor is the address of a block inside its page that does not move when
// something is inserted before it: "art-7-1bis-par-2-pt-a" for point a) of § 2
// of article 7/1bis, "annex-2-chap-1" for the heading of a chapter, "rec-12"
// for a recital. It is made of the block's path, and of the text of a heading,
// and the same in every language: a twin has it too. Divisions above an article
// are left out, because an article has its number whatever chapter it is in;
// the annex is not. It is "" for a block that is in no article, annex,
// division or recital.
func Anchor(b *archive.Block) string {
	path := b.Path
	if b.Kind == archive.Heading {
		path = append(path[:len(path):len(path)], b.Text)
	}
	var annex, divisions, article string
	var points []string
	for _, e := range path {
		if n, ok := recitalNumber(e); ok {
			return join(annex, "rec-"+n)
		}
		if mark, _, _ := articleOrBare(e); mark != "" {
			if isSection(mark) && article != "" && !strings.HasPrefix(article, "sec-") {
				points = append(points, "par-"+numberSlug(strings.TrimLeft(mark, "§ ")))
				continue
			}
			article, points = articleSlug(mark), nil
			continue
		}
		if bareNumber.MatchString(e) && article == "" {
			article = "sec-" + slug(e)
			continue
		}
		if article != "" || annex != "" {
			if k := kindOfPoint(e, ""); k != noPoint && len(e) <= 12 {
				points = append(points, pointSlug(e, k, article != "" && len(points) == 0))
				continue
			}
			if article != "" {
				continue
			}
		}
		switch r, word, number, _ := divisionOf(e); r {
		case noRank:
		case rankAnnex:
			annex, divisions, points = word, "", nil
			if number != "" {
				annex += "-" + numberSlug(number)
			}
		default:
			divisions, points = join(divisions, word+"-"+numberSlug(number)), nil
		}
	}
	if article == "" {
		return join(annex, divisions, points...)
	}
	return join(annex, article, points...)
}

// Anchors returns the anchors of a version's blocks, each once: "" for blocks
// that have none or that go on with what bears it already. An anchor that
// returns, as in a table of contents that is part of the text, belongs to the
// place with something under it; others get a number: "art-3-2".
func Anchors(blocks []archive.Block) []string {
	out := make([]string, len(blocks))
	owner, last := map[string]int{}, map[string]int{}
	for i := range blocks {
		if blocks[i].Role != archive.Main {
			continue
		}
		a := Anchor(&blocks[i])
		if a == "" {
			continue
		}
		first, taken := owner[a]
		switch {
		case !taken:
			owner[a] = i
			out[i] = a
		case bears(&blocks[i]) && isEmptyHeading(blocks, first) && !isEmptyHeading(blocks, i):
			out[first] = ""
			owner[a] = i
			out[i] = a
		case bears(&blocks[i]) && !continues(blocks, first, i, a):
			for n := max(2, last[a]+1); ; n++ {
				b := a + "-" + strconv.Itoa(n)
				if _, taken := owner[b]; !taken {
					owner[b], last[a], out[i] = i, n, b
					break
				}
			}
		}
	}
	return out
}

// bears reports whether a block begins what its anchor names.
func bears(b *archive.Block) bool {
	return b.Kind == archive.Heading || b.Kind == archive.Article || b.Marker != "" && b.Marker != "•"
}

// isEmptyHeading reports whether nothing stands under a heading.
func isEmptyHeading(blocks []archive.Block, i int) bool {
	if blocks[i].Kind != archive.Heading {
		return false
	}
	for j := i + 1; j < len(blocks); j++ {
		if blocks[j].Role == archive.Main {
			return blocks[j].Kind == archive.Heading
		}
	}
	return true
}

// continues reports whether block i goes on with the thing that block first began.
func continues(blocks []archive.Block, first, i int, anchor string) bool {
	for j := i - 1; j >= first; j-- {
		if blocks[j].Role == archive.Main && Anchor(&blocks[j]) != anchor {
			return false
		}
	}
	return blocks[i].Marker == blocks[first].Marker && blocks[i].Kind == blocks[first].Kind
}

// bareNumber matches a heading that is a number and nothing else.
var bareNumber = regexp.MustCompile(`^[0-9]{1,3}[A-Z]{0,3}(?:\.[0-9]{1,4}){0,2}(?: (?:and|to|et|à|[-–]) [0-9]{1,3}[A-Z]{0,3}(?:\.[0-9]{1,3})?)?$`)

// articleOrBare reads an element of a path that is an article's mark or heading.
func articleOrBare(e string) (mark, rest string, lone bool) {
	mark, rest, lone = article(e)
	if mark == "" {
		return "", "", false
	}
	return strings.TrimRight(mark, ".: "), rest, lone
}

// recitalNumber reads "Recital 12" in any of the languages.
func recitalNumber(e string) (string, bool) {
	for _, word := range []string{"Recital ", "Considérant ", "Overweging ", "Erwägungsgrund "} {
		if n, ok := strings.CutPrefix(e, word); ok && n != "" && len(n) <= 4 {
			return slug(n), true
		}
	}
	return "", false
}

// articleSlug writes "Art. 7/1bis" as art-7-1bis and "§ 62b" as sec-62b.
func articleSlug(mark string) string {
	if isSection(mark) {
		return "sec-" + slug(strings.TrimLeft(mark, "§ "))
	}
	i := strings.IndexFunc(mark, func(r rune) bool { return r == ' ' || r == '.' || unicode.IsDigit(r) })
	if i < 0 {
		return "art-" + slug(mark)
	}
	number := strings.TrimLeft(mark[i:], " .")
	return "art-" + numberSlug(number)
}

// pointSlug writes the mark of a point: a first level of figures is a paragraph.
func pointSlug(mark string, k pointKind, outer bool) string {
	if outer && (k == parenFigure || k == dotFigure || k == halfFigure) {
		return "par-" + slug(mark)
	}
	return "pt-" + slug(mark)
}

// numberSlug writes a number so that it reads the same in every language:
// "1er" and "premier" are 1, Roman numerals figures.
func numberSlug(n string) string {
	lower := strings.ToLower(n)
	switch lower {
	case "premier", "première", "1er", "1re", "1ère", "1ste":
		return "1"
	case "unique":
		return "1"
	}
	for _, ordinal := range []string{"", "ère", "er", "re", "ste"} {
		figures, ok := strings.CutSuffix(n, ordinal)
		if v := fromRoman(figures); ok && v > 0 {
			return strconv.Itoa(v)
		}
		if ok && figures != "" && strings.Trim(figures, "0123456789") == "" {
			return figures
		}
	}
	return slug(n)
}

// fromRoman reads a Roman numeral, 0 if it is none.
func fromRoman(s string) int {
	if s == "" || strings.Trim(s, "IVXLC") != "" {
		return 0
	}
	for v := 1; v < 400; v++ {
		if roman(v) == s {
			return v
		}
	}
	return 0
}

// slug keeps letters and figures, in lower case and without accents.
func slug(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		case !unicode.Is(unicode.Mn, r):
			gap = true
		}
	}
	return b.String()
}

// join puts the pieces of an anchor together, leaving out the empty ones.
func join(first, second string, more ...string) string {
	parts := make([]string, 0, len(more)+2)
	for _, s := range append([]string{first, second}, more...) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "-")
}
