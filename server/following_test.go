package server

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/diff"
	"veille/index"
	"veille/thesaurus"
)

// TestFiguresAreFollowedAsTheyAreTold: in any history – sentences that stand
// twice, come, go, move, and change their figures and their headings, of a page
// that is gone for a while – the record of a page gives the figures that the plain
// rule gives, which looks at all blocks of all versions.
func TestFiguresAreFollowedAsTheyAreTold(t *testing.T) {
	t.Parallel()
	names, err := thesaurus.Load()
	if err != nil {
		t.Fatal(err)
	}
	changed, gone, beside := 0, 0, 0
	for seed := range uint64(400) {
		history := anyHistory(rand.New(rand.NewPCG(seed, 1)))
		for query, names := range map[string]*thesaurus.Thesaurus{"": nil, `"days"`: nil, `"detention"`: names, `"within 30 days"`: nil, `"closed centre"`: names, `"nowhere"`: nil} {
			var match *phrase
			var matcher *index.Matcher
			if query != "" {
				var err error
				if match, err = newPhrase(query, names); err != nil {
					t.Fatal(err)
				}
				if matcher, err = index.Compile(query, names); err != nil {
					t.Fatal(err)
				}
			}
			got, want := followedIn(t, match, history...), plainly(history, matcher)
			if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
				t.Fatalf("history %d, %s:\n%s\nwant\n%s", seed, query, tellSeries(got), tellSeries(want))
			}
			for _, s := range want {
				changed += len(s.Values) - 1
				if s.last().Gone != nil {
					gone++
				}
				if match != nil {
					beside++
				}
			}
		}
	}
	if changed < 300 || gone < 1000 || beside < 1000 {
		t.Errorf("only %d values changed, %d figures went, %d stood beside a phrase", changed, gone, beside)
	}
}

func tellSeries(all []FigureSeries) string {
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "%q %q:", s.Path, s.What)
		for _, v := range s.Values {
			fmt.Fprintf(&b, " %s %s", v.Value, v.Link)
			if v.Gone != nil {
				b.WriteString(" gone")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// anyHistory is a page of few sentences that often stand twice.
func anyHistory(r *rand.Rand) (history []*archive.Version) {
	sentences := []string{"Appeal within %d days.", "Detention lasts %d days or %d days.", "Detention lasts %d months, a fine is %d euro.", "In a closed centre there are %d places.", "Words only.", "Closed centers have %d places."}
	headings := []string{"Detention", "Appeal", "Art. 12"}
	block := func() archive.Block {
		text := sentences[r.IntN(len(sentences))]
		for strings.Contains(text, "%d") {
			text = strings.Replace(text, "%d", fmt.Sprint(10*(1+r.IntN(2))), 1)
		}
		b := archive.Block{Kind: archive.Paragraph, Text: text, Path: []string{}}
		for range r.IntN(3) {
			b.Path = append(b.Path, headings[r.IntN(len(headings))])
		}
		if r.IntN(8) == 0 {
			b.Role = archive.Boilerplate
		}
		return b
	}
	var blocks []archive.Block
	for n := range 2 + r.IntN(12) {
		for range r.IntN(4) { // none: the page says the same again
			i := r.IntN(len(blocks) + 1)
			switch {
			case r.IntN(3) == 0 || len(blocks) < 3:
				blocks = slices.Insert(slices.Clone(blocks), i, block())
			case i == len(blocks):
			case r.IntN(4) == 0:
				blocks = slices.Delete(slices.Clone(blocks), i, i+1)
			case r.IntN(2) == 0:
				blocks = slices.Clone(blocks)
				blocks[i].Text = strings.NewReplacer("10 ", "20 ", "20 ", "10 ").Replace(blocks[i].Text)
			case r.IntN(3) == 0:
				k := r.IntN(len(blocks))
				blocks = slices.Clone(blocks)
				blocks[i], blocks[k] = blocks[k], blocks[i]
			default:
				blocks = slices.Clone(blocks)
				blocks[i] = block()
			}
		}
		at := time.Date(2026, 1, 1+n, 0, 0, 0, 0, time.UTC)
		v := &archive.Version{ID: archive.Seq(10 + n), Lang: "en", Seen: archive.Interval{By: at}, Time: at, Blocks: blocks}
		if r.IntN(10) == 0 {
			v.Gone, v.Blocks = true, nil
		}
		if r.IntN(20) == 0 {
			v.Lang = "fr"
		}
		history = append(history, v)
	}
	return history
}

// plainly follows figures by the rule as it is told, without a record.
func plainly(history []*archive.Version, match *index.Matcher) (all []FigureSeries) {
	type standing struct {
		diff.Figure
		path  []string
		block int
	}
	for _, v := range history {
		var found []standing
		for n, b := range v.Blocks {
			if b.Role == archive.Boilerplate || match != nil && !slices.ContainsFunc(append([]string{b.Text}, b.Path...), func(text string) bool { return match.Match(v.Lang, text) }) {
				continue
			}
			for _, f := range diff.Figures(v.Lang, b.Text) {
				found = append(found, standing{f, b.Path, n})
			}
		}
		value := func(f *standing) FigureValue {
			return FigureValue{Value: f.Value, Unit: f.Unit, Text: f.Text, FirstSeen: v.Seen, Version: v.ID, Link: fmt.Sprintf("/v/%d#b%d", v.ID, f.block)}
		}
		next, used := make([]*standing, len(all)), make([]bool, len(found))
		for _, same := range []func(s *FigureSeries, f *standing) bool{
			func(s *FigureSeries, f *standing) bool {
				return s.What == f.What && s.Unit == f.Unit && s.last().Value == f.Value
			},
			func(s *FigureSeries, f *standing) bool { return s.What == f.What },
			func(s *FigureSeries, f *standing) bool {
				return s.Unit == f.Unit && slices.Equal(s.Path, f.path) && alike(s.What, f.What)
			},
		} {
			for i := range all {
				for j := range found {
					if next[i] == nil && all[i].last().Gone == nil && !used[j] && all[i].Kind == found[j].Kind && same(&all[i], &found[j]) {
						next[i], used[j] = &found[j], true
					}
				}
			}
		}
		for i := range all {
			s, f := &all[i], next[i]
			switch {
			case s.last().Gone != nil:
			case f == nil:
				s.last().Gone = &v.Seen
			default:
				s.What, s.Path, s.Unit = f.What, f.path, f.Unit
				if f.Value != s.last().Value {
					s.last().Gone = &v.Seen
					s.Values = append(s.Values, value(f))
				}
			}
		}
		for j := range found {
			if f := &found[j]; !used[j] {
				all = append(all, FigureSeries{Path: f.path, What: f.What, Kind: f.Kind, Unit: f.Unit, Values: []FigureValue{value(f)}})
			}
		}
	}
	return all
}
