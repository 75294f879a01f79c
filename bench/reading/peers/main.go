// Command peers reads pages with other people's extractors, for bench/reading.
// It is a module of its own, so that what it needs is no dependency of Veille.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"log"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"codeberg.org/readeck/go-readability"
	"github.com/markusmobius/go-trafilatura"
	"golang.org/x/net/html"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: peers trafilatura|readability < LIST")
	}
	read := map[string]func(body []byte, u *url.URL) string{"trafilatura": byTrafilatura, "readability": byReadability}[os.Args[1]]
	if read == nil {
		log.Fatalf("there is no peer %q", os.Args[1])
	}
	log.SetOutput(os.Stderr)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for s := bufio.NewScanner(os.Stdin); s.Scan(); {
		file, address, _ := strings.Cut(s.Text(), "\t")
		body, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		u, _ := url.Parse(address)
		begin := cpuTime()
		text := read(body, u)
		ms := float64((cpuTime() - begin).Microseconds()) / 1000
		if err := out.Encode(map[string]any{"text": text, "ms": ms}); err != nil {
			log.Fatal(err)
		}
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// byTrafilatura uses the settings with the best figures: balanced, with fallback.
func byTrafilatura(body []byte, u *url.URL) string {
	r, err := trafilatura.Extract(bytes.NewReader(body), trafilatura.Options{OriginalURL: u, EnableFallback: true, ExcludeComments: true})
	if err != nil || r == nil {
		return ""
	}
	return textOf(r.ContentNode)
}

func byReadability(body []byte, u *url.URL) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	a, err := readability.FromReader(bytes.NewReader(body), u)
	if err != nil || a.Node == nil {
		return ""
	}
	return textOf(a.Node)
}

// textOf writes the text of a tree, block elements on lines of their own.
func textOf(n *html.Node) string {
	var s strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			s.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		switch n.Data {
		case "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "td", "th", "br", "blockquote", "pre", "section", "dt", "dd":
			s.WriteByte('\n')
		}
	}
	if n != nil {
		walk(n)
	}
	return s.String()
}
