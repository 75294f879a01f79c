package source

import (
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestMistakesAreListed: each file of testdata holds a bad sources.yaml and
// the list of what is said about it.
func TestMistakesAreListed(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files (%v)", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			list, err := Parse("sources.yaml", a.Files[0].Data)
			var problems Problems
			if err == nil || !errors.As(err, &problems) || list != nil {
				t.Fatalf("the file was taken: %v", err)
			}
			got := problems.Error() + "\n"
			if *update {
				a.Files[1].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(a.Files[1].Data), got); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
		})
	}
}

func parse(t *testing.T, text string) *List {
	t.Helper()
	l, err := Parse("sources.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestCanonicalAddresses(t *testing.T) {
	l := parse(t, `
hosts:
  dofi.example: {aliases: [5195.farm.example], https: true, drop_params: [nn]}
  trap.example: {refuse: ["/eyJ"]}
sources:
  - {id: s, kind: ngo, jurisdiction: BE, topics: [dublin], drop_params: [var_lang], pages: [{fr: "https://spip.example/?id=1"}]}
`)
	for raw, want := range map[string]string{
		"HTTP://Example.ORG:80/a#b":                            "http://example.org/a",
		"https://e.example/c%2Fd//e?x=1&utm_source=q":          "https://e.example/c%2Fd//e?x=1",
		"https://e.example/show?section=/flwb&cfm=/a?lang=N&b": "https://e.example/show?section=/flwb&cfm=/a?lang=N&b",
		"http://5195.farm.example/nl/x?nn=1":                   "https://dofi.example/nl/x",
		"https://e.example/p;jsessionid=AB12?q=1":              "https://e.example/p?q=1",
		"https://spip.example/?id=1&var_lang=fr":               "https://spip.example/?id=1",
		"https://e.example/a/../b":                             "https://e.example/b",
	} {
		got, err := l.Canonical(raw)
		if err != nil || got != want {
			t.Errorf("%s → %s (%v), want %s", raw, got, err, want)
		}
		if again, err := l.Canonical(got); err != nil || again != got {
			t.Errorf("%s is not canonical of itself: %s (%v)", got, again, err)
		}
	}
	for _, bad := range []string{"", "ftp://e.example/", "https://user:pass@e.example/", "//e.example", "https://trap.example/eyJxIjoxfQ"} {
		if got, err := l.Canonical(bad); err == nil {
			t.Errorf("%q was taken as %s", bad, got)
		}
	}
}

func TestSchedules(t *testing.T) {
	at := time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)
	s, err := ParseSchedule("@every 6h")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "b", "https://example.org/"} {
		next := s.Next(at, key)
		if d := next.Sub(at); d < 4*time.Hour+48*time.Minute || d > 7*time.Hour+12*time.Minute {
			t.Errorf("%s: every 6h is due after %s", key, d)
		}
		if !next.Equal(s.Next(at, key)) {
			t.Errorf("%s: not the same twice", key)
		}
	}
	c, err := ParseSchedule("CRON_TZ=Europe/Brussels 20 6 * * *")
	if err != nil {
		t.Fatal(err)
	}
	if next := c.Next(at, "a"); next.Before(time.Date(2026, 3, 4, 5, 20, 0, 0, time.UTC)) || next.After(time.Date(2026, 3, 4, 5, 40, 0, 0, time.UTC)) {
		t.Errorf("06:20 in Brussels is %s", next)
	}
	for _, bad := range []string{"", "CRON_TZ=Europe/Brussels", "TZ=UTC", "0 0 31 2 *", "@every 0s", "@every -5m", "soon", "61 * * * *"} {
		if _, err := ParseSchedule(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestHosts(t *testing.T) {
	l := parse(t, `
hosts:
  "*.belgium.example": {min_delay: 10s}
  a.example: {min_delay: 0s, aliases: [www.a.example]}
sources: [{id: s, kind: ngo, jurisdiction: BE, topics: [all], pages: [{fr: "https://www.a.example/x"}]}]
`)
	for host, want := range map[string]time.Duration{"news.belgium.example": 10 * time.Second, "www.a.example": 0, "a.example:443": 0, "b.example": DefaultMinDelay} {
		if got := l.Host(host).MinDelay; got != want {
			t.Errorf("%s: pause %s, want %s", host, got, want)
		}
	}
	if s := l.Claim("https://a.example/x#y"); s == nil || s.ID != "s" {
		t.Errorf("the page is claimed by %v", s)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("sources: [{id: a}]"))
	f.Add([]byte("hosts: {a: {min_delay: 5}}\nsources:\n  - &x\n  - *x\n"))
	f.Add([]byte("a: !!binary |\n  x\n? [b]\n: c"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := Parse("sources.yaml", data)
		if (list == nil) == (err == nil) {
			t.Fatalf("%v and %v", list, err)
		}
	})
}

func FuzzCanonical(f *testing.F) {
	l := &List{}
	f.Add("https://example.org/a?b#c")
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := l.Canonical(raw)
		if err != nil {
			return
		}
		if again, err := l.Canonical(got); err != nil || again != got {
			t.Fatalf("%q → %q → %q (%v)", raw, got, again, err)
		}
	})
}

// TestOwnRules: what a source drops holds for its own pages too.
func TestOwnRules(t *testing.T) {
	l := parse(t, `
sources:
  - id: s
    kind: ngo
    jurisdiction: BE
    topics: [dublin]
    lang: nl
    drop_params: &p [k]
    pages: [{fr: "https://a.example/x?k=1&b=2#y"}, "https://a.example/nl"]
    feed: "https://a.example/feed?k=9&day={yyyy}-{mm}-{dd}"
  - {id: t, kind: ngo, jurisdiction: XK, topics: dublin, drop_params: *p, every: 1s, pages: [{sq: "http://127.0.0.1:8000/?k"}]}
`)
	s := l.Source("s")
	if got, want := s.Pages[0].Pages[0].URL, "https://a.example/x?b=2"; got != want || s.Document(want) != want {
		t.Errorf("the page is %s of %q, want %s", got, s.Document(want), want)
	}
	if got := s.Pages[1].Pages[0].Lang + s.Feed[0].Lang; got != "nlnl" {
		t.Errorf("languages %s, want nl and nl", got)
	}
	for _, raw := range []string{"https://a.example/x?b=2&k=7", "http://127.0.0.1:8000/"} {
		if l.Claim(raw) == nil {
			t.Errorf("nobody claims %s", raw)
		}
	}
	day := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	if got, want := l.Address(s.Feed[0], day), "https://a.example/feed?day=2026-03-04"; got != want {
		t.Errorf("the feed of the day is %s, want %s", got, want)
	}
}

// TestClockChange: a time that the clock skips comes that day; one that it
// repeats comes once.
func TestClockChange(t *testing.T) {
	s, err := ParseSchedule("CRON_TZ=Europe/Brussels 30 2 * * *")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ after, want string }{
		{"2027-03-27T12:00:00Z", "2027-03-28T01:30:00Z"}, // 02:30 is not: 03:30
		{"2027-03-28T01:30:00Z", "2027-03-29T00:30:00Z"},
		{"2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"}, // the first of two
		{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
	} {
		after, _ := time.Parse(time.RFC3339, c.after)
		if got := s.Next(after, "").Format(time.RFC3339); got != c.want {
			t.Errorf("after %s comes %s, want %s", c.after, got, c.want)
		}
		if got := s.Next(after, "key"); got.Before(s.Next(after, "")) || got.Sub(s.Next(after, "")) > maxJitter {
			t.Errorf("after %s comes %s for a key", c.after, got)
		}
	}
}

// TestHugeFiles: what would bring the YAML parser down does not reach it.
func TestHugeFiles(t *testing.T) {
	for name, data := range map[string]string{
		"long":   "# " + strings.Repeat("x\n", maxFile/2+1),
		"line":   strings.Repeat("- ", maxLine),
		"nested": "a: " + strings.Repeat("[\n", maxDepth+1),
	} {
		var problems Problems
		if _, err := Parse("sources.yaml", []byte(data)); !errors.As(err, &problems) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignatures(t *testing.T) {
	body := []byte("<html>Request REJECTED</html>")
	header := http.Header{"X-Amzn-Waf-Action": {"Challenge"}}
	for _, c := range []struct {
		s    Signature
		want bool
	}{
		{Signature{}, false},
		{Signature{Reason: "nothing", MaxBytes: 10}, false},
		{Signature{Text: "request rejected"}, true},
		{Signature{Text: "request rejected", MaxBytes: 10}, false},
		{Signature{Text: "request rejected", Status: 403}, false},
		{Signature{Status: 200}, true},
		{Signature{Header: "x-amzn-waf-action"}, true},
		{Signature{Header: "x-amzn-waf-action", HeaderValue: "challenge", Text: "html"}, true},
		{Signature{Header: "x-amzn-waf-action", HeaderValue: "captcha"}, false},
	} {
		if got := c.s.Matches(200, header, body); got != c.want {
			t.Errorf("%+v: %v, want %v", c.s, got, c.want)
		}
	}
}
