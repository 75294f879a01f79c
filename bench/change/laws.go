package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"veille/archive"
	"veille/diff"
)

// A law is one history and how its files are written.
type law struct {
	name, dir, lang string
	states          string // folder of the states, below dir
	index           string // the file with the truth, below dir
	// article matches the line that begins an article; its first group is the
	// article's name, the second (if any) the text that follows it on the line.
	article *regexp.Regexp
	heading *regexp.Regexp // any other heading; its group is the text
	apart   map[string]string
	from    string // states before are left out
	until   string // and those after
}

var mdHeading = regexp.MustCompile(`^#{1,6} *(.*)$`)

// histories are the laws, with the states that are measured apart.
var histories = []law{
	{name: "Constitution BE", dir: "be-fr-constitution", lang: "fr", states: "versions", index: "versions.json",
		article: regexp.MustCompile(`^\*\*\*(Article [^*]+?)\*\*\*\s*$`), heading: mdHeading,
		apart: map[string]string{"1994-02-17": "coordination", "2005-03-11": "one term"}},
	{name: "Loi BE 1999-04-29", dir: "be-fr-loi-1999-04-29", lang: "fr", states: "versions", index: "versions.json",
		article: regexp.MustCompile(`^\*\*(Art(?:icle|\.) [^*]+?)\.?\*\*\s*(.*)$`), heading: mdHeading, from: "v006", until: "v084"},
	{name: "CESEDA", dir: "fr-ceseda", lang: "fr", states: "versions", index: "all-versions.json",
		article: regexp.MustCompile(`^Article ([LRD]?\*?\d\S*)\s*$`), heading: regexp.MustCompile(`^((?:Partie|LIVRE|TITRE|Chapitre|CHAPITRE|Section|Sous-section|Paragraphe|ANNEXES?)\b.*)$`),
		apart: map[string]string{"2021-05-01": "recodification"}},
	{name: "AufenthG", dir: "de-gesetze/aufenthg", lang: "de", index: "versions.json", article: deNorm, heading: mdHeading},
	{name: "AsylbLG", dir: "de-gesetze/asylblg", lang: "de", index: "versions.json", article: deNorm, heading: mdHeading},
	{name: "AufenthV", dir: "de-gesetze/aufenthv", lang: "de", index: "versions.json", article: deNorm, heading: mdHeading},
	{name: "FreizügG/EU", dir: "de-gesetze/freizuegg-eu", lang: "de", index: "versions.json", article: deNorm, heading: mdHeading},
	{name: "Vreemdelingenwet NL", dir: "nl-vreemdelingenrecht/vreemdelingenwet-2000", lang: "nl", index: "versions.json", article: nlArticle, heading: mdHeading},
	{name: "Voorschrift NL", dir: "nl-vreemdelingenrecht/voorschrift-vreemdelingen-2000", lang: "nl", index: "versions.json", article: nlArticle, heading: mdHeading},
	{name: "IRPA (EN)", dir: "en-fr-canada/en-ca-irpa", lang: "en", index: "versions.json", article: regexp.MustCompile(`^### (\S+)\s*$`), heading: mdHeading},
	{name: "LIPR (FR)", dir: "en-fr-canada/fr-ca-lipr", lang: "fr", index: "versions.json", article: regexp.MustCompile(`^### (\S+)\s*$`), heading: mdHeading},
}

var (
	deNorm    = regexp.MustCompile(`^### (.*)$`)
	nlArticle = regexp.MustCompile(`^#{1,6}\s*(Artikel\s+\S+.*?)\s*$`)
)

// A state is one dated state of a law and what is known of it.
type state struct {
	Date     string   `json:"date"`
	File     string   `json:"file"`
	Number   int      `json:"version"`
	Articles int      `json:"articles"`
	Changed  []string `json:"changed"`
	Added    []string `json:"added"`
	Removed  []string `json:"removed"`
	// What the publisher notes at the head of the text.
	Stand   string `json:"stand"`
	Current string `json:"current_date"`
	Amended string `json:"lastAmendedDate"`
	version *archive.Version
}

// laws measures each history, and what is special about some states.
func laws(t *table, data string) error {
	var all score
	steps := map[string]map[string]*step{}
	for i := range histories {
		l := &histories[i]
		if _, err := os.Stat(filepath.Join(data, l.dir)); err != nil {
			fmt.Printf("skipped: there is no %s in the data folder\n", l.dir)
			continue
		}
		found, own, err := l.measure(t, data)
		if err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
		steps[l.name] = found
		all.add(own)
		t.row(fmt.Sprintf("%s: articles of %d states, precision / recall", l.name, own.states), own.String(), ">= .995 / .995", own.good())
	}
	t.row("all laws: articles, precision / recall", all.String(), ">= .995 / .995", all.good())
	t.note("articles that the sets list and whose words do differ", percent(all.listed, all.list))
	t.row(fmt.Sprintf("states that change the note only: %d, of which raise >= 2", all.notes), fmt.Sprint(all.raised), "0", all.raised == 0)
	special(t, steps)
	return nil
}

// A score counts articles.
type score struct {
	states, right, wrong, missed, notes, raised, list, listed int
}

func (s *score) add(o score) {
	s.states += o.states
	s.right += o.right
	s.wrong += o.wrong
	s.missed += o.missed
	s.notes += o.notes
	s.raised += o.raised
	s.list += o.list
	s.listed += o.listed
}

func (s score) String() string {
	return fmt.Sprintf("%.4f / %.4f", share(s.right, s.right+s.wrong), share(s.right, s.right+s.missed))
}

func (s score) good() bool {
	return share(s.right, s.right+s.wrong) >= 0.995 && share(s.right, s.right+s.missed) >= 0.995
}

// measure compares the states of a law one by one.
func (l *law) measure(t *table, data string) (map[string]*step, score, error) {
	states, err := l.load(data)
	if err != nil {
		return nil, score{}, err
	}
	out := map[string]*step{}
	var own score
	shown := 0
	var before *state
	for _, s := range states {
		if s.version, err = l.version(data, s, before); err != nil {
			return nil, own, err
		}
		if before != nil {
			x := l.compare(before, s)
			out[s.name()] = x
			if _, ok := l.apart[s.name()]; !ok {
				own.states++
				l.judge(t, &shown, &own, s, x)
			}
			before.version = nil
		}
		before = s
	}
	return out, own, nil
}

// judge counts what is right and wrong about a step.
func (l *law) judge(t *table, shown *int, own *score, s *state, x *step) {
	if len(x.truth) == 0 && !x.headings {
		own.notes++
		if x.change.Weight >= 2 {
			own.raised++
			t.wrong(shown, "%s %s: no article changed, weight %d%s", l.name, s.name(), x.change.Weight, heaviest(x.change))
		}
	}
	for key := range x.touched {
		if x.truth[key] {
			own.right++
			continue
		}
		own.wrong++
		t.wrong(shown, "%s %s: %s did not change%s", l.name, s.name(), key, l.editsOf(x, s, key))
	}
	for key := range x.truth {
		if !x.touched[key] {
			own.missed++
			t.wrong(shown, "%s %s: %s missed", l.name, s.name(), key)
		}
		if x.listed[key] {
			own.listed++
		}
	}
	own.list += len(x.listed)
}

// editsOf shows the first edits that lie in an article of the new state.
func (l *law) editsOf(x *step, s *state, key string) string {
	out, n := "", 0
	keys := l.keys(s.version)
	for i := range x.change.Edits {
		e := &x.change.Edits[i]
		if e.To >= 0 && keys[e.To] == key && n < 3 {
			out += fmt.Sprintf("\n        %s w%d [%s] → [%s]", e.Op, e.Weight, short(e.Before, 120), short(e.After, 120))
			n++
		}
	}
	return out
}

func (s *state) name() string {
	if s.Date != "" {
		return s.Date
	}
	return fmt.Sprintf("v%03d", s.Number)
}

// special looks at the states that test one thing.
func special(t *table, steps map[string]map[string]*step) {
	if x := steps["Constitution BE"]["1994-02-17"]; x != nil {
		n := ops(x.change)
		t.row("1994 coordination: renumbered articles", fmt.Sprint(n[diff.Renumber]), ">= 100", n[diff.Renumber] >= 100)
		gone := 0
		for i := range x.change.Edits {
			if e := &x.change.Edits[i]; e.Op == diff.Delete && strings.HasPrefix(e.Before, "Article ") && len(e.Before) < 30 {
				gone++
			}
		}
		t.row("1994 coordination: articles told as deleted", fmt.Sprint(gone), "< 30", gone < 30)
	}
	if x := steps["CESEDA"]["2021-05-01"]; x != nil {
		renumbered := 0
		for i := range x.change.Edits {
			if e := &x.change.Edits[i]; e.Op == diff.Renumber && len(e.Before) < 20 {
				renumbered++
			}
		}
		t.row("CESEDA 2021: articles told as renumbered, of 864 that went", fmt.Sprint(renumbered), ">= 432", renumbered >= 432)
	}
	if x := steps["Constitution BE"]["2005-03-11"]; x != nil {
		t.row("2005-03-11: articles with the term change", fmt.Sprint(len(x.touched)), "33", len(x.touched) == 33)
		fmt.Println("   ", x.change.Summary("fr"))
	}
	twins(t, steps["IRPA (EN)"], steps["LIPR (FR)"])
}

func ops(c *diff.Change) map[diff.Op]int {
	n := map[diff.Op]int{}
	for i := range c.Edits {
		n[c.Edits[i].Op]++
	}
	return n
}

// twins compares the articles found in both languages.
func twins(t *table, en, fr map[string]*step) {
	same, both := 0, 0
	for _, date := range slices.Sorted(maps.Keys(en)) {
		if fr[date] == nil {
			continue
		}
		both++
		if maps.Equal(en[date].touched, fr[date].touched) == maps.Equal(en[date].truth, fr[date].truth) {
			same++
		}
	}
	if both > 0 {
		t.row(fmt.Sprintf("EN/FR twins: %d states agree where the truth does", both), fmt.Sprint(same), fmt.Sprint(both), same == both)
	}
}

// printState prints what was found in one state of a law, or of a law named
// without a state the summary of each.
func printState(name, data string) error {
	for i := range histories {
		l := &histories[i]
		date, ok := strings.CutPrefix(name, l.name)
		if !ok {
			continue
		}
		date = strings.TrimSpace(date)
		found, _, err := l.measure(&table{}, data)
		if err != nil {
			return err
		}
		if date == "" {
			for _, date := range slices.Sorted(maps.Keys(found)) {
				fmt.Printf("%s %d %s\n", date, found[date].change.Weight, found[date].change.Summary(l.lang))
			}
			return nil
		}
		if found[date] == nil {
			return fmt.Errorf("%s has no state %s", l.name, date)
		}
		printEdits(found[date].change, l.lang)
		return nil
	}
	return fmt.Errorf("there is no law %s", name)
}

// printEdits prints a change in full.
func printEdits(c *diff.Change, lang string) {
	fmt.Println(c.Summary(lang))
	for i := range c.Edits {
		e := &c.Edits[i]
		fmt.Printf("%d %s %s %s\n", e.Weight, e.Op, e.Role, strings.Join(e.Path, " › "))
		for _, w := range e.Words {
			fmt.Print(map[string]string{diff.Equal: "", diff.Deleted: "[-", diff.Inserted: "{+"}[w.Op], w.Text,
				map[string]string{diff.Equal: "", diff.Deleted: "-]", diff.Inserted: "+}"}[w.Op])
		}
		fmt.Println()
		for _, s := range e.Senses {
			fmt.Printf("    %s: %s\n", s.Code, s.Evidence)
		}
	}
}
