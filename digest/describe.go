package digest

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// title names a subscription in a few words: as its reader does, or by its first part.
func (l *letters) title(w *tongue, s *Subscription) string {
	switch {
	case s.Name != "":
		return s.Name
	case s.Query != "":
		return s.Query
	case s.Passage != "":
		return w.say("what.passage", "text", cut(s.Passage, 60))
	case len(s.Documents) > 0:
		return w.say("what.documents", "list", strings.Join(s.Documents, ", "))
	case len(s.Topics) > 0:
		return l.topicNames(w, s)
	case len(s.Sources) > 0:
		return l.sourceNames(w, s)
	case len(s.Jurisdictions) > 0:
		return w.placeNames(s)
	case len(s.Kinds) > 0:
		return w.kindNames(s)
	}
	return w.say("what.all")
}

// titles names what a digest is about: of all subscriptions that have something
// in it, the first, and how many more.
func (l *letters) titles(w *tongue, t *telling) string {
	var names []string
	seen := map[int64]bool{}
	add := func(subs []*Subscription) {
		for _, s := range subs {
			if !seen[s.ID] {
				seen[s.ID] = true
				names = append(names, l.title(w, s))
			}
		}
	}
	for _, i := range t.items {
		add(i.reasons)
	}
	for _, n := range t.notices {
		add(n.reasons)
	}
	if len(names) == 0 {
		add(t.subs)
	}
	if len(names) == 1 {
		return names[0]
	}
	return w.say("what.more", "first", names[0], "n", strconv.Itoa(len(names)-1))
}

// reason says why a reader is told of something: by name, or by what of it is
// watched.
func (l *letters) reason(w *tongue, s *Subscription) string {
	switch {
	case s.Name != "":
		return s.Name
	case s.Query != "":
		return w.say("because.query", "query", s.Query)
	case s.Passage != "":
		return w.say("because.passage", "text", cut(s.Passage, 60))
	case len(s.Documents) > 0:
		return w.say("because.document")
	case len(s.Sources) > 0:
		return w.say("because.source", "list", l.sourceNames(w, s))
	case len(s.Topics) > 0:
		return w.say("because.topic", "list", l.topicNames(w, s))
	}
	return l.title(w, s)
}

func (l *letters) reasons(w *tongue, subs []*Subscription) string {
	var list []string
	for _, s := range subs {
		list = append(list, l.reason(w, s))
	}
	return w.say("because", "list", strings.Join(list, w.say("list")))
}

// describe puts a subscription in words, a line a part.
func (l *letters) describe(w *tongue, s *Subscription) []string {
	var lines []string
	add := func(key string, there bool, values ...string) {
		if there {
			lines = append(lines, w.say(key, values...))
		}
	}
	add("what.query", s.Query != "", "query", s.Query)
	add("what.passage", s.Passage != "", "text", cut(s.Passage, 200))
	add("what.documents", len(s.Documents) > 0, "list", strings.Join(s.Documents, ", "))
	add("what.topics", len(s.Topics) > 0, "list", l.topicNames(w, s))
	add("what.sources", len(s.Sources) > 0, "list", l.sourceNames(w, s))
	add("what.jurisdictions", len(s.Jurisdictions) > 0, "list", w.placeNames(s))
	all := len(lines) == 0 && len(s.Kinds) == 0
	switch {
	case len(lines) > 0:
		add("what.kinds", len(s.Kinds) > 0, "list", w.kindNames(s))
	case len(s.Kinds) > 0:
		lines = append(lines, w.kindNames(s))
	}
	when := w.say("when."+string(s.Cadence), "at", s.At, "zone", s.Zone)
	if s.Workdays {
		when = w.say("when.workdays", "when", when)
	}
	if !slices.Equal(s.Kinds, []Kind{KindHealth}) { // which has no weight
		key := "what.weight"
		switch {
		case s.MinWeight == 5:
			key = "what.weight.top"
		case s.MinWeight > 1 && all:
			key = "what.all.weight"
		case all:
			key = "what.all.any"
		case s.MinWeight <= 1:
			key = "what.weight.any"
		}
		add(key, true, "n", strconv.Itoa(s.MinWeight))
	}
	lines = append(lines, when)
	add("what.density."+string(s.Density), s.Density == Headlines || s.Density == Full)
	add("what.always", s.Always)
	return lines
}

func (w *tongue) kindNames(s *Subscription) string {
	var names []string
	for _, k := range s.Kinds {
		names = append(names, w.say("kind."+string(k)))
	}
	return strings.Join(names, ", ")
}

func (w *tongue) placeNames(s *Subscription) string {
	var names []string
	for _, code := range s.Jurisdictions {
		names = append(names, w.placeName(code))
	}
	return strings.Join(names, ", ")
}

// placeName is what a country or body is called; its code if nobody knows.
func (w *tongue) placeName(code string) string {
	if key := "place." + code; w.phrases[key] != nil {
		return w.say(key)
	}
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return or(display.Regions(language.Make(w.lang)).Name(region), code)
}

func (l *letters) described(w *tongue, s *Subscription) described {
	d := described{Name: s.Name, Text: strings.Join(l.describe(w, s), w.say("list"))}
	if s.Note != "" {
		d.Note = w.say("what.note", "note", s.Note)
	}
	return d
}

func (l *letters) topicNames(w *tongue, s *Subscription) string {
	var names []string
	for _, id := range s.Topics {
		names = append(names, l.topicName(w, id))
	}
	return strings.Join(names, ", ")
}

func (l *letters) topicName(w *tongue, id string) string {
	if topic, ok := l.thesaurus.Topic(id); ok {
		return topic.Label(w.lang)
	}
	return id
}

func (l *letters) sourceNames(w *tongue, s *Subscription) string {
	var names []string
	for _, id := range s.Sources {
		names = append(names, l.sourceName(id, w.lang))
	}
	return strings.Join(names, ", ")
}

func (l *letters) sourceName(id, lang string) string {
	if s := l.sources.Source(id); s != nil {
		return s.Label(lang)
	}
	return id
}

// Describe puts a subscription in words, a line a part, in a language: for the
// pages on which it is confirmed, changed or stopped.
func (d *Digester) Describe(sub *Subscription, lang string) ([]string, error) {
	l, err := newLetters(&url.URL{}, d.Sources, d.Thesaurus)
	if err != nil {
		return nil, err
	}
	return l.describe(l.tongue(lang, sub.Zone), sub), nil
}
