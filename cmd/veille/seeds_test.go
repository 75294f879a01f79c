package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/internal/seedsite"
	"veille/internal/smtptest"
)

// TestFiveDocumentsEndToEnd is the whole product on five real documents: from
// the web to the mailbox, and back from the WARC files alone. Where the
// originals are absent it uses five of the same kinds, written for it.
func TestFiveDocumentsEndToEnd(t *testing.T) {
	t.Run("own", func(t *testing.T) {
		fiveDocuments(t, "testdata/seeds", "The Minister also expressed openness to exploring partnerships beyond the region.")
	})
	t.Run("originals", func(t *testing.T) {
		dir := os.Getenv("VEILLE_SEEDS")
		if dir == "" {
			dir = "../../../shared/seeds"
		}
		if _, err := os.Stat(dir); err != nil {
			t.Skip("the five original documents are not here; name their directory with VEILLE_SEEDS")
		}
		fiveDocuments(t, dir, "Van Bossuyt also expressed openness to exploring partnerships beyond the Western Balkans.")
	})
}

// A desk is someone at the command line, with a data directory and sources.
type desk struct {
	t    *testing.T
	args []string
}

// run runs a command, which must succeed, and returns what it prints.
func (d *desk) run(args ...string) string {
	d.t.Helper()
	var out, errs bytes.Buffer
	if code := run(d.t.Context(), slices.Concat(args, d.args), &out, &errs); code != 0 {
		d.t.Fatalf("veille %s: exit status %d\n%s%s", strings.Join(args, " "), code, out.String(), errs.String())
	}
	return out.String()
}

// json runs a command with --json into doc.
func (d *desk) json(doc any, args ...string) {
	d.t.Helper()
	out := d.run(append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), doc); err != nil {
		d.t.Fatalf("veille %s: %v in\n%s", strings.Join(args, " "), err, out)
	}
}

type foundDoc struct {
	Total int
	Hits  []struct {
		URL, Text, Highlight, Link string
		Version                    int
	}
}

// in counts the hits per document.
func (f foundDoc) in() map[string]int {
	n := map[string]int{}
	for _, h := range f.Hits {
		n[h.URL[strings.LastIndex(h.URL, "/")+1:]]++
	}
	return n
}

type changedDoc struct {
	Total   int
	Changes []struct {
		ID, URL, Summary string
		Weight           int
		Senses           []string
		Edits            []struct {
			Op, Before, After string
			Senses            []struct{ Code, Before, After, Evidence string }
		}
	}
}

func seedSources(host string) string {
	var s strings.Builder
	fmt.Fprintf(&s, "hosts:\n  %s: {min_delay: 0s}\nsources:\n", host)
	for i, topic := range []string{"closed-centres", "prison-abroad", "hr-criticism", "icam", "closed-centres"} {
		fmt.Fprintf(&s, "  - id: seed-%03d\n    name: {en: Document %03d}\n    institution: seed\n    kind: media\n    jurisdiction: BE\n"+
			"    topics: [%s]\n    schedule: \"@every 6h\"\n    pages:\n      - {en: \"http://%s/%03d\"}\n", i, i, topic, host, i)
	}
	return s.String()
}

func fiveDocuments(t *testing.T, dir, removed string) {
	site, err := seedsite.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(site)
	defer web.Close()
	mail := smtptest.Start(t)
	data := t.TempDir()
	sources := filepath.Join(data, "sources.yaml")
	if err := os.WriteFile(sources, []byte(seedSources(strings.TrimPrefix(web.URL, "http://"))), 0o644); err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, args: []string{"--data", data, "--sources", sources}}

	var crawled struct{ Fetched, NewVersions int }
	d.json(&crawled, "crawl")
	d.run("subscriptions", "add", "--email", "reader@example.org", "--topic", "closed-centres", "--cadence", "daily", "--confirmed")
	between := time.Now().UTC().Format(time.RFC3339Nano)
	time.Sleep(2 * time.Millisecond) // the archive keeps milliseconds
	if err := site.Replace("004", "751", "1145"); err != nil {
		t.Fatal(err)
	}
	if err := site.Replace("001", removed, ""); err != nil {
		t.Fatal(err)
	}
	d.json(&crawled, "crawl")

	checkFound(d, between)
	checkChanged(d)
	d.run("digest", "--now", "--smtp", "smtp://"+mail.Addr, "--from", "veille@example.org", "--base-url", "http://localhost:8080")
	checkMailed(t, mail)
	checkRebuilt(d, data)
}

func checkFound(d *desk, between string) {
	t := d.t
	t.Helper()
	var f foundDoc
	d.json(&f, "search", `"closed centre" OR "closed centres" OR "closed center"`)
	if n := f.in(); n["000"] == 0 || n["004"] == 0 {
		t.Errorf("closed centres are found in %v, want 000 and 004", n)
	}
	d.json(&f, "search", "ICAM")
	if n := f.in(); n["003"] == 0 {
		t.Errorf("ICAM is found in %v, want 003", n)
	}
	d.json(&f, "search", `"opinions expressed"`)
	if n := f.in(); n["003"] > 1 {
		t.Errorf("the funder's line is %d hits", n["003"])
	}
	d.json(&f, "search", "1145")
	if f.Total != 1 {
		t.Errorf("1145 is found %d times, want once", f.Total)
	}
	d.json(&f, "search", "751")
	if f.Total != 0 {
		t.Errorf("751 is still found %d times", f.Total)
	}
	d.json(&f, "search", "751", "--as-of", between)
	if n := f.in(); n["004"] != 1 {
		t.Errorf("as of %s 751 is found in %v, want 004", between, n)
	}
	d.json(&f, "search", "1145", "--as-of", between)
	if f.Total != 0 {
		t.Errorf("as of %s 1145 is found already", between)
	}
}

func checkChanged(d *desk) {
	t := d.t
	t.Helper()
	var c changedDoc
	d.json(&c, "changes")
	if c.Total != 2 || len(c.Changes) != 2 {
		t.Fatalf("%d changes, want 2: %+v", c.Total, c.Changes)
	}
	first := c.Changes[0]
	if !strings.HasSuffix(first.URL, "/004") || !slices.Contains(first.Senses, "amount") {
		t.Errorf("the first change is of %s with senses %v, want 004 with amount", first.URL, first.Senses)
	}
	evidence := ""
	for _, e := range first.Edits {
		for _, s := range e.Senses {
			evidence += s.Code + " " + s.Evidence + "\n"
		}
	}
	if !strings.Contains(evidence, "amount 751 → 1145") {
		t.Errorf("evidence is %q, want 751 → 1145", evidence)
	}
	if !strings.HasSuffix(c.Changes[1].URL, "/001") || c.Changes[1].Weight < 2 {
		t.Errorf("the second change is of %s, weight %d", c.Changes[1].URL, c.Changes[1].Weight)
	}
	var one struct{ ID string }
	d.json(&one, "diff", first.URL)
	if one.ID != first.ID {
		t.Errorf("diff shows change %s, want %s", one.ID, first.ID)
	}
}

func checkMailed(t *testing.T, mail *smtptest.Server) {
	t.Helper()
	mails := mail.Mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails, want 1", len(mails))
	}
	raw := mails[0].Raw
	for _, want := range []string{"751", "1145", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "Auto-Submitted: auto-generated", "/change/"} {
		if !strings.Contains(raw, want) {
			t.Errorf("the mail lacks %q:\n%s", want, raw)
		}
	}
	if strings.Contains(raw, "prisoners abroad") {
		t.Error("the mail tells of a page of another topic")
	}
}

// checkRebuilt removes all that can be made again, and wants the same answers.
func checkRebuilt(d *desk, data string) {
	t := d.t
	t.Helper()
	answers := func() []string {
		var out []string
		for _, args := range [][]string{{"search", "closed centre", "--json"}, {"search", "migrants", "--json"}, {"changes", "--min-weight", "0", "--json"}, {"verify", "--json"}} {
			text := d.run(args...)
			var doc map[string]any
			if err := json.Unmarshal([]byte(text), &doc); err != nil {
				t.Fatal(err)
			}
			delete(doc, "took_ms")
			b, _ := json.MarshalIndent(doc, "", " ")
			out = append(out, string(b))
		}
		return out
	}
	before := answers()
	if !strings.Contains(before[3], `"ok": true`) {
		t.Errorf("verify: %s", before[3])
	}
	for _, name := range []string{"catalogue.db", "catalogue.db-wal", "catalogue.db-shm", "index"} {
		if err := os.RemoveAll(filepath.Join(data, name)); err != nil {
			t.Fatal(err)
		}
	}
	d.run("rebuild")
	if diff := cmp.Diff(before, answers()); diff != "" {
		t.Errorf("after rebuild (-before +after):\n%s", diff)
	}
}
