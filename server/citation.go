package server

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"veille/archive"
	"veille/evidence"
)

// A CitationDocument is a reference to one wording, or to a block of it, as
// facts and in the forms that reference managers read.
type CitationDocument struct {
	Version     archive.Seq        `json:"version"`
	Number      int                `json:"number"` // 1 for the page's first wording
	URL         string             `json:"url"`
	Title       string             `json:"title"`
	Lang        string             `json:"lang"`
	Source      string             `json:"source"`
	Publisher   string             `json:"publisher"`
	Type        string             `json:"type"` // "webpage", "legislation" or "legal_case"
	Identifier  string             `json:"identifier,omitempty"`
	PublishedOn string             `json:"published_on,omitempty"`
	UpdatedOn   string             `json:"updated_on,omitempty"`
	Gone        bool               `json:"gone"`
	Seen        archive.Interval   `json:"seen"`
	Until       *archive.Interval  `json:"until"` // null: it still stands
	LastSeen    time.Time          `json:"last_seen"`
	Block       *int               `json:"block,omitempty"`
	Path        []string           `json:"path,omitempty"`
	Quote       string             `json:"quote,omitempty"` // the block's text
	Link        string             `json:"link"`            // permanent, with the host
	Archived    string             `json:"archived"`
	SHA256      string             `json:"sha256"` // of the first capture's content
	Log         string             `json:"log"`
	LogEntry    int64              `json:"log_entry"`
	Text        string             `json:"text"`
	BibTeX      string             `json:"bibtex"`
	RIS         string             `json:"ris"`
	CSL         []evidence.CSLItem `json:"csl"`
}

// A CiteQuery says what to cite: Version, or the wording of the page at URL
// that stood at At (zero: the latest).
type CiteQuery struct {
	Version archive.Seq
	URL     string
	At      time.Time
	Block   int    // -1: the wording as a whole
	BaseURL string // public address of the site, without a slash at its end
}

// Cite makes a reference. Errors wrap fs.ErrNotExist where there is no such
// wording or block.
func (d *Documents) Cite(ctx context.Context, q CiteQuery) (*CitationDocument, error) {
	if q.Version == 0 {
		page, err := d.page(ctx, q.URL)
		if err != nil {
			return nil, err
		}
		if q.Version = page.Latest; !q.At.IsZero() {
			v, err := d.wordingAt(ctx, page, q.At)
			if err != nil {
				return nil, err
			}
			q.Version = v.ID
		}
		if q.Version == 0 {
			return nil, fmt.Errorf("a wording of %s: %w", page.URL, fs.ErrNotExist)
		}
	}
	head, err := d.Archive.VersionHead(ctx, q.Version)
	if err != nil {
		return nil, err
	}
	publisher := ""
	if s := d.Sources.Source(head.Source); s != nil {
		publisher = s.Label(head.Lang)
	}
	e := &evidence.Exporter{Archive: d.Archive, BaseURL: q.BaseURL, Now: d.Now}
	c, err := e.Cite(ctx, q.Version, q.Block, publisher)
	if err != nil {
		return nil, err
	}
	doc := &CitationDocument{Version: c.Version, Number: c.Number, URL: c.URL, Title: c.Title, Lang: c.Lang, Source: c.Source, Publisher: c.Publisher,
		Type: c.Type, Identifier: c.Identifier, PublishedOn: c.Published, UpdatedOn: c.Updated, Gone: c.Gone, Seen: c.Seen, Until: c.Until, LastSeen: c.LastSeen,
		Path: c.Path, Quote: c.Quote, Link: c.Link, Archived: c.Archived, SHA256: c.Digest, Log: c.Log, LogEntry: c.Entry,
		Text: c.Text(), BibTeX: c.BibTeX(), RIS: c.RIS(), CSL: c.CSL()}
	if c.Block >= 0 {
		doc.Block = &c.Block
	}
	return doc, nil
}

// Local reports whether the links lead nowhere but, perhaps, to this machine.
func (d *CitationDocument) Local() bool {
	u, err := url.Parse(d.Link)
	return err != nil || u.Host == "" || loopback(u.Host)
}

// Rebase has the links begin with another public address, without a slash at
// its end: of a reference that an instance made for its own.
func (d *CitationDocument) Rebase(base string) {
	was, _, ok := strings.Cut(d.Link, fmt.Sprintf("/v/%d", d.Version))
	if !ok || was == "" || was == base {
		return
	}
	for _, text := range []*string{&d.Link, &d.Archived, &d.Text, &d.BibTeX, &d.RIS} {
		for _, path := range []string{"/v/", "/web/"} {
			*text = strings.ReplaceAll(*text, was+path, base+path)
		}
	}
	host := ""
	if u, err := url.Parse(base); err == nil {
		host = u.Host
	}
	for i := range d.CSL {
		item := &d.CSL[i]
		item.Archive, item.ArchiveLocation = host, d.Link
		item.Note = strings.ReplaceAll(item.Note, was+"/web/", base+"/web/")
	}
}

// WriteCitation writes a reference in a form: "text", "bibtex", "ris" or "csl".
func WriteCitation(w io.Writer, doc *CitationDocument, form string) error {
	var err error
	switch form {
	case "bibtex":
		_, err = io.WriteString(w, doc.BibTeX)
	case "ris":
		_, err = io.WriteString(w, doc.RIS)
	case "csl":
		return Write(w, doc.CSL)
	default:
		_, err = io.WriteString(w, doc.Text+"\n")
	}
	return err
}

// citeForms are the forms of a reference by the ending of its address.
var citeForms = map[string]struct{ form, kind string }{
	"txt": {"text", "text/plain; charset=utf-8"}, "bib": {"bibtex", "application/x-bibtex; charset=utf-8"},
	"ris": {"ris", "application/x-research-info-systems; charset=utf-8"}, "json": {"csl", "application/vnd.citationstyles.csl+json"},
}

// cite is a reference: "/cite/17.bib?block=7".
func (w *web) cite(rw http.ResponseWriter, r *http.Request) error {
	number, ending, _ := strings.Cut(r.PathValue("name"), ".")
	id, ok := parseSeq(number)
	f, known := citeForms[ending]
	if !ok || id == 0 || !known {
		return fmt.Errorf("%s: %w", quote(r.URL.Path), fs.ErrNotExist)
	}
	block, err := parseBlock(r.URL.Query().Get("block"))
	if err != nil {
		return err
	}
	doc, err := w.docs.Cite(r.Context(), CiteQuery{Version: id, Block: block, BaseURL: w.baseURL(r)})
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := WriteCitation(&b, doc, f.form); err != nil {
		return err
	}
	if ending != "txt" {
		rw.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "veille-"+r.PathValue("name")))
	}
	return w.send(rw, r, f.kind, []byte(b.String()))
}

// parseBlock reads the number of a block; "" is -1.
func parseBlock(text string) (int, error) {
	if text == "" {
		return -1, nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(text, "b"))
	if err != nil || n < 0 {
		return -1, &InputError{"block", quote(text) + " is not the number of a block", "write one such as 7 for /v/41#b7"}
	}
	return n, nil
}

type citeInput struct {
	Version string `query:"version" doc:"Number of a version, 17 for /v/17."`
	URL     string `query:"url" doc:"Or the address of a page that is watched."`
	At      string `query:"at" doc:"With url: the wording that stood then; a day means its end. Default: the latest."`
	Block   string `query:"block" doc:"Number of a block of the wording, 7 for #b7. Default: the wording as a whole."`

	base string
}

// Resolve notes the address at which the site was asked.
func (in *citeInput) Resolve(ctx huma.Context) []error {
	in.base = "http://" + ctx.Host()
	if ctx.TLS() != nil {
		in.base = "https://" + ctx.Host()
	}
	return nil
}

func (w *web) apiCite(ctx context.Context, in *citeInput) (*answer[*CitationDocument], error) {
	q := CiteQuery{URL: in.URL, BaseURL: in.base}
	var err error
	if in.Version != "" {
		var ok bool
		if q.Version, ok = parseSeq(in.Version); !ok || q.Version == 0 {
			err = &InputError{"version", quote(in.Version) + " is not a version", "write its number, such as 17 for /v/17"}
		}
	}
	if err == nil {
		q.At, err = ParseTime("at", in.At, true)
	}
	if err == nil {
		q.Block, err = parseBlock(in.Block)
	}
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	if w.base != nil {
		q.BaseURL = w.base.String()
	}
	doc, err := w.docs.Cite(ctx, q)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}
