package server

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/replay"
)

// A replayPage is a memento to be read.
type replayPage struct {
	Page             *archive.Page
	M                *archive.Memento
	V                *archive.Version // the wording it shows; nil if it was not read
	Title            string
	Archived         template.HTML // safe: made by package replay
	Lang             string        // of the archived text
	Text             string        // plain text
	Groups           []group       // our reading of what is neither
	Kind             string        // "html", "text", "read", or "" if there is nothing to show
	Type             string        // media type
	Size             int
	Digest           string
	Leaf             int64
	Status           int // 0 for a good answer
	Via              string
	Moved            string
	First, Last      string
	Prev, Next       string
	Raw, Live, Proof string
	History          string // "" for a listing
}

// memento replays an archived page: "/web/20260303080000/https://…", or gives
// its bytes with id_ behind the time. An address without a time, or with a part
// of one, leads to a memento; "*" leads to the history.
func (w *web) memento(rw http.ResponseWriter, r *http.Request) error {
	req, err := parseReplay(r.PathValue("address"))
	if err != nil {
		return err
	}
	if req.list {
		page, err := w.archived(r.Context(), req.address)
		if err != nil {
			return err
		}
		to := fmt.Sprintf("/page/%d", page.ID)
		if page.Purpose != archive.PurposePage { // a listing has no history of wordings
			to = inHeader("/timemap/link/" + page.URL)
		}
		rw.Header().Set("Location", to)
		rw.WriteHeader(http.StatusFound)
		return nil
	}
	if req.digits == "" {
		return w.negotiate(rw, r, req.address)
	}
	at, err := parseMoment(req.digits)
	if err != nil {
		return err
	}
	page, m, err := w.mementoAt(rw, r, req.address, at)
	if err != nil {
		return err
	}
	shared(rw.Header())
	links := w.mementos(r, page.URL).links(m)
	to := replayPath(m.Time, page.URL)
	if req.raw {
		to = rawPath(m.Time, page.URL)
	}
	if own := strings.TrimPrefix(to, "/web/"); r.PathValue("address") != own && r.PathValue("address") != inHeader(own) {
		links.set(rw.Header())
		rw.Header().Set("Location", inHeader(to))
		rw.WriteHeader(http.StatusFound)
		return nil
	}
	payload, err := w.Archive.Payload(r.Context(), m.Seq)
	if err != nil {
		return err
	}
	links.set(rw.Header())
	rw.Header().Set("Memento-Datetime", httpDate(m.Time))
	if req.raw {
		return w.bytes(rw, r, payload)
	}
	return w.replay(rw, r, page, m, payload)
}

func rawPath(t time.Time, address string) string { return "/web/" + stamp(t) + "id_/" + address }

// bytes answers with what was archived, byte for byte, under the type it came
// with. It is for programs and for saving: a browser shows none of it but
// plain pictures and plain text, and runs nothing.
func (w *web) bytes(rw http.ResponseWriter, r *http.Request, p *archive.Payload) error {
	h := rw.Header()
	h.Set("Content-Security-Policy", replay.Policy(false))
	h.Set("X-DNS-Prefetch-Control", "off")
	h.Add("Vary", "Accept-Encoding")
	original(h, p)
	body := p.Body
	if coding := p.Header.Get("Content-Encoding"); coding != "" && acceptsCoding(r, coding) {
		h.Set("Content-Encoding", coding)
		body = p.Coded
	}
	kind := or(p.Header.Get("Content-Type"), "application/octet-stream")
	if !plainSight(kind) {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(p.FinalURL)}))
	}
	if p.Status != http.StatusOK {
		h.Set("Content-Type", kind)
		h.Set("Content-Length", fmt.Sprint(len(body)))
		rw.WriteHeader(statusOf(p))
		_, err := rw.Write(body)
		return gone(err)
	}
	return w.send(rw, r, kind, body)
}

// original repeats the archived headers, as other archives do, under names that
// no browser obeys.
func original(h http.Header, p *archive.Payload) {
	const most = 16 << 10
	size := 0
	for name, values := range p.Header {
		for _, v := range values {
			if size += len(name) + len(v); size < most {
				h.Add("X-Archive-Orig-"+name, v)
			}
		}
	}
	if p.Digest != "" {
		h.Set("X-Archive-Payload-Digest", p.Digest)
	}
	if p.FinalURL != p.URL {
		h.Set("X-Archive-Final-Url", inHeader(p.FinalURL))
	}
}

// acceptsCoding reports whether the asker takes a content coding by its name.
func acceptsCoding(r *http.Request, coding string) bool {
	for item := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(item, ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q, given := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
			return !given || strings.Trim(q, "0.") != ""
		}
	}
	return false
}

// plainSight reports whether a type holds nothing but pixels or letters.
func plainSight(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && slices.Contains([]string{"text/plain", "image/png", "image/jpeg", "image/gif", "image/webp"}, kind)
}

// fileName is what a browser may call the file of an address.
func fileName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "archived"
	}
	name := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return -1
		}
		return r
	}, path.Base(u.Path))
	if name == "" || strings.Trim(name, ".") == "" {
		return "archived"
	}
	if runes := []rune(name); len(runes) > 100 {
		name = string(runes[len(runes)-100:])
	}
	return name
}

// statusOf is the status under which a memento is served: the archived one
// where it says that there was nothing, 200 otherwise.
func statusOf(p *archive.Payload) int {
	if p.Status == http.StatusNotFound || p.Status == http.StatusGone {
		return p.Status
	}
	return http.StatusOK
}

// replay shows a memento.
func (w *web) replay(rw http.ResponseWriter, r *http.Request, page *archive.Page, m *archive.Memento, p *archive.Payload) error {
	ctx := r.Context()
	out := &replayPage{Page: page, M: m, Lang: page.Lang, Size: len(p.Body), Digest: p.Digest, Live: page.URL, Raw: rawPath(m.Time, page.URL)}
	if m.Class == archive.Moved {
		done, err := w.moved(rw, r, page, m, p, out)
		if done || err != nil {
			return err
		}
	} else if p.FinalURL != page.URL {
		out.Via = p.FinalURL
	}
	if err := w.replayFacts(ctx, out); err != nil {
		return err
	}
	v := w.view(rw, r, "memento")
	w.archivedText(v, out, p)
	if out.Title == "" {
		out.Title = or(page.Title, page.URL)
	}
	code := statusOf(p)
	if code != http.StatusOK {
		out.Status = code
	}
	v.Title, v.Page, v.NoIndex = v.t.T("memento.title", out.Title, v.t.Date(m.Time)), out, true
	rw.Header().Set("Content-Security-Policy", replay.Policy(true))
	rw.Header().Set("X-DNS-Prefetch-Control", "off")
	if page.Purpose == archive.PurposePage {
		out.History = fmt.Sprintf("/page/%d", page.ID)
		rw.Header().Add("Link", "<"+w.baseURL(r)+out.History+`>; rel="version-history"`)
	}
	return w.render(rw, r, code, "memento.html", v)
}

// moved answers for a capture that led elsewhere: with the redirect, if what it
// led to is in the archive; otherwise the page says so.
func (w *web) moved(rw http.ResponseWriter, r *http.Request, page *archive.Page, m *archive.Memento, p *archive.Payload, out *replayPage) (done bool, err error) {
	target := p.FinalURL
	code := http.StatusFound
	if p.Status >= 300 && p.Status < 400 { // it was not followed
		code = p.Status
		base, err := url.Parse(p.FinalURL)
		if err != nil {
			return false, nil
		}
		to, err := base.Parse(p.Header.Get("Location"))
		if err != nil {
			return false, nil
		}
		target = to.String()
	}
	out.Moved = target
	other, found, err := w.mementoOf(r.Context(), target, m.Time)
	if errors.Is(err, fs.ErrNotExist) || err == nil && other.ID == page.ID {
		return false, nil
	}
	var input *InputError
	if errors.As(err, &input) { // it led to no address of the web
		return false, nil
	}
	if err != nil {
		return false, err
	}
	rw.Header().Set("Location", inHeader(replayPath(found.Time, other.URL)))
	rw.WriteHeader(code)
	return true, nil
}

func (w *web) mementoOf(ctx context.Context, address string, at time.Time) (*archive.Page, *archive.Memento, error) {
	page, err := w.archived(ctx, address)
	if err != nil {
		return nil, nil, err
	}
	m, err := w.Archive.MementoAt(ctx, page.ID, at)
	return page, m, err
}

// replayFacts fills in what the archive knows of a memento.
func (w *web) replayFacts(ctx context.Context, out *replayPage) (err error) {
	m := out.M
	if out.Leaf, err = w.Archive.CaptureLeaf(ctx, m.Seq); err != nil {
		return err
	}
	if m.Version != 0 {
		if out.V, err = w.Archive.Version(ctx, m.Version); err != nil {
			return err
		}
		out.Proof = fmt.Sprintf("/v/%d/proof", out.V.ID)
	}
	path := func(l *archive.Look) string {
		if l == nil || l.Seq == m.Seq {
			return ""
		}
		return replayPath(l.Time, out.Page.URL)
	}
	out.First, out.Prev, out.Next, out.Last = path(&m.First), path(m.Prev), path(m.Next), path(&m.Last)
	return nil
}

// archivedText makes of the archived bytes what can be shown.
func (w *web) archivedText(v *view, out *replayPage, p *archive.Payload) {
	kind := or(p.Header.Get("Content-Type"), http.DetectContentType(p.Body))
	out.Type, _, _ = mime.ParseMediaType(kind)
	switch {
	case len(p.Body) == 0:
	case out.Type == "text/html" || out.Type == "application/xhtml+xml":
		base, err := url.Parse(p.FinalURL)
		if err != nil {
			base = nil
		}
		doc := replay.HTML(p.Body, replay.Options{Base: base, ContentType: kind, Embedded: v.t.T("memento.embedded"),
			Link: func(address string) string { return replayPath(out.M.Time, address) }})
		out.Kind, out.Archived, out.Title = "html", template.HTML(doc.Body), doc.Title
		out.Lang = or(doc.Lang, out.Lang)
	case out.Type == "text/plain":
		out.Kind, out.Text = "text", replay.Text(p.Body, kind)
	case out.V != nil && len(out.V.Blocks) > 0:
		for i := range out.V.Blocks {
			out.V.Blocks[i].Since = 0 // what is new in a wording is shown with the wording
		}
		out.Kind, out.Groups = "read", groups(out.V)
	}
	if out.V != nil && out.Title == "" {
		out.Title = out.V.Title
	}
}

// language keeps the reader's choice of a language and leads back to a page
// whose address cannot hold the choice: "/language?ui=fr&back=/web/2026/…".
func (w *web) language(rw http.ResponseWriter, r *http.Request) error {
	back := r.FormValue("back")
	ours := slices.ContainsFunc(w.addressed, func(a addressed) bool { return strings.HasPrefix(back, a.prefix) })
	if !ours {
		back = "/"
	}
	w.view(rw, r, "")
	rw.Header().Set("Location", inHeader(back))
	rw.WriteHeader(http.StatusSeeOther)
	return nil
}

// size is a number of bytes for people.
func size(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1000_000)
}
