package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestAnOperatorInABrowser: a source is blocked. The operator logs in, sees it,
// and attaches a copy that somebody saved; it is read at once.
func TestAnOperatorInABrowser(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 90*time.Second)
	defer stop()
	b := newBrowser(t, ctx)
	l := newLived(t)
	var hash strings.Builder
	a := &app{in: strings.NewReader("four quiet words here\n"), out: &hash}
	if err := (&hashCmd{}).Run(a); err != nil {
		t.Fatal(err)
	}
	s := start(t, ctx, append([]string{"serve", "--listen", "127.0.0.1:0", "--operator-password-hash", strings.TrimSpace(hash.String())}, l.args...)...)
	b.base = s.url
	b.open("/operator")
	b.fill("#password", "four quiet words here")
	b.click(`main form button`)
	b.see("main", "blocked")
	b.click(`#troubled ~ table th a`)
	b.click(`a[href^="/operator/add?url="]`)
	saved := filepath.Join(t.TempDir(), "saved.html")
	if err := os.WriteFile(saved, []byte("<!doctype html><html lang=en><title>Saved by hand</title><main><h1>Saved by hand</h1><p>The closed centres have a total capacity of 990 places, and this is the copy that somebody saved in a browser.</p></main>"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.do("choose the file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{saved}))
	b.fill("#reason", "the site refuses programs")
	b.click(`form[enctype] button`)
	b.see("main", "Kept as capture")
	if strings.Contains(b.text("main"), "under way") { // then the pass reads it
		b.until("/search?q=990", "article.hit")
	} else {
		b.click(`main a[href^="/page/"]`)
	}
	b.see("main", "990 places")
	b.close()
	stop()
	if code := <-s.done; code != 0 {
		t.Errorf("the program ended with %d:\n%s", code, s.errs)
	}
}
