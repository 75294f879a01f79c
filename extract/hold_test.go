package extract

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHold: a law that comes with most of its articles missing, or a long page
// that comes as its frame, is no change until the next look says so too.
func TestHold(t *testing.T) {
	const url = "https://example.org/law"
	law := func(articles int) string {
		var b strings.Builder
		for i := range articles {
			fmt.Fprintf(&b, "</p><p>Art. %d. De minister kan bepalen dat de vreemdeling wordt vastgehouden.", i+1)
		}
		return htmlPage(b.String())
	}
	page := func(n int) string { return htmlPage(strings.Repeat("The centre has 751 places. ", n)) }
	for _, test := range []struct {
		name     string
		answers  []string
		classes  []string
		versions []string
	}{
		{"an accident", []string{law(60), law(10), law(60)}, []string{"content", "error", "content"}, []string{"1"}},
		{"repealed", []string{law(60), law(10), law(10), law(10)}, []string{"content", "error", "content", "content"}, []string{"1", "3"}},
		{"two accidents apart", []string{law(60), law(10), law(60), law(12), law(60)}, []string{"content", "error", "content", "error", "content"}, []string{"1"}},
		{"a third repealed", []string{law(60), law(40)}, []string{"content", "content"}, []string{"1", "2"}},
		{"the frame of a page", []string{page(600), page(4), page(600)}, []string{"content", "error", "content"}, []string{"1"}},
		{"emptied", []string{page(600), page(4), page(5)}, []string{"content", "error", "content"}, []string{"1", "3"}},
		{"a short page cut", []string{page(60), page(2)}, []string{"content", "content"}, []string{"1", "2"}},
	} {
		for _, once := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, at once %v", test.name, once), func(t *testing.T) {
				w := newWorld(t)
				for _, body := range test.answers {
					w.answer(url, 200, body)
					if !once {
						w.sync()
					}
				}
				w.sync()
				classes, versions := w.history(url)
				if d := cmp.Diff(test.classes, classes); d != "" {
					t.Errorf("classes: wanted -, got +:\n%s", d)
				}
				if d := cmp.Diff(test.versions, versions); d != "" {
					t.Errorf("versions by capture: wanted -, got +:\n%s", d)
				}
			})
		}
	}
}
