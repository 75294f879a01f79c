package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
	"veille/diff"
)

// A calendar has the days to come that changes brought, and only those.
func TestTheCalendar(t *testing.T) {
	w := newWorld(t)
	w.live()
	body := w.want("/calendar.ics", http.StatusOK, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "DTSTART;VALUE=DATE:20260901\r\n", "-20260901@localhost\r\n",
		"TRANSP:TRANSPARENT\r\n", "URL:http://localhost:8080/change/", "END:VCALENDAR\r\n")
	if strings.Contains(body, "VALUE=DATE:20260211") || strings.Contains(body, "VALUE=DATE:20260305") {
		t.Errorf("days that had passed are in it:\n%s", body)
	}
	for _, line := range strings.Split(body, "\r\n") {
		if len(line) > 75 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
	}
	if _, again := w.get("/calendar.ics"); again != body {
		t.Error("the same days are written differently")
	}
	w.want("/calendar.ics?q=hub", http.StatusOK, "VALUE=DATE:20260901")
	for _, path := range []string{"/calendar.ics?q=nothing-like-it", "/calendar.ics?source=demo-court"} {
		if body := w.want(path, http.StatusOK, "BEGIN:VCALENDAR"); strings.Contains(body, "BEGIN:VEVENT") {
			t.Errorf("%s has days:\n%s", path, body)
		}
	}
	w.want("/calendar.ics?q=%22open", http.StatusBadRequest)
	w.want("/calendar.ics?min_weight=9", http.StatusBadRequest)
	w.want("/", http.StatusOK, `type="text/calendar"`)
	w.want("/search?q=return+hub", http.StatusOK, `href="/calendar.ics?q=return&#43;hub"`)
}

// A day is new if the old wording does not give it, in whatever way it is written.
func TestDaysInAText(t *testing.T) {
	for lang, text := range map[string]string{"en": "It applies from 12 March 2027.", "fr": "Elle s’applique à partir du 12 mars 2027.",
		"nl": "Ze geldt vanaf 12 maart 2027.", "de": "Sie gilt ab dem 12. März 2027."} {
		if diff := cmp.Diff(map[string]string{"2027-03-12": text}, daysIn(lang, text)); diff != "" {
			t.Errorf("%s: %s", lang, diff)
		}
	}
	for _, text := range []string{"It applies from March 2027.", "12 March 2027", "", "Within 30 days.", "31 February 2027"} {
		if got := daysIn("en", text); len(got) > 0 {
			t.Errorf("%q: %v", text, got)
		}
	}
	c := &ChangeDocument{From: &VersionRef{}, Edits: []diff.Edit{{After: "x"}}}
	if got := wordings(c, &archive.Version{Blocks: []archive.Block{{Text: "a"}, {Text: "b"}}}); len(got) != 1 || got[0].After != "x" {
		t.Errorf("of a change: %+v", got)
	}
}
