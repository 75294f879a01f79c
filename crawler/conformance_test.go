package crawler

import (
	"bufio"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// TestRobotsConformance holds the matcher against 400 published cases of RFC
// 9309. Where the cases are absent it is skipped.
func TestRobotsConformance(t *testing.T) {
	dir := os.Getenv("VEILLE_DATA")
	f, err := os.Open(filepath.Join(dir, "crawler-conformance", "robots", "ctc.jsonl"))
	if dir == "" || err != nil {
		t.Skip("the conformance cases are not here; name the directory that holds crawler-conformance with VEILLE_DATA")
	}
	defer f.Close()
	right, all := 0, 0
	s := bufio.NewScanner(f)
	s.Buffer(nil, 8<<20)
	for s.Scan() {
		var c struct {
			File, URL, UserAgent, Expected string
			Robots                         []byte `json:"robotstxt_b64"`
		}
		if err := json.Unmarshal(s.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(c.URL)
		if err != nil {
			t.Fatalf("%s: %v", c.URL, err)
		}
		got := "DISALLOWED"
		if ok, _ := parseRobots(c.Robots, productToken(c.UserAgent)).allows(u.RequestURI()); ok {
			got = "ALLOWED"
		}
		if all++; got == c.Expected {
			right++
		} else {
			t.Logf("%s: %s for %s is %s, want %s", c.File, c.URL, c.UserAgent, got, c.Expected)
		}
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d", right, all)
	if right < 391 {
		t.Errorf("%d of %d cases are right, want at least the 391 of the reference matcher", right, all)
	}
}
