package cdxj

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestKeys holds keys against those of the Python package surt 0.3.1, with
// which pywb looks addresses up.
func TestKeys(t *testing.T) {
	for address, want := range map[string]string{
		"https://www.fedasil.be/fr/Retour":                                      "be,fedasil)/fr/retour",
		"https://www.fedasil.be/fr/retour/":                                     "be,fedasil)/fr/retour",
		"https://www.fedasil.be":                                                "be,fedasil)/",
		"http://example.com:80/a?b=2&a=1#top":                                   "com,example)/a?a=1&b=2",
		"https://www2.example.org/A/B?b=2&a=1&A=0":                              "org,example)/a/b?a=0&a=1&b=2",
		"https://ww1.example.org/":                                              "org,example,ww1)/",
		"https://example.com:8443/":                                             "com,example:8443)/",
		"http://user:pass@example.com/":                                         "com,example)/",
		"http://127.0.0.1:8000/x":                                               "1,0,0,127:8000)/x",
		"https://[2001:db8::1]/x":                                               "2001:db8::1)/x",
		"https://bücher.example/":                                               "example,xn--bcher-kva)/",
		"http://example.org./x":                                                 "org,example)/x",
		"https://EUR-LEX.europa.eu/eli/dir/2008%20":                             "eu,europa,eur-lex)/eli/dir/2008%20",
		"https://eur-lex.europa.eu/legal-content/FR/TXT/?uri=CELEX:32024R1348":  "eu,europa,eur-lex)/legal-content/fr/txt?uri=celex:32024r1348",
		"https://example.org/a%20b/é?x=É":                                       "org,example)/a%20b/%c3%a9?x=%c3%89",
		"HTTPS://EXAMPLE.org/%e9":                                               "org,example)/%e9",
		"https://example.org/%7Euser":                                           "org,example)/~user",
		"https://example.org/a%2Fb":                                             "org,example)/a/b",
		"https://example.org/a+b,(c)?c+d=e f":                                   "org,example)/a+b,(c)?c+d=e%20f",
		"https://example.org/a//b/../c":                                         "org,example)/a/c",
		"https://example.org/a?":                                                "org,example)/a",
		"https://example.org/a?&a=1&&b":                                         "org,example)/a?&&a=1&b",
		"https://example.org/a?PHPSESSID=0123456789abcdefghijklemopqrstuv&x=1":  "org,example)/a?x=1",
		"https://example.org/index.php?sid=9682993c8daa2c5497996114facdc805":    "org,example)/index.php",
		"https://example.org/x;jsessionid=0123456789ABCDEF0123456789ABCDEF?a=1": "org,example)/x;jsessionid=0123456789abcdef0123456789abcdef?a=1",
		"dns:example.com":                                                       "dns:example.com",
	} {
		if got := Key(address); got != want {
			t.Errorf("Key(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestLinesAreReadAsWritten(t *testing.T) {
	l := &Line{URL: "https://example.org/a?x=1", Time: time.Date(2026, 5, 30, 10, 15, 0, 5e6, time.UTC), MIME: "text/html", Status: 200,
		Digest: "sha256:00", Length: 2269, Offset: 283, File: "data.warc.gz"}
	b, err := l.Format()
	if err != nil {
		t.Fatal(err)
	}
	const want = `org,example)/a?x=1 20260530101500005 {"url":"https://example.org/a?x=1","mime":"text/html","status":200,"digest":"sha256:00","length":2269,"offset":283,"filename":"data.warc.gz"}`
	if string(b) != want {
		t.Errorf("wrote\n%s, want\n%s", b, want)
	}
	got, err := Parse(b)
	l.Key = "org,example)/a?x=1"
	if d := cmp.Diff(l, got); err != nil || d != "" {
		t.Errorf("read back (%v):\n%s", err, d)
	}
}

func TestOthersLines(t *testing.T) {
	l, err := Parse([]byte(`com,example)/ 20140103030321 {"url":"http://example.com?example=1","mime":"text/html","status":"200","digest":"B2LTWWPUOYAH7UIPQ7ZUPQ4VMBSVC36A","length":"1043","offset":"333","filename":"example.warc.gz"}` + "\r\n"))
	if err != nil || l.Offset != 333 || l.Status != 200 || l.Time.Year() != 2014 {
		t.Errorf("%+v, %v", l, err)
	}
	for _, bad := range []string{"", "a", "a b", "a 2014 {}", "a 20141303030321 {}", "a 20140103030321 {", `a 20140103030321 {"offset":"x"}`} {
		if _, err := Parse([]byte(bad)); !errors.Is(err, ErrMalformed) {
			t.Errorf("Parse(%q): %v, want ErrMalformed", bad, err)
		}
	}
}

// FuzzKey: a key is one word, whatever the address.
func FuzzKey(f *testing.F) {
	f.Add("https://www.example.org/a%20b/../c?b=1&a=%C3%A9")
	f.Add("http://[::1]:80/%%%?&&")
	f.Fuzz(func(t *testing.T, address string) {
		if key := Key(address); strings.ContainsAny(key, " \n\t") {
			t.Errorf("Key(%q) = %q is not one word", address, key)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`com,example)/ 20140103030321 {"url":"http://example.com","offset":"333"}`))
	f.Add([]byte("a b c"))
	f.Fuzz(func(t *testing.T, line []byte) {
		l, err := Parse(line)
		if err != nil {
			return
		}
		b, err := l.Format()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Parse(b); err != nil || !again.Time.Equal(l.Time) || again.URL != l.URL {
			t.Fatalf("%q is read as %+v, and written as %q (%v)", line, l, b, err)
		}
	})
}
