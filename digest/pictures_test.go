package digest

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// pictures is where TestMailsInABrowser puts pictures of the mails.
var pictures = flag.String("mails", "", "directory for pictures of the mails: in a window of 600 px, on phones, in the dark and in print")

// samples are mails of all kinds, densities and languages, by name.
func samples(t *testing.T) map[string]*Mail {
	t.Helper()
	l, out := secretary(t), map[string]*Mail{}
	keep := func(name string, m *Mail, err error) {
		if err != nil {
			t.Fatal(err)
		}
		out[name] = m
	}
	for _, lang := range Langs {
		sub := &Subscription{ID: 1, Email: "reader@example.org", Lang: lang, Zone: DefaultZone,
			Filter:   Filter{Topics: []string{"closed-centres", "return-hubs"}, Query: `"closed centre" OR appeal`, MinWeight: 2},
			Settings: Settings{Name: "Capacity", Note: "for the file on capacity", Cadence: Weekly, At: DefaultAt, Density: Excerpts}}
		for _, density := range Densities {
			sub.Density = density
			m, err := l.digest(finding(sub))
			keep(string(density)+"."+lang, m, err)
		}
		m, err := l.confirm(sub, monday.Add(ConfirmWithin))
		keep("confirm."+lang, m, err)
		m, err = l.manage(&Person{ID: 1, Email: sub.Email, Lang: lang, Zone: DefaultZone})
		keep("manage."+lang, m, err)
		m, err = l.digest(&telling{subs: []*Subscription{sub}, checks: 312, since: monday.Add(-7 * 24 * time.Hour)})
		keep("nothing."+lang, m, err)
	}
	return out
}

// A lookOf is what a browser makes of a mail.
type lookOf struct {
	Wide  int     // how wide the content is
	Pale  string  // the text that stands out least from what is behind it
	Least float64 // by how much: WCAG's contrast
}

// examine measures the width, and the contrast of every text.
const examine = `(() => {
	const rgb = (s) => { const m = s.match(/[\d.]+/g).map(Number); return m.length > 3 && m[3] === 0 ? null : m.slice(0, 3); };
	const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c) return c; } return [255, 255, 255]; };
	let least = 21, pale = "";
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; (n = walk.nextNode());) {
		if (!n.data.trim() || n.parentElement.closest("style")) continue;
		const a = light(rgb(getComputedStyle(n.parentElement).color)), b = light(behind(n.parentElement));
		const c = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (c < least) { least = c; pale = n.data.trim().slice(0, 60); }
	}
	return {Wide: document.documentElement.scrollWidth, Pale: pale, Least: least};
})()`

// Every mail can be read in a window of 600 px and on phones of 375 and 320 px
// without scrolling sideways, by day and in the dark, and printed; every text
// stands out from what is behind it. The pictures are for looking at:
//
//	VEILLE_BROWSER=1 go test ./digest -run TestMailsInABrowser -mails DIR
func TestMailsInABrowser(t *testing.T) {
	if os.Getenv("VEILLE_BROWSER") == "" {
		t.Skip("a browser looks at the mails with VEILLE_BROWSER=1")
	}
	mails := samples(t)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m := mails[strings.Trim(r.URL.Path, "/")]; m != nil {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Write([]byte(m.HTML))
		}
	}))
	defer web.Close()
	tab := browser(t)
	for name := range mails {
		for _, s := range []struct {
			name   string
			medium string
			scheme string
			width  int64
		}{{"600", "screen", "light", 600}, {"375", "screen", "light", 375}, {"320-dark", "screen", "dark", 320}, {"print", "print", "light", 720}} {
			media := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
				_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Media: s.medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s.scheme}}})
				return err
			})
			if err := chromedp.Do(tab, chromedp.EmulateViewport(s.width, 800), media, chromedp.Navigate(web.URL+"/"+name)); err != nil {
				t.Fatalf("%s, %s: %v", name, s.name, err)
			}
			got, err := chromedp.Run(tab, chromedp.Evaluate[lookOf](examine))
			if err != nil {
				t.Fatalf("%s, %s: %v", name, s.name, err)
			}
			if got.Wide > int(s.width) {
				t.Errorf("%s, %s: it is %d px wide", name, s.name, got.Wide)
			}
			if got.Least < 4.5 {
				t.Errorf("%s, %s: %q has a contrast of %.1f", name, s.name, got.Pale, got.Least)
			}
			if *pictures != "" {
				photograph(t, tab, filepath.Join(*pictures, name+"."+s.name+".png"))
			}
		}
	}
}

func photograph(t *testing.T, tab context.Context, file string) {
	t.Helper()
	picture, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, picture, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// browser opens a tab of the system's Chromium.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("VEILLE_BROWSER is set, and there is no chromium")
	}
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(stop)
	alloc, cancel := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()))...)
	t.Cleanup(cancel)
	tab, cancelTab := chromedp.NewContext(alloc)
	t.Cleanup(cancelTab)
	if err := chromedp.Do(tab); err != nil {
		t.Fatal(err)
	}
	return tab
}
