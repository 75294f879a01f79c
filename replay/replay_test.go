package replay

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func options() Options {
	base, _ := url.Parse("https://old.example/fr/retour")
	return Options{Base: base, Embedded: "Embedded:", Link: func(a string) string { return "/web/20260303/" + a }}
}

// What a reader needs comes through.
func TestKept(t *testing.T) {
	tests := []struct{ in, out string }{
		{`<p>Le délai est de <b>30 jours</b>.</p>`, `<p>Le délai est de <b>30 jours</b>.</p>`},
		{`<a href="../nl/terugkeer?x=1#deel">nl</a>`, `<a href="/web/20260303/https://old.example/nl/terugkeer?x=1#deel">nl</a>`},
		{`<a href="#art74">art. 74</a><p id=art74>x`, `<a href="#art74">art. 74</a><p id="art74">x</p>`},
		{`<a name="art7">x</a>`, `<a id="art7">x</a>`},
		{`<ol start=3 type=a><li value=4>x</ol>`, `<ol start="3" type="a"><li value="4">x</li></ol>`},
		{`<table><tr><th scope=row colspan=2>h<td>d</table>`, `<table><tbody><tr><th scope="row" colspan="2">h</th><td>d</td></tr></tbody></table>`},
		{`<div hidden>closed <span style="display:none">text</span></div>`, `<div>closed <span>text</span></div>`},
		{`<noscript><p>enable</p></noscript>`, `<p>enable</p>`},
		{`<img src=logo.png alt="Logo &lt;b&gt;">`, `<span class="picture">Logo &lt;b&gt;</span>`},
		{`<img alt="dot" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`, `<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="dot">`},
		{`<iframe src="/kaart?a=1&b=2"></iframe>`, `<span class="embedded">Embedded: <a href="/web/20260303/https://old.example/kaart?a=1&amp;b=2">https://old.example/kaart?a=1&amp;b=2</a></span>`},
		{`<form action=/s><label>Zoek <input name=q></label><button>OK</button></form>`, `<div><span>Zoek </span><span>OK</span></div>`},
		{"<pre>\n\n  a\n b</pre>", "<pre>\n\n  a\n b</pre>"},
		{`<base href="https://other.example/x/"><a href=y>y</a>`, `<a href="/web/20260303/https://other.example/x/y">y</a>`},
	}
	for _, tt := range tests {
		if got := string(HTML([]byte(tt.in), options()).Body); got != tt.out {
			t.Errorf("HTML(%q)\n got %q\nwant %q", tt.in, got, tt.out)
		}
	}
	doc := HTML([]byte("<html lang=fr><title> Retour \n volontaire</title><body>\xe9t\xe9"), Options{ContentType: "text/html; charset=iso-8859-1"})
	if doc.Title != "Retour volontaire" || doc.Lang != "fr" || string(doc.Body) != "été" {
		t.Errorf("got %+v", doc)
	}
}

// attacks are ways in which pages have made browsers run or load something.
var attacks = []string{
	`<script>alert(1)</script>`, `<SCRIPT SRC=http://evil.example/x.js></SCRIPT>`, `<scr<script>ipt>alert(1)</scr</script>ipt>`,
	`<img src=x onerror=alert(1)>`, `<body onload=alert(1)>`, `<p onclick="alert(1)" style="background:url(http://evil.example/)">x`,
	`<a href="javascript:alert(1)">x</a>`, `<a href=" java&#9;script:alert(1)">x</a>`, `<a href="&#x01;javascript:alert(1)">x</a>`,
	`<a href="data:text/html,<script>alert(1)</script>">x</a>`, `<a href="vbscript:x">x</a>`, `<a href="//evil.example/" ping="http://evil.example/">x</a>`,
	`<iframe srcdoc="<script>alert(1)</script>"></iframe>`, `<iframe src="javascript:alert(1)"></iframe>`, `<object data="data:text/html,x"></object>`,
	`<embed src="http://evil.example/x.swf">`, `<meta http-equiv=refresh content="0;url=http://evil.example/">`, `<base href="javascript:alert(1)//">`,
	`<link rel=stylesheet href=http://evil.example/x.css>`, `<link rel=preload as=image href=http://evil.example/x>`, `<style>@import "http://evil.example/"</style>`,
	`<svg onload=alert(1)><image href="http://evil.example/x"/></svg>`, `<svg><script>alert(1)</script></svg>`, `<svg><style><img src=x onerror=alert(1)></style></svg>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`, `<math href="javascript:alert(1)">x</math>`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>`,
	`<title><img title="</title><img src=x onerror=alert(1)>"></title>`, `<xmp><p title="</xmp><img src=x onerror=alert(1)>"></xmp>`,
	`<form action="javascript:alert(1)"><input type=submit formaction="javascript:alert(1)"><button formaction=x>x</button></form>`,
	`<input autofocus onfocus=alert(1)>`, `<video poster=http://evil.example/x src=javascript:alert(1)><source onerror=alert(1)></video>`,
	`<img srcset="http://evil.example/x 2x" src="data:image/svg+xml;base64,PHN2Zz4=">`, `<table background="http://evil.example/x"><tr><td background=x>`,
	`<template><script>alert(1)</script></template>`, `<details open ontoggle=alert(1)>x`, `<marquee onstart=alert(1)>x</marquee>`,
	`<frameset onload=alert(1)><frame src="http://evil.example/"></frameset>`, `<html manifest="http://evil.example/x">`, `<x onclick=alert(1)>x</x>`,
	`<a href="http://user:pass@evil.example/">x</a>`, `<plaintext><script>alert(1)</script>`, `<select><style></select><img src=x onerror=alert(1)></style>`,
	`<!--><script>alert(1)</script>-->`, `<![CDATA[<script>alert(1)</script>]]>`, `<?xml version="1.0"?><script>alert(1)</script>`,
	"<img src=x\x00 onerror=alert(1)>", `<p title='"><script>alert(1)</script>'>x`, `<td lang='"><script>'>x`, `<bdo dir="&quot; onclick=&quot;x">x</bdo>`,
}

func TestAttacks(t *testing.T) {
	for _, a := range attacks {
		check(t, []byte(a))
	}
}

// check reads what came out as a browser would, with and without scripting:
// only the kept elements are there, with attributes that run and load nothing.
func check(t *testing.T, page []byte) {
	t.Helper()
	out := HTML(page, options()).Body
	for _, scripting := range []bool{true, false} {
		root, err := html.ParseWithOptions(strings.NewReader("<!doctype html><html><head></head><body>"+string(out)+"</body></html>"), html.ParseOptionEnableScripting(scripting))
		if err != nil {
			continue // nested deeper than the parser goes
		}
		for n := range root.Descendants() {
			if n.Type != html.ElementNode || n.Data == "html" || n.Data == "head" || n.Data == "body" {
				continue
			}
			if _, ok := kept[n.DataAtom]; !ok || n.Namespace != "" {
				t.Fatalf("%q comes out with <%s>: %q", page, n.Data, out)
			}
			for _, a := range n.Attr {
				harm := strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "ping" || a.Key == "srcset" ||
					a.Key == "src" && !harmless(a.Val) ||
					a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "/web/20260303/http")
				if harm {
					t.Fatalf("%q comes out with %s=%q: %q", page, a.Key, a.Val, out)
				}
			}
		}
	}
}

// Whatever the bytes, nothing that runs or loads comes out.
func FuzzHTML(f *testing.F) {
	for _, a := range attacks {
		f.Add([]byte(a))
	}
	f.Fuzz(func(t *testing.T, page []byte) { check(t, page) })
}

// A page nested without end neither hangs nor overflows.
func TestDeep(t *testing.T) {
	for _, s := range []string{"<div>", "<b>", "<table><tr><td>", "<svg>", "<select>", "<iframe src=x>"} {
		check(t, []byte(strings.Repeat(s, 20000)+"end"))
	}
}

func TestPolicy(t *testing.T) {
	for _, framed := range []bool{true, false} {
		p := Policy(framed)
		if !strings.HasPrefix(p, "sandbox") || strings.Contains(p, "allow-scripts") || strings.Contains(p, "allow-same-origin") || !strings.Contains(p, "default-src 'none'") {
			t.Errorf("Policy(%v) = %q", framed, p)
		}
	}
}
