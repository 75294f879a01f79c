package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/alexedwards/scs/v2"
	"golang.org/x/time/rate"
)

// A Login says how operators prove who they are: by a password, through an
// OpenID Connect provider, or either. Without one the operator's pages are for
// this machine only.
type Login struct {
	// PasswordHash is what [HashPassword] made, "" for no password.
	PasswordHash string
	Provider     *Provider // nil: none
}

// HashPassword is the Argon2id hash of a password in the PHC string format,
// "$argon2id$v=19$m=65536,t=1,p=2$…". Passwords have 12 characters or more.
func HashPassword(password string) (string, error) {
	if len([]rune(password)) < 12 {
		return "", errors.New("the password has fewer than 12 characters; choose a longer one, such as four words")
	}
	hash, err := argon2id.CreateHash(password, argon2id.DefaultParams)
	if err != nil {
		return "", fmt.Errorf("hash the password: %w", err)
	}
	return hash, nil
}

// Check finds what is wrong with the configuration.
func (l *Login) Check() error {
	if l.PasswordHash == "" && l.Provider == nil {
		return errors.New("operators' login: neither a password nor a provider is configured")
	}
	if l.PasswordHash != "" {
		if _, _, _, err := argon2id.DecodeHash(l.PasswordHash); err != nil {
			return errors.New("operators' login: the password hash is none; make one with `veille operator hash`")
		}
	}
	if l.Provider != nil {
		return l.Provider.check()
	}
	return nil
}

// How long somebody stays logged in, and how often one may try.
const (
	sessionLife  = 12 * time.Hour
	sessionIdle  = time.Hour
	loginBurst   = 5
	loginEvery   = 12 * time.Second
	sessionName  = "veille_operator"
	keyOperator  = "operator"
	nextName     = "veille_next"
	maxNext      = 1024
	operatorHome = "/operator"
)

// logins are the operators' sessions, kept in memory: whoever is logged in logs
// in again when the program was started anew.
type logins struct {
	login    *Login
	sessions *scs.SessionManager
	hashing  chan struct{} // holds one: one hash at a time, each takes 64 MiB

	tries *throttle // five, then one in twelve seconds
}

func newLogins(l *Login, secure bool) *logins {
	s := scs.New()
	s.Lifetime, s.IdleTimeout, s.HashTokenInStore = sessionLife, sessionIdle, true
	s.Cookie.Name, s.Cookie.Secure, s.Cookie.HttpOnly, s.Cookie.SameSite, s.Cookie.Persist = sessionName, secure, true, http.SameSiteLaxMode, false
	if secure {
		s.Cookie.Name = "__Host-" + sessionName
	}
	return &logins{login: l, sessions: s, hashing: make(chan struct{}, 1), tries: newThrottle(rate.Every(loginEvery), loginBurst)}
}

// operatorKey is under which a request's context has the operator's name.
type operatorKey struct{}

// around gives requests their session, where they have one or begin one.
func (l *logins) around(next http.Handler) http.Handler {
	inner := l.sessions.LoadAndSave(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if name := l.sessions.GetString(r.Context(), keyOperator); name != "" {
			r = r.WithContext(context.WithValue(r.Context(), operatorKey{}, name))
		}
		next.ServeHTTP(rw, r)
	}))
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie(l.sessions.Cookie.Name); err != nil && !strings.HasPrefix(r.URL.Path, operatorHome) {
			next.ServeHTTP(rw, r)
			return
		}
		inner.ServeHTTP(rw, r)
	})
}

// operatorName is who is logged in, "" for nobody.
func operatorName(ctx context.Context) string {
	name, _ := ctx.Value(operatorKey{}).(string)
	return name
}

// right reports whether a password is the operator's. Its error is that of a ctx
// that ended before its turn to be hashed came.
func (l *logins) right(ctx context.Context, password string) (bool, error) {
	if l.login.PasswordHash == "" || len(password) > 1024 {
		return false, nil
	}
	if err := ctx.Err(); err != nil { // of two that are ready, select takes any
		return false, err
	}
	select {
	case l.hashing <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	defer func() { <-l.hashing }()
	ok, err := argon2id.ComparePasswordAndHash(password, l.login.PasswordHash)
	return ok && err == nil, nil
}

// enter logs somebody in, under a new token.
func (l *logins) enter(ctx context.Context, name string) error {
	if err := l.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	l.sessions.Put(ctx, keyOperator, name)
	return nil
}

// keepNext remembers, in the browser and not here, where somebody wanted to go
// before they logged in: nobody fills our memory by asking for our pages.
func (l *logins) keepNext(rw http.ResponseWriter, address string) {
	if value := url.QueryEscape(address); len(value) <= maxNext {
		http.SetCookie(rw, &http.Cookie{Name: nextName, Value: value, Path: operatorHome, MaxAge: 600, HttpOnly: true,
			SameSite: http.SameSiteLaxMode, Secure: l.sessions.Cookie.Secure})
	}
}

// popNext is where somebody wanted to go, if that is a page for operators, and
// forgets it.
func (l *logins) popNext(rw http.ResponseWriter, r *http.Request) string {
	c, err := r.Cookie(nextName)
	if err != nil {
		return operatorHome
	}
	http.SetCookie(rw, &http.Cookie{Name: nextName, Path: operatorHome, MaxAge: -1, HttpOnly: true, Secure: l.sessions.Cookie.Secure})
	next, err := url.QueryUnescape(c.Value)
	if err != nil || !strings.HasPrefix(next, operatorHome) && !strings.HasPrefix(next, "/outbox") {
		return operatorHome
	}
	return next
}

type loginPage struct{ Password, Provider, Wrong bool }

// only lets operators through; others are led to the login, if there is one.
func (w *web) only(h handler) handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		rw.Header().Set("Cache-Control", "no-store")
		if w.operator(r) {
			return h(rw, r)
		}
		if w.logins == nil {
			return errOperator
		}
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			w.logins.keepNext(rw, r.URL.RequestURI())
		}
		http.Redirect(rw, r, "/operator/login", http.StatusSeeOther)
		return nil
	}
}

// trusted lets through who has logged in or sits at this machine, and not
// everybody, as [web.only] does in a demonstration.
func (w *web) trusted(h handler) handler {
	return w.only(func(rw http.ResponseWriter, r *http.Request) error {
		if operatorName(r.Context()) == "" && !w.local(r) {
			return errOperator
		}
		return h(rw, r)
	})
}

// loginForm is "/operator/login".
func (w *web) loginForm(rw http.ResponseWriter, r *http.Request) error {
	if w.logins == nil {
		return errOperator
	}
	return w.showLogin(rw, r, http.StatusOK)
}

func (w *web) showLogin(rw http.ResponseWriter, r *http.Request, code int) error {
	v := w.view(rw, r, "operator")
	v.Title, v.NoIndex = v.t.T("login.title"), true
	v.Page = &loginPage{w.logins.login.PasswordHash != "", w.logins.login.Provider != nil, code != http.StatusOK}
	return w.render(rw, r, code, "login.html", v)
}

// loggedIn takes the form.
func (w *web) loggedIn(rw http.ResponseWriter, r *http.Request) error {
	if w.logins == nil {
		return errOperator
	}
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	from := askerOf(r)
	if !w.logins.tries.allow(from) {
		return errLogins
	}
	right, err := w.logins.right(r.Context(), r.PostForm.Get("password"))
	if err != nil {
		return err
	}
	if !right {
		w.Log.Warn("operator login refused", "from", from.String())
		return w.showLogin(rw, r, http.StatusForbidden)
	}
	return w.welcome(rw, r, "operator", slog.String("by", "password"))
}

// welcome logs somebody in and leads where they wanted to go.
func (w *web) welcome(rw http.ResponseWriter, r *http.Request, name string, how slog.Attr) error {
	if err := w.logins.enter(r.Context(), name); err != nil {
		return err
	}
	w.Log.Info("operator logged in", "name", name, how)
	http.Redirect(rw, r, w.logins.popNext(rw, r), http.StatusSeeOther)
	return nil
}

// loggedOut ends the session.
func (w *web) loggedOut(rw http.ResponseWriter, r *http.Request) error {
	if w.logins == nil {
		return errOperator
	}
	if err := w.logins.sessions.Destroy(r.Context()); err != nil {
		return fmt.Errorf("log out: %w", err)
	}
	http.Redirect(rw, r, "/", http.StatusSeeOther)
	return nil
}
