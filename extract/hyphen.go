package extract

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Which hyphens at the ends of lines belong to the words.

// join appends a line to a text, undoing hyphenation.
func (j *joiner) join(text, line string) string {
	base, hyphen := strings.CutSuffix(text, "-")
	if !hyphen {
		base, hyphen = strings.CutSuffix(text, "\u2010")
	}
	if word, _, _ := strings.Cut(line, " "); hyphen && suspended[word] {
		return text + " " + line // "Aus- und Weiterbildung"
	}
	first, _ := utf8.DecodeRuneInString(line)
	before, _ := utf8.DecodeLastRuneInString(base)
	if !hyphen || !unicode.IsLower(first) || !unicode.IsLetter(before) {
		if hyphen && (unicode.IsLetter(first) && unicode.IsLetter(before) || unicode.IsDigit(first) && unicode.IsDigit(before)) {
			return text + line // "EU-" + "Richtlinie", "3-" + "12"
		}
		return text + " " + line
	}
	end := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		end = len(line)
	}
	head := base[strings.LastIndexFunc(base, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
	if j.whole[strings.ToLower(head+"-"+line[:end])] || hasOwnHyphen(j.lang, strings.ToLower(head), line[:end]) {
		return base + "-" + line
	}
	return base + line
}

// suspended are the words before which a hyphen stands for the rest of a
// compound, in the four languages.
var suspended = map[string]bool{"und": true, "oder": true, "bzw.": true, "sowie": true, "bis": true, "als": true, "wie": true,
	"en": true, "of": true, "et": true, "ou": true, "and": true, "or": true, "to": true, "/": true}

// ownHyphens are, by language, the first and the last parts of words that are
// written with a hyphen. All others are taken for divided words, unless the
// document itself writes them with a hyphen inside a line.
var ownHyphens = map[string]struct{ heads, tails map[string]bool }{
	"en": {heads: wordSet("non self well ex third long short cross case socio"), tails: wordSet("country based related term up off making called to-date by led free")},
	"fr": {heads: wordSet("non celui celle ceux celles lui elle eux soi vis au ci là quant avant après c'est demi sous ex vice peut grand chef contre porte rendez"),
		tails: wordSet("ci là même mêmes il elle on ils elles t vous nous je ce dessus dessous delà dire être vis conseil après né nés")},
	"nl": {heads: wordSet("niet ex oud vice non co"), tails: wordSet("EU")},
	"de": {heads: wordSet("nicht"), tails: nil},
}

func wordSet(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

// hasOwnHyphen reports whether two parts of a word are usually written with a
// hyphen between them, in a language.
func hasOwnHyphen(lang, head, tail string) bool {
	own, ok := ownHyphens[lang]
	return ok && (own.heads[head] || own.tails[tail])
}

// languageOf guesses the language of the lines of a document, "" if they are
// too few.
func languageOf(lines iter.Seq[string]) string {
	var b strings.Builder
	for l := range lines {
		if b.WriteString(l + "\n"); b.Len() > guessSample {
			break
		}
	}
	lang, _ := detect(b.String()[:min(b.Len(), guessSample)], "")
	return lang
}
