package digest

import (
	"net/mail"
	"strings"
	"testing"
	"unicode"
)

func TestParseAddress(t *testing.T) {
	for in, want := range map[string]string{
		"name@example.org":                       "name@example.org",
		"  First.Last+tag@Example.ORG ":          "First.Last+tag@example.org",
		"name@müller.example":                    "name@xn--mller-kva.example",
		"name@localhost":                         "name@localhost",
		"":                                       "",
		"name":                                   "",
		"@example.org":                           "",
		"name@":                                  "",
		"a@b@example.org":                        "",
		"name@example.org\r\nBcc: x@y.z":         "",
		"name\x00@example.org":                   "",
		"Name <name@example.org>":                "",
		"<name@example.org>":                     "",
		"name@example.org, b@example.org":        "",
		`"a b"@example.org`:                      "",
		`"a\r\nb"@example.org`:                   "",
		"name@[127.0.0.1]":                       "",
		"name@127.0.0.1":                         "",
		"name@1":                                 "",
		"name@1.example":                         "name@1.example",
		"naïve@example.org":                      "",
		"name@exa mple.org":                      "",
		"name@-example.org":                      "",
		"name (comment)@example.org":             "",
		strings.Repeat("a", 65) + "@example.org": "",
		"a@" + strings.Repeat(strings.Repeat("b", 60)+".", 5) + "org": "",
	} {
		got, err := ParseAddress(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v; want %q", in, got, err, want)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"name@example.org", "Name <a@b.c>", "a@b\r\nTo: c@d", `"x"@y.z`, "ä@ö.ü", "a@xn--nxa.gr"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		if strings.ContainsFunc(a, func(r rune) bool {
			return r > unicode.MaxASCII || unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune("<>,;", r)
		}) || len(a) > maxAddress {
			t.Errorf("%q gives %q", s, a)
		}
		if b, err := ParseAddress(a); err != nil || b != a {
			t.Errorf("%q gives %q, which gives %q, %v", s, a, b, err)
		}
		if m, err := mail.ParseAddress(a); err != nil || m.Address != a {
			t.Errorf("%q gives %q, which is no address: %v", s, a, err)
		}
	})
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nBcc: b":          "a Bcc: b",
		"  a \t b\u2028c\x00":  "a b c",
		"a\u202egpj.b\u2066 c": "a gpj.b c",
		"word word word word":  "word word…",
		"wordwordwordword":     "wordwordwor…",
	} {
		if got := printed(in, 12); got != want {
			t.Errorf("printed %q: %q, want %q", in, got, want)
		}
		if got := oneLine(in, 12); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
