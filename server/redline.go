package server

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"

	"veille/archive"
	"veille/redline"
)

// Redline is a change as package redline shows it, without the blocks of the
// new version.
func (doc *ChangeDocument) Redline() *redline.Change {
	c := &redline.Change{ID: doc.ID, Title: doc.Title, URL: doc.URL, Lang: doc.Lang, Publisher: doc.Publisher, Seen: doc.To.Seen,
		Before: "–", After: fmt.Sprintf("version %d", doc.To.Version), Weight: doc.Weight, Senses: doc.Senses, Summary: doc.Summary, Edits: doc.Edits}
	if doc.From != nil {
		c.Before = fmt.Sprintf("version %d", doc.From.Version)
	}
	return c
}

// Text are the blocks of a version as package archive has them.
func (doc *VersionDocument) Text() []archive.Block {
	out := make([]archive.Block, len(doc.Blocks))
	for i, b := range doc.Blocks {
		out[i] = archive.Block{Kind: archive.Kind(b.Kind), Role: archive.Role(b.Role), Path: b.Path, Text: b.Text, Level: b.Level, Marker: b.Marker, Since: b.Since}
	}
	return out
}

// docx is a change as a Word document with tracked changes: "/change/17..18.docx".
func (w *web) docx(rw http.ResponseWriter, r *http.Request, id string) error {
	from, to, err := parseChangeID(id)
	if err != nil {
		return err
	}
	v := w.view(rw, r, "change")
	doc, err := w.docs.Change(r.Context(), from, to, v.Lang)
	if err != nil {
		return err
	}
	whole, err := w.docs.Version(r.Context(), to)
	if err != nil {
		return err
	}
	c := doc.Redline()
	c.Blocks = whole.Text()
	if from != 0 {
		was, err := w.docs.Version(r.Context(), from)
		if err != nil {
			return err
		}
		c.Was = was.Text()
	}
	var b bytes.Buffer
	if err := redline.DOCX(&b, c); errors.Is(err, redline.ErrNoBlocks) {
		return fmt.Errorf("%w: %w", err, fs.ErrNotExist)
	} else if err != nil {
		return err
	}
	h := rw.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
	h.Set("Content-Disposition", `attachment; filename="change-`+doc.ID+`.docx"`)
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	_, err = rw.Write(b.Bytes())
	return err
}
