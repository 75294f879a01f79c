package server

import (
	"bytes"
	"fmt"
	"net/http"

	"veille/evidence"
)

// proof answers with the bundle that proves a wording: "/v/41/proof".
func (w *web) proof(rw http.ResponseWriter, r *http.Request) error {
	id, err := pathSeq(r, "version")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := evidence.Prove(r.Context(), w.Archive, &b, id, "Veille", w.now(), nil); err != nil {
		return err
	}
	rw.Header().Set("Content-Type", "application/wacz")
	rw.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="version-%d.wacz"`, id))
	rw.Header().Set("Access-Control-Allow-Origin", "*")
	http.ServeContent(rw, r, "", w.now(), bytes.NewReader(b.Bytes()))
	return nil
}

// proofAt leads to the proof of the wording of a page that stood at a time:
// "/proof?url=…&at=2026-03-01".
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
	if err != nil {
		return err
	}
	http.Redirect(rw, r, fmt.Sprintf("/v/%d/proof", v.ID), http.StatusSeeOther)
	return nil
}
