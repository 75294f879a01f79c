package extract

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// latin matches the Latin words that put an article between two others, from
// "bis" to "vicies", and the German and Dutch way of doing so with a letter.
const latin = `(?:bis|ter|quater|quinquies|sexies|septies|octies|novies|nonies|decies|undecies|duodecies|terdecies|quaterdecies|quindecies|quinquiesdecies|sexdecies|sexiesdecies|septdecies|septiesdecies|octodecies|novodecies|vicies)`

// articleMark matches the number of an article at the beginning of a text, as
// laws in the four languages write it: "Art. 8", "Artikel 12bis", "§ 62b",
// "Article 3(1)(b)", "Art. 7/1bis", "Article L. 511-1", "Article premier".
var articleMark = regexp.MustCompile(`^(?i:art(?:\.|icles?|ikel|ikelen)?|§§?)[ ]?` +
	`(?i:premier|unique|[LRDA]\.?[ ]?\*?[0-9]+(?:-[0-9]+)*(?:[ ]?` + latin + `\b)?|[0-9]+(?:er|ère|re)?(?:[ ]?` + latin + `\b)?[a-z]?\b(?:[/.:-][0-9]+[a-z]*(?:` + latin + `\b)?|-` + latin + `\b)*(?:\([0-9a-z]{1,4}\))*|[IVXLC]+\b)`)

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
	bare := noteRef.ReplaceAllString(rest, "")
	if bare == "" || bare == "." || bare == ":" {
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

// noteRef matches the reference to a note right behind a number.
var noteRef = regexp.MustCompile(`^ ?(?:\[\^?[0-9]{1,3}\]|\([*†]\)|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}|\*{1,3}) ?`)

// isSection reports whether a mark is a "§", which is a part of an article in
// Belgian and French law and an article itself in German law.
func isSection(mark string) bool { return strings.HasPrefix(mark, "§") }

// A rank is the place of a division among those of a law; the outer first.
type rank uint8

const (
	noRank      rank = iota
	rankAnnex        // as far out as the law itself
	rankPart         // part, book
	rankTitle        // title
	rankChapter      // chapter
	rankSection      // section
	rankSub          // subsection, paragraph of a French code
	rankArticle
)

// divisionWords are the names of divisions in the four languages, with the
// piece of an anchor that stands for each.
var divisionWords = map[string]struct {
	rank rank
	slug string
}{
	"part": {rankPart, "part"}, "partie": {rankPart, "part"}, "deel": {rankPart, "part"}, "teil": {rankPart, "part"},
	"book": {rankPart, "book"}, "livre": {rankPart, "book"}, "boek": {rankPart, "book"}, "buch": {rankPart, "book"},
	"title": {rankTitle, "title"}, "titre": {rankTitle, "title"}, "titel": {rankTitle, "title"},
	"chapter": {rankChapter, "chap"}, "chapitre": {rankChapter, "chap"}, "hoofdstuk": {rankChapter, "chap"}, "kapitel": {rankChapter, "chap"},
	"section": {rankSection, "sec"}, "afdeling": {rankSection, "sec"}, "abschnitt": {rankSection, "sec"}, "division": {rankSection, "sec"},
	"subsection": {rankSub, "subsec"}, "sous-section": {rankSub, "subsec"}, "onderafdeling": {rankSub, "subsec"}, "unterabschnitt": {rankSub, "subsec"},
	"subdivision": {rankSub, "subsec"}, "paragraaf": {rankSub, "subsec"}, "paragraphe": {rankSub, "subsec"}, "paragraph": {rankSub, "subsec"}, "titel-": {rankSub, "subsec"},
	"annex": {rankAnnex, "annex"}, "annexe": {rankAnnex, "annex"}, "bijlage": {rankAnnex, "annex"}, "anlage": {rankAnnex, "annex"},
	"anhang": {rankAnnex, "annex"}, "schedule": {rankAnnex, "annex"}, "appendix": {rankAnnex, "annex"},
}

// division matches the name and number of a division: "CHAPITRE II", "Deel 3a",
// "Abschnitt 2", "Teil A", "Section 1re", "SCHEDULE 2", "1. Abschnitt",
// "Première partie", and of an annex also without number.
var division = regexp.MustCompile(`^(?i:(part|partie|deel|teil|book|livre|boek|buch|title|titre|titel|chapter|chapitre|hoofdstuk|kapitel|section|afdeling|abschnitt|division|` +
	`subsection|sous-section|onderafdeling|unterabschnitt|subdivision|paragraaf|paragraphe|annexe?|bijlage|anlage|anhang|schedule|appendix)` +
	`(?:[ .]+((?:[0-9]+(?:er|ère|re|e|ste|de)?[a-z]?|[IVXLC]+(?:er|ère|re|[a-z])?|[A-H]|premier|première|unique|préliminaire|liminaire)(?:[ ]?` + latin + `)?(?:[/.][0-9IVX]+)*))?)(?:$|[ .:,)–—-])`)

// numberedFirst matches a division whose number comes first: "1. Abschnitt".
var numberedFirst = regexp.MustCompile(`^(?i:([0-9]{1,2}[a-z]?|[IVXLC]+)\. ?(Teil|Buch|Titel|Kapitel|Abschnitt|Unterabschnitt|Hauptstück))(?:$|[ .:–—-])`)

// divisionOf reads the name of a division at the beginning of a heading's
// text. number is "" for an annex that has none; rest is its title.
func divisionOf(text string) (r rank, slug, number, rest string) {
	if len(text) < 4 {
		return noRank, "", "", ""
	}
	if text[0] == '[' { // "[¹ CHAPITRE IIbis. - …]¹"
		text = strings.TrimPrefix(text, opened.FindString(text))
	}
	head := text[:min(len(text), 80)]
	if m := numberedFirst.FindStringSubmatchIndex(head); m != nil {
		d := divisionWords[strings.ToLower(head[m[4]:m[5]])]
		if d.rank == noRank { // "Hauptstück"
			d.rank, d.slug = rankChapter, "chap"
		}
		return d.rank, d.slug, head[m[2]:m[3]], trimTitle(text[m[5]:])
	}
	m := division.FindStringSubmatchIndex(head)
	if m == nil {
		return noRank, "", "", ""
	}
	d := divisionWords[strings.ToLower(head[m[2]:m[3]])]
	if m[4] < 0 {
		if d.rank != rankAnnex {
			return noRank, "", "", ""
		}
		return d.rank, d.slug, "", trimTitle(text[m[3]:])
	}
	return d.rank, d.slug, head[m[4]:m[5]], trimTitle(text[m[5]:])
}

func trimTitle(s string) string { return strings.TrimLeft(s, " .:–—-") }

// loneDivision reports whether a paragraph is nothing but the name of a
// division and its title, and so a heading that was not marked as one.
func loneDivision(text string) bool {
	if len(text) > 200 || strings.HasSuffix(text, ";") || strings.HasSuffix(text, ",") {
		return false
	}
	r, _, number, rest := divisionOf(text)
	if r == noRank {
		return false
	}
	if rest == "" {
		return number != "" || len(text) < 20
	}
	first, _ := utf8.DecodeRuneInString(rest)
	gap := text[:len(text)-len(rest)]
	marked := strings.ContainsAny(gap[len(gap)-min(len(gap), 4):], ".:–—-")
	if marked { // "CHAPITRE II. - Du séjour."
		return unicode.IsUpper(first) || first == '(' || first == '[' || first == '<'
	}
	return unicode.IsUpper(first) && !endsSentence(text) && number != ""
}

// whereas matches the line before the recitals of an act.
var whereas = regexp.MustCompile(`(?i)^(?:whereas|considérant(?: ce qui suit)?|overwegende(?: hetgeen volgt)?|(?:in erwägung )?nachstehender gründe|in erwägung nachstehender gründe)[ ]?[:,]?$`)

// pointMark matches the number of a paragraph or point at the beginning of a
// text, inside an article: "(2)", "2.", "2)", "1°", "a)", "(a)", "(iv)", "aa)", "4°bis".
var pointMark = regexp.MustCompile(`^(\((?:[0-9]{1,3}(?:\.[0-9]{1,2})?[a-zA-Z]{0,3}|[a-z]{1,2}(?:\.[0-9]{1,2})?|[ivx]{1,5}(?:\.[0-9]{1,2})?)\)|[0-9]{1,3}[a-z]?[.)](?:[0-9]{1,2}[.)]?)*|[0-9]{1,3}°(?:[ ]?` + latin + `)?(?:/[0-9]{1,2})?\.?|[a-z]{1,2}(?:\.[0-9]{1,2})?\)|[ivx]{1,5}(?:\.[0-9])?\)|[a-z]\.)[ ](\S.*)$`)

// point splits the number of a paragraph or point off the text it begins.
func point(text string) (mark, rest string) {
	if len(text) < 3 || text[0] > '9' && (text[0] < 'a' || text[0] > 'z') || text[0] < '(' {
		return "", ""
	}
	m := pointMark.FindStringSubmatch(text)
	if m == nil {
		return "", ""
	}
	return m[1], m[2]
}

// A pointKind is how the points of one level are numbered.
type pointKind uint8

const (
	noPoint     pointKind = iota
	parenFigure           // (1)
	dotFigure             // 1.
	halfFigure            // 1)
	degree                // 1°
	letter                // a) (a) a.
	double                // aa)
	numeral               // i) (iv)
)

// kindOfPoint tells the kind of a mark; before is the mark of the point before
// on the same level, which decides whether "i)" follows "h)" or begins a level.
func kindOfPoint(mark, before string) pointKind {
	core := strings.Trim(mark, "().°")
	if i := strings.IndexByte(core, '.'); i > 0 && core[0] > '9' { // "(a.1)" stands between (a) and (b)
		core = core[:i]
	}
	switch {
	case core == "":
		return noPoint
	case strings.Contains(mark, "°"):
		return degree
	case core[0] >= '0' && core[0] <= '9':
		switch {
		case mark[0] == '(':
			return parenFigure
		case strings.HasSuffix(mark, ")"):
			return halfFigure
		}
		return dotFigure
	case strings.Trim(core, "ivx") == "" && !follows(core, strings.Trim(before, "().")):
		return numeral
	case len(core) == 2 && core[0] == core[1]:
		return double
	case len(core) <= 2 && core[0] >= 'a' && core[0] <= 'z':
		return letter
	}
	return noPoint
}

// follows reports whether a letter is the one after another: i after h.
func follows(core, before string) bool {
	return len(core) == 1 && len(before) >= 1 && before[0]+1 == core[0]
}

// amendmentNote matches the beginning of a note on the amendment that made a
// passage, as the Belgian register writes them under an article:
// "(1)<L 2009-05-06/03, art. 160, 024; En vigueur : 16-05-2009>".
var amendmentNote = regexp.MustCompile(`^\(([0-9]{1,3})\) ?<[A-Z][A-Za-zéè. ]{0,40} ?[0-9]{4}-[0-9]{2}-[0-9]{2}`)
