package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/extract"
	"veille/source"
	"veille/thesaurus"
)

// told shows pages to an archive one after the other and returns what can be
// asked of it. Each showing is "a text" for the page /a, an hour after the one before.
func told(t *testing.T, showings ...string) *Documents {
	t.Helper()
	ctx, log := context.Background(), slog.New(slog.DiscardHandler)
	list, err := source.Parse("sources.yaml", []byte("contact: a@example.org\nsources:\n  - id: site\n    name: {en: A site}\n    kind: government\n    jurisdiction: BE\n    topics: [closed-centres]\n    pages:\n"+
		"      - {en: \"http://127.0.0.1/a\"}\n      - {en: \"http://127.0.0.1/b\"}\n      - {en: \"http://127.0.0.1/c\"}\n"+
		"      - {en: \"http://127.0.0.1/t-en\", nl: \"http://127.0.0.1/t-nl\"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	names, err := thesaurus.Load()
	if err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(t.TempDir(), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	clock := time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)
	for _, s := range showings {
		path, text, _ := strings.Cut(s, " ")
		url := "http://127.0.0.1/" + path
		body := "<!DOCTYPE html><html lang=en><title>Page " + path + "</title><main><h1>Page " + path + "</h1><p>Page " + path + " speaks of the closed centres of the country and of those who live in them.</p><p>" + text + "</p></main></html>"
		lang, document := "en", ""
		if strings.HasPrefix(path, "t-") {
			lang, document = path[2:], "http://127.0.0.1/t-en"
			body = strings.Replace(body, "lang=en", "lang="+lang, 1)
		}
		if lang == "nl" {
			body = strings.Replace(body, "speaks of the closed centres of the country and of those who live in them", "gaat over de gesloten centra van het land en over wie er verblijft", 1)
		}
		answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		err := a.Add(ctx, &archive.Capture{Source: "site", URL: url, Lang: lang, Document: document, Time: clock, Exchanges: []archive.Exchange{{
			URL: url, Time: clock, Request: []byte("GET /" + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), Response: []byte(answer)}}})
		if err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(time.Hour)
	}
	if _, err := extract.Sync(ctx, log, a, list); err != nil {
		t.Fatal(err)
	}
	return &Documents{Archive: a, Sources: list, Thesaurus: names, Now: func() time.Time { return clock }}
}

// lines lists changes, each with what stands behind it.
func lines(t *testing.T, d *Documents, q ChangesQuery) string {
	t.Helper()
	doc, err := d.Changes(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range doc.Changes {
		line := c.URL[len("http://127.0.0.1/"):] + " " + c.Summary
		if len(c.Also) > 0 {
			line += fmt.Sprintf(" (+%d)", len(c.Also))
			for _, other := range c.Also {
				if !strings.HasPrefix(other.Title, "Page ") || other.Lang == "" {
					t.Errorf("behind %s: %+v", c.ID, other)
				}
			}
		}
		if len(c.Folded) > 0 {
			line += fmt.Sprintf(" (folded %d)", len(c.Folded))
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestBackAgain(t *testing.T) {
	d := told(t, "a The director may grant leave.", "a The director must grant leave.", "a The director may grant leave.")
	want := "a Page a: “must” becomes “may”; back to the wording of 3 March 2026.\na Page a: “may” becomes “must”."
	if got := lines(t, d, ChangesQuery{MinWeight: 2}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	doc, err := d.Changes(context.Background(), ChangesQuery{})
	if err != nil || doc.Changes[0].Back == nil || doc.Changes[0].Back.Version != 1 || doc.Changes[1].Back != nil {
		t.Errorf("back: %+v, %v", doc.Changes[0].Back, err)
	}
}

func TestFlappingIsFolded(t *testing.T) {
	may, must := "a The director may grant leave.", "a The director must grant leave."
	d := told(t, may, must, may, must, may, must, "a The director shall never grant leave.")
	if got := lines(t, d, ChangesQuery{}); strings.Count(got, "back to") != 4 {
		t.Errorf("all:\n%s", got)
	}
	want := "a Page a: “must” becomes “shall never”.\n" +
		"a Page a: “may” becomes “must”; the same passage has changed 4 times since 3 March 2026; back to the wording of 3 March 2026. (folded 3)\n" +
		"a Page a: “may” becomes “must”."
	if got := lines(t, d, ChangesQuery{Grouped: true}); got != want {
		t.Errorf("grouped:\n%s\nwant\n%s", got, want)
	}
}

// A page that flaps weighs what it says at first, then the least that is news;
// where the flapping ends, how it ended weighs again what it says once that has lasted, whatever was told in the meantime.
func TestFlappingWeighsLessUntilItLasts(t *testing.T) {
	may, must := "a The director may grant leave.", "a The director must grant leave."
	d := told(t, may, must, may, must, may, must)
	weights := func() string {
		doc, err := d.Changes(context.Background(), ChangesQuery{Page: 1})
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, c := range doc.Changes {
			out += fmt.Sprint(c.Weight)
		}
		return out
	}
	if got := weights(); got != "22555" {
		t.Errorf("weights, newest first: %s", got)
	}
	later := d.now().AddDate(0, 0, 15)
	d.Now = func() time.Time { return later }
	if got := weights(); got != "52555" {
		t.Errorf("two weeks later: %s", got)
	}
	doc, err := d.Changes(context.Background(), ChangesQuery{Page: 1})
	if err != nil || doc.Changes[1].Edits[0].Damped == nil || doc.Changes[1].Edits[0].Damped.Weight != 5 {
		t.Errorf("what was damped does not say so: %+v, %v", doc.Changes[1].Edits, err)
	}
}

func TestOneChangeOnManyPages(t *testing.T) {
	d := told(t, "a The Minister decides.", "b The Minister decides.", "c The Minister decides alone.",
		"a The Council of State decides.", "b The Council of State decides.", "c The Minister decides with others.")
	if got := lines(t, d, ChangesQuery{}); strings.Count(got, "\n") != 2 {
		t.Errorf("all:\n%s", got)
	}
	want := "c Page c: “alone” becomes “with others”.\nb Page b: “Minister” becomes “Council of State”. (+1)"
	if got := lines(t, d, ChangesQuery{Grouped: true}); got != want {
		t.Errorf("grouped:\n%s\nwant\n%s", got, want)
	}
}

const (
	inEnglish = "t-en The centre offers %s places to residents, and the director may grant leave."
	inDutch   = "t-nl Het centrum biedt %s plaatsen aan bewoners, en de directeur kan verlof toestaan."
)

func TestTwinsThatChangeAlikeAreOneEntry(t *testing.T) {
	d := told(t, fmt.Sprintf(inEnglish, "640"), fmt.Sprintf(inDutch, "640"), fmt.Sprintf(inEnglish, "815"), fmt.Sprintf(inDutch, "815"))
	want := "t-nl Page t-nl: 640 plaatsen → 815 plaatsen (+27 %). (+1)"
	if got := lines(t, d, ChangesQuery{Grouped: true}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want = "t-en Page t-en: 640 places → 815 places (+27 %). (+1)"
	if got := lines(t, d, ChangesQuery{Grouped: true, UILang: "en"}); got != want {
		t.Errorf("for an English reader\n%s\nwant\n%s", got, want)
	}
	// Who reads neither is shown the English one, whichever was seen last.
	for _, order := range [][]string{{inEnglish, inDutch}, {inDutch, inEnglish}} {
		d := told(t, fmt.Sprintf(order[0], "640"), fmt.Sprintf(order[1], "640"), fmt.Sprintf(order[0], "815"), fmt.Sprintf(order[1], "815"))
		if got := lines(t, d, ChangesQuery{Grouped: true, UILang: "de"}); !strings.HasPrefix(got, "t-en ") || !strings.HasSuffix(got, "(+1)") {
			t.Errorf("for a German reader\n%s", got)
		}
	}
}

func TestDrift(t *testing.T) {
	shown := []string{fmt.Sprintf(inEnglish, "640"), fmt.Sprintf(inDutch, "640"), fmt.Sprintf(inEnglish, "815")}
	for range 4 { // both are looked at again and again
		shown = append(shown, fmt.Sprintf(inEnglish, "815"), fmt.Sprintf(inDutch, "640"))
	}
	d := told(t, shown...)
	doc, err := d.Drift(context.Background(), DriftQuery{Lag: 3 * time.Hour})
	if err != nil || doc.Total != 1 {
		t.Fatalf("drifts %+v, %v", doc, err)
	}
	x := doc.Drifts[0]
	if x.Lang != "en" || x.TwinLang != "nl" || len(x.Passages) != 1 || !strings.HasPrefix(x.Passages[0].Twin, "Het centrum biedt 640 plaatsen") {
		t.Errorf("drift %+v", x)
	}
	if x.Followed != nil {
		t.Errorf("it still says 640 places, and has followed with %+v", x.Followed)
	}
	// Late is not in time: it stays, and says when the twin followed.
	late := told(t, append(shown, fmt.Sprintf(inDutch, "815"))...)
	doc, err = late.Drift(context.Background(), DriftQuery{Lag: 3 * time.Hour})
	if err != nil || doc.Total != 1 || doc.Drifts[0].Followed == nil {
		t.Fatalf("followed late: %+v, %v", doc, err)
	}
	v, err := late.Archive.Version(context.Background(), doc.Drifts[0].Followed.Version)
	if err != nil || v.Lang != "nl" || !strings.Contains(fmt.Sprint(v.Blocks), "815") {
		t.Errorf("it followed with version %+v, %v", v, err)
	}
	// Not before its time.
	if doc, err := d.Drift(context.Background(), DriftQuery{Lag: 24 * time.Hour}); err != nil || doc.Total != 0 {
		t.Errorf("within a day: %+v, %v", doc, err)
	}
	// Nor where the twin followed.
	d = told(t, append(shown, fmt.Sprintf(inDutch, "815"))...)
	if doc, err := d.Drift(context.Background(), DriftQuery{Lag: 12 * time.Hour}); err != nil || doc.Total != 0 {
		t.Errorf("followed: %+v, %v", doc, err)
	}
}

// drifted is a server weeks after an English text changed and its Dutch twin
// was looked at and had not followed; they are pages 1 and 2.
func drifted(t *testing.T) *Server {
	t.Helper()
	shown := []string{fmt.Sprintf(inEnglish, "640"), fmt.Sprintf(inDutch, "640"), fmt.Sprintf(inEnglish, "815")}
	d := told(t, append(shown, fmt.Sprintf(inDutch, "640"))...)
	site := d.Archive
	later := d.now().AddDate(0, 0, 20)
	answer := fmt.Sprintf(inDutch, "640")[len("t-nl "):]
	body := "<!DOCTYPE html><html lang=nl><title>Page t-nl</title><main><h1>Page t-nl</h1><p>Page t-nl gaat over de gesloten centra van het land en over wie er verblijft.</p><p>" + answer + "</p></main></html>"
	err := site.Add(context.Background(), &archive.Capture{Source: "site", URL: "http://127.0.0.1/t-nl", Lang: "nl", Document: "http://127.0.0.1/t-en", Time: later, Exchanges: []archive.Exchange{{
		URL: "http://127.0.0.1/t-nl", Time: later, Request: []byte("GET /t-nl HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
		Response: []byte(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(body), body))}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := extract.Sync(context.Background(), slog.New(slog.DiscardHandler), site, d.Sources); err != nil {
		t.Fatal(err)
	}
	return &Server{Archive: site, Sources: d.Sources, Thesaurus: d.Thesaurus, Now: func() time.Time { return later }, BaseURL: "https://veille.example.org", Log: slog.New(slog.DiscardHandler)}
}

// The feed tells of a drift when the twin's time is over, with what the twin still says.
func TestDriftFeed(t *testing.T) {
	s := drifted(t)
	get := func(path string) (int, string) {
		r := httptest.NewRecorder()
		s.Handler().ServeHTTP(r, httptest.NewRequest("GET", path, nil))
		return r.Code, r.Body.String()
	}
	for _, path := range []string{"/drift.atom?ui=fr", "/drift.json?ui=fr"} {
		code, text := get(path)
		for _, want := range []string{"la version en néerlandais n’a pas suivi", "640 places → 815 places", "Het centrum biedt 640 plaatsen", "tag:veille.example.org,2026:drift/", "2026-03-17T10:00:00Z"} {
			if code != 200 || !strings.Contains(text, want) {
				t.Errorf("%s: %d, %q is missing in\n%s", path, code, want, text)
			}
		}
	}
	if _, text := get("/drift.json?days=30"); strings.Contains(text, "drift/") {
		t.Errorf("before its time:\n%s", text)
	}
	if code, _ := get("/drift.atom?days=soon"); code != 400 {
		t.Errorf("days=soon: %d", code)
	}
}
