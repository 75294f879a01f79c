package demosite

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func get(s *Site, path string) (int, string) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String()
}

func TestTheSiteChangesAsItSays(t *testing.T) {
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	want := func(path string, code int, contains string) {
		t.Helper()
		c, body := get(s, path)
		if c != code || !strings.Contains(body, contains) {
			t.Errorf("step %d: %s answers %d without %q:\n%s", s.Step(), path, c, contains, body)
		}
	}
	for p := range s.pages {
		if s.pages[p].from == 0 {
			want(p, 200, "<main>")
		}
	}
	want("/en/closed-centres", 200, "640 places")
	want("/en/news/return-hub-agreement", 404, "")
	want("/reports/annual.pdf", 200, "%PDF")
	for range Steps {
		s.Advance()
	}
	want("/en/closed-centres", 200, "815 places")
	want("/fr/decision-de-retour", 200, "les 10 jours")
	want("/nl/terugkeerbesluit", 200, "binnen 10 dagen")
	want("/en/reception", 200, "agency may provide")
	want("/en/statistics", 200, "Request Rejected")
	want("/en/return-bonus", 410, "withdrawn")
	want("/en/news", 200, "return-hub-agreement")
	want("/feed.xml", 200, "/court/2026-041")
	if s.Advance(); capacity(s.Step()) != 830 {
		t.Errorf("after the last step the capacity is %d", capacity(s.Step()))
	}
}
