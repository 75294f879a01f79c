package crawler

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/net/html/charset"
)

// Limits of a sitemap, those of sitemaps.org.
const (
	maxSitemapURLs  = 50_000
	maxSitemapBytes = 50 << 20
)

// sitemapLinks finds the addresses of a sitemap or sitemap index (sitemaps.org
// 0.9), or of a plain list with one address a line; gzipped or not. A file
// that breaks off, or goes on past the limits, gives what stands before.
func sitemapLinks(_ string, body []byte, _ string) (links []link, nested []string, err error) {
	var r io.Reader = bytes.NewReader(body)
	if bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		if r, err = gzip.NewReader(r); err != nil {
			return nil, nil, fmt.Errorf("read sitemap: %w", err)
		}
	}
	text := bufio.NewReader(io.LimitReader(r, maxSitemapBytes))
	if isXML(text) {
		links, nested, err = xmlSitemap(text)
	} else {
		links, err = plainSitemap(text)
	}
	if len(links)+len(nested) > 0 {
		return links, nested, nil
	}
	if err == nil {
		err = errNotList
	}
	return nil, nil, fmt.Errorf("read sitemap: %w", err)
}

// isXML reports whether the first thing in a text is a "<".
func isXML(text *bufio.Reader) bool {
	head, _ := text.Peek(512) // what there is
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("<"))
}

func plainSitemap(text *bufio.Reader) (links []link, err error) {
	lines := bufio.NewScanner(text)
	for lines.Scan() && len(links) < maxSitemapURLs {
		if at := strings.Trim(lines.Text(), "\ufeff \t"); strings.HasPrefix(at, "http://") || strings.HasPrefix(at, "https://") {
			links = append(links, link{url: at})
		}
	}
	return links, lines.Err()
}

// lastmod reads a date in one of the forms of W3C-DTF that sitemaps have; zero
// if it is another.
func lastmod(s string) time.Time {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(form, strings.TrimSpace(s)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// xmlSitemap reads one token after the other; the file is never held as a tree.
func xmlSitemap(text io.Reader) (links []link, nested []string, err error) {
	d := xml.NewDecoder(text)
	d.Strict = false
	d.CharsetReader = charset.NewReaderLabel
	var inIndex bool
	var in string // the element under way
	var loc, modified strings.Builder
	for len(links)+len(nested) < maxSitemapURLs {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return links, nested, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			inIndex = inIndex || t.Name.Local == "sitemapindex"
			if in = t.Name.Local; in == "url" || in == "sitemap" {
				loc.Reset()
				modified.Reset()
			}
		case xml.CharData:
			switch in {
			case "loc":
				loc.Write(t)
			case "lastmod":
				modified.Write(t)
			}
		case xml.EndElement:
			in = ""
			if t.Name.Local != "url" && t.Name.Local != "sitemap" {
				continue
			}
			at := strings.TrimSpace(loc.String())
			if at != "" && inIndex {
				nested = append(nested, at)
			} else if at != "" {
				links = append(links, link{url: at, modified: lastmod(modified.String())})
			}
			loc.Reset()
		}
	}
	return links, nested, nil
}
