package index

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
)

// followedPhrases are traced after each step of a site's life.
var followedPhrases = []TraceQuery{{Phrase: "return hub"}, {Phrase: "return hub", Exact: true}, {Phrase: "hub*"}, {Phrase: "centre NEAR/2 closed OR Haft"},
	{Phrase: "return hub", Without: []string{"return-hub"}}, {Phrase: "centre", Langs: []string{"en"}}, {Phrase: "Rückkehrzentrum", All: true}, {Phrase: "concept:return-hub"}}

// sentences is a text of some sentences in which the phrases stand.
func sentences(r *rand.Rand) string {
	all := []string{"# The return hub", "Two return-hubs open in May.", "~ returnhub", "A centre that is closed.", "Returning takes long, and a hub opens.", "Hubs of returns.",
		"Die Haft im Rückkehrzentrum dauert.", "Das Rückkehr-Zentrum öffnet.", "Nothing of the kind.", "Le centre fermé, la plateforme de retour.", "A new hubbub about the Returnhub."}
	var b strings.Builder
	for range 2 + r.IntN(6) {
		fmt.Fprintln(&b, all[r.IntN(len(all))])
	}
	return b.String()
}

// TestAFollowedTraceIsTheOneThatWouldBeMade: whatever is written – new pages, new
// wordings, pages that go, and what is woven into the past –, the traces of the
// state before, followed, say what traces made anew say. That of pages of which
// nothing was written is taken over as it is.
func TestAFollowedTraceIsTheOneThatWouldBeMade(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, t.TempDir()+"/index")
	r := rand.New(rand.NewPCG(8, 1))
	langs, followed := []string{"en", "de", "fr", "en"}, 0
	ask := func(q TraceQuery) *Trace {
		t.Helper()
		q.Now = day(400)
		got, err := x.Trace(t.Context(), a, q)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	ask(followedPhrases[0]) // so that there is a state
	for step := range 40 {
		for range 1 + r.IntN(2) {
			n, on, text := r.IntN(9), day(5*step), sentences(r)
			switch r.IntN(10) {
			case 0:
				text = "gone"
			case 1:
				on = day(r.IntN(5*step + 1)).Add(time.Hour + time.Duration(step)*time.Minute) // a moment of its own
			}
			publish(t, a, sources().Sources[n%5].ID, langs[n%4], fmt.Sprintf("https://example.org/%d", n), on, text)
		}
		syncIndex(t, x, a)
		for _, q := range followedPhrases {
			if r.IntN(3) == 0 {
				continue // it is followed over several states
			}
			var before []archive.PageID
			if f := x.state.traces.formerOf(q.name(a)); f != nil {
				for _, p := range f.trace.Pages {
					if !f.wrote(p.Page) {
						before = append(before, p.Page)
					}
				}
			}
			got := ask(q)
			followed += len(before)
			ts := &x.state.traces
			known, former, lines := ts.known, ts.former, ts.lines
			ts.known, ts.former = nil, nil
			want := ask(q)
			ts.known, ts.former, ts.lines = known, former, lines
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("step %d, %q, followed and made anew:\n%s", step, q.Phrase, cmp.Diff(got, want, cmp.AllowUnexported(TracedPage{}, Span{})))
			}
		}
	}
	if followed == 0 {
		t.Error("no trace was followed: the test shows nothing")
	}
}
