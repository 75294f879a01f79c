package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"veille/archive"
	"veille/archive/cdxj"
)

// mementosAPage is how many mementos a TimeMap lists before it goes on in
// another one.
const mementosAPage = 1000

// timemapForms are the forms of a TimeMap and their media types.
var timemapForms = map[string]string{"link": linkFormat, "json": "application/x-ndjson", "cdxj": "text/x-cdxj"}

// onwards is the number before the address of a TimeMap that goes on.
var onwards = regexp.MustCompile(`^([1-9][0-9]{0,8})/(.*)$`)

// A timeMap is one page of the list of an original's mementos.
type timeMap struct {
	mementos
	form        string
	number      int            // from 1
	total       int            // of all pages
	looks       []archive.Look // of this one, oldest first
	first, last archive.Seq    // of all
	// prev and next are what the neighbouring pages begin and end with.
	prev, next []archive.Look
}

// timemap lists the mementos of an address: "/timemap/link/https://…", or
// "/timemap/link/2/https://…" for those after the first thousand.
func (w *web) timemap(rw http.ResponseWriter, r *http.Request) error {
	form, address, _ := strings.Cut(r.PathValue("address"), "/")
	kind, ok := timemapForms[form]
	if !ok {
		return &InputError{"timemap", "there is no form " + quote(form), "write link, json or cdxj before the address"}
	}
	shared(rw.Header())
	number := 1
	if m := onwards.FindStringSubmatch(address); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			number, address = n, m[2]
		}
	}
	page, found, err := w.mementoAt(rw, r, address, w.now())
	if err != nil {
		return err
	}
	t := &timeMap{mementos: w.mementos(r, page.URL), form: form, number: number, first: found.First.Seq, last: found.Last.Seq}
	if err := w.mementoPage(r.Context(), page.ID, t); err != nil {
		return err
	}
	var l linkHeader
	l.add(t.original, "original")
	l.add(t.timegate(), "timegate")
	for other := range timemapForms {
		if other != form {
			l.add(t.at(other, 1), "alternate", "type", timemapForms[other])
		}
	}
	slices.Sort(l[2:])
	l.set(rw.Header())
	var body []byte
	if form == "link" {
		body = t.links()
	} else if body, err = w.indexLines(r.Context(), t); err != nil {
		return err
	}
	return w.send(rw, r, kind, body)
}

// mementoPage fills a page of the list. There is no page after the last.
func (w *web) mementoPage(ctx context.Context, page archive.PageID, t *timeMap) (err error) {
	skip := (t.number - 1) * mementosAPage
	if t.looks, t.total, err = w.Archive.Mementos(ctx, page, skip, mementosAPage); err != nil {
		return err
	}
	if len(t.looks) == 0 {
		return fmt.Errorf("timemap page %d: %w", t.number, fs.ErrNotExist)
	}
	ends := func(from, to int) (looks []archive.Look, err error) {
		for _, n := range []int{from, to - 1} {
			one, _, err := w.Archive.Mementos(ctx, page, n, 1)
			if err != nil {
				return nil, err
			}
			looks = append(looks, one...)
		}
		return looks, nil
	}
	if skip > 0 {
		t.prev, err = ends(skip-mementosAPage, skip)
	}
	if next := skip + mementosAPage; err == nil && next < t.total {
		t.next, err = ends(next, min(next+mementosAPage, t.total))
	}
	return err
}

func (t *timeMap) at(form string, number int) string {
	if number > 1 {
		form += "/" + strconv.Itoa(number)
	}
	return t.timemap(form)
}

// links is a TimeMap as RFC 7089 §5 has it.
func (t *timeMap) links() []byte {
	var l linkHeader
	span := func(looks []archive.Look) []string {
		return []string{"type", linkFormat, "from", httpDate(looks[0].Time), "until", httpDate(looks[len(looks)-1].Time)}
	}
	l.add(t.at("link", t.number), "self", span(t.looks)...)
	l.add(t.original, "original")
	l.add(t.timegate(), "timegate")
	if t.prev != nil {
		l.add(t.at("link", t.number-1), "timemap", span(t.prev)...)
	}
	if t.next != nil {
		l.add(t.at("link", t.number+1), "timemap", span(t.next)...)
	}
	for _, look := range t.looks {
		l.add(t.mementos.at(look.Time), t.rel(look.Seq), "datetime", httpDate(look.Time))
	}
	return []byte(strings.Join(l, ",\n") + "\n")
}

func (t *timeMap) rel(seq archive.Seq) string {
	rel := "memento"
	if seq == t.last {
		rel = "last " + rel
	}
	if seq == t.first {
		rel = "first " + rel
	}
	return rel
}

// A mementoLine is a line of the JSON form: what other archives' TimeMaps
// hold, and the address and time of the memento.
type mementoLine struct {
	Key       string `json:"urlkey"`
	Timestamp string `json:"timestamp"`
	*cdxj.Line
	Memento  string `json:"memento"`
	Datetime string `json:"datetime"`
	Rel      string `json:"rel"`
}

// indexLines is a TimeMap as lines, one a memento: JSON objects, or CDXJ.
func (w *web) indexLines(ctx context.Context, t *timeMap) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	var sorted []string
	for _, look := range t.looks {
		line, err := w.Archive.IndexLine(ctx, look.Seq)
		if err != nil {
			return nil, err
		}
		if t.form == "cdxj" {
			text, err := line.Format()
			if err != nil {
				return nil, err
			}
			sorted = append(sorted, string(text)+"\n")
			continue
		}
		m := mementoLine{cdxj.Key(line.URL), stamp(look.Time), line, t.mementos.at(look.Time), httpDate(look.Time), t.rel(look.Seq)}
		if err := enc.Encode(m); err != nil {
			return nil, fmt.Errorf("timemap: %w", err)
		}
	}
	slices.Sort(sorted)
	b.WriteString(strings.Join(sorted, ""))
	return b.Bytes(), nil
}
