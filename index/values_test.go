package index

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWhatNothingHas: an officer who asks for a language, source, kind or place
// that is not there, or for two conditions that exclude each other, is told so,
// and where; never shown an empty page.
func TestWhatNothingHas(t *testing.T) {
	a := openArchive(t)
	corpus(t, a)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, x, a)
	in2025 := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		q     Query
		pos   int
		param string
		says  string
	}{
		{Query{Text: "hub lang:xx"}, 9, "", "there is no lang xx here; there are de, en, fr, it, nl"},
		{Query{Text: "hub lang:klingon"}, 9, "", "there is no lang klingon here"},
		{Query{Text: "hub jurisdiction:ZZ"}, 17, "", "there is no jurisdiction ZZ here; there are "},
		{Query{Text: "source:be-offise"}, 7, "", "did you mean be-office?"},
		{Query{Text: "source:" + strings.Repeat("nowhere", 20)}, 7, "", "there is no source " + strings.Repeat("nowhere", 8) + "now… here; there are"},
		{Query{Text: "institution:nobody-at-all"}, 12, "", "there is no institution nobody-at-all here; there are"},
		{Query{Text: "kind:embassy"}, 5, "", "kind: is one of government, court"},
		{Query{Text: "topic:gardening"}, 6, "", "there is no topic gardening here"},
		{Query{Text: "hub -(lang:fr OR lang:xx)"}, 22, "", "there is no lang xx"},
		{Query{Text: "lang:fr hub lang:nl"}, 17, "", "lang:fr and lang:nl exclude each other"},
		{Query{Text: "lang:(fr OR nl) lang:(de OR en)"}, 22, "", "(lang:fr OR lang:nl) and (lang:de OR lang:en) exclude each other"},
		{Query{Text: "lang:fr hub -lang:fr"}, 12, "", "lang:fr and -lang:fr exclude each other"},
		{Query{Text: "role:main hub role:boilerplate"}, 19, "", "role:main and role:boilerplate"},
		{Query{Text: "source:be-office kind:court"}, 22, "", "source:be-office and kind:court exclude"},
		{Query{Text: "hub lang:fr", Langs: []string{"nl"}}, 9, "", "lang:nl and lang:fr exclude"},
		{Query{Text: "hub", Langs: []string{"xx"}}, -1, "lang", "there is no lang xx here"},
		{Query{Text: "hub", Sources: []string{"be-office", "typo"}}, -1, "source", "there is no source typo"},
		{Query{Text: "hub", Kinds: []string{"embassy"}}, -1, "kind", "is one of"},
		{Query{Text: "hub", Sources: []string{"be-office"}, Kinds: []string{"court"}}, -1, "kind", "source:be-office and kind:court exclude"},
		{Query{Text: "from:2026 until:2025 hub"}, 10, "", "from: comes after until:"},
		{Query{Text: "hub from:2026", Until: in2025}, 4, "", "from: comes after until:"},
		{Query{Text: "hub from:2026 as-of:2025-06-01"}, 14, "", "from: comes after as-of:"},
		{Query{Text: "hub", From: in2025.AddDate(1, 0, 0), Until: in2025}, -1, "from", "from: comes after until:"},
		{Query{Text: "hub weight:9"}, 11, "", "a number from 0 to 5"},
	} {
		_, err := x.Search(t.Context(), a, c.q)
		var qe *QueryError
		if !errors.As(err, &qe) || qe.Pos != c.pos || qe.Param != c.param || !strings.Contains(qe.Msg, c.says) {
			t.Errorf("%+v: %v (%+v), want character %d: %s", c.q, err, qe, c.pos+1, c.says)
		}
	}
	for _, q := range []Query{{Text: "lang:FR source:BE-Office"}, {Text: "lang:fr OR lang:nl"}, {Text: "lang:de title:office"}, {Text: "-lang:fr -lang:nl"}, {Langs: []string{"NL", "fr"}},
		{Kinds: []string{"Government"}, Jurisdictions: []string{"be"}}, {Text: "role:main (lang:fr OR role:boilerplate)"}, {Text: "topic:voluntary-return topic:closed-centres"}} {
		if _, err := x.Search(t.Context(), a, q); err != nil {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if got, err := x.Search(t.Context(), a, Query{Langs: []string{"NL"}}); err != nil || got.Total == 0 {
		t.Errorf("capitals in a list find nothing: %v", err)
	}
	for _, q := range []TraceQuery{{Phrase: "hub", Langs: []string{"xx"}}, {Phrase: "hub", Sources: []string{"typo"}}} {
		var qe *QueryError
		if _, err := x.Trace(t.Context(), a, q); !errors.As(err, &qe) || qe.Param == "" {
			t.Errorf("trace %+v: %v", q, err)
		}
	}
}

// TestBeforeTheFirstLook: who asks for what stood before we had seen any of the
// pages in question is told since when we have, and nobody else is.
func TestBeforeTheFirstLook(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	publish(t, a, "be-office", "fr", "https://office.example/a", day(1), "# Centres\nLes centres ferment.")
	publish(t, a, "eu-press", "en", "https://press.example/a", day(5), "# Hubs\nThe hubs open.")
	syncIndex(t, x, a)
	for _, c := range []struct {
		q    Query
		want time.Time
	}{
		{Query{Text: "hubs", AsOf: day(0)}, day(1)},
		{Query{Text: "hubs", AsOf: day(3)}, time.Time{}},
		{Query{Text: "hubs source:eu-press", AsOf: day(3)}, day(5)},
		{Query{Text: "hubs", Langs: []string{"en"}, AsOf: day(3)}, day(5)},
		{Query{Text: "hubs jurisdiction:BE", AsOf: day(3)}, time.Time{}},
		{Query{Text: "hubs as-of:1999"}, day(1)},
		{Query{Text: "hubs until:1999"}, day(1)},
		{Query{Text: "hubs", Past: true, Until: day(0)}, day(1)},
		{Query{Text: "hubs", AsOf: day(5)}, time.Time{}},
		{Query{Text: "nothing has this word"}, time.Time{}},
	} {
		r, err := x.Search(t.Context(), a, c.q)
		if err != nil || !r.Since.Equal(c.want) {
			t.Errorf("%+v: since %v, want %v (%v)", c.q, r.Since, c.want, err)
		}
	}
}
