package extract

import (
	"strings"

	"github.com/abadojack/whatlanggo"

	"veille/archive"
)

// langCode reduces a language tag ("fr-BE", "nl_BE", "ENG") to its ISO 639-1
// code; "" if it is not one.
func langCode(tag string) string {
	tag = strings.ToLower(strings.TrimSpace(tag))
	if i := strings.IndexAny(tag, "-_,; "); i >= 0 {
		tag = tag[:i]
	}
	switch tag {
	case "eng":
		return "en"
	case "fra", "fre":
		return "fr"
	case "nld", "dut":
		return "nl"
	case "deu", "ger":
		return "de"
	}
	if len(tag) != 2 || strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return tag
}

// stopWords are frequent words that belong to one of the four languages only,
// or to few enough that the others outvote them.
var stopWords = map[string]string{
	"the": "en", "of": "en", "and": "en", "to": "en", "that": "en", "with": "en", "by": "en", "from": "en", "are": "en", "which": "en", "shall": "en", "has": "en", "their": "en", "this": "en",
	"le": "fr", "la": "fr", "les": "fr", "des": "fr", "et": "fr", "du": "fr", "une": "fr", "dans": "fr", "pour": "fr", "que": "fr", "qui": "fr", "au": "fr", "aux": "fr", "par": "fr", "est": "fr", "sur": "fr", "vous": "fr",
	"het": "nl", "een": "nl", "van": "nl", "en": "nl", "dat": "nl", "op": "nl", "voor": "nl", "zijn": "nl", "met": "nl", "aan": "nl", "te": "nl", "niet": "nl", "wordt": "nl", "bij": "nl", "worden": "nl", "u": "nl",
	"der": "de", "die": "de", "und": "de", "das": "de", "den": "de", "von": "de", "zu": "de", "mit": "de", "sich": "de", "ist": "de", "nicht": "de", "auf": "de", "für": "de", "eine": "de", "dem": "de", "werden": "de",
}

// whitelist bounds the guesses of the trigram model to the languages of the
// sources; with more of them it errs more.
var whitelist = whatlanggo.Options{Whitelist: map[whatlanggo.Lang]bool{
	whatlanggo.Eng: true, whatlanggo.Fra: true, whatlanggo.Nld: true, whatlanggo.Deu: true, whatlanggo.Ita: true,
	whatlanggo.Spa: true, whatlanggo.Dan: true, whatlanggo.Por: true, whatlanggo.Swe: true,
}}

// Lengths of text, in bytes, from which its language is guessed at all, and
// from which the guess may overrule what is declared.
const (
	guessFrom    = 80
	overruleFrom = 400
	guessSample  = 4000
)

// sample joins main text for guessing its language.
func sample(blocks []archive.Block) string {
	var s strings.Builder
	for i := range blocks {
		if blocks[i].Role == archive.Main && s.Len() < guessSample {
			t := blocks[i].Text
			s.WriteString(t[:min(len(t), guessSample)])
			s.WriteByte(' ')
		}
	}
	return s.String()
}

// detect guesses the language of a text, "" if it is too short. sure is true
// if frequent words and trigrams agree.
func detect(text, declared string) (lang string, sure bool) {
	if len(text) < guessFrom {
		return "", false
	}
	words, votes := voted(text)
	if words != "" && words == declared {
		return words, true
	}
	info := whatlanggo.DetectWithOptions(text, whitelist)
	trigrams := ""
	if info.Lang >= 0 {
		trigrams = info.Lang.Iso6391()
	}
	if words != "" && votes >= 8 {
		return words, words == trigrams
	}
	return trigrams, words == "" && info.IsReliable()
}

// voted counts stop words; the winner must have twice as many as the next.
func voted(text string) (lang string, votes int) {
	counts := map[string]int{}
	for w := range strings.FieldsSeq(text) {
		w = strings.Trim(w, ".,;:()«»\"'!?")
		if len(w) == 0 || len(w) > 6 {
			continue
		}
		if l, ok := stopWords[strings.ToLower(w)]; ok {
			counts[l]++
		}
	}
	second := 0
	for _, l := range []string{"en", "fr", "nl", "de"} {
		switch n := counts[l]; {
		case n > votes:
			lang, votes, second = l, n, votes
		case n > second:
			second = n
		}
	}
	if votes < 3 || votes < 2*second {
		return "", 0
	}
	return lang, votes
}

// Lengths of a block, in bytes, and frequent words, from which its language is
// told apart from the page's.
const (
	blockFrom  = 60
	blockVotes = 4
)

// BlockLanguages returns the language of each block of a version. It is the
// version's, unless the block is long enough to show by its frequent words
// that it is another of the four languages: reports of parliaments change it
// by the paragraph. A short block between two of one language is taken for
// that language.
func BlockLanguages(v *archive.Version) []string {
	langs := make([]string, len(v.Blocks))
	for i := range v.Blocks {
		b := &v.Blocks[i]
		langs[i] = v.Lang
		if len(b.Text) < blockFrom {
			if i > 0 && b.Kind != archive.Heading && b.Role == v.Blocks[i-1].Role && followed(v.Blocks[i:], langs[i-1]) {
				langs[i] = langs[i-1]
			}
			continue
		}
		if lang, votes := voted(b.Text[:min(len(b.Text), guessSample)]); votes >= blockVotes {
			langs[i] = lang
		}
	}
	return langs
}

// followed reports whether the next block that is long enough, of the few that
// come, is in this language.
func followed(blocks []archive.Block, lang string) bool {
	for i := range blocks[:min(len(blocks), 6)] {
		if len(blocks[i].Text) >= blockFrom {
			next, votes := voted(blocks[i].Text[:min(len(blocks[i].Text), guessSample)])
			return votes >= blockVotes && next == lang
		}
	}
	return false
}

// language decides the language of a text: the declared one, unless the text
// is long and surely in another of the four languages.
func language(declared, detected string, sure bool, size int) string {
	if declared == "" {
		return detected
	}
	if detected != "" && detected != declared && sure && size >= overruleFrom {
		return detected
	}
	return declared
}
