package server

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestANewcomerIsToldWhatThisIs: the first page says what is watched and for
// whom, and leads to what one can do; an empty archive counts nothing and offers
// nothing to narrow down.
func TestANewcomerIsToldWhatThisIs(t *testing.T) {
	w := newWorld(t)
	page := w.want("/?ui=en", http.StatusOK, "return, detention and reception of migrants", "Nothing has changed yet.")
	if strings.Contains(page, "0 pages") || strings.Contains(page, `class="filters"`) {
		t.Errorf("of an empty archive it says\n%s", page)
	}
	w.pass()
	page = w.want("/", http.StatusOK, "Public pages change without notice. Veille watches 15 pages of 4 sources on the return, detention and reception of migrants", `class="filters"`)
	for _, way := range []string{"/search", "/trace", "/subscribe"} {
		if !regexp.MustCompile(`<p class="ways">.*<a href="` + way + `">`).MatchString(page) {
			t.Errorf("nothing leads to %s:\n%s", way, page)
		}
	}
}

// TestExamplesAreInTheReadersLanguage: each example of searches and traces can
// be asked as it stands there, and the first is a concept that the thesaurus knows
// in that language.
func TestExamplesAreInTheReadersLanguage(t *testing.T) {
	w := newWorld(t)
	w.live()
	link := regexp.MustCompile(`href="(/(?:search|trace)\?q=[^"]+)"`)
	seen := map[string]string{}
	for _, lang := range Langs {
		for path, least := range map[string]int{"/search": 9, "/trace": 4} {
			links := link.FindAllStringSubmatch(w.want(path+"?ui="+lang, http.StatusOK), -1)
			if len(links) != least {
				t.Errorf("%s in %s has %d examples, want %d", path, lang, len(links), least)
				continue
			}
			for _, l := range links {
				w.want(html.UnescapeString(l[1]), http.StatusOK)
			}
			u, err := url.Parse(html.UnescapeString(links[0][1]))
			if err != nil {
				t.Fatal(err)
			}
			concept := u.Query().Get("q")
			if other := seen[path+concept]; other != "" {
				t.Errorf("%s: the example of a concept is %q in %s and in %s", path, concept, other, lang)
			}
			seen[path+concept] = lang
			w.want(html.UnescapeString(links[0][1]), http.StatusOK, "return hub")
		}
	}
}

// TestTopicsWithoutSourcesAreFolded: that nothing is filed under a topic is
// said once, not at each of them.
func TestTopicsWithoutSourcesAreFolded(t *testing.T) {
	w := newWorld(t)
	w.pass()
	page := w.want("/topics?ui=en", http.StatusOK)
	list, bare, ok := strings.Cut(page, "No source is filed under these topics")
	if !ok || strings.Contains(bare, "No source is filed") {
		t.Fatalf("it is not said once:\n%s", page)
	}
	if !strings.Contains(list, `"/topics/closed-centres"`) || strings.Contains(list, `"/topics/masterplan"`) || !strings.Contains(bare, `"/topics/masterplan"`) {
		t.Errorf("topics stand in the wrong list:\n%s", page)
	}
}

// TestPaperSaysWhereItIsFrom: a wording and a change are printed with their
// permanent address.
func TestPaperSaysWhereItIsFrom(t *testing.T) {
	w := newWorld(t)
	w.live()
	for _, path := range []string{"/v/20", "/change/7..25"} {
		w.want(path, http.StatusOK, `<p class="onpaper">http://localhost:8080`+path+`</p>`)
	}
}

// TestDriftIsMarked: beside its twin, a passage that has not followed is
// marked on either page, with the change that it lacks.
func TestDriftIsMarked(t *testing.T) {
	site := httptest.NewServer(drifted(t).Handler())
	defer site.Close()
	w := &world{t: t, web: site, client: http.DefaultClient}
	for path, lang := range map[string]string{"/page/1?beside=2": "en", "/page/2?beside=1": "nl"} {
		page := w.want(path+"&ui=en", http.StatusOK, "Het centrum biedt 640 plaatsen", "815 places", "640 places → 815 places")
		if n := strings.Count(page, `class="row lagging"`); n != 1 {
			t.Errorf("%s (%s) marks %d passages, want 1:\n%s", path, lang, n, page)
		}
	}
}
