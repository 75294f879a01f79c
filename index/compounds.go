package index

import (
	"embed"
	"slices"
	"strings"
	"sync"

	"veille/thesaurus"
)

// Compounds. In Dutch and German "terugkeerbeleid" is about beleid, and a
// "Rückkehrentscheidung" is an Entscheidung. Words of these languages are taken
// apart where all of them is words of a list, so that each part finds the whole
// – ranked below where it stands by itself – and the whole finds its parts side
// by side, as with a hyphen between them. The lists are of the field and of
// administration; they are data, compounds/nl.txt and compounds/de.txt.

//go:embed compounds/*.txt
var compoundFiles embed.FS

const (
	boostPart    = 0.35 // a compound, for one of its parts
	leastPart    = 3    // letters of a part
	leastWhole   = 8    // letters of a word that is taken apart
	maxParts     = 4
	longestWhole = 48
)

// A splitter takes compounds of one language apart.
type splitter struct {
	lang  string
	words map[string]bool // as they stand in compounds
	stems map[string]bool
	links []string // what may stand between two parts
}

// splitters are those of the languages that have compounds, made once.
var splitters = sync.OnceValue(func() map[string]*splitter {
	return map[string]*splitter{
		"nl": newSplitter("nl", "", "s", "en", "e", "n"),
		"de": newSplitter("de", "", "s", "es", "en", "n", "er", "e"),
	}
})

func newSplitter(lang string, links ...string) *splitter {
	s := &splitter{lang: lang, words: map[string]bool{}, stems: map[string]bool{}, links: links}
	data, err := compoundFiles.ReadFile("compounds/" + lang + ".txt")
	if err != nil {
		return s // cannot happen: the file is part of the program
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Fields(line) {
			w = plainUmlauts(lang, thesaurus.Fold(w))
			s.words[w] = true
			s.stems[languages()[lang].stem(w)] = true
		}
	}
	return s
}

// plainUmlauts writes ae, oe and ue as texts without umlauts are folded.
func plainUmlauts(lang, word string) string {
	if lang != "de" {
		return word
	}
	return strings.NewReplacer("ae", "a", "oe", "o", "ue", "u").Replace(word)
}

// parts are the stems of the parts of a folded word, nil if it is no compound.
func (s *splitter) parts(word string) []string {
	if s == nil || len(word) < leastWhole || len(word) > longestWhole {
		return nil
	}
	word = plainUmlauts(s.lang, word)
	return s.split(word, maxParts)
}

// split takes the longest first part for which the rest can be taken apart.
func (s *splitter) split(word string, most int) []string {
	if most < 2 {
		return nil
	}
	l := languages()[s.lang]
	for at := len(word) - leastPart; at >= leastPart; at-- {
		if !s.words[word[:at]] {
			continue
		}
		for _, link := range s.links {
			rest, ok := strings.CutPrefix(word[at:], link)
			if !ok || len(rest) < leastPart {
				continue
			}
			head := l.stem(word[:at])
			if stem := l.stem(rest); s.words[rest] || stem != "" && s.stems[stem] {
				return []string{head, stem}
			}
			if more := s.split(rest, most-1); more != nil {
				return slices.Concat([]string{head}, more)
			}
		}
	}
	return nil
}
