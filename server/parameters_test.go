package server

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestParseTime reads a year, a month and a day as all of it, as the query
// language does.
func TestParseTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, first, last string }{
		{"2020", "2020-01-01T00:00:00Z", "2020-12-31T23:59:59.999Z"},
		{" 2020-02 ", "2020-02-01T00:00:00Z", "2020-02-29T23:59:59.999Z"},
		{"2026-03-01", "2026-03-01T00:00:00Z", "2026-03-01T23:59:59.999Z"},
		{"2026-03-01T09:30:00+02:00", "2026-03-01T07:30:00Z", "2026-03-01T07:30:00Z"},
		{"2026-03-01 09:30", "2026-03-01T09:30:00Z", "2026-03-01T09:30:00Z"},
	} {
		first, err := ParseTime("since", c.text, false)
		if got := first.Format(time.RFC3339Nano); err != nil || got != c.first {
			t.Errorf("%q begins at %s, want %s (%v)", c.text, got, c.first, err)
		}
		last, err := ParseTime("until", c.text, true)
		if got := last.Format(time.RFC3339Nano); err != nil || got != c.last {
			t.Errorf("%q ends at %s, want %s (%v)", c.text, got, c.last, err)
		}
	}
	for _, text := range []string{"0999", "20", "2026-13", "2026-02-30", "yesterday", "2026-1", "9999", "+2026"} {
		if at, err := ParseTime("since", text, false); err == nil {
			t.Errorf("%q is taken for %s", text, at)
		}
	}
}

// TestMisspeltParameters asks with slips of the pen: nobody may take today's
// answer for that of 2020 because as_of was written without its line.
func TestMisspeltParameters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	for _, c := range []struct {
		address string
		code    int
		says    string
	}{
		{"/api/v1/search?q=centre&asof=2020", 400, `"asof\": there is no such parameter here; perhaps as_of is meant`},
		{"/api/v1/search?qq=centre", 400, "perhaps q is meant"},
		{"/api/v1/search?q=centre&since=2020", 400, "perhaps from is meant"},
		{"/api/v1/search?q=centre&lang=en&lang=fr&as_of=2100-01-01", 200, `"hits"`},
		{"/api/v1/search?q=centre&nonsense=1", 400, "this address takes all, as_of, cursor, document"},
		{"/api/v1/search?q=centre&as_of=2000", 200, `"looked_since"`},
		{"/search?q=centre&as_of=2000", 200, `value="2000-12-31"`},
		{"/api/v1/search?q=%zz", 400, "the part after the question mark cannot be read"},
		{"/api/v1/sources?min_weight=2", 400, "leave it out"},
		{"/api/v1/changes?min_weight=99", 422, `"detail": "min_weight: expected number <= 5"`},
		{"/api/v1/search?q=centre&sort=size&limit=x", 422, `limit: invalid integer`},
		{"/api/v1/changes?ui=fr", 200, `"changes"`},
		{"/api/v1/changes?ui=xx", 422, "ui: expected value to be one of"},
		{"/api/v1/blame", 422, `"detail": "url: required query parameter is missing"`},
		{"/search.atom?q=centre&asof=2020", 400, "perhaps as_of is meant"},
		{"/search.atom?q=centre&utm_source=x", 200, "<feed"},
		{"/trace.csv?q=centre&utm_source=x", 200, "centre"},
		{"/export/archive.cdxj?all=1&as=all.cdxj", 200, "1,0,0,127"},
		{"/changes.json?from=2020-01-01", 400, "perhaps since is meant"},
		{"/trace.csv?query=centre", 400, "perhaps q is meant"},
		{"/export/passages.csv?q=centre&asof=2020", 400, "perhaps as_of is meant"},
		{"/search?q=centre&asof=2020", 400, "Perhaps as_of is meant."},
		{"/search?q=centre&asof=2020&ui=nl", 400, "Misschien is as_of bedoeld."},
		{"/?souce=demo-office&ui=fr", 400, "Peut-être s’agit-il de source."},
	} {
		code, body := w.get(c.address)
		if body = strings.NewReplacer("&#34;", `"`, "&lt;", "<").Replace(body); code != c.code || !strings.Contains(strings.ToLower(body), strings.ToLower(c.says)) {
			t.Errorf("%s: code %d, and it does not say %q:\n%.600s", c.address, code, c.says, body)
		}
	}

	// What others put into links is passed over, and not handed on to tables and feeds.
	code, body := w.get("/trace?q=centre&utm_source=letter&fbclid=x")
	if code != http.StatusOK || strings.Contains(body, "utm_source") || strings.Contains(body, "fbclid") {
		t.Errorf("a page with a parameter of others: code %d, handed on: %t", code, strings.Contains(body, "utm_source"))
	}
}
