package crawler

import (
	"bufio"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRobots(t *testing.T) {
	tests := []struct {
		name, text, path string
		want             bool
	}{
		{"empty", "", "/a", true},
		{"for all", "User-agent: *\nDisallow: /a", "/a/b", false},
		{"other agent", "User-agent: foo\nDisallow: /", "/a", true},
		{"own group beats star", "User-agent: *\nDisallow: /\nUser-agent: veille\nAllow: /", "/a", true},
		{"own group without rules", "User-agent: veille\n\nUser-agent: foo\nAllow: /x\nUser-agent: *\nDisallow: /", "/a", true},
		{"prefix is not a match", "User-agent: veil\nDisallow: /", "/a", true},
		{"token with version", "User-agent: Veille/1.0\nDisallow: /", "/a", false},
		{"groups merged", "User-agent: veille\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: VEILLE\nDisallow: /b", "/b", false},
		{"several agents", "User-agent: foo\nUser-agent: veille\nDisallow: /a", "/a", false},
		{"longest wins", "User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", true},
		{"longest wins, other order", "User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/c", false},
		{"tie allows", "User-agent: *\nDisallow: /a\nAllow: /a", "/a", true},
		{"star", "User-agent: *\nDisallow: /*.pdf", "/x/y.pdf?z", false},
		{"anchored", "User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", true},
		{"anchored twice", "User-agent: *\nDisallow: /*.pdf$", "/x.pdf/y.pdf", false},
		{"query", "User-agent: *\nDisallow: /q?b=1&a=2", "/q?b=1&a=2", false},
		{"percent-decoded", "User-agent: *\nDisallow: /%7euser", "/~user/x", false},
		{"non-ascii", "User-agent: *\nDisallow: /é", "/%C3%A9", false},
		{"encoded slash is no slash", "User-agent: *\nDisallow: /a%2fb", "/a/b", true},
		{"rule before any agent", "Disallow: /\nUser-agent: *\nDisallow: /b", "/a", true},
		{"byte order mark", "\ufeffUser-agent: *\nDisallow: /", "/a", false},
		{"no colon", "user-agent *\ndisallow /", "/a", false},
		{"empty disallow", "User-agent: *\nDisallow:", "/a", true},
		{"comment", "User-agent: * # all\nDisallow: /a # private", "/a", false},
		{"old line ends", "User-agent: *\rDisallow: /a\r", "/a", false},
		{"other lines do not end a group", "User-agent: *\nSitemap: /s\nDisallow: /a", "/a", false},
	}
	for _, tt := range tests {
		if got, by := parseRobots([]byte(tt.text), robotsToken).allows(tt.path); got != tt.want {
			t.Errorf("%s: %s allowed = %v by %q, want %v", tt.name, tt.path, got, by, tt.want)
		}
	}
}

func TestCrawlDelay(t *testing.T) {
	tests := []struct {
		text string
		want time.Duration
	}{
		{"User-agent: *\nCrawl-delay: 10", 10 * time.Second},
		{"User-agent: *\nCrawl-delay: 0.5", time.Second / 2},
		{"User-agent: *\nCrawl-delay: 86400", maxCrawlDelay},
		{"User-agent: *\nCrawl-delay: 1e300", maxCrawlDelay},
		{"User-agent: *\nCrawl-delay: -1", 0},
		{"User-agent: *\nCrawl-delay: NaN", 0},
		{"User-agent: *\nCrawl-delay: soon", 0},
		{"User-agent: foo\nCrawl-delay: 10", 0},
		{"User-agent: *\nCrawl-delay: 10\nUser-agent: veille\nDisallow:", 10 * time.Second},
		{"User-agent: *\nCrawl-delay: 10\nDisallow: /x\n\nUser-agent: veille\nCrawl-delay: 3\n", 3 * time.Second},
	}
	for _, tt := range tests {
		if got := parseRobots([]byte(tt.text), robotsToken).delay; got != tt.want {
			t.Errorf("%q: delay %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestRobotsSize(t *testing.T) {
	text := "User-agent: *\n" + strings.Repeat("# 3456789\n", maxRobots/10) + "Disallow: /a\n"
	if ok, _ := parseRobots([]byte(text), robotsToken).allows("/a"); !ok {
		t.Error("a rule after the first 500 KiB was read")
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /*a$\nAllow: /%41", "/a?b")
	f.Add("\xef\xbbuser-agent veille\ncrawl-delay: 1", "")
	f.Fuzz(func(t *testing.T, text, path string) {
		r := parseRobots([]byte(text), robotsToken)
		if r.delay < 0 || r.delay > maxCrawlDelay {
			t.Errorf("delay %v", r.delay)
		}
		ok, by := r.allows(path)
		if !ok && by == "" {
			t.Error("forbidden by no rule")
		}
		if n := normalisePath(path); normalisePath(n) != n && !strings.Contains(n, "%") {
			t.Errorf("normalising %q is not idempotent", path)
		}
	})
}

// conformance returns the folder of conformance data, or skips the test.
func conformance(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(os.Getenv("VEILLE_DATA"), "crawler-conformance")
	if _, err := os.Stat(dir); err != nil || os.Getenv("VEILLE_DATA") == "" {
		t.Skip("no crawler-conformance data: set VEILLE_DATA to the folder that holds it")
	}
	return dir
}

// disagreements are the published cases that we do not follow, and why.
var disagreements = map[string]string{
	"correctness/index-page.textproto":      "an Allow for …/index.html means the directory too: a search engine's habit, not in RFC 9309",
	"correctness/non-ascii-paths.textproto": "octets outside ASCII are compared percent-encoded (RFC 9309 §2.2.2), so /ツ and /%E3%83%84 are one path",
}

// TestRobotsConformance holds the matcher against 400 published cases: each is
// followed, or its file stands among the disagreements.
func TestRobotsConformance(t *testing.T) {
	f, err := os.Open(filepath.Join(conformance(t), "robots", "ctc.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	good, all := 0, 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var c struct {
			File      string `json:"file"`
			Text      []byte `json:"robotstxt_b64"`
			URL       string `json:"url"`
			UserAgent string `json:"useragent"`
			Expected  string `json:"expected"`
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		all++
		if allowed, by := parseRobots(c.Text, c.UserAgent).allows(pathOf(c.URL)); allowed == (c.Expected == "ALLOWED") {
			good++
		} else if why := disagreements[c.File]; why != "" {
			t.Logf("%s: agent %s, %s: allowed %v by %q, expected %s: %s", c.File, c.UserAgent, c.URL, allowed, by, c.Expected, why)
		} else {
			t.Errorf("%s: agent %s, %s: allowed %v by %q, expected %s\n%.600s", c.File, c.UserAgent, c.URL, allowed, by, c.Expected, c.Text)
		}
	}
	t.Logf("%d of %d cases", good, all)
	if all < 400 || good < 391 {
		t.Errorf("%d of %d cases, want 391 of 400 or more", good, all)
	}
}

// pathOf is the path and query of a URL as written.
func pathOf(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		return u.RequestURI()
	}
	_, rest, _ := strings.Cut(raw, "://")
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return "/"
}
