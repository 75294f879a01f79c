package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"veille/digest"
)

type managePage struct {
	*digest.Dossier
	Token         string // as it stands in links
	Subscriptions []inWords
	Langs         []option
	Email, Error  string
}

// shownLetters is how many letters a reader's own page lists; the export has all.
const shownLetters = 50

type changingPage struct {
	Token  string
	ID     int64
	Form   *subscribeForm
	Replay *digest.Replay
	Slow   bool
}

// askManage is the form that sends the link to all that is kept: "/manage".
func (w *web) askManage(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	v := w.view(rw, r, "subscribe")
	v.Title, v.Page = v.t.T("manage.title"), &managePage{}
	return w.render(rw, r, http.StatusOK, "managelink.html", v)
}

// askedManage sends the link; the answer is the same whether anything is kept
// about the address or not.
func (w *web) askedManage(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	if !w.asking.allow(askerOf(r)) {
		return errTooFast
	}
	v := w.view(rw, r, "subscribe")
	err := w.Digest.AskManage(r.Context(), r.PostForm.Get("email"))
	var wrong *digest.RequestError
	if errors.As(err, &wrong) {
		v.Title, v.Page = v.t.T("manage.title"), &managePage{Email: r.PostForm.Get("email"), Error: v.t.refused(wrong)}
		return w.render(rw, r, http.StatusBadRequest, "managelink.html", v)
	}
	if err != nil {
		return err
	}
	go w.sendWaiting(r.Context()) // unwaited for: how long it takes would tell whether there is a mail
	return w.say(rw, r, v, http.StatusAccepted, &saying{Heading: v.t.T("manage.asked.title"), Text: v.t.T("manage.asked.text"), Home: true})
}

// manage shows a reader all that is kept about them: "/manage/{token}".
func (w *web) manage(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	token := r.PathValue("token")
	d, err := w.Digest.Store.Dossier(r.Context(), token, false)
	if err != nil {
		return err
	}
	d.Letters = d.Letters[:min(len(d.Letters), shownLetters)]
	v := w.view(rw, r, "subscribe")
	p := &managePage{Dossier: d, Token: url.PathEscape(token)}
	if p.Subscriptions, err = w.describe(v, d.Subscriptions...); err != nil {
		return err
	}
	rw.Header().Set("Cache-Control", "no-store")
	v.Title, v.Page, v.NoIndex = v.t.T("manage.title"), p, true
	return w.render(rw, r, http.StatusOK, "manage.html", v)
}

// managed does what a reader asked for on that page: stop one subscription, or
// leave and erase everything.
func (w *web) managed(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	token := r.PathValue("token")
	v := w.view(rw, r, "subscribe")
	if r.PostForm.Get("do") == "erase" {
		if err := w.Digest.Store.Erase(r.Context(), token); err != nil {
			return err
		}
		return w.say(rw, r, v, http.StatusOK, &saying{Heading: v.t.T("stopped.title"), Text: v.t.T("stopped.text"), Home: true})
	}
	id, ok := parseSeq(r.PostForm.Get("stop"))
	if !ok {
		return errNoAction
	}
	if err := w.Digest.Store.StopOne(r.Context(), token, int64(id)); err != nil {
		return err
	}
	if _, err := w.Digest.Store.Dossier(r.Context(), token, false); errors.Is(err, digest.ErrExpired) { // it was the last
		return w.say(rw, r, v, http.StatusOK, &saying{Heading: v.t.T("stopped.title"), Text: v.t.T("stopped.text"), Home: true})
	}
	http.Redirect(rw, r, "/manage/"+url.PathEscape(token), http.StatusSeeOther)
	return nil
}

// manageExport is all that is kept about a reader, as one JSON document.
func (w *web) manageExport(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	d, err := w.Digest.Store.Dossier(r.Context(), r.PathValue("token"), true)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	rw.Header().Set("Cache-Control", "no-store")
	rw.Header().Set("Content-Disposition", `attachment; filename="veille.json"`)
	return w.send(rw, r, "application/json", append(b, '\n'))
}

// changing is the form to change a subscription: "/manage/{token}/{id}".
func (w *web) changing(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	sub, err := w.own(r)
	if err != nil {
		return err
	}
	req := digest.Request{Lang: sub.Lang, Zone: sub.Zone, Filter: sub.Filter, Settings: sub.Settings}
	return w.changeForm(rw, r, sub.ID, req, &changingPage{}, nil)
}

// own is the subscription that a request is about, if it is the reader's own.
func (w *web) own(r *http.Request) (*digest.Subscription, error) {
	d, err := w.Digest.Store.Dossier(r.Context(), r.PathValue("token"), false)
	if err != nil {
		return nil, err
	}
	id, _ := parseSeq(r.PathValue("id"))
	return d.Of(int64(id))
}

func (w *web) changeForm(rw http.ResponseWriter, r *http.Request, id int64, req digest.Request, p *changingPage, wrong *digest.RequestError) error {
	v := w.view(rw, r, "subscribe")
	p.Token, p.ID, p.Form = url.PathEscape(r.PathValue("token")), id, w.form(v, req)
	code := http.StatusOK
	if wrong != nil {
		p.Form.wrong(v.t, wrong)
		code = http.StatusBadRequest
	}
	rw.Header().Set("Cache-Control", "no-store")
	v.Title, v.Page, v.NoIndex = v.t.T("manage.change.title"), p, true
	return w.render(rw, r, code, "managechange.html", v)
}

// changed takes that form, or shows what the changed subscription would have told.
func (w *web) changed(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	sub, err := w.own(r)
	if err != nil {
		return err
	}
	req := formRequest(r.PostForm)
	p := &changingPage{}
	preview := r.PostForm.Get("do") == "preview"
	if preview {
		p.Replay, p.Slow, err = w.rehearse(r.Context(), askerOf(r), req)
	} else if err = w.checkSearch(r.Context(), req); err == nil {
		_, err = w.Digest.Change(r.Context(), r.PathValue("token"), sub.ID, req)
	}
	var wrong *digest.RequestError
	if err != nil && !errors.As(err, &wrong) {
		return err
	}
	if preview || wrong != nil {
		return w.changeForm(rw, r, sub.ID, req, p, wrong)
	}
	http.Redirect(rw, r, "/manage/"+url.PathEscape(r.PathValue("token"))+"#s"+strconv.FormatInt(sub.ID, 10), http.StatusSeeOther)
	return nil
}
