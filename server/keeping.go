package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"veille/archive"
	"veille/internal/recent"
)

// Pages that anybody may see are kept as they were written, for as long as what
// they show is the same. A page is kept under its address, its language, whom it
// is for, and the state of what it shows; as soon as something is written that
// it may show, its state has another name, and it is made anew. So a page that is
// kept is never older than one that is not. Of several who ask for the same page
// at the same time one makes it, and the others wait.
//
// Somebody who has logged in never gets a page of somebody else's, and nobody gets
// one of theirs: theirs are not kept. Cookies are not kept with a page. What
// depends on the clock alone is right to the minute. A search has no clock, only
// the moment until which one can leaf on from it: it is made anew every five minutes.
//
// While a crawl writes all the time, no page would be the same for long. So a
// server may be told to show a page that was as it is [Server.Stale] ago or
// later, while it is made anew behind the reader's back, one page at a time. One
// that is older, up to six times, is made anew while its reader waits, but not
// for long: if there are many readers, or the page takes long, they get the one
// that there is. Once somebody has sent something in, nobody gets a page from
// before that.

// keptBytes bounds the pages that are kept, all together.
const keptBytes = 48 << 20

// A keptPage is an answer as it was written.
type keptPage struct {
	code   int
	header http.Header
	body   []byte
}

// A keeper keeps pages.
type keeper struct {
	pages  *recent.Map[string, *keptPage]
	making singleflight.Group

	stale    time.Duration                   // how old a page may be that is shown while it is made anew
	last     *recent.Map[string, *lastShown] // by what a page is kept under but for its state
	renewing chan struct{}                   // one at a time
	awaited  chan struct{}                   // likewise, of those that somebody waits for
	patient  time.Duration                   // for so long
}

// How old a page may be that is shown because it takes long to make it anew, as
// a multiple of the age at which nobody waits; for how long somebody waits, and
// how many pages are made so at a time.
const (
	oldest      = 6
	longestLook = 150 * time.Millisecond
	mostAwaited = 4
)

// A lastShown is under what a page was kept when it was last as it should be.
type lastShown struct {
	key string
	at  time.Time
}

// addressesKept is how many pages' last states are known.
const addressesKept = 20_000

func newKeeper(stale time.Duration) *keeper {
	return &keeper{pages: recent.New[string](keptBytes, func(p *keptPage) int64 { return 2000 + int64(len(p.body)) }),
		stale: stale, last: recent.New[string](addressesKept, func(*lastShown) int64 { return 1 }), renewing: make(chan struct{}, 1),
		awaited: make(chan struct{}, mostAwaited), patient: longestLook}
}

// shown notes that the page of a key is as it should be.
func (k *keeper) shown(key string, at time.Time) {
	if k.stale > 0 {
		k.last.Put(addressOf(key), &lastShown{key, at})
	}
}

// old is a page in the place of one that is not there: the same in another
// state, which was right a moment ago; nil if there is none. late says that it
// is so old that it should rather be made anew.
func (k *keeper) old(key string, now time.Time) (p *keptPage, late bool) {
	if k.stale <= 0 {
		return nil, false
	}
	last, ok := k.last.Get(addressOf(key))
	if !ok || now.Sub(last.at) >= oldest*k.stale || now.Before(last.at) {
		return nil, false
	}
	p, _ = k.pages.Get(last.key)
	return p, now.Sub(last.at) >= k.stale
}

// forget has nobody get a page from before now in the place of another.
func (k *keeper) forget() {
	k.last.Clear()
}

// addressOf is a key but for the state in it.
func addressOf(key string) string { return key[:strings.Index(key, stateMark)] }

// stateMark is before the state in a key.
const stateMark = " state "

// A stateOf names the state of all that the page at an address shows; "" if it
// is not known, and the page is not to be kept.
type stateOf func(r *http.Request) string

// kept makes a handler's pages be kept.
func (w *web) kept(of stateOf, h handler) handler { return w.keptFor(time.Minute, of, h) }

// searchKept is for how long a search is kept that finds the same.
const searchKept = 5 * time.Minute

// keptFor is kept for pages that are made anew after so long at the latest.
func (w *web) keptFor(most time.Duration, of stateOf, h handler) handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		for {
			key := w.keyOf(r, of, most)
			if key == "" {
				return h(rw, r)
			}
			p, ok := w.keeper.pages.Get(key)
			if ok {
				w.keeper.shown(key, w.now())
			} else if old, late := w.keeper.old(key, w.now()); old != nil {
				p = w.instead(old, late, key, r, h)
			} else {
				made, err, shared := w.keeper.making.Do(key, func() (any, error) { return w.make(key, r, h) })
				if shared && r.Context().Err() == nil && errors.Is(err, context.Canceled) {
					continue // it was the other who left
				}
				if err != nil {
					return err
				}
				p = made.(*keptPage)
			}
			return w.give(rw, r, p)
		}
	}
}

// keyOf is under what a page is kept; "" if it is not.
func (w *web) keyOf(r *http.Request, of stateOf, most time.Duration) string {
	if operatorName(r.Context()) != "" || r.Header.Get("Authorization") != "" {
		return ""
	}
	state := of(r)
	if state == "" {
		return ""
	}
	lang, _ := choose(r)
	base := ""
	if w.base == nil {
		base = w.baseURL(r)
	}
	return fmt.Sprintf("%q %q %s %t %q"+stateMark+"%s %d", r.URL.EscapedPath(), r.URL.Query().Encode(), lang, w.operator(r), base, state, w.now().UnixNano()/int64(most))
}

// instead is the page as it was, while it is made anew; or, where that is late
// and it does not take long, as it is.
func (w *web) instead(old *keptPage, late bool, key string, r *http.Request, h handler) *keptPage {
	if !late {
		w.renew(w.keeper.renewing, key, r, h)
		return old
	}
	enough := time.NewTimer(w.keeper.patient)
	defer enough.Stop()
	select {
	case <-w.renew(w.keeper.awaited, key, r, h):
	case <-enough.C:
	case <-r.Context().Done():
	}
	if p, ok := w.keeper.pages.Get(key); ok {
		return p
	}
	return old
}

// renew makes a page behind the back of the reader who asked for it, unless
// as many are being made so as there is room for. done is closed then, or when
// that is over.
func (w *web) renew(room chan struct{}, key string, r *http.Request, h handler) (done chan struct{}) {
	done = make(chan struct{})
	select {
	case room <- struct{}{}:
	default:
		close(done)
		return done
	}
	r = r.Clone(context.WithoutCancel(r.Context()))
	go func() {
		defer close(done)
		defer func() { <-room }()
		defer func() {
			if p := recover(); p != nil {
				w.Log.Error("panic while a page was made anew", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			}
		}()
		if _, err, _ := w.keeper.making.Do(key, func() (any, error) { return w.make(key, r, h) }); err != nil {
			w.Log.Debug("a page is not made anew", "path", r.URL.Path, "err", err)
		}
	}()
	return done
}

// make writes a page, and keeps it if it is one and not the word that there is
// none.
func (w *web) make(key string, r *http.Request, h handler) (*keptPage, error) {
	whole := r.Clone(r.Context())
	whole.Method = http.MethodGet
	for _, name := range []string{"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range"} {
		whole.Header.Del(name)
	}
	asked := w.now()
	c := &copied{page: &keptPage{code: http.StatusOK, header: http.Header{}}}
	if err := h(c, whole); err != nil {
		return nil, err
	}
	for _, name := range []string{"Set-Cookie", "Content-Length", "Accept-Ranges", "Date"} {
		c.page.header.Del(name)
	}
	c.page.body = bytes.Clone(c.body.Bytes())
	if c.page.code == http.StatusOK {
		w.keeper.pages.Put(key, c.page)
		w.keeper.shown(key, asked)
	}
	return c.page, nil
}

// give answers with a page, or with 304 if the asker has it already.
func (w *web) give(rw http.ResponseWriter, r *http.Request, p *keptPage) error {
	w.keepTongue(rw, r)
	h := rw.Header()
	for name, values := range maps.All(p.header) {
		if name == "Vary" { // what compresses the answer has its own
			h[name] = append(h[name], values...)
			continue
		}
		h[name] = append([]string(nil), values...)
	}
	if p.code != http.StatusOK {
		rw.WriteHeader(p.code)
		_, err := rw.Write(p.body)
		return gone(err)
	}
	http.ServeContent(rw, r, "", time.Time{}, bytes.NewReader(p.body))
	return nil
}

// A copied is an answer that goes into memory.
type copied struct {
	page *keptPage
	body bytes.Buffer
}

func (c *copied) Header() http.Header         { return c.page.header }
func (c *copied) Write(b []byte) (int, error) { return c.body.Write(b) }
func (c *copied) WriteHeader(code int)        { c.page.code = code }

// The states of what pages show. A document, its wordings and its twins are of
// one source.

func (w *web) stateOfAll(r *http.Request) string {
	found := w.stateOfIndex(r)
	if found == "" && w.Index != nil {
		return ""
	}
	return fmt.Sprintf("all %d %s", w.Archive.Revision(""), found)
}

// stateOfSearch is for what is found in the index and shown as it stands in the
// wordings: looks that find nothing new do not change it.
func (w *web) stateOfSearch(r *http.Request) string {
	found := w.stateOfIndex(r)
	if found == "" {
		return ""
	}
	return fmt.Sprintf("search %d %s", w.Archive.Wordings(), found)
}

func (w *web) stateOfIndex(r *http.Request) string {
	if w.Index == nil {
		return ""
	}
	id, err := w.Index.State(r.Context())
	if err != nil {
		return ""
	}
	return "index " + id
}

func (w *web) stateOfSource(source string) string {
	return fmt.Sprintf("source %q %d", source, w.Archive.Revision(source))
}

func (w *web) stateOfOneSource(r *http.Request) string {
	id := r.PathValue("id")
	if w.Sources.Source(id) == nil {
		id, _ = twin(id)
	}
	return w.stateOfSource(id)
}

func (w *web) stateOfChange(r *http.Request) string {
	_, to, err := parseChangeID(r.PathValue("id"))
	if err != nil {
		return ""
	}
	v, err := w.Archive.VersionHead(r.Context(), to)
	if err != nil {
		return ""
	}
	return w.stateOfSource(v.Source)
}

func (w *web) stateOfVersion(r *http.Request) string {
	id, err := pathSeq(r, "version")
	if err != nil {
		return ""
	}
	v, err := w.Archive.VersionHead(r.Context(), id)
	if err != nil {
		return ""
	}
	return w.stateOfSource(v.Source)
}

func (w *web) stateOfPage(r *http.Request) string {
	name, _ := twin(r.PathValue("id"))
	id, ok := parseSeq(name)
	if !ok {
		return ""
	}
	p, err := w.Archive.PageByID(r.Context(), archive.PageID(id))
	if err != nil {
		return ""
	}
	return w.stateOfSource(p.Source)
}

func (w *web) stateOfAddress(r *http.Request) string {
	url := r.URL.Query().Get("url")
	if url == "" {
		return w.stateOfAll(r)
	}
	p, err := w.docs.page(r.Context(), url)
	if err != nil {
		return ""
	}
	return w.stateOfSource(p.Source)
}
