package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/internal/demosite"
)

// readCalendar prints what icalendar reads: of each event the day, the UID and the link.
const readCalendar = `import icalendar, sys
cal = icalendar.Calendar.from_ical(open(sys.argv[1], "rb").read())
assert cal["VERSION"] == "2.0" and cal["PRODID"], cal
for e in cal.walk("VEVENT"):
    assert not e.errors, e.errors
    assert e["DTSTAMP"].dt.tzinfo is not None
    print(e["DTSTART"].dt.isoformat(), type(e["DTSTART"].dt).__name__, e["UID"], e["URL"], e["SUMMARY"])
`

// readFeed prints what feedparser reads, and holds JSON Feeds against version 1.1 of their description.
const readFeed = `import feedparser, json, sys
from urllib.parse import urlparse
def absolute(u): return urlparse(u).scheme in ("http", "https") and bool(urlparse(u).netloc)
for name in sys.argv[1:]:
    raw = open(name, "rb").read()
    if name.endswith(".atom"):
        f = feedparser.parse(raw)
        assert not f.bozo, (name, f.bozo_exception)
        assert f.version == "atom10" and f.feed.id and f.feed.title and f.feed.updated_parsed, name
        assert all(e.id and e.title and e.updated_parsed and absolute(e.link) for e in f.entries), name
        ids = [e.id for e in f.entries]
    else:
        f = json.loads(raw)
        assert f["version"] == "https://jsonfeed.org/version/1.1" and isinstance(f["title"], str) and f["title"], name
        assert absolute(f["home_page_url"]) and absolute(f["feed_url"]) and isinstance(f["items"], list), name
        for i in f["items"]:
            assert isinstance(i["id"], str) and i["id"] and absolute(i["url"]) and isinstance(i["content_text"], str), (name, i)
            assert all(isinstance(t, str) for t in i["tags"]) and i["date_published"].endswith("Z"), (name, i)
        ids = [i["id"] for i in f["items"]]
    assert len(set(ids)) == len(ids), (name, ids)
    print(name.rsplit("/", 1)[-1], len(ids))
`

// served is the demonstration site after some steps, served, and a way to fetch a page into a file.
func served(t *testing.T) (fetched func(path, name string) string) {
	t.Helper()
	demo := watchDemo(t, "@every 1000h")
	clock := time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)
	ctx, stop := context.WithCancel(t.Context())
	booted := make(chan string, 1)
	a := func() *app {
		return &app{out: io.Discard, err: io.Discard, now: func() time.Time { return clock }, onboot: func(url string) { booted <- url }}
	}
	a().run(ctx, demo.args("crawl"))
	for range demosite.Steps {
		demo.Advance()
		clock = clock.Add(time.Hour)
		a().run(ctx, demo.args("crawl"))
	}
	ended := make(chan int, 1)
	go func() { ended <- a().run(ctx, demo.args("serve", "--listen", "localhost:0")) }()
	t.Cleanup(func() { stop(); <-ended })
	var base string
	select {
	case base = <-booted:
	case code := <-ended:
		ended <- code
		t.Fatalf("serve ended with %d", code)
	}
	return func(path, name string) string {
		t.Helper()
		res, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v\n%.500s", path, res.Status, err, body)
		}
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, body, 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
}

// python is a Python that has a module, or the test is skipped.
func python(t *testing.T, module string) string {
	t.Helper()
	p := tool(t, "python3")
	if out, err := exec.CommandContext(t.Context(), p, "-c", "import "+module).CombinedOutput(); err != nil {
		t.Skipf("%s is not installed: %s", module, out)
	}
	return p
}

// TestOthersReadOurCalendar: another library finds whole days in it.
func TestOthersReadOurCalendar(t *testing.T) {
	py := python(t, "icalendar")
	said := output(t, py, "-c", readCalendar, served(t)("/calendar.ics", "calendar.ics"))
	if lines := strings.Split(strings.TrimSpace(said), "\n"); len(lines) != 1 || !strings.HasPrefix(said, "2026-09-01 date change-") || !strings.Contains(said, "/change/0..") {
		t.Errorf("icalendar reads:\n%s", said)
	}
}

// TestOthersReadOurFeeds: every list and search has an Atom feed and a JSON Feed that others read.
func TestOthersReadOurFeeds(t *testing.T) {
	py := python(t, "feedparser")
	fetched := served(t)
	var files []string
	for i, path := range []string{"/changes", "/drift", "/search.?q=centre", "/source/demo-ministry", "/page/2", "/topics/return-hubs", "/search.?q=nothing+like+it", "/topics", "/sources", "/sources.?jurisdiction=BE"} {
		for _, kind := range []string{".atom", ".json"} {
			address := path + kind
			if base, query, ok := strings.Cut(path, ".?"); ok {
				address = base + kind + "?" + query
			}
			files = append(files, fetched(address, string(rune('a'+i))+kind))
		}
	}
	said := output(t, py, append([]string{"-c", readFeed}, files...)...)
	for _, none := range []string{"a.atom 0\n", "a.json 0\n", "c.atom 0\n", "d.json 0\n", "e.atom 0\n", "h.atom 0\n", "i.json 0\n", "j.atom 0\n"} {
		if strings.Contains(said, none) {
			t.Errorf("they read:\n%s", said)
		}
	}
	if strings.Count(said, "\n") != len(files) {
		t.Errorf("they read:\n%s", said)
	}
}
