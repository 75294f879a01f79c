package server

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// What is on screen can be subscribed to from the page that shows it: the link
// leads to a form that is filled in and can be sent as it is.
func TestWhatIsOnScreenCanBeSubscribedTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	link := regexp.MustCompile(`href="(/subscribe\?[^"]+)"`)
	for path, want := range map[string]string{
		"/search?q=places&source=demo-ministry":            "query=places",
		"/?topic=closed-centres&min_weight=4":              "min_weight=4&topics=closed-centres",
		"/?sense=deadline&source=demo-ministry":            "query=sense%3Adeadline&sources=demo-ministry",
		"/source/demo-ministry":                            "sources=demo-ministry",
		"/topics/closed-centres":                           "topics=closed-centres",
		"/page/2":                                          "documents=",
		"/change/" + w.aChange():                           "documents=",
		"/v/20/passage/b13":                                "passage=",
		"/sources":                                         "kinds=health",
		"/sources?ui=nl":                                   "kinds=drift",
		"/sources?jurisdiction=" + w.jurisdiction(t):       "jurisdictions=",
		"/sources?ui=fr&jurisdiction=" + w.jurisdiction(t): "kinds=drift&jurisdictions=",
		"/sources?ui=de&jurisdiction=" + w.jurisdiction(t): "kinds=health&jurisdictions=",
	} {
		found := false
		for _, m := range link.FindAllStringSubmatch(w.want(path, http.StatusOK), -1) {
			href := html.UnescapeString(m[1])
			if !strings.Contains(href, want) {
				continue
			}
			found = true
			w.want(href, http.StatusOK)
			u, err := url.Parse(href)
			if err != nil {
				t.Fatal(err)
			}
			req := formRequest(u.Query())
			req.Email = "reader@example.org"
			if err := w.server.Digest.Check(t.Context(), req); err != nil {
				t.Errorf("%s leads to %s: %v", path, href, err)
			}
		}
		if !found {
			t.Errorf("%s does not lead to a form with %s", path, want)
		}
	}
}

// aChange is the id of a change of a known page.
func (w *world) aChange() string {
	w.t.Helper()
	return regexp.MustCompile(`/change/([1-9]\d*\.\.\d+)`).FindStringSubmatch(w.want("/", http.StatusOK))[1]
}

// jurisdiction is that of some source.
func (w *world) jurisdiction(t *testing.T) string {
	t.Helper()
	for _, s := range w.server.Sources.Sources {
		if s.Jurisdiction != "" {
			return s.Jurisdiction
		}
	}
	t.Fatal("no source has a jurisdiction")
	return ""
}
