package server

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"veille/archive"
)

// Memento (RFC 7089): how programs ask archives for what stood at an address
// at a time. The address that was archived is the original; each capture that
// showed it is a memento of it, at /web/{time}/{address}; /timegate/{address}
// leads to the memento of a time, and /timemap/…/{address} lists them all.

// linkHeader is the values of a Link header (RFC 8288), in order.
type linkHeader []string

// add adds a link; params are names and values in turn.
func (l *linkHeader) add(address, rel string, params ...string) {
	var b strings.Builder
	fmt.Fprintf(&b, `<%s>; rel="%s"`, inHeader(address), rel)
	for i := 0; i < len(params); i += 2 {
		fmt.Fprintf(&b, `; %s="%s"`, params[i], params[i+1])
	}
	*l = append(*l, b.String())
}

func (l linkHeader) set(h http.Header) { h.Set("Link", strings.Join(l, ", ")) }

// httpDate is a time as Memento writes it (IMF-fixdate, RFC 9110 §5.6.7).
func httpDate(t time.Time) string { return t.UTC().Format(http.TimeFormat) }

const linkFormat = "application/link-format"

// A mementos speaks of the mementos of one page, under one public address.
type mementos struct {
	base     string
	original string
}

func (w *web) mementos(r *http.Request, original string) mementos {
	return mementos{w.baseURL(r), original}
}

func (m mementos) timegate() string { return m.base + "/timegate/" + m.original }

func (m mementos) timemap(form string) string { return m.base + "/timemap/" + form + "/" + m.original }

func (m mementos) at(t time.Time) string { return m.base + replayPath(t, m.original) }

// replayPath is where the memento of a time is read.
func replayPath(t time.Time, address string) string { return "/web/" + stamp(t) + "/" + address }

// links are those that a memento and the TimeGate's way to it have in common.
func (m mementos) links(found *archive.Memento) linkHeader {
	var l linkHeader
	l.add(m.original, "original")
	l.add(m.timegate(), "timegate")
	l.add(m.timemap("link"), "timemap", "type", linkFormat, "from", httpDate(found.First.Time), "until", httpDate(found.Last.Time))
	type named struct {
		rel  string
		look *archive.Look
	}
	rels := map[archive.Seq]string{}
	var order []*archive.Look
	for _, n := range []named{{"first", &found.First}, {"prev", found.Prev}, {"", &found.Look}, {"next", found.Next}, {"last", &found.Last}} {
		if n.look == nil {
			continue
		}
		rel, known := rels[n.look.Seq]
		if !known {
			order = append(order, n.look)
		}
		if rels[n.look.Seq] = rel; n.rel != "" {
			rels[n.look.Seq] = rel + n.rel + " "
		}
	}
	for _, look := range order {
		l.add(m.at(look.Time), rels[look.Seq]+"memento", "datetime", httpDate(look.Time))
	}
	return l
}

// timegate leads to the memento of the time asked for, the one of now if none
// is: "/timegate/https://example.org/". It is the latest not after that time,
// as the page read then; before the first, it is the first.
func (w *web) timegate(rw http.ResponseWriter, r *http.Request) error {
	return w.negotiate(rw, r, r.PathValue("address"))
}

func (w *web) negotiate(rw http.ResponseWriter, r *http.Request, address string) error {
	h := rw.Header()
	h.Add("Vary", "accept-datetime")
	shared(h)
	at := w.now()
	if text := r.Header.Get("Accept-Datetime"); text != "" {
		t, err := http.ParseTime(text)
		if err != nil || !plausible(t) {
			return &InputError{"Accept-Datetime", quote(text) + " is not a time", "write it as in " + httpDate(w.now())}
		}
		at = t.Add(time.Second - time.Millisecond)
	}
	page, found, err := w.mementoAt(rw, r, address, at)
	if err != nil {
		return err
	}
	m := w.mementos(r, page.URL)
	m.links(found).set(h)
	h.Set("Location", inHeader(m.at(found.Time)))
	h.Set("Content-Length", "0")
	rw.WriteHeader(http.StatusFound)
	return nil
}

// mementoAt finds the page of an address and its memento of a time. If there
// is none, the answer says what was asked for (rel="original").
func (w *web) mementoAt(rw http.ResponseWriter, r *http.Request, address string, at time.Time) (*archive.Page, *archive.Memento, error) {
	page, err := w.archived(r.Context(), address)
	var found *archive.Memento
	if err == nil {
		if found, err = w.Archive.MementoAt(r.Context(), page.ID, at); errors.Is(err, fs.ErrNotExist) {
			err = &errNotArchived{page.URL}
		}
	}
	var none *errNotArchived
	if errors.As(err, &none) {
		var l linkHeader
		l.add(none.address, "original")
		l.set(rw.Header())
	}
	return page, found, err
}

// shared lets pages of other sites read an answer, and its Memento headers.
func shared(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Link, Location, Memento-Datetime")
	h.Set("X-Robots-Tag", "noindex")
}

// historyRels says in the headers of a page's history where its mementos are.
func (w *web) historyRels(rw http.ResponseWriter, r *http.Request, page *archive.Page) {
	m := w.mementos(r, page.URL)
	var l linkHeader
	l.add(m.original, "original")
	l.add(m.timegate(), "timegate")
	l.add(m.timemap("link"), "timemap", "type", linkFormat)
	if page.Latest != 0 {
		l.add(m.version(page.Latest), "latest-version")
	}
	l.set(rw.Header())
}

// versionRels says in the headers of a wording which memento first showed it,
// and which wordings are beside it (RFC 5829).
func (w *web) versionRels(rw http.ResponseWriter, r *http.Request, page *archive.Page, v *archive.Version) error {
	m := w.mementos(r, page.URL)
	var l linkHeader
	l.add(m.original, "original")
	l.add(m.timegate(), "timegate")
	l.add(m.timemap("link"), "timemap", "type", linkFormat)
	l.add(m.at(v.Time), "memento", "datetime", httpDate(v.Time))
	l.add(fmt.Sprintf("%s/page/%d", m.base, page.ID), "version-history")
	if page.Latest != 0 {
		l.add(m.version(page.Latest), "latest-version")
	}
	if v.Prev != 0 {
		l.add(m.version(v.Prev), "predecessor-version")
	}
	if v.Until != nil {
		next, err := w.Archive.VersionAt(r.Context(), page.ID, v.Until.By)
		if err != nil {
			return err
		}
		l.add(m.version(next.ID), "successor-version")
	}
	l.set(rw.Header())
	return nil
}

func (m mementos) version(id archive.Seq) string { return fmt.Sprintf("%s/v/%d", m.base, id) }
