package index

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrongQueries(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	for _, c := range []struct {
		q    string
		pos  int
		says string
	}{
		{`"closed centre`, 0, "not closed"},
		{`hub (return`, 4, "not closed"},
		{`hub) return`, 3, "no ("},
		{`)`, 0, "no ("},
		{`()`, 0, "nothing between"},
		{`hub OR`, 4, "after it"},
		{`OR hub`, 0, "before it"},
		{`AND hub`, 0, "before it"},
		{`hub AND OR x`, 4, "after it"},
		{`hub NOT`, 4, "after it"},
		{`é colour:blue`, 3, "no field colour"},
		{`source: x`, 0, "right after"},
		{`source:`, 0, "right after"},
		{`title:(lang:fr)`, 7, "inside a field"},
		{`role:menu`, 5, "main, boilerplate"},
		{`lang:f*`, 5, "whole value"},
		{`a*`, 0, "two letters"},
		{`*hub`, 0, "end of a word"},
		{`re*turn`, 2, "end of a word"},
		{`retrun~3`, 6, "~1 or ~2"},
		{`a-b~`, 0, "single word"},
		{`a NEAR/x b`, 2, "a number from 0 to 50"},
		{`a NEAR/99 b`, 2, "a number from 0 to 50"},
		{`NEAR/3 b`, 0, "between two words"},
		{`a NEAR/3`, 2, "between two words"},
		{`"a b" NEAR/3 c`, 6, "between two words"},
		{`a NEAR/3 (b OR c)`, 2, "between two words"},
		{`!? …`, 0, "no letter"},
		{strings.Repeat("a ", 65), 128, "too many"},
		{strings.Repeat("(", 21) + "a" + strings.Repeat(")", 21), 20, "too deeply"},
		{strings.Repeat("a", 4097), 4096, "too long"},
	} {
		_, err := x.Search(t.Context(), a, Query{Text: c.q})
		var qe *QueryError
		if !errors.As(err, &qe) || qe.Pos != c.pos || !strings.Contains(qe.Msg, c.says) {
			t.Errorf("%.40q: %v, want character %d, %q", c.q, err, c.pos+1, c.says)
		}
		if _, err := Compile(c.q, nil); err == nil {
			t.Errorf("%.40q is compiled", c.q)
		}
	}
	for _, q := range []Query{{Sort: "best"}, {Limit: -1}, {Offset: -1}, {Limit: 1001}, {Offset: 10_000}} {
		if _, err := x.Search(t.Context(), a, q); err == nil {
			t.Errorf("%+v is searched", q)
		}
	}
	for _, q := range []string{"14:30", "https://example.org/a?b=c", "ECLI:EU:C:2025:12", "note: this", "a - b", "AND-like", "“smart quotes”", "« chevrons »"} {
		if _, err := x.Search(t.Context(), a, Query{Text: q}); err != nil {
			t.Errorf("%q: %v", q, err)
		}
	}
}

func TestPrefixOfTooManyWords(t *testing.T) {
	a := openArchive(t)
	var b strings.Builder
	for i := range maxPrefixWords + 1 {
		fmt.Fprintf(&b, "abc%d ", i)
	}
	publish(t, a, "be-office", "en", "https://office.example/long", t0, b.String())
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, x, a)
	_, err := x.Search(t.Context(), a, Query{Text: "hub OR abc*"})
	var qe *QueryError
	if !errors.As(err, &qe) || qe.Pos != 7 {
		t.Errorf("error %v, want one at character 8", err)
	}
	if res, err := x.Search(t.Context(), a, Query{Text: "abc10*"}); err != nil || res.Total != 1 {
		t.Errorf("abc10*: %v, %v", res, err)
	}
}

func TestMatcher(t *testing.T) {
	th := words(t)
	for _, c := range []struct {
		q, lang, text string
		want          bool
	}{
		{"", "en", "anything", true},
		{"closed centre", "en", "The Closed Centres were shut", true},
		{`"closed centre"`, "fr", "les centres fermés", true},
		{`"closed centre"`, "en", "centre closed", false},
		{"accueil", "fr", "l’accueil", true},
		{"source:be-office hub", "en", "a hub", true},
		{"source:be-office hub", "en", "a pub", false},
		{"NOT source:be-office", "en", "a pub", true},
		{"lang:fr hub", "en", "a hub", false},
		{"-hub", "en", "a hub", false},
		{"terugkeer*", "nl", "Terugkeertraject", true},
		{"die gilt", "de", "Es gilt heute", true},
		{"die gilt", "en", "gilt edges", false},
	} {
		m, err := Compile(c.q, th)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Match(c.lang, c.text); got != c.want {
			t.Errorf("%q on %q: %v", c.q, c.text, got)
		}
	}
}
