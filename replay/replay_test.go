package replay

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"veille/internal/attacks"
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
		{`<img alt="dot" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`, `<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="dot"/>`},
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

func hostile(t testing.TB) []string {
	t.Helper()
	list, err := attacks.List("//evil.example")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAttacks(t *testing.T) {
	for _, a := range hostile(t) {
		check(t, []byte(a))
	}
}

// check reads what came out as a browser would, with and without scripting:
// only the kept elements are there, with attributes that run and load nothing,
// and all of them within the element that they were put into.
func check(t *testing.T, page []byte) {
	t.Helper()
	out := HTML(page, options()).Body
	for _, scripting := range []bool{true, false} {
		root, err := html.ParseWithOptions(strings.NewReader("<!doctype html><html><head></head><body><main><div class=ours>"+string(out)+"</div></main><footer></footer></body></html>"), html.ParseOptionEnableScripting(scripting))
		if err != nil {
			continue // nested deeper than the parser goes
		}
		contained(t, page, root)
		for n := range root.Descendants() {
			if n.Type != html.ElementNode || n.Data == "html" || n.Data == "head" || n.Data == "body" {
				continue
			}
			if _, ok := kept[n.DataAtom]; !ok || n.Namespace != "" {
				t.Fatalf("%q comes out with <%s>: %q", page, n.Data, out)
			}
			for _, a := range n.Attr {
				if a.Key == "class" && (a.Val == "ours" || a.Val == "picture" || a.Val == "embedded") {
					continue
				}
				harm := a.Key == "class" || strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "ping" || a.Key == "srcset" ||
					a.Key == "src" && !harmless(a.Val) ||
					a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "/web/20260303/http")
				if harm {
					t.Fatalf("%q comes out with %s=%q: %q", page, a.Key, a.Val, out)
				}
			}
		}
	}
}

// contained holds that our own elements around what came out are as they were
// written: body > main > div, and the footer after main.
func contained(t *testing.T, page []byte, root *html.Node) {
	t.Helper()
	var shape []string
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "body" {
			for c := range n.ChildNodes() {
				shape = append(shape, c.Data)
				if c.Data == "main" {
					for d := range c.ChildNodes() {
						shape = append(shape, d.Data+"."+attr(d, "class"))
					}
				}
			}
		}
	}
	if got := strings.Join(shape, " "); got != "main div.ours footer" {
		t.Fatalf("%q leaves its frame: %s", page, got)
	}
}

// Whatever the bytes, nothing that runs or loads comes out.
func FuzzHTML(f *testing.F) {
	for _, a := range hostile(f) {
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
