package server

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"veille/digest"
)

type subscribePage struct {
	Error, Wrong                              string
	Email, Query                              string
	Topics, Sources, Weights, Cadences, Langs []option
	AnySource                                 bool
}

// subscribe is the form: "/subscribe". Its parameters fill it in.
func (w *web) subscribe(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	return w.subscribeForm(rw, r, r.URL.Query(), nil)
}

// subscribeForm shows the form as it was filled in, with what is wrong.
func (w *web) subscribeForm(rw http.ResponseWriter, r *http.Request, form url.Values, wrong *digest.RequestError) error {
	v := w.view(rw, r, "subscribe")
	p := &subscribePage{Email: form.Get("email"), Query: form.Get("query"), Topics: []option{}}
	code := http.StatusOK
	if wrong != nil {
		p.Error, p.Wrong, code = sentence(wrong.What)+" "+sentence(wrong.Do), wrong.Field, http.StatusBadRequest
	}
	topics, sources := list(form["topics"]), list(form["sources"])
	for _, id := range w.topics {
		p.Topics = append(p.Topics, option{Label: w.topicLabel(id, v.Lang), Value: id, Current: slices.Contains(topics, id)})
	}
	for _, s := range w.Sources.Sources {
		o := option{Label: s.Label(v.Lang), Value: s.ID, Current: slices.Contains(sources, s.ID)}
		p.AnySource = p.AnySource || o.Current
		p.Sources = append(p.Sources, o)
	}
	weight := or(form.Get("min_weight"), strconv.Itoa(digest.DefaultWeight))
	for n := DefaultWeight; n <= 5; n++ {
		value := strconv.Itoa(n)
		p.Weights = append(p.Weights, option{Label: v.t.T("filters.atleast", v.t.Of("weight", n)), Value: value, Current: value == weight})
	}
	for _, c := range []digest.Cadence{digest.Now, digest.Daily, digest.Weekly, digest.Monthly} {
		p.Cadences = append(p.Cadences, option{Label: v.t.Of("cadence", c), Value: string(c), Current: string(c) == or(form.Get("cadence"), string(digest.Daily))})
	}
	for _, l := range Langs {
		p.Langs = append(p.Langs, option{Label: langNames[l], Value: l, Current: l == or(form.Get("lang"), v.Lang)})
	}
	v.Title, v.Page, v.NoIndex = v.t.T("subscribe.title"), p, len(form) > 0
	v.Description = v.t.T("subscribe.lead")
	return w.render(rw, r, code, "subscribe.html", v)
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// subscribed takes the form: the answer is the same whether the address was
// known or not.
func (w *web) subscribed(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	f := r.PostForm
	weight, err := parseNumber("min_weight", f.Get("min_weight"), 0, 0, 5)
	if err != nil {
		return err
	}
	err = w.ask(r.Context(), digest.Request{Email: f.Get("email"), Lang: f.Get("lang"),
		Filter:   digest.Filter{Query: f.Get("query"), Topics: list(f["topics"]), Sources: list(f["sources"]), MinWeight: weight},
		Settings: digest.Settings{Cadence: digest.Cadence(f.Get("cadence"))}})
	var wrong *digest.RequestError
	if errors.As(err, &wrong) {
		return w.subscribeForm(rw, r, f, wrong)
	}
	if err != nil {
		return err
	}
	v := w.view(rw, r, "subscribe")
	return w.say(rw, r, v, http.StatusAccepted, &saying{Heading: v.t.T("subscribed.title"), Text: v.t.T("subscribed.text"), Home: true})
}

// formError is what a form that cannot be read means.
func formError(err error) error {
	var size *http.MaxBytesError
	if errors.As(err, &size) {
		return err
	}
	return &InputError{"form", "what was sent is not a form", "use the form on our page"}
}

// ask writes a request for a subscription down, and lets its mail leave.
func (w *web) ask(ctx context.Context, req digest.Request) error {
	if !w.asking.Allow() {
		return errTooFast
	}
	if _, err := w.Digest.Subscribe(ctx, req); err != nil {
		return err
	}
	if w.Digest.Mailer == nil {
		return nil
	}
	// The letter is in the outbox and will leave in any case; the asker is not
	// kept waiting for a slow mail server.
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		if _, err := w.Digest.Send(context.WithoutCancel(ctx)); err != nil {
			w.Log.Error("send confirmation", "err", err)
		}
	}()
	select {
	case <-sent:
	case <-time.After(3 * time.Second):
	}
	return nil
}

// A saying is a short page about one subscription, with or without a button.
type saying struct {
	Heading, Text  string
	Subscription   *digest.Subscription
	Action, Button string
	Home           bool
}

func (w *web) say(rw http.ResponseWriter, r *http.Request, v *view, code int, s *saying) error {
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
	if !pending.Used.IsZero() {
		return w.say(rw, r, v, http.StatusOK, &saying{Heading: v.t.T("confirmed.title"), Text: v.t.T("confirmed.already"), Subscription: pending.Subscription, Home: true})
	}
	return w.say(rw, r, v, http.StatusOK, &saying{Heading: v.t.T("confirm.title"), Text: v.t.T("confirm.text"), Subscription: pending.Subscription,
		Action: "/confirm/" + url.PathEscape(token), Button: v.t.T("confirm.go")})
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
	return w.say(rw, r, v, http.StatusOK, &saying{Heading: v.t.T("confirmed.title"), Text: v.t.T("confirmed.text"), Subscription: sub, Home: true})
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
	return w.say(rw, r, v, http.StatusOK, &saying{Heading: v.t.T("stop.title"), Text: v.t.T("stop.text"), Subscription: st.Subscriptions[0],
		Action: "/stop/" + url.PathEscape(token), Button: v.t.T("stop.go")})
}

// stopped ends a subscription at once: from our page, or from a mail program
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
