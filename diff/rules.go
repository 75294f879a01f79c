package diff

import (
	"embed"
	"fmt"
	"maps"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed rules/*.yaml
var ruleFiles embed.FS

// The languages that have rules. A text in another language has its figures
// and dates compared, but no words are looked up.
var languages = []string{"en", "fr", "nl", "de"}

// A ruleFile is one file of rules/ as it is written; see rules/en.yaml.
type ruleFile struct {
	Modality     map[string][]string `yaml:"modality"`
	Weak         []string            `yaml:"weak"`
	NotModality  []string            `yaml:"not_modality"`
	Negation     []string            `yaml:"negation"`
	NotNegation  []string            `yaml:"not_negation"`
	Exception    []string            `yaml:"exception"`
	NotException []string            `yaml:"not_exception"`
	Numbers      struct {
		Units     map[int][]string `yaml:"units"`
		Others    map[int][]string `yaml:"others"`
		Tens      map[int][]string `yaml:"tens"`
		Compounds []string         `yaml:"compounds"`
		Doubtful  []string         `yaml:"doubtful"`
	} `yaml:"numbers"`
	Ordinals         map[int][]string    `yaml:"ordinals"`
	Time             map[string][]string `yaml:"time"`
	Ages             []string            `yaml:"ages"`
	Months           [][]string          `yaml:"months"`
	Units            map[string][]string `yaml:"units"`
	References       []string            `yaml:"references"`
	Classes          map[string][]string `yaml:"classes"`
	Citing           []string            `yaml:"citing"`
	Named            []string            `yaml:"named"`
	Limits           []string            `yaml:"limits"`
	Stamps           []string            `yaml:"stamps"`
	StampWords       []string            `yaml:"stamp_words"`
	Releases         []string            `yaml:"releases"`
	Ago              []string            `yaml:"ago"`
	Related          []string            `yaml:"related"`
	Counters         []string            `yaml:"counters"`
	Phones           []string            `yaml:"phones"`
	Persons          []string            `yaml:"persons"`
	Navigation       []string            `yaml:"navigation"`
	Labels           []string            `yaml:"labels"`
	Streets          []string            `yaml:"streets"`
	Abbreviations    []string            `yaml:"abbreviations"`
	Scope            map[string][]string `yaml:"scope"`
	NotScope         []string            `yaml:"not_scope"`
	Places           []string            `yaml:"places"`
	Authority        map[string][]string `yaml:"authority"`
	NotAuthority     []string            `yaml:"not_authority"`
	Remedy           map[string][]string `yaml:"remedy"`
	CentralRemedy    []string            `yaml:"central_remedy"`
	Force            map[string][]string `yaml:"force"`
	WeakForce        []string            `yaml:"weak_force"`
	Definition       []string            `yaml:"definition"`
	NotDefinition    []string            `yaml:"not_definition"`
	QuotedDefinition []string            `yaml:"quoted_definition"`
	Terms            map[string][]string `yaml:"terms"`
	Media            []string            `yaml:"media"`
	Notes            []string            `yaml:"notes"`
	Summary          phrases             `yaml:"summary"`
}

// phrases are the parts of a summary in one language; the pairs are singular
// and plural.
type phrases struct {
	Becomes      string                `yaml:"becomes"`
	Added        string                `yaml:"added"`
	Dropped      string                `yaml:"dropped"`
	In           string                `yaml:"in"`          // a place, and what is said of it
	And          string                `yaml:"and"`         // before the last of some names
	Shifted      string                `yaml:"shifted"`     // the beginning of a passage
	Places       map[string]placeWords `yaml:"places"`      // by kind
	InArticles   string                `yaml:"in_articles"` // an exchange, and how many articles it was made in
	InPassages   string                `yaml:"in_passages"`
	InOthers     [2]string             `yaml:"in_others"` // after in_articles: how many passages outside of articles
	Appear       string                `yaml:"appear"`
	Withdraw     string                `yaml:"withdraw"`
	Restored     string                `yaml:"restored"`
	NewAddress   string                `yaml:"new_address"`
	Colon        string                `yaml:"colon"`     // between a subject and what is said of it
	Semicolon    string                `yaml:"semicolon"` // between two of the things said
	Nothing      string                `yaml:"nothing"`
	Minor        [2]string             `yaml:"minor"`
	NewArticles  string                `yaml:"new_articles"`
	GoneArticles string                `yaml:"gone_articles"`
	Inserted     [2]string             `yaml:"inserted"`
	Deleted      [2]string             `yaml:"deleted"`
	Substituted  [2]string             `yaml:"substituted"`
	Moved        [2]string             `yaml:"moved"`
	Renumbered   [2]string             `yaml:"renumbered"`
	Regrouped    [2]string             `yaml:"regrouped"`
	Others       [2]string             `yaml:"others"`
	Capitals     bool                  `yaml:"capitals"` // months are written with a capital
	Back         string                `yaml:"back"`     // with a date
	Flaps        string                `yaml:"flaps"`    // how often, and since when
	Date         string                `yaml:"date"`     // DAY, MONTH and YEAR in order
	First        string                `yaml:"first"`    // how the first of a month is written, "" for 1
}

// Classes that are not those of a vocabulary.
const (
	ignored = "ignored" // a phrase that looks like a marker and is none
	yes     = "yes"     // a vocabulary with one class
	// inQuotes is for phrases that define only where a word stands in quotes.
	inQuotes = "in quotes"
)

// rules are a ruleFile made ready for matching.
type rules struct {
	lang                          string
	modality, negation, exception *vocabulary
	numbers                       *vocabulary // class: the value
	doubtful                      map[string]bool
	ordinals                      map[string]int
	time, months, units           *vocabulary
	ages, limits, stamps          *vocabulary
	references, counters          *vocabulary
	classes, citing               *vocabulary
	releases, ago, related        *vocabulary
	phones, persons, navigation   *vocabulary
	stampWords, abbreviations     map[string]bool
	labels, streets, named        map[string]bool
	scope, authority, remedy      *vocabulary
	force, definition, terms      *vocabulary
	centralRemedy, media, notes   *vocabulary
	summary                       phrases
	monthNames                    [12]string
}

// allRules reads the files once. A test reads them strictly, so a file that
// ships has no errors; the first one found is returned with what could be read.
var allRules = sync.OnceValues(func() (map[string]*rules, error) {
	all := map[string]*rules{"": compileRules(&ruleFile{})}
	var first error
	for _, lang := range languages {
		name := "rules/" + lang + ".yaml"
		var f ruleFile
		data, err := ruleFiles.ReadFile(name)
		if err == nil {
			err = yaml.UnmarshalWithOptions(data, &f, yaml.Strict())
		}
		if err != nil && first == nil {
			first = fmt.Errorf("read %s: %w", name, err)
		}
		all[lang] = compileRules(&f)
		all[lang].lang = lang
	}
	return all, first
})

// rulesFor returns the rules of a language, those without words if it has none.
func rulesFor(lang string) *rules {
	all, _ := allRules()
	code, _, _ := strings.Cut(strings.ToLower(lang), "-")
	if r, ok := all[code]; ok {
		return r
	}
	return all[""]
}

// orEnglish are the rules, or the English ones where these have no words for
// summaries.
func (r *rules) orEnglish() *rules {
	if r.summary.Nothing != "" {
		return r
	}
	return rulesFor("en")
}

// compileRules makes the vocabularies of a file.
func compileRules(f *ruleFile) *rules {
	months := map[string][]string{}
	for i, names := range f.Months {
		months[fmt.Sprintf("%02d", i+1)] = names
	}
	r := &rules{
		modality:      newVocabulary(with(f.Modality, f.NotModality), f.Weak),
		negation:      newVocabulary(map[string][]string{yes: f.Negation, ignored: f.NotNegation}, nil),
		exception:     newVocabulary(map[string][]string{yes: f.Exception, ignored: f.NotException}, nil),
		numbers:       newVocabulary(numberWords(f), nil),
		time:          newVocabulary(f.Time, nil),
		months:        newVocabulary(months, nil),
		units:         newVocabulary(f.Units, nil),
		ages:          list(f.Ages),
		limits:        list(f.Limits),
		stamps:        list(f.Stamps),
		references:    list(f.References),
		classes:       newVocabulary(f.Classes, nil),
		citing:        list(f.Citing),
		counters:      list(f.Counters),
		releases:      list(f.Releases),
		ago:           list(f.Ago),
		related:       list(f.Related),
		phones:        list(f.Phones),
		persons:       list(f.Persons),
		navigation:    list(f.Navigation),
		doubtful:      set(f.Numbers.Doubtful),
		ordinals:      map[string]int{},
		stampWords:    set(f.StampWords),
		abbreviations: set(append(f.Abbreviations, f.Phones...)), // "tel." ends no sentence
		scope:         newVocabulary(f.scopes(), nil),
		authority:     newVocabulary(with(f.Authority, f.NotAuthority), nil),
		remedy:        newVocabulary(f.Remedy, nil),
		labels:        set(f.Labels),
		streets:       set(f.Streets),
		named:         set(f.Named),
		centralRemedy: list(f.CentralRemedy),
		force:         newVocabulary(f.Force, f.WeakForce),
		definition:    newVocabulary(map[string][]string{yes: f.Definition, inQuotes: f.QuotedDefinition, ignored: f.NotDefinition}, nil),
		terms:         newVocabulary(named(f.Terms), nil),
		media:         list(f.Media),
		notes:         list(f.Notes),
		summary:       f.Summary,
	}
	for n, names := range f.Ordinals {
		for _, name := range names {
			r.ordinals[plain(name)] = n
		}
	}
	for i, names := range f.Months[:min(len(f.Months), 12)] {
		r.monthNames[i] = names[0]
		if f.Summary.Capitals {
			r.monthNames[i] = strings.ToUpper(names[0][:1]) + names[0][1:]
		}
	}
	return r
}

// scopes are the classes of scope; each place is a class of its own.
func (f *ruleFile) scopes() map[string][]string {
	all := with(f.Scope, f.NotScope)
	for _, p := range f.Places {
		all["place:"+p] = []string{p}
	}
	return all
}

// with adds the phrases that look like markers and are none.
func with(classes map[string][]string, none []string) map[string][]string {
	all := maps.Clone(classes)
	if all == nil {
		all = map[string][]string{}
	}
	all[ignored] = none
	return all
}

// named makes each phrase a class of its own within its class, so that one
// phrase in the place of another of the same class can be told.
func named(classes map[string][]string) map[string][]string {
	all := map[string][]string{}
	for class, phrases := range classes {
		for _, p := range phrases {
			all[class+":"+plain(p)] = []string{p}
		}
	}
	return all
}

func list(phrases []string) *vocabulary {
	return newVocabulary(map[string][]string{yes: phrases}, nil)
}

func set(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[plain(w)] = true
	}
	return m
}

// numberWords returns the words for each number, compounds included: a
// template such as "UNITundTENS" makes fünfundzwanzig of fünf and zwanzig.
func numberWords(f *ruleFile) map[string][]string {
	words := map[string][]string{}
	add := func(n int, w ...string) { words[strconv.Itoa(n)] = append(words[strconv.Itoa(n)], w...) }
	for _, m := range []map[int][]string{f.Numbers.Units, f.Numbers.Others, f.Numbers.Tens} {
		for n, w := range m {
			add(n, w...)
		}
	}
	for _, t := range f.Numbers.Compounds {
		for ten, tens := range f.Numbers.Tens {
			for one, ones := range f.Numbers.Units {
				for _, tw := range tens {
					for _, ow := range ones {
						add(ten+one, strings.NewReplacer("TENS", tw, "UNIT", ow).Replace(t))
					}
				}
			}
		}
	}
	return words
}

// maxGap is how many tokens "…" may stand for.
const maxGap = 8

// A vocabulary finds phrases, each of a class, in the tokens of a text.
type vocabulary struct {
	byFirst map[string][]phrase // longest first
}

// A phrase is the words to be found, folded; with a gap after the first gap
// words if gap > 0.
type phrase struct {
	class string
	words []string
	gap   int
	weak  bool
}

// A finding is a phrase found: the tokens from first to last, both included.
type finding struct {
	class       string
	first, last int
	at          []int // its tokens; others may lie in between
	weak        bool
}

// newVocabulary compiles phrases by class.
func newVocabulary(classes map[string][]string, weak []string) *vocabulary {
	v := &vocabulary{byFirst: map[string][]phrase{}}
	isWeak := set(weak)
	for class, texts := range classes {
		for _, t := range texts {
			p := phrase{class: class, weak: isWeak[plain(t)]}
			for _, w := range strings.Fields(t) {
				if w == "…" {
					p.gap = len(p.words)
					continue
				}
				p.words = append(p.words, phraseWords(w)...)
			}
			if len(p.words) > 0 {
				v.byFirst[p.words[0]] = append(v.byFirst[p.words[0]], p)
			}
		}
	}
	for _, ps := range v.byFirst {
		sort.Slice(ps, func(i, j int) bool {
			if len(ps[i].words) != len(ps[j].words) {
				return len(ps[i].words) > len(ps[j].words)
			}
			if ps[i].gap != ps[j].gap {
				return ps[i].gap < ps[j].gap
			}
			a, b := strings.Join(ps[i].words, " "), strings.Join(ps[j].words, " ")
			return a < b || a == b && ps[i].class < ps[j].class
		})
	}
	return v
}

// phraseWords are the tokens of one word of a phrase; an elided word such as
// "qu'" is one token.
func phraseWords(w string) []string {
	if strings.HasSuffix(w, "'") || w == zuInfinitive {
		return []string{plain(w)}
	}
	var out []string
	for _, t := range pieces(w) {
		out = append(out, plain(t.text))
	}
	return out
}
