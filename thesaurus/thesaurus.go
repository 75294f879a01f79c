// Package thesaurus knows the concepts of the field – return hub, closed
// centre, entry ban – by all their names in English, French, Dutch and German.
//
// Two things are asked of it: which concepts a phrase names ([Thesaurus.Lookup],
// to widen a search), and which concepts a text speaks of and where
// ([Thesaurus.Find], to label it). Both compare words as [Words] gives them, so
// case, diacritics, apostrophes and hyphens make no difference; only
// abbreviations must stand in their very letters.
//
// The concepts are in concepts.yaml, which is part of the program and says
// itself how it is written.
package thesaurus

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed concepts.yaml
var concepts []byte

// Languages are the codes of the languages in which every concept has a name.
var Languages = []string{"en", "fr", "nl", "de"}

// A Concept is one notion of the field and all its names. It is not to be
// changed.
type Concept struct {
	ID string
	// Pref is the preferred name, by language; all four languages have one.
	Pref map[string]string
	// Variants are further names by language: inflections, compounds, older terms.
	Variants map[string][]string
	// Abbr are abbreviations by language. They count only in these very
	// letters, as whole words, and only in a text of that language.
	Abbr map[string][]string
	// Everyday are those of the names, by language, that mean other things too.
	// They count only in a text that holds one of Near.
	Everyday map[string][]string
	// Near are the words, in any language, that settle the meaning of Everyday.
	Near []string
	// Broader and Related are ids of other concepts.
	Broader, Related []string
}

// Names returns all names in all languages, preferred ones first, each once,
// without abbreviations and everyday names: what a search may be widened to.
func (c *Concept) Names() []string {
	seen := map[string]bool{}
	for _, lang := range Languages {
		for _, name := range c.Everyday[lang] {
			seen[key(name)] = true
		}
	}
	var names []string
	add := func(name string) {
		if k := key(name); !seen[k] {
			seen[k] = true
			names = append(names, name)
		}
	}
	for _, lang := range Languages {
		add(c.Pref[lang])
	}
	for _, lang := range Languages {
		for _, name := range c.Variants[lang] {
			add(name)
		}
	}
	return names
}

// Label returns the preferred name in a language, or the English one.
func (c *Concept) Label(lang string) string {
	if s := c.Pref[lang]; s != "" {
		return s
	}
	return c.Pref["en"]
}

// A Thesaurus is a set of concepts, ready to be searched. It does not change
// and may be used concurrently.
type Thesaurus struct {
	all    []*Concept
	byID   map[string]*Concept
	byName map[string][]*Concept // folded name in any language → concepts, in order of the file
	tries  map[string]*node      // names to find, by language; "" for texts of other languages
	near   *node                 // words that settle everyday names
}

// Load reads the concepts that are part of the program.
func Load() (*Thesaurus, error) {
	return parse(concepts)
}

// entry is a concept as it is written in concepts.yaml.
type entry struct {
	ID       string              `yaml:"id"`
	EN       []string            `yaml:"en"`
	FR       []string            `yaml:"fr"`
	NL       []string            `yaml:"nl"`
	DE       []string            `yaml:"de"`
	Abbr     map[string][]string `yaml:"abbr"`
	Everyday map[string][]string `yaml:"everyday"`
	Near     []string            `yaml:"near"`
	Broader  []string            `yaml:"broader"`
	Related  []string            `yaml:"related"`
}

// parse reads and checks a list of concepts. The error names every mistake.
func parse(data []byte) (*Thesaurus, error) {
	var file struct {
		Concepts []entry `yaml:"concepts"`
	}
	if err := yaml.UnmarshalWithOptions(data, &file, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("concepts: %w", err)
	}
	t := &Thesaurus{byID: map[string]*Concept{}, byName: map[string][]*Concept{}}
	var problems []error
	for i, e := range file.Concepts {
		c, err := e.concept()
		if err == nil && t.byID[c.ID] != nil {
			err = errors.New("the id is used twice")
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("concept %d (%q): %w", i+1, e.ID, err))
			continue
		}
		t.all = append(t.all, c)
		t.byID[c.ID] = c
	}
	for _, c := range t.all {
		for _, id := range slices.Concat(c.Broader, c.Related) {
			if t.byID[id] == nil || id == c.ID {
				problems = append(problems, fmt.Errorf("concept %q: it refers to %q, which is no other concept", c.ID, id))
			}
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	t.index()
	return t, nil
}

// concept checks an entry and takes it over.
func (e *entry) concept() (*Concept, error) {
	c := &Concept{ID: e.ID, Pref: map[string]string{}, Variants: map[string][]string{}, Abbr: e.Abbr,
		Everyday: e.Everyday, Near: e.Near, Broader: e.Broader, Related: e.Related}
	if e.ID == "" || strings.Trim(e.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return nil, errors.New("an id is made of small letters, digits and hyphens")
	}
	for lang, names := range map[string][]string{"en": e.EN, "fr": e.FR, "nl": e.NL, "de": e.DE} {
		if len(names) == 0 {
			return nil, fmt.Errorf("it has no name in %q", lang)
		}
		seen := map[string]bool{"": true}
		for _, name := range names {
			if k := key(name); seen[k] {
				return nil, fmt.Errorf("the %q name %q is empty or said twice", lang, name)
			} else {
				seen[k] = true
			}
		}
		for _, name := range e.Everyday[lang] {
			if !seen[key(name)] {
				return nil, fmt.Errorf("the everyday word %q is not among its %q names", name, lang)
			}
		}
		c.Pref[lang], c.Variants[lang] = names[0], names[1:]
	}
	for _, m := range []map[string][]string{e.Abbr, e.Everyday} {
		for lang := range m {
			if !slices.Contains(Languages, lang) {
				return nil, fmt.Errorf("there is no language %q", lang)
			}
		}
	}
	if (len(e.Everyday) > 0) != (len(e.Near) > 0) {
		return nil, errors.New("everyday and near go together")
	}
	return c, nil
}

// Concept returns the concept of an id, nil if there is none.
func (t *Thesaurus) Concept(id string) *Concept { return t.byID[id] }

// All returns all concepts in the order in which they are listed.
func (t *Thesaurus) All() []*Concept { return slices.Clone(t.all) }

// Lookup returns the concepts one of whose names, in any language, or
// abbreviations is exactly this phrase. Everyday names do not count: alone, a
// phrase gives them no meaning. A phrase that is some concept's preferred name
// is that concept's alone.
func (t *Thesaurus) Lookup(phrase string) []*Concept {
	found := t.byName[key(phrase)]
	for _, c := range t.byName["="+strings.TrimSpace(phrase)] {
		if !slices.Contains(found, c) {
			found = append(slices.Clone(found), c)
		}
	}
	k := key(phrase)
	for _, c := range found {
		for _, lang := range Languages {
			if key(c.Pref[lang]) == k {
				return []*Concept{c}
			}
		}
	}
	return slices.Clone(found)
}

// LookupIn does the same for a phrase that stands beside others: its everyday
// names count, too, for the concepts that one of their Near words in beside
// settles. Where nothing is settled it is Lookup.
func (t *Thesaurus) LookupIn(phrase, beside string) []*Concept {
	found := t.Lookup(phrase)
	if len(found) > 0 {
		return found
	}
	everyday := t.byName["~"+key(phrase)]
	if len(everyday) == 0 {
		return nil
	}
	settled := t.settle(Words(beside))
	for _, c := range everyday {
		if settled[c] {
			found = append(found, c)
		}
	}
	return found
}

// key is what makes two names the same: their words.
func key(name string) string {
	words := Words(name)
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}
