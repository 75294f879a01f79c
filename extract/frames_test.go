package extract

import (
	"net/http"
	"strings"
	"testing"

	"veille/archive"
)

// TestFrames: a page of frames says where its text is; it is no empty text.
func TestFrames(t *testing.T) {
	c := &archive.Capture{URL: "https://www.example.org/", FinalURL: "https://www.example.org/", Status: 200, Header: http.Header{"Content-Type": {"text/html"}},
		Body: []byte(`<html><head><title>Act</title></head><frameset cols="20%,*"><frame src="menu.html"><frame src="law.html"><noframes>No frames.</noframes></frameset></html>`)}
	text, err := Read(t.Context(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if text.Version != nil || text.Class != archive.Error || !strings.Contains(text.Reason, "law.html") {
		t.Errorf("class %s, %q", text.Class, text.Reason)
	}
}

// TestProtectedMail: an address that a proxy replaced is read, whatever its key.
func TestProtectedMail(t *testing.T) {
	page := func(code string) string {
		return `<html lang=en><body><main><h1>Contact</h1><p>Write to <a class="__cf_email__" data-cfemail="` + code + `">[email&#160;protected]</a> within ten days of the decision.</p></main></body></html>`
	}
	for _, key := range []byte{0x10, 0x5a} {
		code := []byte{key}
		for _, c := range []byte("desk@example.org") {
			code = append(code, c^key)
		}
		var hexed strings.Builder
		for _, c := range code {
			hexed.WriteString(string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]))
		}
		c := &archive.Capture{URL: "https://www.example.org/c", FinalURL: "https://www.example.org/c", Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(page(hexed.String()))}
		text, err := Read(t.Context(), c, nil)
		if err != nil {
			t.Fatal(err)
		}
		last := text.Version.Blocks[len(text.Version.Blocks)-1]
		if want := "Write to desk@example.org within ten days of the decision."; last.Text != want {
			t.Errorf("%q, want %q", last.Text, want)
		}
	}
}
