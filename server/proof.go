package server

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"

	"veille/evidence"
)

// proof answers with the bundle that proves a wording: "/v/41/proof".
func (w *web) proof(rw http.ResponseWriter, r *http.Request) error {
	id, err := pathSeq(r, "version")
	if err != nil {
		return err
	}
	return w.sendProof(rw, r, fmt.Sprintf("version-%d.wacz", id), func(p *evidence.Prover, to io.Writer) error {
		_, err := p.Version(r.Context(), to, id)
		return err
	})
}

// sendProof makes a bundle in a temporary file, so that it takes no memory
// however many looks it has, and sends it.
func (w *web) sendProof(rw http.ResponseWriter, r *http.Request, name string, make func(*evidence.Prover, io.Writer) error) error {
	f, err := os.CreateTemp("", "veille-proof-*.wacz")
	if err != nil {
		return fmt.Errorf("proof: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := make(&evidence.Prover{Archive: w.Archive, Software: "Veille", Now: w.now()}, f); err != nil {
		return err
	}
	rw.Header().Set("Content-Type", "application/wacz")
	rw.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename=%q`, name))
	rw.Header().Set("Access-Control-Allow-Origin", "*")
	http.ServeContent(rw, r, "", w.now(), f)
	return nil
}

// proofAt leads to the proof of the wording of a page that stood at a time:
// "/proof?url=…&at=2026-03-01"; where there was none, it answers with the proof
// of what the server said instead.
func (w *web) proofAt(rw http.ResponseWriter, r *http.Request) error {
	page, err := w.docs.page(r.Context(), r.FormValue("url"))
	if err != nil {
		return err
	}
	at, err := ParseTime("at", r.FormValue("at"), true)
	if err != nil {
		return err
	}
	if at.IsZero() {
		at = w.now()
	}
	v, err := w.Archive.VersionAt(r.Context(), page.ID, at)
	if err == nil {
		http.Redirect(rw, r, fmt.Sprintf("/v/%d/proof", v.ID), http.StatusSeeOther)
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return w.sendProof(rw, r, fmt.Sprintf("page-%d.wacz", page.ID), func(p *evidence.Prover, to io.Writer) error {
		_, err := p.Page(r.Context(), to, page, at)
		return err
	})
}
