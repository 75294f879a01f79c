package server

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// gist is a summary that stands under its title, which it need not repeat.
func gist(summary, title string) string {
	for _, colon := range []string{": ", " : ", "\u00a0: "} {
		if rest, ok := strings.CutPrefix(summary, title+colon); ok {
			r, n := utf8.DecodeRuneInString(rest)
			return string(unicode.ToUpper(r)) + rest[n:]
		}
	}
	return summary
}

// quotation is what stands between the quotation marks of the four languages.
var quotation = regexp.MustCompile(`“[^“”]+”|„[^„“”]+[“”]|«\x{a0}[^«»]+\x{a0}»`)

// straight is what a message repeats of what was typed, as [quote] has it.
var straight = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// inMarks puts a text that stands between English or straight quotation marks,
// and they around nothing else, between those of a language. Other texts stay as they are.
func inMarks(lang, text string) string {
	if straight.FindString(text) == text && text != "" {
		text = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(text[1 : len(text)-1])
	} else if quotation.FindString(text) == text && strings.HasPrefix(text, "“") {
		text = strings.TrimSuffix(strings.TrimPrefix(text, "“"), "”")
	} else {
		return text
	}
	switch lang {
	case "fr":
		return "«\u00a0" + text + "\u00a0»"
	case "de":
		return "„" + text + "“"
	}
	return "“" + text + "”"
}

// quotesIn takes a summary in one language apart: what it quotes of a text in
// another is in that language, and what stands around it in the reader's.
func quotesIn(summary, lang, reader string) []wordsIn {
	summary = strings.ReplaceAll(summary, " %", "\u00a0%") // which does not begin a line
	if lang == reader || lang == "" {
		return []wordsIn{{Text: summary}}
	}
	var out []wordsIn
	last := 0
	for _, at := range quotation.FindAllStringIndex(summary, -1) {
		_, open := utf8.DecodeRuneInString(summary[at[0]:])
		_, shut := utf8.DecodeLastRuneInString(summary[:at[1]])
		out = append(out, wordsIn{Text: summary[last : at[0]+open]}, wordsIn{summary[at[0]+open : at[1]-shut], lang})
		last = at[1] - shut
	}
	return append(out, wordsIn{Text: summary[last:]})
}

// shown are the headings above a passage, without the one that only repeats
// the page's title.
func shown(path []string, title string) []string {
	if len(path) > 0 && path[0] == title {
		return path[1:]
	}
	return path
}

// A marked is a run of text that was found, or that stands around it.
type marked struct {
	Text string
	Mark bool
}

// marks takes a highlight apart: text that is escaped for HTML, with <mark>
// and </mark> in it. Whatever else it holds becomes text: templates get runs
// of text and never markup that was made elsewhere.
func marks(highlight string) []marked {
	var out []marked
	on := false
	for highlight != "" {
		tag := "<mark>"
		if on {
			tag = "</mark>"
		}
		text, rest, found := strings.Cut(highlight, tag)
		if text != "" {
			out = append(out, marked{html.UnescapeString(text), on})
		}
		if !found {
			break
		}
		on, highlight = !on, rest
	}
	return out
}
