package server

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestResultsStayPutWhileTheArchiveGrows: an officer turns the pages of what was
// found; meanwhile the site changes. The pages before and after are still those
// of the search that was begun. Of one whose archive is no longer kept, the page
// says so, and shows what stands there now.
func TestResultsStayPutWhileTheArchiveGrows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pass()
	link := regexp.MustCompile(`<a rel="(prev|next)" href="([^"]+)"`)
	wording := regexp.MustCompile(`(?s)<blockquote class="wording"[^>]*>(.*?)</blockquote>`)
	turn := func(body, rel string) string {
		t.Helper()
		for _, m := range link.FindAllStringSubmatch(body, -1) {
			if m[1] == rel {
				return html.UnescapeString(m[2])
			}
		}
		t.Fatalf("no link rel=%s", rel)
		return ""
	}
	shown := func(body string) string {
		t.Helper()
		var out []string
		for _, m := range wording.FindAllStringSubmatch(body, -1) {
			out = append(out, m[1])
		}
		if len(out) == 0 {
			t.Fatalf("no results:\n%s", body)
		}
		return strings.Join(out, "\n")
	}
	first := w.want("/search?q=places+OR+return&limit=2&past=1&ui=en", http.StatusOK, "More results")
	if slices.ContainsFunc(link.FindAllStringSubmatch(first, -1), func(m []string) bool { return m[1] == "prev" }) {
		t.Error("there is a page before the first")
	}
	next := turn(first, "next")
	second := w.want(next, http.StatusOK, "Previous results")
	if shown(second) == shown(first) {
		t.Fatal("the second page is the first")
	}

	w.live() // the site changes, and the index grows
	if got := w.want("/search?q=places+OR+return&limit=2&past=1&ui=en", http.StatusOK); shown(got) == shown(first) {
		t.Fatal("the site has changed, and the search finds the same: the test shows nothing")
	}
	if got := w.want(next, http.StatusOK); shown(got) != shown(second) {
		t.Errorf("the second page has become\n%s\nfrom\n%s", shown(got), shown(second))
	}
	if got := w.want(turn(second, "prev"), http.StatusOK); shown(got) != shown(first) {
		t.Errorf("the first page has become\n%s\nfrom\n%s", shown(got), shown(first))
	}

	gone := regexp.MustCompile(`cursor=(\d+)\.[^.]+\.`).ReplaceAllString(next, "cursor=$1.0.")
	if got := w.want(gone, http.StatusOK, "The archive has grown since", "Begin again"); !strings.Contains(got, `rel="prev"`) {
		t.Error("a page of an archive that is gone is not the second one")
	}
	w.want("/search?q=other&cursor="+regexp.MustCompile(`cursor=([^&]+)`).FindStringSubmatch(next)[1], http.StatusBadRequest, "cursor")
}
