package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"veille/archive"
	"veille/diff"
	"veille/evidence"
	"veille/index"
)

// maxReplaced is how many lines that went are looked at for what came instead.
const maxReplaced = 200

// A TraceDocument is the story of a phrase: every page and language in which
// it ever stood.
type TraceDocument struct {
	Phrase    string            `json:"phrase"`
	FirstSeen *archive.Interval `json:"first_seen"` // null: never
	Expanded  []Expansion       `json:"expanded"`
	Pages     []TracedPage      `json:"pages"` // by when it was first seen there
	Forms     []TraceForm       `json:"forms"` // the most frequent first
	Timeline  TimelineDocument  `json:"timeline"`
	Replaced  []Replacement     `json:"replaced"`
	More      bool              `json:"more"` // there is more than could be looked at: narrow it down
}

// A TracedPage is a page in which the phrase stood.
type TracedPage struct {
	Source      string            `json:"source"`
	URL         string            `json:"url"`
	Lang        string            `json:"lang"`
	Title       string            `json:"title"`
	Page        archive.PageID    `json:"page"`
	Document    string            `json:"document"` // what language twins share, as in the exports
	Institution string            `json:"institution"`
	Now         FrequencyDocument `json:"now"`    // how often it stands now
	Most        FrequencyDocument `json:"most"`   // when it stood there most often
	Stands      []index.Lifespan  `json:"stands"` // when any of its lines stood
	Gaps        []Gap             `json:"gaps"`   // when we could not see
	Spans       []TraceSpan       `json:"spans"`

	traced *index.TracedPage // with all lines
}

// A TraceSpan is one line of the concordance and the time for which it stood.
// Text is HTML: escaped, with the key in <mark>.
type TraceSpan struct {
	FirstSeen archive.Interval  `json:"first_seen"`
	Gone      *archive.Interval `json:"gone"` // null: it still stands
	Text      string            `json:"text"`
	Left      string            `json:"left"`
	Key       string            `json:"key"`
	Right     string            `json:"right"`
	Form      string            `json:"form"` // as in forms
	How       string            `json:"how"`
	Path      []string          `json:"path"`
	Versions  int               `json:"versions"`
	Since     archive.Seq       `json:"since"`           // the version that brought it
	Until     archive.Seq       `json:"until,omitempty"` // the version that no longer has it
	Link      string            `json:"link"`
}

// A TraceForm is a way in which the phrase stands in the texts of a language:
// folded words, with the hyphens between them.
type TraceForm struct {
	Lang    string `json:"lang"`
	Form    string `json:"form"`
	Example string `json:"example"` // as it stands in one of the lines
	Lines   int    `json:"lines"`
	// How it came to be traced: "typed", "hyphen", "inflection", "spelling",
	// "compound" (written together, or apart), or "name" of Concept.
	How       string            `json:"how"`
	Concept   string            `json:"concept,omitempty"`
	FirstSeen archive.Interval  `json:"first_seen"`
	Gone      *archive.Interval `json:"gone"` // null: it still stands somewhere
	Off       bool              `json:"off"`  // it was left out, as asked
}

// A Replacement is what came where the phrase went, by the redline of the
// change that took it away.
type Replacement struct {
	Before string `json:"before"`
	After  string `json:"after"`
	Change string `json:"change"` // "17..18"
	Link   string `json:"link"`
	Lang   string `json:"-"` // of the words, for the page
}

// Trace tells the story of a phrase. A wrong phrase is an *index.QueryError.
func (d *Documents) Trace(ctx context.Context, q index.TraceQuery) (*TraceDocument, error) {
	return d.trace(ctx, q, maxReplaced)
}

// trace looks at a number of the lines that went for what came instead.
func (d *Documents) trace(ctx context.Context, q index.TraceQuery, looks int) (*TraceDocument, error) {
	doc, err := d.outline(ctx, q, looks)
	if err != nil {
		return nil, err
	}
	for i := range doc.Pages {
		p := &doc.Pages[i]
		p.tell(len(p.traced.Spans))
		known, err := d.Archive.PageByID(ctx, p.Page)
		if err != nil {
			return nil, fmt.Errorf("trace: %w", err)
		}
		p.Document = evidence.DocID(known)
	}
	return doc, nil
}

// outline is a trace but for the lines and the document of each page, of which
// a page of the site shows few.
func (d *Documents) outline(ctx context.Context, q index.TraceQuery, looks int) (*TraceDocument, error) {
	if d.Index == nil {
		return nil, errors.New("trace: no index is open")
	}
	done, err := d.turns.take(ctx)
	if err != nil {
		return nil, fmt.Errorf("trace: %w", err)
	}
	defer done()
	q.Now = d.now()
	t, err := d.Index.Trace(ctx, d.Archive, q)
	if err != nil {
		return nil, fmt.Errorf("trace: %w", err)
	}
	doc := &TraceDocument{Phrase: q.Phrase, Expanded: []Expansion{}, Pages: []TracedPage{}, Forms: []TraceForm{}, Replaced: []Replacement{}, More: t.More}
	for _, e := range t.Expanded {
		doc.Expanded = append(doc.Expanded, Expansion(e))
	}
	if err := d.tracedPages(ctx, doc, t, looks); err != nil {
		return nil, fmt.Errorf("trace: %w", err)
	}
	if len(doc.Pages) > 0 {
		doc.FirstSeen = &doc.Pages[0].Stands[0].FirstSeen
	}
	for _, f := range t.Forms {
		doc.Forms = append(doc.Forms, TraceForm{Lang: f.Lang, Form: f.Text, Example: f.Example, Lines: f.Lines, How: f.How, Concept: f.Concept, FirstSeen: f.FirstSeen, Gone: f.Gone, Off: f.Off})
	}
	doc.Timeline = timelineDocument(&t.Timeline, doc.Pages)
	return doc, nil
}

// tracedPages fills in the pages of an outline, and what came where lines went.
func (d *Documents) tracedPages(ctx context.Context, doc *TraceDocument, t *index.Trace, looks int) error {
	pages := make([]archive.PageID, len(t.Pages))
	for i := range t.Pages {
		pages[i] = t.Pages[i].Page
	}
	gaps, err := d.gapsOfAll(ctx, pages)
	if err != nil {
		return err
	}
	for i := range t.Pages {
		p := &t.Pages[i]
		doc.Pages = append(doc.Pages, TracedPage{Source: p.Source, URL: p.URL, Lang: p.Lang, Title: p.Title, Page: p.Page, Institution: d.institution(p.Source),
			Now: frequency(p.Now), Most: frequency(p.Most), Stands: p.Stands(), Gaps: gaps[p.Page], Spans: []TraceSpan{}, traced: p})
		for k := 0; k < len(p.Spans) && looks > 0; k++ {
			if s := &p.Spans[k]; s.Until != 0 {
				looks--
				if err := d.replaced(ctx, doc, s); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// tell fills in the first lines of a page.
func (p *TracedPage) tell(lines int) {
	p.Spans = make([]TraceSpan, min(lines, len(p.traced.Spans)))
	for i := range p.Spans {
		p.Spans[i] = traceSpan(&p.traced.Spans[i])
	}
}

// institution is who publishes a source; the source's id if that is not said.
func (d *Documents) institution(id string) string {
	if s := d.source(id); s != nil && s.Institution != "" {
		return s.Institution
	}
	return id
}

func traceSpan(s *index.Span) TraceSpan {
	out := TraceSpan{FirstSeen: s.FirstSeen, Gone: s.Gone, Text: s.HTML(), Left: s.Left, Key: s.Key, Right: s.Right, Form: s.Form, How: s.How, Path: s.Path,
		Versions: s.Versions, Since: s.Since, Until: s.Until, Link: fmt.Sprintf("/v/%d", s.Since)}
	if s.Block >= 0 {
		out.Link += fmt.Sprintf("#b%d", s.Block)
	}
	return out
}

// replaced finds what came where a line went.
func (d *Documents) replaced(ctx context.Context, doc *TraceDocument, s *index.Span) error {
	v, err := d.Archive.VersionHead(ctx, s.Until)
	if err != nil || v.Prev == 0 || v.Gone {
		return err
	}
	c, err := d.compare(ctx, stretch{v.Prev, v.ID})
	if err != nil {
		return err
	}
	for i := range c.Edits {
		before, after, ok := instead(&c.Edits[i], s.Key)
		if !ok {
			continue
		}
		r := Replacement{Before: before, After: after, Change: c.ID(), Link: "/change/" + c.ID(), Lang: v.Lang}
		if !slices.Contains(doc.Replaced, r) {
			doc.Replaced = append(doc.Replaced, r)
		}
	}
	return nil
}

// instead finds, in an edit, the run of words that took away a key or a part
// of it, and what was put in its place.
func instead(e *diff.Edit, key string) (before, after string, ok bool) {
	from := strings.Index(e.Before, key)
	if from < 0 || e.After == "" {
		return "", "", false
	}
	to, at := from+len(key), 0
	for i := range e.Words {
		w := &e.Words[i]
		if w.Op == diff.Inserted {
			continue
		}
		end := at + len(w.Text)
		if w.Op == diff.Deleted && at < to && end > from {
			if i+1 < len(e.Words) && e.Words[i+1].Op == diff.Inserted {
				after = e.Words[i+1].Text
			} else if i > 0 && e.Words[i-1].Op == diff.Inserted {
				after = e.Words[i-1].Text
			}
			return strings.TrimSpace(w.Text), strings.TrimSpace(after), true
		}
		at = end
	}
	return "", "", false
}

type traceInput struct {
	Q       string   `query:"q" required:"true" doc:"Words side by side; * stands for any letters of a word; OR and NEAR/n; or concept:ID."`
	Lang    []string `query:"lang,explode"`
	Source  []string `query:"source,explode"`
	Exact   bool     `query:"exact" doc:"Only what is typed: no inflections and other spellings, and no other names of a concept."`
	Without []string `query:"without,explode" doc:"Forms to leave out, as the answer lists them."`
	All     bool     `query:"all" doc:"Page furniture too."`
}

func (w *web) apiTrace(ctx context.Context, in *traceInput) (*answer[*TraceDocument], error) {
	doc, err := w.docs.Trace(ctx, index.TraceQuery{Phrase: in.Q, Langs: list(in.Lang), Sources: list(in.Source), Exact: in.Exact, Without: list(in.Without), All: in.All})
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}
