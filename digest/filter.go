package digest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"veille/archive"
	"veille/index"
	"veille/source"
	"veille/thesaurus"
)

// DefaultWeight is the least weight that is told to who asked for none: news,
// no housekeeping.
const DefaultWeight = 2

// Limits of a filter, in characters and in entries.
const maxQuery, maxPassage, maxEntry, maxList = 500, 2000, 2000, 100

// minPassage is the shortest wording that can be watched, in words: a shorter
// one would be found in half of all edits.
const minPassage = 3

// allTopics is the topic of sources that are filed under all of them.
const allTopics = "all"

// A Kind is a kind of news.
type Kind string

// The kinds of news. A filter that names none asks for the first two.
const (
	KindNew    Kind = "new"    // a document appeared
	KindChange Kind = "change" // a known document changed, was withdrawn or came back
	KindDrift  Kind = "drift"  // a translation has not followed a change
	KindHealth Kind = "health" // a source cannot be read, or can be read again
)

// Kinds are all kinds of news.
var Kinds = []Kind{KindNew, KindChange, KindDrift, KindHealth}

// A Filter says what is watched. Its sides narrow one another; one that is
// empty does not narrow, and of those that are lists one entry has to hold.
type Filter struct {
	Query         string   `json:"query,omitempty"`         // as typed into the search page
	Topics        []string `json:"topics,omitempty"`        // the source is about one of these
	Sources       []string `json:"sources,omitempty"`       // the page is of one of these
	Jurisdictions []string `json:"jurisdictions,omitempty"` // the source is of one of these
	Documents     []string `json:"documents,omitempty"`     // addresses of pages: the page, or a language twin of it
	Passage       string   `json:"passage,omitempty"`       // a wording: it, or what it has become, is in the edit
	Kinds         []Kind   `json:"kinds,omitempty"`         // of these kinds
	MinWeight     int      `json:"min_weight"`              // 1 to 5
}

// known is what a filter may name.
type known struct {
	ctx       context.Context
	sources   *source.List
	thesaurus *thesaurus.Thesaurus
	archive   *archive.Archive
}

// normal is the same filter in one spelling, so that two that watch the same
// are equal. Whoever asks for all topics is not to miss a page filed under one.
func (f Filter) normal(list *source.List) Filter {
	f.Query, f.Passage = oneLine(f.Query, len(f.Query)+1), oneLine(f.Passage, len(f.Passage)+1)
	f.Topics, f.Sources, f.Documents, f.Jurisdictions = set(f.Topics), set(f.Sources), set(f.Documents), set(f.Jurisdictions)
	f.MinWeight = or(f.MinWeight, DefaultWeight)
	if slices.Contains(f.Topics, allTopics) {
		f.Topics = []string{}
	}
	for i, code := range f.Jurisdictions {
		f.Jurisdictions[i] = strings.ToUpper(code)
	}
	for i, address := range f.Documents {
		if canonical, err := list.Canonical(address); err == nil {
			f.Documents[i] = canonical
		}
	}
	f.Jurisdictions, f.Documents = set(f.Jurisdictions), set(f.Documents)
	kinds := f.Kinds
	f.Kinds = nil
	for _, k := range Kinds { // in one order
		if slices.Contains(kinds, k) {
			f.Kinds = append(f.Kinds, k)
		}
	}
	if unknown := slices.IndexFunc(kinds, func(k Kind) bool { return !slices.Contains(Kinds, k) }); unknown >= 0 {
		f.Kinds = append(f.Kinds, kinds[unknown]) // for check to refuse
	}
	if slices.Equal(f.Kinds, []Kind{KindNew, KindChange}) {
		f.Kinds = nil
	}
	return f
}

// check refuses a filter in normal form that can find nothing. Its errors are
// *RequestError, or that the archive cannot be read.
func (f Filter) check(k *known) error {
	if err := f.checkQuery(k); err != nil {
		return err
	}
	if n := len([]rune(f.Passage)); n > maxPassage {
		return refuse("passage", "passage-long", strconv.Itoa(maxPassage))
	} else if n > 0 && len(wordsOf(f.Passage)) < minPassage {
		return refuse("passage", "passage-short", strconv.Itoa(minPassage))
	}
	for i, list := range [][]string{f.Topics, f.Sources, f.Jurisdictions, f.Documents} {
		if len(list) > maxList {
			return refuse([]string{"topics", "sources", "jurisdictions", "documents"}[i], "list-long", strconv.Itoa(maxList))
		}
	}
	if len(f.key()) > maxFilter {
		return refuse("documents", "filter-long")
	}
	for _, kind := range f.Kinds {
		if !slices.Contains(Kinds, kind) {
			return refuse("kinds", "kind", string(kind))
		}
	}
	if f.MinWeight < 1 || f.MinWeight > 5 {
		return refuse("min_weight", "weight")
	}
	return f.checkNames(k)
}

// checkQuery refuses a search that cannot be read, or that carries somebody's
// advertisement to an address that somebody typed.
func (f Filter) checkQuery(k *known) error {
	if link(f.Query) {
		return refuse("query", "query-link")
	}
	if link(f.Passage) {
		return refuse("passage", "passage-link")
	}
	if len([]rune(f.Query)) > maxQuery {
		return refuse("query", "query-long", strconv.Itoa(maxQuery))
	}
	if f.Query != "" {
		if _, err := index.Compile(f.Query, k.thesaurus); err != nil {
			return RefuseSearch(err)
		}
	}
	return nil
}

// checkNames refuses names of things that are not there.
func (f Filter) checkNames(k *known) error {
	for _, id := range f.Topics {
		if _, ok := k.thesaurus.Topic(id); !ok {
			return refuse("topics", "topic", id)
		}
	}
	for _, id := range f.Sources {
		if k.sources.Source(id) == nil {
			return refuse("sources", "source", id)
		}
	}
	for _, code := range f.Jurisdictions {
		if len(k.sources.Select(nil, []string{code}, nil)) == 0 {
			return refuse("jurisdictions", "jurisdiction", code)
		}
	}
	for _, address := range f.Documents {
		_, err := k.archive.Page(k.ctx, address)
		if errors.Is(err, fs.ErrNotExist) {
			return refuse("documents", "document", address)
		}
		if err != nil {
			return fmt.Errorf("documents: %w", err)
		}
	}
	return nil
}

// key is the same for two filters that watch the same. Sides that came later
// are left out where they are empty, so that keys of old stay good.
func (f Filter) key() string {
	parts := []any{f.Query, notNil(f.Topics), notNil(f.Sources), f.MinWeight}
	if len(f.Jurisdictions)+len(f.Documents)+len(f.Kinds) > 0 || f.Passage != "" {
		parts = append(parts, notNil(f.Jurisdictions), notNil(f.Documents), f.Passage, kindNames(f.Kinds))
	}
	b, _ := json.Marshal(parts) // strings and numbers cannot fail
	return string(b)
}

// folded is the key of the filter with its words in small letters, but for those
// that are operators.
func (f Filter) folded() string {
	words := strings.Fields(f.Query)
	for i, w := range words {
		if bare := strings.Trim(w, "()"); bare != "AND" && bare != "OR" && bare != "NOT" && !strings.HasPrefix(bare, "NEAR") {
			words[i] = strings.ToLower(w)
		}
	}
	f.Query, f.Passage = strings.Join(words, " "), strings.ToLower(f.Passage)
	return f.key()
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// wants reports whether a kind of news is asked for.
func (f Filter) wants(k Kind) bool {
	if len(f.Kinds) == 0 {
		return k == KindNew || k == KindChange
	}
	return slices.Contains(f.Kinds, k)
}

// ofSource reports whether a source is within; nil is one that is no longer
// in sources.yaml.
func (f Filter) ofSource(id string, s *source.Source) bool {
	if len(f.Sources) > 0 && !slices.Contains(f.Sources, id) {
		return false
	}
	if len(f.Jurisdictions) > 0 && (s == nil || !slices.Contains(f.Jurisdictions, s.Jurisdiction)) {
		return false
	}
	return len(f.Topics) == 0 || s != nil && slices.ContainsFunc(f.Topics, s.Covers)
}
