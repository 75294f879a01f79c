package index

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/archive"
	"veille/cite"
)

// Articles by their numbers: of passages, as their headings and markers have
// them; of the field article:, with the word or without; and of queries, as people
// write them ("§ 50 Abs. 1 AufenthG", "artikel 3, lid 2", "article L. 612-1").

const (
	gap     = `[\s\x{00A0}\x{202F}]*`
	ordinal = `(?:bis|ter|quater|quinquies|sexies|septies|octies|novies|nonies|decies|undecies|duodecies|terdecies|quaterdecies|quindecies|quinquiesdecies|sexdecies|septiesdecies|octiesdecies|noviesdecies|vicies)`
	// articleText is what is between the word and the end: "74/9", "10 bis", "L. 511-1", "1er".
	articleText = `((?:[a-z]{1,2}\.?` + gap + `)?\d+(?:[./-]\d+)*(?:` + gap + `(?:` + ordinal + `|er|ère|[a-z]))?(?:[./-]\d+)*)`
)

// articleNumber is the number of an article, with or without the word: "8",
// "Art. 74/9", "10bis", "L. 511-1", "§ 5", "1er".
var articleNumber = regexp.MustCompile(`^(?i)(?:art(?:icle|icles|ikel|ikels|\.)?|§)?` + gap + articleText + gap + `[°.:]?$`)

// articleHead is such a number at the beginning of a heading or marker.
var articleHead = regexp.MustCompile(`^(?i)(?:art(?:icle|ikel|\.)|§)` + gap + articleText + `(?:[^\pL\pN]|$)`)

// articleKeys are the spellings in the index of the number of an article; nil
// if the text is none.
func articleKeys(text string) []string {
	m := articleNumber.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return nil
	}
	return []string{articleKey(m[1])}
}

// articlesOf are the numbers of the articles that a block stands in, or is.
func articlesOf(b *archive.Block) []string {
	heads := append([]string{}, b.Path...)
	switch {
	case b.Kind == archive.Heading:
		heads = append(heads, b.Text)
	case b.Marker != "":
		heads = append(heads, b.Marker)
	}
	var out []string
	for _, h := range heads {
		if m := articleHead.FindStringSubmatch(strings.TrimSpace(h)); m != nil {
			out = append(out, articleKey(m[1]))
		}
	}
	return out
}

var (
	letterDot = regexp.MustCompile(`^([a-z]{1,2})\.`)
	firstOne  = regexp.MustCompile(`^1(?:er|ère)$`)
)

// articleKey spells the number of an article in one way; the first, which French
// writes 1er, is 1.
func articleKey(number string) string {
	key := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(strings.ToLower(strings.TrimRight(number, ". ")))
	return firstOne.ReplaceAllString(letterDot.ReplaceAllString(key, "$1"), "1")
}

// typedArticle is an article as it is written in a query, with the paragraphs of
// it that are named.
var typedArticle = regexp.MustCompile(`^(?i)(?:(?:art(?:icles?|ikels?|\.)?|§§?|sect(?:ions?|s?\.)|secs?\.|(?-i:ss?)(?:\.|[\s\x{00A0}\x{202F}])|(?-i:P)aragraph(?:en)?)` + gap + `((?:[a-z]{1,2}\.?` + gap + `)?\d+(?:[./-]\d+)*(?:` + gap + ordinal + `|er|[a-z])?(?:[./-]\d+)*)|([lrd]\.?` + gap + `\d{3}(?:-\d+)+))` +
	`((?:,?` + gap + `(?:(?:sub-?sections?|subs\.)` + gap + `\(\d+[a-z]?\)|(?:Abs(?:atz|\.)?|S(?:atz|\.)|Nr\.|Nummer|lid|leden|par(?:agraph|agraphe|agraaf|\.)|al(?:inéa|\.)|point|punt|onder|lit\.|§)(?:` + gap + `\d+(?:er|bis|ter|quater|[a-z])?|[\s\x{00A0}\x{202F}]+[a-z])\b|\d+°` +
	`|(?:eerste|tweede|derde|vierde|vijfde|zesde|zevende|achtste|negende|tiende)` + gap + `lid\b|(?:premier|deuxième|troisième|quatrième)` + gap + `(?:alinéa|paragraphe)\b|\(\d+[a-z]?\)|\([a-z]\))){0,4})`)

// shortName is the abbreviation of an act behind one of its articles: AufenthG,
// CESEDA, Vw.
var shortName = regexp.MustCompile(`^` + gap + `((?:\p{Lu}\pL{1,2}|\p{Lu}\pL*\p{Lu}\pL*))(?:[^\pL\pN*~:/-]|$)`)

// An articleRef is an article that is typed as people write it.
type articleRef struct {
	key   string
	head  string   // as it is typed, without its paragraphs
	words []string // what its heading begins with where that is a word of its own: section 49
	end   int      // where it ends in the query
	act   string   // "" where no act is named behind it
	actAt int      // offset of the act from the beginning of the query
}

// articleAt reads the article that a query names at a place, and where that ends; nil
// if it names none, or what comes next makes a word of it.
func articleAt(q string, i, stop int) (ref *articleRef, end int) {
	if last, _ := utf8.DecodeLastRuneInString(q[:i]); i > 0 && !unicode.IsSpace(last) && last != '(' && last != ':' {
		return nil, 0
	}
	m := typedArticle.FindStringSubmatchIndex(q[i:stop])
	if m == nil {
		return nil, 0
	}
	end = i + m[1]
	for goesOn(q, end) { // a tail may be the beginning of another word
		if end != i+m[1] || m[6] == m[7] {
			return nil, 0
		}
		end = i + m[6]
	}
	ref = &articleRef{end: end, head: q[i : i+m[6]]}
	for _, k := range []int{2, 4} {
		if m[k] >= 0 {
			ref.key = articleKey(q[i+m[k] : i+m[k+1]])
			ref.words = ownWord(q[i], q[i+m[k]:i+m[k+1]])
		}
	}
	if strings.HasPrefix(strings.TrimSpace(q[end:]), "NEAR") {
		return nil, 0
	}
	if a := shortName.FindStringSubmatchIndex(q[end:stop]); a != nil {
		switch name := q[end+a[2] : end+a[3]]; name {
		case "AND", "OR", "NOT", "NEAR":
		default:
			ref.act, ref.actAt = name, end+a[2]
			end += a[3]
		}
	}
	return ref, end
}

// ownWord is how the heading of a section or of what German calls a paragraph
// begins, which are typed "s. 49" and "Paragraph 50", too; nil of articles.
func ownWord(first byte, number string) []string {
	word := map[byte]string{'s': "section", 'S': "section", 'P': "paragraph"}[first]
	if word == "" {
		return nil
	}
	return exactWords(word + " " + number)
}

// startsArticle reports whether an article may begin with a letter.
func startsArticle(r rune) bool { return strings.ContainsRune("aA§lLrRdDsSP", r) }

// lexArticleOr reads an article, or what else begins at i.
func lexArticleOr(q string, i int, cites []cite.Cite, done []lexeme) (lexeme, int, *QueryError) {
	stop := untilNumber(cites, q)
	value := valueOf(done, i)
	near := len(done) > 0 && done[len(done)-1].kind == lexNear
	if ref, end := articleAt(q, i, stop); ref != nil && !near && (!value || done[len(done)-1].text == "article") {
		if value {
			return lexeme{kind: lexPhrase, text: q[i:ref.end], pos: i}, ref.end, nil
		}
		return lexeme{kind: lexArticle, text: q[i:ref.end], pos: i, article: ref}, end, nil
	}
	return lexRun(q, i, stop)
}

// article reads an article that is named among words: it stands where its words
// do, with its paragraphs or without, and where it is itself, which comes first. The act behind it need not be
// named there.
func (p *parser) article(l lexeme, field string) (*node, *QueryError) {
	words := lexeme{kind: lexPhrase, text: l.text, pos: l.pos}
	either := func() (*node, *QueryError) {
		n, err := p.leaf(words, field)
		if err != nil || n == nil || field != "" || p.change != stands {
			return n, err
		}
		kids := []*node{n}
		if head := exactWords(l.article.head); len(head) > 1 && len(head) < len(n.words) {
			kids = append(kids, &node{op: opPhrase, pos: l.pos, text: l.article.head, words: head})
		}
		if own := l.article.words; own != nil {
			kids = append(kids, &node{op: opPhrase, pos: l.pos, text: l.article.head, words: own},
				&node{op: opPhrase, pos: l.pos, text: l.article.head, field: "path", words: own, named: true})
		}
		itself := &node{op: opField, pos: l.pos, text: l.text, field: "article", keys: []string{l.article.key}, named: true}
		return group(opOr, l.pos, append(kids, itself)), nil
	}
	n, err := either()
	if err != nil || n == nil || l.article.act == "" {
		return n, err
	}
	act, err := p.leaf(lexeme{kind: lexWord, text: l.article.act, pos: l.article.actAt}, field)
	if err != nil || act == nil {
		return n, err
	}
	of, err := either()
	if err != nil {
		return nil, err
	}
	if field == "" && p.change == stands {
		title := *act
		title.op, title.field = opPhrase, "title"
		act = group(opOr, act.pos, []*node{act, &title})
	}
	return group(opOr, l.pos, []*node{group(opAnd, l.pos, []*node{of, act}), n}), nil
}

// namedArticle finds the passages of an article that is named among words. They,
// and their pages, come before those that have words only; and what is headed by
// the very word, such as section, before articles with the same number.
func (e *engine) namedArticle(n *node, pass filter, counts bool) (*holds, error) {
	terms, err := e.terms(n, pass)
	if err != nil {
		return nil, err
	}
	boost := float32(boostArticle)
	if n.field == "path" {
		boost *= 2
	}
	h, pages := newHolds(e.pages, e.past), map[int32]bool{}
	for i := range terms {
		for _, p := range terms[i].postings {
			e.hold(h, p.doc)
			if !counts {
				continue
			}
			e.touch(p.doc)
			e.add(p.doc, boost)
			if page := e.page[p.doc]; !pages[page] {
				pages[page] = true
				e.pageScore[page] += float64(boost)
			}
		}
	}
	e.reuse(terms)
	h.settle()
	return h, nil
}

// goesOn reports whether what stands behind a number makes it the beginning of
// something else.
func goesOn(q string, end int) bool {
	next, n := utf8.DecodeRuneInString(q[end:])
	return n > 0 && (unicode.IsLetter(next) || unicode.IsDigit(next) || strings.ContainsRune("*~:/-", next))
}
