package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/archive/warc"
)

// TestForgeriesAreFound: each is a bundle that fits in itself and says
// something untrue. The wording was found by looks 3, 4 and 5; look 1 and 6
// found another.
func TestForgeriesAreFound(t *testing.T) {
	a, other := history(t), open(t)
	look(t, other, page, 0, "within 30 days")
	look(t, other, page, 60, "within 14 days")
	b, foreign := prove(t, a, 130), prove(t, other, 70)
	if v, err := judge(t, unpack(t, b).pack(t), a.LogKey(), nil); err != nil || len(v.Notes) != 1 {
		t.Fatalf("the bundle that was packed again: %+v, %v", v, err)
	}
	found := func(seq archive.Seq, what string) func(t *testing.T, p *parts) {
		return func(t *testing.T, p *parts) {
			p.claim(t, func(c *Claim) {
				for i := range c.Looks {
					if c.Looks[i].Capture == seq {
						c.Looks[i].Found = what
					}
				}
				if err := c.conclude(); err != nil {
					t.Log(err) // it contradicts itself
				}
			})
		}
	}
	record := func(change func(r *warc.Record)) func(t *testing.T, p *parts) {
		return func(t *testing.T, p *parts) {
			recs := p.records(t)
			change(response(t, recs))
			p.write(t, recs)
		}
	}
	hidden := func(r *warc.Record, at int) func(t *testing.T, p *parts) {
		return func(t *testing.T, p *parts) {
			recs := p.records(t)
			if at < 0 {
				at = len(recs)
			}
			p.write(t, slices.Insert(recs, at, r))
		}
	}
	evil := warc.New(warc.TypeResponse, t0, "application/http;msgtype=response", []byte("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nwithin 1 day"))
	evil.Set("WARC-Target-URI", page)
	for name, forge := range map[string]func(t *testing.T, p *parts){
		// What the statement says.
		"more looks than there were": func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.Checks++ }) },
		"fewer failed ones":          func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.Failed = 5 }) },
		"an earlier first look":      func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.First = c.First.Add(-time.Hour) }) },
		"an earlier look": func(t *testing.T, p *parts) {
			p.claim(t, func(c *Claim) { c.Looks[1].Time = c.Looks[1].Time.Add(-time.Minute) })
		},
		"a later end":             func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.Until.By = c.Until.By.Add(time.Hour) }) },
		"no end":                  func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.Until = nil }) },
		"nothing known of before": func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.Seen.After = time.Time{} }) },
		"read in another way":     func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.ReadAnew = true }) },
		"another page":            func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.URL = "https://example.com/" }) },
		"another source":          func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.Source = "eu-court" }) },
		"another title":           func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.Title = "Detention" }) },
		"another kind":            func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.Kind = KindWithdrawn }) },
		"an answer":               func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.Kind = KindAnswer }) },
		"a larger log":            func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.LogSize++ }) },
		"another log":             func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.Log = "x" }) },
		"a stamp":                 func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.Stamps = 1 }) },
		"by hand":                 func(t *testing.T, p *parts) { p.claim(t, func(c *Claim) { c.Looks[2].Origin = archive.Added }) },
		"something said twice": func(t *testing.T, p *parts) {
			p.replace("about/statement.json", `"checks": 3`, `"checks": 9, "checks": 3`)
		},
		"something more said": func(t *testing.T, p *parts) {
			p.replace("about/statement.json", `"checks": 3`, `"checks": 3, "note": "x"`)
		},
		"the look before shows it":              found(1, LookShows),
		"the look after shows it":               found(6, LookShows),
		"a look shows it that does not count":   found(4, LookFailed),
		"the reading's look does not":           found(3, LookFailed),
		"a look outside":                        found(4, LookOutside),
		"a look that repeats one, left out":     func(t *testing.T, p *parts) { p.without(t, 4) },
		"the look before, left out":             func(t *testing.T, p *parts) { p.without(t, 1) },
		"the look that others repeat, left out": func(t *testing.T, p *parts) { p.without(t, 3) },

		// The records.
		"another wording":    record(func(r *warc.Record) { r.Block = bytes.Replace(r.Block, []byte("14 days"), []byte("41 days"), 1) }),
		"another header":     record(func(r *warc.Record) { r.Block = bytes.Replace(r.Block, []byte("text/html"), []byte("text/HTML"), 1) }),
		"another date":       record(func(r *warc.Record) { set(r, "WARC-Date", "2026-03-03T08:30:00.000Z") }),
		"another server":     record(func(r *warc.Record) { set(r, "WARC-IP-Address", "192.0.2.1") }),
		"another address":    record(func(r *warc.Record) { set(r, "WARC-Target-URI", "https://example.com/") }),
		"another number":     record(func(r *warc.Record) { set(r, "Veille-Seq", "33") }),
		"another field":      record(func(r *warc.Record) { r.Set("X-Judge", "believe it") }),
		"a request left out": func(t *testing.T, p *parts) { p.write(t, p.records(t)[1:]) },
		"another request": func(t *testing.T, p *parts) {
			recs := p.records(t)
			i := slices.IndexFunc(recs, func(r *warc.Record) bool { return r.Type() == warc.TypeRequest })
			recs[i].Block = bytes.Replace(recs[i].Block, []byte("GET"), []byte("PUT"), 1)
			p.write(t, recs)
		},
		"another reading": func(t *testing.T, p *parts) {
			recs := p.records(t)
			recs[0].Block = bytes.Replace(recs[0].Block, []byte("14 days"), []byte("41 days"), 1)
			p.write(t, recs)
		},
		"a hidden record at the end":   hidden(evil, -1),
		"a hidden record in between":   hidden(evil, 1),
		"a hidden record in a group":   hidden(evil, 2),
		"a hidden warcinfo":            hidden(warc.New(warc.TypeInfo, t0, "application/warc-fields", []byte("within: 1 day\r\n")), 1),
		"a hidden record that repeats": func(t *testing.T, p *parts) { p.data[dataName] = slices.Concat(p.data[dataName], p.data[dataName]) },
		"bytes at the end":             func(t *testing.T, p *parts) { p.data[dataName] = append(p.data[dataName], "within 1 day"...) },
		"another's records":            func(t *testing.T, p *parts) { p.data[dataName] = unpack(t, foreign).data[dataName] },
		"a look of another log": func(t *testing.T, p *parts) {
			f := unpack(t, foreign)
			recs := f.records(t)
			set(recs[len(recs)-1], "Veille-Seq", "4")
			p.write(t, append(p.records(t), recs[len(recs)-2:]...))
			p.put("proofs/capture-4.tlog-proof", f.data["proofs/capture-2.tlog-proof"])
		},

		// The proofs.
		"another checkpoint": func(t *testing.T, p *parts) { p.data["proofs/checkpoint"] = other.Checkpoint() },
		"another key":        func(t *testing.T, p *parts) { p.data["proofs/key.pub"] = []byte(other.LogKey() + "\n") },
		"a proof left out":   func(t *testing.T, p *parts) { p.remove("proofs/capture-4.tlog-proof") },
		"another entry's proof": func(t *testing.T, p *parts) {
			p.data["proofs/capture-4.tlog-proof"] = p.data["proofs/capture-5.tlog-proof"]
		},
		"a proof that says more": func(t *testing.T, p *parts) { p.replace("proofs/capture-4.tlog-proof", "index", "extra eA==\nindex") },
		"other entries":          func(t *testing.T, p *parts) { p.replace("proofs/entries.txt", "status 200", "status 201") },

		// What a reader is shown.
		"another text":        func(t *testing.T, p *parts) { p.replace("about/text.txt", "14", "41") },
		"another index":       func(t *testing.T, p *parts) { p.replace("indexes/index.cdx", "example", "exmaple") },
		"another page list":   func(t *testing.T, p *parts) { p.replace("pages/pages.jsonl", "14 days", "41 days") },
		"another description": func(t *testing.T, p *parts) { p.replace("datapackage.json", "What https", "Proven: https") },
		"one more file":       func(t *testing.T, p *parts) { p.put("judgment.txt", []byte("believe it")) },
		"one more archive":    func(t *testing.T, p *parts) { p.put("archive/more.warc.gz", p.data[dataName]) },
		"no README":           func(t *testing.T, p *parts) { p.remove("about/README.md") },
	} {
		t.Run(name, func(t *testing.T) {
			p := unpack(t, b)
			before := maps.Clone(p.data)
			forge(t, p)
			if maps.EqualFunc(p.data, before, bytes.Equal) {
				t.Fatal("nothing was forged")
			}
			v, err := judge(t, p.pack(t), a.LogKey(), nil)
			if !errors.Is(err, ErrNotProven) {
				t.Fatalf("%v, want ErrNotProven; %+v", err, v)
			}
			t.Log(err)
		})
	}
	if _, err := judge(t, b, other.LogKey(), nil); !errors.Is(err, ErrNotProven) {
		t.Errorf("with another log's key: %v, want ErrNotProven", err)
	}
	if v, err := judge(t, foreign, "", nil); err != nil || !v.OwnKey {
		t.Errorf("a bundle checked with its own key: %+v, %v", v, err)
	}
}

// TestWhatIsNotForgedIsNamed: what a bundle leaves out, or says in other words,
// is in the verdict.
func TestWhatIsNotForgedIsNamed(t *testing.T) {
	a := history(t)
	b := prove(t, a, 130)
	for note, change := range map[string]func(p *parts){
		"README.md is not what": func(p *parts) { p.replace("about/README.md", "3 times", "300 times") },
		"Looks of the page may have been left out": func(p *parts) {
			p.without(t, 4)
			p.claim(t, func(c *Claim) { c.Complete = false })
		},
		"says nothing of the time after 2026-03-03T11:00:00Z": func(p *parts) { p.without(t, 6) },
	} {
		p := unpack(t, b)
		change(p)
		v, err := judge(t, p.pack(t), a.LogKey(), nil)
		if err != nil || !slices.ContainsFunc(v.Notes, func(s string) bool { return strings.Contains(s, note) }) {
			t.Errorf("%s: %+v, %v", note, v, err)
		}
	}
}

// TestBackdatedLooksAreNamed: a look that came into the log later than its time
// says is named, whoever made it, in the verdict and, if others did, in the
// README.
func TestBackdatedLooksAreNamed(t *testing.T) {
	for _, test := range []struct {
		origin       archive.Origin
		note, readme string
	}{
		{archive.Crawled, "came into the log after looks of a later time: 1.", ""},
		{archive.Imported, "The look of 2026-03-03T08:30:00Z, which found something else, is not the archive's own (imported)", "comes from another crawler"},
		{archive.Added, "The look of 2026-03-03T08:30:00Z, which found something else, is not the archive's own (added)", "a person saved and handed in"},
	} {
		a := history(t)
		at := t0.Add(30 * time.Minute)
		c := &archive.Capture{Source: "be-test", URL: page, Lang: "en", Time: at, Origin: test.origin, Exchanges: []archive.Exchange{{URL: page, Time: at,
			Response: []byte("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nwithin 99 days")}}}
		if err := a.Add(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if _, err := a.AddReadings(t.Context(), c.Seq, []archive.Reading{{Capture: c.Seq, Class: archive.Content, Version: &archive.Version{Title: "Return", Lang: "en",
			Strategy: "main", Blocks: []archive.Block{{Kind: archive.Paragraph, Role: archive.Main, Text: "within 99 days"}}}}}); err != nil {
			t.Fatal(err)
		}
		b := prove(t, a, 130)
		v, err := judge(t, b, a.LogKey(), nil)
		if err != nil || !slices.ContainsFunc(v.Notes, func(s string) bool { return strings.Contains(s, test.note) }) {
			t.Errorf("%q: %+v, %v; want %q", test.origin, v, err, test.note)
		}
		if text := string(unpack(t, b).data["about/README.md"]); !strings.Contains(text, test.readme) || test.readme == "" && strings.Contains(text, "which found something else") {
			t.Errorf("%q: the README says\n%s", test.origin, text)
		}
	}
}

// TestOneFileForAllPrograms: a bundle in which two ZIP readers would see two
// things is refused.
func TestOneFileForAllPrograms(t *testing.T) {
	a := history(t)
	b := prove(t, a, 130)
	central := bytes.LastIndex(b, []byte("PK\x01\x02"))
	twice := func(name string) []byte {
		p := unpack(t, b)
		p.names = append(p.names, name)
		return p.pack(t)
	}
	for name, forged := range map[string][]byte{
		"another name in the part's own header": func() []byte {
			f := bytes.Clone(b)
			copy(f[bytes.Index(f, []byte("about/text.txt")):], "about/TEXT.txt")
			return f
		}(),
		"bytes before":             append([]byte("PK\x03\x04"), b...),
		"bytes behind":             append(bytes.Clone(b), "within 1 day"...),
		"bytes between":            slices.Concat(b[:central], []byte("within 1 day"), b[central:]),
		"two files of one name":    twice("about/text.txt"),
		"two archives of one name": twice(dataName),
		"cut off":                  b[:len(b)-1],
	} {
		if _, err := judge(t, forged, a.LogKey(), nil); !errors.Is(err, ErrNotProven) {
			t.Errorf("%s: %v, want ErrNotProven", name, err)
		}
	}
}

// TestEveryByteCounts: whichever byte of a bundle is altered, either the check
// fails, or nothing that it says changes.
func TestEveryByteCounts(t *testing.T) {
	a := history(t)
	b := prove(t, a, 130)
	good, err := judge(t, b, a.LogKey(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%+v %q", good.Claim, good.Text)
	step := 41 // all of them take long
	passed := 0
	for i := 0; i < len(b); i += step {
		f := bytes.Clone(b)
		f[i] ^= 0x20
		v, err := judge(t, f, a.LogKey(), nil)
		switch {
		case err != nil && !errors.Is(err, ErrNotProven):
			t.Fatalf("byte %d: %v", i, err)
		case err == nil:
			passed++
			if got := fmt.Sprintf("%+v %q", v.Claim, v.Text); !sameClaim(got, want) {
				t.Errorf("byte %d: %s", i, got)
			}
		}
	}
	t.Logf("%d of %d altered bytes changed nothing", passed, len(b)/step)
	if passed > len(b)/step/5 {
		t.Errorf("%d of %d altered bytes changed nothing", passed, len(b)/step)
	}
}

var pointer = regexp.MustCompile(`0x[0-9a-f]+`)

func sameClaim(a, b string) bool {
	return pointer.ReplaceAllString(a, "") == pointer.ReplaceAllString(b, "")
}

// TestTheREADMEsOwnCheck carries out what a bundle's README.md says, with
// Python and OpenSSL.
func TestTheREADMEsOwnCheck(t *testing.T) {
	for _, tool := range []string{"python3", "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
	run := func(b []byte) ([]byte, error) {
		dir := t.TempDir()
		p := unpack(t, b)
		for name, data := range p.data {
			file := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text := string(p.data["about/README.md"])
		_, code, _ := strings.Cut(text, "```python\n")
		code, _, _ = strings.Cut(code, "```")
		_, shell, _ := strings.Cut(text, "```sh\n")
		shell, _, _ = strings.Cut(shell, "```")
		if err := os.WriteFile(filepath.Join(dir, "check.py"), []byte(code), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-ec", "python3 check.py\n"+shell)
		cmd.Dir = dir
		return cmd.CombinedOutput()
	}
	a := history(t)
	for i := range 9 { // logs of several sizes
		b := prove(t, a, 130)
		out, err := run(b)
		if err != nil || !strings.Contains(string(out), "all records are in the log of") || !strings.Contains(string(out), "Verified Successfully") {
			t.Fatalf("%v\n%s", err, out)
		}
		if i == 0 {
			p := unpack(t, b)
			recs := p.records(t)
			set(response(t, recs), "WARC-Date", "2026-03-03T08:30:00.000Z")
			p.write(t, recs)
			if out, err := run(p.pack(t)); err == nil {
				t.Errorf("a forged bundle passes:\n%s", out)
			}
		}
		look(t, a, page, 300+i, "within 30 days")
	}
}
