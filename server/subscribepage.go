package server

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"veille/digest"
)

// replayTime is how long a replay may take. One that needs longer has found too
// much to be told.
const replayTime = 20 * time.Second

type subscribePage struct {
	Email  string
	Form   *subscribeForm
	Replay *digest.Replay // nil: not asked for
	Slow   bool           // there was too much to replay
}

// subscribe is the form: "/subscribe". Its parameters fill it in.
func (w *web) subscribe(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	form := r.URL.Query()
	req := formRequest(form)
	v := w.view(rw, r, "subscribe")
	v.NoIndex = len(form) > 0
	return w.subscribeForm(rw, r, v, req, &subscribePage{Email: req.Email, Form: w.form(v, req)})
}

// subscribeForm shows the form.
func (w *web) subscribeForm(rw http.ResponseWriter, r *http.Request, v *view, req digest.Request, p *subscribePage) error {
	code := http.StatusOK
	if p.Form.Error != "" {
		code = http.StatusBadRequest
	}
	v.Title, v.Page, v.Description = v.t.T("subscribe.title"), p, v.t.T("subscribe.lead")
	return w.render(rw, r, code, "subscribe.html", v)
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// subscribed takes the form. With do=preview it is shown again, with what the
// subscription would have told; otherwise a mail is sent, and the answer is the
// same whether the address was known or not.
func (w *web) subscribed(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	req := formRequest(r.PostForm)
	req.Asker = askerOf(r)
	v := w.view(rw, r, "subscribe")
	v.NoIndex = true
	p := &subscribePage{Email: req.Email, Form: w.form(v, req)}
	var err error
	if r.PostForm.Get("do") == "preview" {
		p.Replay, p.Slow, err = w.rehearse(r.Context(), req.Asker, req)
	} else {
		err = w.ask(r.Context(), req)
	}
	var wrong *digest.RequestError
	if errors.As(err, &wrong) {
		p.Form.wrong(v.t, wrong)
	} else if err != nil {
		return err
	}
	if p.Form.Error != "" || p.Replay != nil || p.Slow {
		return w.subscribeForm(rw, r, v, req, p)
	}
	return w.say(rw, r, v, http.StatusAccepted, &saying{Heading: v.t.T("subscribed.title"), Text: v.t.T("subscribed.text"), Home: true})
}

// rehearse tells what a subscription would have told, or that there is too much
// of it to be told here.
func (w *web) rehearse(ctx context.Context, from netip.Addr, req digest.Request) (rep *digest.Replay, slow bool, err error) {
	if !w.replaying.allow(from) {
		return nil, false, errTooFast
	}
	if err := w.checkSearch(ctx, req); err != nil {
		return nil, false, err
	}
	short, cancel := context.WithTimeout(ctx, replayTime)
	defer cancel()
	rep, err = w.Digest.Replay(short, req)
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return nil, true, nil
	}
	return rep, false, err
}

// formError is what a form that cannot be read means.
func formError(err error) error {
	var size *http.MaxBytesError
	if errors.As(err, &size) {
		return err
	}
	return errNoForm
}

// ask writes a request for a subscription down, and lets its mail leave.
func (w *web) ask(ctx context.Context, req digest.Request) error {
	if !w.asking.allow(req.Asker) {
		return errTooFast
	}
	if err := w.checkSearch(ctx, req); err != nil {
		return err
	}
	if _, err := w.Digest.Subscribe(ctx, req); err != nil {
		return err
	}
	w.post(ctx)
	return nil
}

// post lets what waits in the outbox leave. It will leave in any case: the
// asker is not kept waiting for a slow mail server.
func (w *web) post(ctx context.Context) {
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		w.sendWaiting(ctx)
	}()
	select {
	case <-sent:
	case <-time.After(w.patience):
	}
}

// sendWaiting sends what waits in the outbox, though the asker leaves.
func (w *web) sendWaiting(ctx context.Context) {
	if w.Digest.Mailer == nil {
		return
	}
	if _, err := w.Digest.Send(context.WithoutCancel(ctx)); err != nil {
		w.Log.Error("send mail", "err", err)
	}
}

// A saying is a short page about subscriptions, with or without a button.
type saying struct {
	Heading, Text  string
	Subscriptions  []inWords
	Same           []inWords // what the reader has already, and watches the same
	Action, Button string
	Home           bool
}

// An inWords is a subscription in words.
type inWords struct {
	*digest.Subscription
	Lines []string
}

// describe puts subscriptions in words.
func (w *web) describe(v *view, subs ...*digest.Subscription) ([]inWords, error) {
	var out []inWords
	for _, s := range subs {
		lines, err := w.Digest.Describe(s, v.Lang)
		if err != nil {
			return nil, err
		}
		out = append(out, inWords{s, lines})
	}
	return out, nil
}

func (w *web) say(rw http.ResponseWriter, r *http.Request, v *view, code int, s *saying) error {
	rw.Header().Set("Cache-Control", "no-store")
	v.Title, v.Page, v.NoIndex = s.Heading, s, true
	return w.render(rw, r, code, "subscription.html", v)
}

// confirm shows what a confirmation is about and changes nothing: mail
// programs open links on their own.
func (w *web) confirm(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	token := r.PathValue("token")
	pending, err := w.Digest.Store.LookupConfirm(r.Context(), token)
	if err != nil {
		return err
	}
	v := w.view(rw, r, "subscribe")
	s := &saying{Heading: v.t.T("confirmed.title"), Text: v.t.T("confirmed.already"), Home: true}
	if s.Subscriptions, err = w.describe(v, pending.Subscription); err != nil {
		return err
	}
	if !pending.Used.IsZero() {
		return w.say(rw, r, v, http.StatusOK, s)
	}
	same, err := w.Digest.Equivalents(r.Context(), pending.Subscription)
	if err != nil {
		return err
	}
	if s.Same, err = w.describe(v, same...); err != nil {
		return err
	}
	s.Heading, s.Text, s.Home = v.t.T("confirm.title"), v.t.T("confirm.text"), false
	s.Action, s.Button = "/confirm/"+url.PathEscape(token), v.t.T("confirm.go")
	return w.say(rw, r, v, http.StatusOK, s)
}

// confirmed makes a subscription stand.
func (w *web) confirmed(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	sub, err := w.Digest.Confirm(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	v := w.view(rw, r, "subscribe")
	s := &saying{Heading: v.t.T("confirmed.title"), Text: v.t.T("confirmed.text"), Home: true}
	if s.Subscriptions, err = w.describe(v, sub); err != nil {
		return err
	}
	return w.say(rw, r, v, http.StatusOK, s)
}

// stop shows what a stop link is about and changes nothing.
func (w *web) stop(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	token := r.PathValue("token")
	st, err := w.Digest.Store.LookupStop(r.Context(), token)
	if err != nil {
		return err
	}
	v := w.view(rw, r, "subscribe")
	if len(st.Subscriptions) == 0 {
		return w.say(rw, r, v, http.StatusOK, &saying{Heading: v.t.T("stopped.title"), Text: v.t.T("stopped.text"), Home: true})
	}
	s := &saying{Heading: v.t.T("stop.title"), Text: v.t.T("stop.text"), Action: "/stop/" + url.PathEscape(token), Button: v.t.T("stop.go")}
	if s.Subscriptions, err = w.describe(v, st.Subscriptions...); err != nil {
		return err
	}
	return w.say(rw, r, v, http.StatusOK, s)
}

// stopped ends subscriptions at once: from our page, or from a mail program
// that posts to the address in List-Unsubscribe (RFC 8058).
func (w *web) stopped(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	if _, err := w.Digest.Stop(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	v := w.view(rw, r, "subscribe")
	return w.say(rw, r, v, http.StatusOK, &saying{Heading: v.t.T("stopped.title"), Text: v.t.T("stopped.text"), Home: true})
}
