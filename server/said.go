package server

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An idiom is a sentence that the program says in English wherever it is not
// asked for a language – why a look brought nothing, which the archive keeps,
// or what is wrong with a parameter – and the same in the other languages, from
// messages/said.json. {0}, {1}, … stand for what differs.
type idiom struct {
	in      map[string]string // by language
	start   string            // what the English one begins with
	pattern *regexp.Regexp    // the English one
	order   []int             // which placeholder a group of pattern is
}

// placeholder is what stands in a message for something that is put in.
var placeholder = regexp.MustCompile(`\{(\d)\}`)

// loadIdioms reads messages/said.json; those that say most come first.
func loadIdioms() ([]idiom, error) {
	data, err := messageFiles.ReadFile("messages/said.json")
	if err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	var all []map[string]string
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("messages/said.json: %w", err)
	}
	var out []idiom
	for _, in := range all {
		p := idiom{in: in}
		text, pattern := in["en"], "^"
		for i, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
			n, err := strconv.Atoi(text[m[2]:m[3]])
			if err != nil {
				return nil, fmt.Errorf("messages/said.json: %q: %w", text, err)
			}
			if i == 0 {
				p.start = text[:m[0]]
			}
			p.order = append(p.order, n)
		}
		if len(p.order) == 0 {
			p.start = text
		}
		for i, literal := range placeholder.Split(text, -1) {
			if i > 0 {
				pattern += "(.+?)"
			}
			pattern += regexp.QuoteMeta(literal)
		}
		if p.pattern, err = regexp.Compile("(?s)" + pattern + "$"); err != nil {
			return nil, fmt.Errorf("messages/said.json: %q: %w", text, err)
		}
		out = append(out, p)
	}
	said := func(p idiom) int { return len(placeholder.ReplaceAllString(p.in["en"], "")) }
	slices.SortStableFunc(out, func(a, b idiom) int { return said(b) - said(a) })
	return out, nil
}

// A wordsIn is something said, and its language where that is not the reader's.
type wordsIn struct{ Text, Lang string }

// Say says in the language what the program has said in English; in English,
// and with that language, if there are no words for it. What was put in is said
// too if it is an idiom itself, and else left as it is; what stands between
// straight quotation marks gets those of the language.
func (t *tongue) Say(english string) wordsIn {
	if text, ok := t.idiom(english); ok {
		return wordsIn{Text: text}
	}
	text := straight.ReplaceAllStringFunc(english, func(typed string) string { return inMarks("en", typed) })
	if t.lang == "en" || english == "" {
		return wordsIn{Text: text}
	}
	return wordsIn{text, "en"}
}

// idiom says one of the sentences of messages/said.json.
func (t *tongue) idiom(english string) (string, bool) {
	for _, p := range t.idioms {
		if !strings.HasPrefix(english, p.start) {
			continue
		}
		groups := p.pattern.FindStringSubmatch(english)
		if groups == nil {
			continue
		}
		return placeholder.ReplaceAllStringFunc(p.in[t.lang], func(hole string) string {
			put := groups[1+slices.Index(p.order, int(hole[1]-'0'))]
			if text, ok := t.idiom(put); ok {
				return text
			}
			return inMarks(t.lang, put)
		}), true
	}
	return "", false
}
