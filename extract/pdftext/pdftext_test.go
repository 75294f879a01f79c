package pdftext

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/go-pdf/fpdf"
)

func words(t testing.TB, src []byte) (pages []string, all []Word, err error) {
	t.Helper()
	err = Read(t.Context(), src, func(p Page) error {
		var b strings.Builder
		for _, w := range p.Words {
			if !w.Glued {
				b.WriteByte(' ')
			}
			b.WriteString(w.Text)
			all = append(all, w)
		}
		pages = append(pages, strings.TrimSpace(b.String()))
		return nil
	})
	return pages, all, err
}

func output(t testing.TB, p *fpdf.Fpdf) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWords(t *testing.T) {
	p := fpdf.New("P", "pt", "A4", "")
	tr := p.UnicodeTranslatorFromDescriptor("")
	p.AddPage()
	p.SetFont("Helvetica", "B", 20)
	p.Text(100, 120, tr("Détention – été"))
	p.SetFont("Times", "", 10)
	p.Text(100, 200, "Some words here")
	p.AddPage()
	p.TransformBegin()
	p.TransformRotate(90, 300, 300)
	p.Text(300, 300, "Turned")
	p.TransformEnd()
	pages, all, err := words(t, output(t, p))
	if err != nil || len(pages) != 2 || pages[0] != "Détention – été Some words here" || pages[1] != "Turned" {
		t.Fatalf("read %q, %v", pages, err)
	}
	w := all[0]
	if !w.Bold || w.Size < 19.5 || w.Size > 20.5 || w.Left < 99 || w.Left > 101 || w.Top < 95 || w.Bottom > 130 {
		t.Errorf("the first word is %+v", w)
	}
	p.SetFont("Helvetica", "B", 20)
	if wide := p.GetStringWidth(tr("Détention")); w.Right-w.Left < wide-0.5 || w.Right-w.Left > wide+0.5 {
		t.Errorf("the first word is %.1f wide, want %.1f", w.Right-w.Left, wide)
	}
	if !all[len(all)-1].Turned {
		t.Error("the last word is not turned")
	}
}

func TestEncrypted(t *testing.T) {
	for _, user := range []string{"", "secret"} {
		p := fpdf.New("P", "pt", "A4", "")
		p.SetProtection(fpdf.CnProtectPrint, user, "owner")
		p.AddPage()
		p.SetFont("Helvetica", "", 12)
		p.Text(50, 50, "Protected words")
		pages, _, err := words(t, output(t, p))
		if user == "" && (err != nil || len(pages) != 1 || pages[0] != "Protected words") {
			t.Errorf("with an empty password: %q, %v", pages, err)
		}
		if user != "" && !errors.Is(err, ErrEncrypted) {
			t.Errorf("with a password: %q, %v; want ErrEncrypted", pages, err)
		}
	}
}

// TestAES: documents under AES with an empty user password, as most that only
// restrict printing are. The files were written by another program.
func TestAES(t *testing.T) {
	for _, file := range []string{"aes-128.pdf", "aes-256.pdf"} {
		src, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if pages, _, err := words(t, src); err != nil || len(pages) != 1 || pages[0] != "Words under encryption" {
			t.Errorf("%s: read %q, %v", file, pages, err)
		}
	}
}

// TestRepair: a file whose cross-reference table leads nowhere is read by
// looking for its objects.
func TestRepair(t *testing.T) {
	p := fpdf.New("P", "pt", "A4", "")
	p.AddPage()
	p.SetFont("Helvetica", "", 12)
	p.Text(50, 50, "Found again")
	good := output(t, p)
	i := bytes.LastIndex(good, []byte("startxref"))
	for _, bad := range [][]byte{append(bytes.Clone(good[:i]), "startxref\n17\n%%EOF"...), append([]byte("%junk junk junk\n"), good...)} {
		pages, _, err := words(t, bad)
		if err != nil || len(pages) != 1 || pages[0] != "Found again" {
			t.Errorf("read %q, %v", pages, err)
		}
	}
}

// document makes a PDF of one page with this content and these further
// objects, from number 6 on.
func document(content, resources string, objects ...string) []byte {
	list := append([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<" + resources + "/Font<</F 5 0 R>>>>>>",
		"<</Length 0>>stream\n" + content + "\nendstream", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}, objects...)
	var b strings.Builder
	b.WriteString("%PDF-1.5\n")
	for i, o := range list {
		b.WriteString(string(rune('0'+(i+1)/10)) + string(rune('0'+(i+1)%10)) + " 0 obj " + o + " endobj\n")
	}
	b.WriteString("trailer<</Root 1 0 R>>\n%%EOF")
	return []byte(b.String())
}

func TestContent(t *testing.T) {
	tests := []struct{ name, content, resources, want string }{
		{"positions part words", "BT /F 10 Tf 50 700 Td (One) Tj 30 0 Td (two) Tj 0 -12 Td (three) Tj ET", "", "One two three"},
		{"kerning does not", "BT /F 10 Tf 50 700 Td [(K)30(ern)-20(ed)-400(words)] TJ ET", "", "Kerned words"},
		{"quotes", "BT /F 10 Tf 12 TL 50 700 Td (a) ' 0 0 (b) \" T* (c) Tj ET", "", "a b c"},
		{"actual text", "/Span <</ActualText(fi)>> BDC BT /F 10 Tf 50 700 Td (\x01\x02) Tj ET EMC", "", "fi"},
		{"escapes", `BT /F 10 Tf 50 700 Td (a\(b\)\251\
c) Tj <64 65> Tj ET`, "", "a(b)'cde"},
		{"inline picture", "BI /W 1 /H 1 ID \x00(no)\xff EI BT /F 10 Tf 50 700 Td (yes) Tj ET", "", "yes"},
		{"saved state", "q 2 0 0 2 0 0 cm Q BT /F 10 Tf 50 700 Td (same) Tj ET Q Q Q", "", "same"},
		{"form", "/X Do", "/XObject<</X 6 0 R>>", "in a form"},
	}
	form := "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>>stream\nBT /F 10 Tf 50 700 Td (in a form) Tj ET /X Do\nendstream"
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			objects := []string{}
			if test.resources != "" {
				objects = append(objects, form)
			}
			pages, _, err := words(t, document(test.content, test.resources, objects...))
			got := strings.Join(pages, "|")
			if test.name == "form" {
				got, _, _ = strings.Cut(got, "formin") // it draws itself, up to a bound
				got = strings.TrimSuffix(got, "form") + "form"
				if !strings.HasPrefix(got, test.want) {
					t.Errorf("read %.60q, %v", got, err)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("read %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestHostile(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	tests := map[string]string{
		"loop of pages":     "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Kids[2 0 R]>>endobj trailer<</Root 1 0 R>>",
		"loop of parents":   "%PDF-1.4\n1 0 obj 2 0 R endobj 2 0 obj 1 0 R endobj trailer<</Root 1 0 R>>",
		"loop of lengths":   "%PDF-1.4\n1 0 obj<</Length 1 0 R>>stream\nx endstream endobj trailer<</Root 1 0 R>>",
		"deep array":        "%PDF-1.4\n1 0 obj " + deep + " endobj trailer<</Root 1 0 R>>",
		"wide tree":         "%PDF-1.4\n1 0 obj<</Pages 2 0 R>>endobj 2 0 obj<</Kids[" + strings.Repeat("3 0 R ", 9000) + "]>>endobj 3 0 obj<</Type/Page>>endobj trailer<</Root 1 0 R>>",
		"nothing":           "",
		"only a header":     "%PDF-1.7\n",
		"loop of sections":  "%PDF-1.4\nxref\n0 0\ntrailer<</Prev 9>>\nstartxref\n9\n%%EOF",
		"many small arrays": "%PDF-1.4\n1 0 obj[" + strings.Repeat("[]", 600_000) + "]endobj trailer<</Root 1 0 R>>",
	}
	for what, src := range tests {
		t.Run(what, func(t *testing.T) {
			if _, _, err := words(t, []byte(src)); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestBomb(t *testing.T) {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	line := bytes.Repeat([]byte("BT /F 10 Tf (x) Tj ET\n"), 50_000)
	for range 200 {
		if _, err := z.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	src := document("", "")
	src = bytes.Replace(src, []byte("<</Length 0>>stream\n\nendstream"), append(append([]byte("<</Filter/FlateDecode>>stream\n"), packed.Bytes()...), "\nendstream"...), 1)
	if _, _, err := words(t, src); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v, want ErrTooLarge", err)
	}
}

func TestStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Read(ctx, document("BT ET", ""), func(Page) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestGlyphNames(t *testing.T) {
	s := newSigns()
	for n, want := range map[string]string{"eacute": "é", "Zcaron": "Ž", "fi": "fi", "space": " ", "uni20AC": "€", "u1F600": "😀", "a.sc": "a", "quoteright": "’", "g12": "", "hyphen": "-"} {
		if got := s.glyph(n); got != want {
			t.Errorf("glyph %s is %q, want %q", n, got, want)
		}
	}
	e := baseEncoding("", false)
	for code, want := range map[int]string{0xA1: "¡", 0xAF: "ﬂ", 0xD0: "—", 0xE1: "Æ", 0xE8: "Ł", 0xF1: "æ", 0xF5: "ı", 0xFB: "ß", 0x27: "’", 0xB7: "•", 'a': "a"} {
		if e[code] != want {
			t.Errorf("standard encoding of %#x is %q, want %q", code, e[code], want)
		}
	}
}

func TestLZW(t *testing.T) {
	got := unLZW([]byte{0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01}, 1, 1000)
	if want := []byte{45, 45, 45, 45, 45, 65, 45, 45, 45, 66}; !bytes.Equal(got, want) {
		t.Errorf("unpacked %v, want %v", got, want)
	}
}

// FuzzRead: no input panics, hangs or gives unsound words.
func FuzzRead(f *testing.F) {
	p := fpdf.New("P", "pt", "A4", "")
	p.SetCompression(false)
	p.AddPage()
	p.SetFont("Helvetica", "", 12)
	p.Text(50, 50, "Seed words")
	f.Add(output(f, p))
	f.Add(document("BT /F 10 Tf 50 700 Td [(K)30(ern)] TJ ET", ""))
	f.Add([]byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Kids[2 0 R]>>endobj trailer<</Root 1 0 R>>"))
	f.Fuzz(func(t *testing.T, src []byte) {
		_, all, _ := words(t, src)
		for _, w := range all {
			if w.Text == "" || w.Size <= 0 || w.Size > 1e5 {
				t.Errorf("word %+v", w)
			}
		}
	})
}
