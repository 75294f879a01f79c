package extract

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"veille/archive"
)

func zipOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestZippedXML: a German law in its ZIP file reads as a law, and the day on
// which the file was built is not in it.
func TestZippedXML(t *testing.T) {
	law := func(build string) string {
		return `<?xml version="1.0" encoding="UTF-8"?><dokumente builddate="` + build + `" doknr="BJNR1"><norm builddate="` + build + `" doknr="BJNR1"><metadaten><jurabk>AufenthG</jurabk><langue>Gesetz über den Aufenthalt</langue></metadaten></norm>
<norm builddate="` + build + `" doknr="BJNR1NE1"><metadaten><jurabk>AufenthG</jurabk><enbez>§ 62</enbez><titel format="parat">Abschiebungshaft</titel></metadaten><textdaten><text format="XML"><Content><P>(1) Die Abschiebungshaft ist unzulässig, wenn der Zweck der Haft durch ein milderes Mittel erreicht werden kann.</P><P>(2) Ein Ausländer ist zur Vorbereitung der Ausweisung auf richterliche Anordnung in Haft zu nehmen.</P></Content></text></textdaten></norm></dokumente>`
	}
	var texts []string
	for _, build := range []string{"20260301214500", "20260302213900"} {
		body := zipOf(t, map[string]string{"BJNR1.xml": law(build), "bild.gif": "GIF89a"})
		text := read(t, &archive.Capture{Status: 200, Lang: "de", Header: header("Content-Type", "application/zip"), Body: body}, nil)
		if text.Class != archive.Content || text.Version.Lang != "de" {
			t.Fatalf("read as %s: %s", text.Class, text.Reason)
		}
		texts = append(texts, mainText(text.Version))
	}
	if !strings.Contains(texts[0], "Gesetz über den Aufenthalt") || !strings.Contains(texts[0], "§ 62") || !strings.Contains(texts[0], "milderes Mittel") {
		t.Errorf("the law reads\n%s", texts[0])
	}
	if texts[0] != texts[1] {
		t.Errorf("the day on which the file was built changed the text:\n%s\n%s", texts[0], texts[1])
	}
	two := zipOf(t, map[string]string{"a.xml": law("1"), "b.xml": law("1")})
	if text := read(t, &archive.Capture{Status: 200, Header: header("Content-Type", "application/zip"), Body: two}, nil); text.Class != archive.Error || !strings.Contains(text.Reason, "one by one") {
		t.Errorf("an archive of two is read as %s: %s", text.Class, text.Reason)
	}
}
