package evidence

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
)

var update = flag.Bool("update", false, "write the golden files anew")

// awkward is a title that means something in every form that is written.
const awkward = "=HYPERLINK(\"x\") & {B}_50 % \\of\\ #1 ~ $2 ^3 <i> \u202eER  - \x1b] “quoted”"

// golden compares a text with a golden file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got; -update writes it anew)\n%s", name, d)
	}
}

// reworded gives a page wordings, a day apart, each a list of blocks; none: it
// is withdrawn.
func reworded(t *testing.T, a *archive.Archive, url, title string, wordings ...[]archive.Block) []*archive.Version {
	t.Helper()
	var out []*archive.Version
	for i, blocks := range wordings {
		at := t0.AddDate(0, 0, i)
		answer, class := "HTTP/1.1 200 OK", archive.Content
		if blocks == nil {
			answer, class = "HTTP/1.1 410 Gone", archive.Gone
		}
		c := &archive.Capture{Source: "be-test", URL: url, Lang: "en", Time: at, Exchanges: []archive.Exchange{{URL: url, Time: at,
			Response: fmt.Appendf(nil, "%s\r\nContent-Type: text/html\r\n\r\n%s %d", answer, url, i)}}}
		if err := a.Add(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		added, err := a.AddReadings(t.Context(), c.Seq, []archive.Reading{{Capture: c.Seq, Class: class, Version: &archive.Version{
			Title: title, Lang: "en", Strategy: "main", Gone: blocks == nil, UpdatedOn: "2026-02-28", Blocks: blocks}}})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, added...)
	}
	return out
}

func paragraph(text string) archive.Block {
	return archive.Block{Kind: archive.Paragraph, Role: archive.Main, Path: []string{"Chapter I", "Art. 8"}, Text: text}
}

// exporter writes from an archive as of a time that does not move.
func exporter(a *archive.Archive) *Exporter {
	return &Exporter{Archive: a, Software: "Veille", BaseURL: "https://veille.example.org", Now: func() time.Time { return t0.AddDate(0, 1, 0) }}
}

// TestReferences: the same citation in all forms, of a wording with an awkward
// title, of a block of a law, and of a judgment.
func TestReferences(t *testing.T) {
	a := open(t)
	rule := paragraph("The person shall leave the territory within 30 days.")
	plain := reworded(t, a, "https://example.org/return?a=1&b={2}_3", awkward, []archive.Block{rule}, []archive.Block{paragraph("Gone.")}, nil)
	act := reworded(t, a, "https://eur-lex.example.org/legal-content/EN/TXT/?uri=CELEX:32008L0115", "Directive 2008/115/EC", []archive.Block{rule})
	judgment := reworded(t, a, "https://court.example.org/juris/ECLI:EU:C:2025:591", "Judgment of 1 August 2025", []archive.Block{rule})
	var out bytes.Buffer
	for _, c := range []struct {
		id    archive.Seq
		block int
	}{{plain[0].ID, -1}, {plain[2].ID, -1}, {act[0].ID, 0}, {judgment[0].ID, -1}} {
		got, err := exporter(a).Cite(t.Context(), c.id, c.block, "Ministry & Sons")
		if err != nil {
			t.Fatal(err)
		}
		if got.Log == "" || got.Digest == "" {
			t.Errorf("version %d: nothing proves it: %+v", c.id, got)
		}
		got.Log = "log.example.org" // each archive has its own
		fmt.Fprintf(&out, "%s\n\n%s\n%s\n", got.Text(), got.BibTeX(), got.RIS())
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(got.CSL()); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "references.txt", out.Bytes())
	for _, c := range []struct {
		id    archive.Seq
		block int
	}{{999, -1}, {plain[0].ID, 1}, {plain[2].ID, 0}} {
		if _, err := exporter(a).Cite(t.Context(), c.id, c.block, "x"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("block %d of version %d: %v, want fs.ErrNotExist", c.block, c.id, err)
		}
	}
}

// TestEdition: what the witnesses of an edition say is what the wordings say.
func TestEdition(t *testing.T) {
	a := open(t)
	heading := archive.Block{Kind: archive.Heading, Level: 2, Role: archive.Main, Text: "Time to <leave> & go"}
	menu := archive.Block{Kind: archive.Item, Marker: "•", Role: archive.Boilerplate, Text: "Home"}
	item := archive.Block{Kind: archive.Item, Marker: "a)", Level: 1, Role: archive.Main, Text: "Children are never held in a closed centre."}
	shall := paragraph("The person shall leave the territory within 30 days of the order.")
	may := paragraph("The person may leave the territory within 14 days of the order.")
	odd := paragraph("A character that XML cannot have: \x01, and \ufffe.")
	vs := reworded(t, a, page, awkward, []archive.Block{menu, heading, shall, item}, nil, []archive.Block{menu, heading, may, odd}, []archive.Block{menu, item, shall, odd})
	write := func(ed Edition) []byte {
		t.Helper()
		var b bytes.Buffer
		ed.Page, ed.Publisher = pageOf(t, a, page), "Ministry & Sons"
		if err := exporter(a).TEI(t.Context(), &b, &ed); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	whole := write(Edition{Block: -1})
	golden(t, "edition.xml", whole)
	golden(t, "passage.xml", write(Edition{Block: 2, From: vs[0].ID}))
	for _, v := range vs {
		var want []string
		for i := range v.Blocks {
			if v.Blocks[i].Role == archive.Main {
				want = append(want, strings.NewReplacer("\x01", "\ufffd", "\ufffe", "\ufffd").Replace(v.Blocks[i].Text))
			}
		}
		if v.Gone {
			continue
		}
		got := readAs(t, whole, fmt.Sprintf("#v%d", v.ID))
		slices.Sort(got) // moved passages stand where they stood last
		slices.Sort(want)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("witness %d (-want +got)\n%s", v.ID, d)
		}
	}
	for _, bad := range []Edition{{Block: 0, From: 999}, {Block: 17, From: vs[0].ID}} {
		bad.Page = pageOf(t, a, page)
		if err := exporter(a).TEI(t.Context(), io.Discard, &bad); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%+v: %v, want fs.ErrNotExist", bad, err)
		}
	}
	if err := exporter(a).TEI(t.Context(), io.Discard, &Edition{Page: pageOf(t, a, page), Block: -1, Versions: []archive.Seq{vs[1].ID}}); !errors.Is(err, ErrEmpty) {
		t.Errorf("of a withdrawal: %v, want ErrEmpty", err)
	}
}

// readAs reads the passages that a witness has in an edition.
func readAs(t *testing.T, doc []byte, siglum string) (passages []string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(doc))
	var in bool
	var hidden, depth int
	var text strings.Builder
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return passages
		}
		if err != nil {
			t.Fatalf("this is no XML: %v\n%s", err, doc)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			in = in || e.Name.Local == "body"
			depth++
			for _, at := range e.Attr {
				if at.Name.Local == "wit" && !strings.Contains(at.Value+" ", siglum+" ") && hidden == 0 {
					hidden = depth
				}
			}
		case xml.EndElement:
			if depth == hidden {
				hidden = 0
			}
			depth--
			if n := e.Name.Local; in && (n == "p" || n == "ab") && hidden == 0 {
				passages = append(passages, text.String())
				text.Reset()
			}
		case xml.CharData:
			if in && hidden == 0 && strings.TrimSpace(string(e)) != "" || in && text.Len() > 0 && hidden == 0 {
				text.Write(e)
			}
		}
	}
}
