package extract

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/archive"
)

// articleMark matches the number of an article at the beginning of a text, as
// laws in the four languages write it: "Art. 8", "Artikel 12bis", "§ 62b",
// "Article 3(1)(b)", "Art. 7/1", "Article L. 511-1", "Article premier".
var articleMark = regexp.MustCompile(`^(?i:art(?:\.|icles?|ikel|ikelen)?|§§?)[ ]?` +
	`(?i:premier|unique|[LRD]\.?[ ]?\*?[0-9]+(?:-[0-9]+)*|[0-9]+(?:er|ère|re)?(?:[ ]?(?:bis|ter|quater|quinquies|sexies|septies|octies|novies|decies)\b)?[a-z]?\b(?:[/.:-][0-9]+[a-z]*)*(?:\([0-9a-z]{1,4}\))*|[IVXLC]+\b)`)

// article splits the mark of an article off the text it begins. lone is true
// for a short text without an end, which is the article's heading.
func article(text string) (mark, rest string, lone bool) {
	if len(text) < 3 {
		return "", "", false
	}
	if c := text[0]; c|0x20 != 'a' && !strings.HasPrefix(text, "§") {
		return "", "", false
	}
	loc := articleMark.FindStringIndex(text[:min(len(text), 80)])
	if loc == nil || !strings.HasPrefix(text, "§") && !strings.ContainsAny(text[:loc[1]], " .") {
		return "", "", false
	}
	mark, rest = text[:loc[1]], text[loc[1]:]
	if rest == "" || rest == "." || rest == ":" {
		return mark, "", true
	}
	if strings.HasPrefix(rest, ". ") || strings.HasPrefix(rest, ".- ") || strings.HasPrefix(rest, ".– ") || strings.HasPrefix(rest, ": ") {
		return mark + rest[:1], strings.TrimLeft(rest[1:], " -–—"), false
	}
	r, size := utf8.DecodeRuneInString(strings.TrimPrefix(rest, " "))
	short := len(text) <= 100 && !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, ";") && !strings.HasSuffix(text, ",")
	switch {
	case rest[0] != ' ' || size == 0:
	case r == '-' || r == '–' || r == '—' || r == '§':
		if short {
			return mark, "", true
		}
		return mark, strings.TrimLeft(rest, " -–—"), false
	case short && (unicode.IsUpper(r) || r == '(' || r == '['):
		return mark, "", true
	case strings.HasPrefix(text, "§") && (unicode.IsUpper(r) || r == '('):
		return mark, strings.TrimLeft(rest, " "), false
	}
	return "", "", false
}

// isSection reports whether a mark is a "§", which is a part of an article in
// Belgian and French law and an article itself in German law.
func isSection(mark string) bool { return strings.HasPrefix(mark, "§") }

// maxPathText bounds one element of a path, in bytes.
const maxPathText = 200

// paths follows the headings of one role and gives blocks their path.
type paths struct {
	heads   []archive.Block
	article string
	section string
}

// setPaths gives every block the headings and articles it stands under. Text
// and chrome are followed apart, so that no menu title gets above a law. It
// also turns paragraphs that begin an article into blocks of that kind, or,
// if they are nothing but its number and name, into headings.
func setPaths(blocks []archive.Block) {
	var main, frame paths
	for i := range blocks {
		p := &main
		if blocks[i].Role == archive.Boilerplate {
			p = &frame
		}
		p.place(&blocks[i])
	}
}

func (p *paths) place(b *archive.Block) {
	if b.Kind == archive.Heading {
		p.heading(b)
		return
	}
	if b.Role == archive.Main && (b.Kind == archive.Paragraph || b.Kind == archive.Item && b.Marker == "•") {
		if mark, rest, lone := article(b.Text); mark != "" {
			p.mark(b, mark, rest, lone)
			return
		}
	}
	b.Path = p.path()
}

func (p *paths) heading(b *archive.Block) {
	for len(p.heads) > 0 && p.heads[len(p.heads)-1].Level >= b.Level {
		p.heads = p.heads[:len(p.heads)-1]
	}
	p.article, p.section = "", ""
	b.Path = p.path()
	p.heads = append(p.heads, *b)
}

// mark places a block that begins an article, or a section of one.
func (p *paths) mark(b *archive.Block, mark, rest string, lone bool) {
	name := strings.TrimRight(mark, ".:")
	if isSection(mark) && p.inArticle() {
		p.section = name
	} else if p.article, p.section = name, ""; lone {
		p.article = ""
		b.Kind, b.Level, b.Marker = archive.Heading, 6, ""
		b.Path = p.path()
		p.article = shorten(b.Text)
		return
	}
	if lone {
		b.Path = p.path()
		return
	}
	if !isSection(mark) && strings.HasPrefix(rest, "§") { // "Art. 7. § 1er. …"
		if sub, more, alone := article(rest); sub != "" && !alone {
			p.section = strings.TrimRight(sub, ".:")
			mark, rest = mark+" "+sub, more
		}
	}
	b.Path = p.path()
	b.Kind, b.Marker, b.Text, b.Level = archive.Article, mark, rest, 0
}

// inArticle reports whether the place is under an article that is not a "§".
func (p *paths) inArticle() bool {
	if p.article != "" {
		return !isSection(p.article)
	}
	if n := len(p.heads); n > 0 {
		mark, _, _ := article(p.heads[n-1].Text)
		return mark != "" && !isSection(mark)
	}
	return false
}

func (p *paths) path() []string {
	n := len(p.heads)
	if n == 0 && p.article == "" && p.section == "" {
		return nil
	}
	out := make([]string, 0, n+2)
	for i := range p.heads {
		out = append(out, shorten(p.heads[i].Text))
	}
	if p.article != "" {
		out = append(out, p.article)
	}
	if p.section != "" {
		out = append(out, p.section)
	}
	return out
}

// shorten cuts a text at a word for use in a path.
func shorten(s string) string {
	if len(s) <= maxPathText {
		return s
	}
	cut := strings.LastIndexByte(s[:maxPathText], ' ')
	if cut < maxPathText/2 {
		cut = maxPathText
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
	}
	return s[:cut] + "…"
}
