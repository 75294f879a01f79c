package server

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/digest"
	"veille/index"
)

// policy lets a page load our own style sheet and pictures and send forms to
// us, and nothing else: no script, no frames, nothing from elsewhere. Our pages
// are scripted: they may load our own script as well. Archived pages never are.
const (
	policy   = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	scripted = policy + "; script-src 'self'"
)

// guard is around everything: security headers, requests that other sites
// make browsers send, addresses that no route knows, and counting.
//
// Requests that change something must come from our own pages or from no
// browser at all ([http.CrossOriginProtection]); /stop/{token} is free of this
// because mail programs post to it (RFC 8058) and its token is proof enough.
//
// Referrer-Policy is same-origin, not no-referrer: with that, browsers would
// send "Origin: null" with our own forms.
func (w *web) guard(mux *http.ServeMux) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.AddInsecureBypassPattern("POST /stop/{token}")
	cross.SetDenyHandler(w.page(func(rw http.ResponseWriter, r *http.Request) error { return errCross }))
	inner := cross.Handler(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.serveAddressed(rw, r) {
			return
		}
		if h, pattern := mux.Handler(r); pattern == "" {
			w.noRoute(h).ServeHTTP(rw, r)
			return
		}
		mux.ServeHTTP(rw, r)
	}))
	return w.metrics.count(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		defer w.Readers.Answer()()
		h := rw.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), interest-cohort=()")
		if w.base != nil && w.base.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		inner.ServeHTTP(rw, r)
	}))
}

// Errors that are about the request and not about what it asks for.
var (
	errCross    = errors.New("cross-origin request")
	errOperator = errors.New("operator only")
	errNoDigest = errors.New("no subscriptions are kept")
	errNoAdding = errors.New("pages cannot be added or tried on this instance")
	errLogins   = errors.New("too many attempts to log in")
	errProvider = errors.New("the login provider does not answer")
	errTooFast  = errors.New("too many requests for subscriptions; try again in a minute")
	errNoForm   = errors.New("what was sent is not a form; use the form on our page")
	errNoAction = errors.New("the form does not say what to do; use the buttons on our page")
	errTooMuch  = errors.New("there is too much to replay; narrow the search, or choose topics or sources")
)

// A methodError is for a route that takes other methods than the one asked.
type methodError struct{ allow string }

func (e *methodError) Error() string { return "method not allowed; use " + e.allow }

// noRoute answers what no route knows, with a page or, under /api/, a problem
// document. h is what the multiplexer would do: 404, or 405 with Allow.
func (w *web) noRoute(h http.Handler) http.Handler {
	return w.page(func(rw http.ResponseWriter, r *http.Request) error {
		probe := &probe{header: http.Header{}}
		h.ServeHTTP(probe, r)
		if probe.code == http.StatusMethodNotAllowed {
			allow := probe.header.Get("Allow")
			rw.Header().Set("Allow", allow)
			return &methodError{allow}
		}
		return fmt.Errorf("%s: %w", quote(r.URL.Path), fs.ErrNotExist)
	})
}

// A probe finds out what a handler would answer.
type probe struct {
	header http.Header
	code   int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) WriteHeader(code int)        { p.code = code }

// A problem is an error as it is told to a reader.
type problem struct {
	Code              int
	Heading, What, Do string
	Lang              string // of What and Do where it is not the reader's
}

// explain says what an error means to a reader.
func (w *web) explain(r *http.Request, t *tongue, err error) problem {
	var input *InputError
	var query *index.QueryError
	var request *digest.RequestError
	var method *methodError
	var size *http.MaxBytesError
	var absent *errNotArchived
	switch {
	case errors.As(err, &input):
		return w.misfit(t, input)
	case errors.As(err, &request):
		return problem{Code: 400, What: t.refused(request)}
	case errors.As(err, &query):
		if query.Pos < 0 {
			return problem{Code: 400, What: t.param(query.Param) + t.T("colon") + " " + t.reason(query)}
		}
		return problem{Code: 400, What: t.reason(query) + " (" + t.T("search.character", query.Character) + ")"}
	case errors.As(err, &size):
		return problem{Code: 413, Do: t.T("error.413.do")}
	case errors.As(err, &method):
		return problem{Code: 405, Do: t.T("error.405.do", method.allow)}
	case errors.As(err, &absent):
		return problem{Code: 404, Heading: t.T("error.notarchived"), What: absent.address, Do: t.T("error.notarchived.do")}
	case errors.Is(err, errCross):
		return problem{Code: 403, Heading: t.T("error.400"), What: t.T("error.403.cross")}
	case errors.Is(err, errOperator):
		return problem{Code: 403, What: t.T("error.403.what"), Do: t.T("error.403.do")}
	case errors.Is(err, errNoDigest):
		return problem{Code: 503, What: t.T("error.503.what")}
	case errors.Is(err, errBusy):
		return problem{Code: 503, Heading: t.T("error.busy"), What: t.T("error.busy.what")}
	case errors.Is(err, errNoAdding):
		return problem{Code: 503, What: t.T("error.503.adding")}
	case errors.Is(err, errLogins):
		return problem{Code: 429, What: t.T("login.toomany")}
	case errors.Is(err, errProvider):
		return problem{Code: 503, What: t.T("login.noprovider")}
	case errors.Is(err, errTooFast):
		return problem{Code: 429, What: t.T("error.429.fast"), Do: t.T("error.429.minute")}
	case errors.Is(err, errNoForm):
		return problem{Code: 400, What: t.T("error.400.form")}
	case errors.Is(err, errNoAction):
		return problem{Code: 400, What: t.T("error.400.action")}
	case errors.Is(err, digest.ErrTooMany):
		return problem{Code: 429, What: t.T("error.429.what"), Do: t.T("error.429.do")}
	case errors.Is(err, digest.ErrTooManyAtDomain):
		return problem{Code: 429, What: t.T("error.429.domain"), Do: t.T("error.429.hour")}
	case errors.Is(err, digest.ErrTooManyFromYou):
		return problem{Code: 429, What: t.T("error.429.you"), Do: t.T("error.429.hour")}
	case errors.Is(err, digest.ErrFull):
		return problem{Code: 409, What: t.T("error.409.what", digest.MaxSubscriptions), Do: t.T("error.409.do")}
	case errors.Is(err, digest.ErrExpired):
		return problem{Code: 410, Do: t.T("error.410.do")}
	case errors.Is(err, digest.ErrToken):
		return problem{Code: 404, What: t.T("error.token")}
	case errors.Is(err, fs.ErrNotExist):
		return problem{Code: 404, What: t.T("error.404.what", strings.Trim(quote(r.URL.Path), `"`)), Do: t.T("error.404.do")}
	}
	return problem{Code: 500, Do: t.T("error.500.do")}
}

// misfit is what is wrong with what was sent in.
func (w *web) misfit(t *tongue, input *InputError) problem {
	what, do := t.Say(input.What), t.Say(input.Do)
	if what.Lang != do.Lang { // one is not known: both as they were said
		en := w.tongues["en"]
		what, do = wordsIn{en.Say(input.What).Text, "en"}, wordsIn{en.Say(input.Do).Text, "en"}
	}
	return problem{Code: 400, What: t.param(inMarks(t.lang, input.Where)) + t.T("colon") + " " + what.Text + ".", Do: sentence(do.Text), Lang: what.Lang}
}

// sentence makes a message begin with a capital and end with a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:] + "."
}

// fail answers with an error. Only what is our own fault is logged.
func (w *web) fail(rw http.ResponseWriter, r *http.Request, err error) {
	if left(r.Context(), err) {
		return
	}
	lang, _ := choose(r)
	p := w.explain(r, w.tongues[lang], err)
	if errors.Is(err, errBusy) {
		rw.Header().Set("Retry-After", retryAfter)
	}
	if p.Code == http.StatusInternalServerError {
		w.Log.Error("page", "path", r.URL.Path, "err", err)
	}
	for _, h := range []string{"ETag", "Content-Disposition"} {
		rw.Header().Del(h)
	}
	if export, api := strings.HasPrefix(r.URL.Path, "/export/"), strings.HasPrefix(r.URL.Path+"/", "/api/"); export || api {
		var input *InputError
		if errors.As(err, &input) { // programs are told in English, and of parameters
			p.What, p.Do = input.Where+": "+input.What+".", sentence(input.Do)
		}
		detail := strings.TrimSpace(p.What + " " + p.Do)
		switch {
		case p.Code != http.StatusNotFound:
		case export:
			detail = absence.Replace(err.Error()) // which of the things asked for is not there
		case api:
			detail = p.What + " /openapi.json lists what there is."
		}
		writeProblem(rw, p.Code, detail)
		return
	}
	v := w.view(rw, r, "error")
	if p.Heading == "" {
		p.Heading = v.t.T(fmt.Sprintf("error.%d", p.Code))
	}
	v.Title, v.NoIndex, v.Page = p.Heading, true, p
	if err := w.render(rw, r, p.Code, "error.html", v); err != nil && !errors.Is(err, errGone) {
		w.Log.Error("page", "path", r.URL.Path, "err", err)
		http.Error(rw, p.Heading, p.Code)
	}
}

// operator reports whether a request is the operator's: of somebody who has
// logged in or, where nobody can, from this machine. Open makes everyone the
// operator.
func (w *web) operator(r *http.Request) bool {
	if w.Open || operatorName(r.Context()) != "" {
		return true
	}
	return w.logins == nil && w.local(r)
}

// local reports whether a request comes from this machine to a loopback name,
// straight and not through a proxy. Where the instance has a public address none
// does, since a proxy on the same machine may leave no trace of itself.
func (w *web) local(r *http.Request) bool {
	if w.base != nil && !loopback(w.base.Host) {
		return false
	}
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	return r.ProtoAtLeast(1, 1) && loopback(r.RemoteAddr) && loopback(r.Host)
}

// loopback reports whether a host, with or without port, is this machine.
func loopback(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// broken answers everything with 500: the program was built wrongly, or the
// configuration is wrong.
func broken(log *slog.Logger, err error) http.Handler {
	if log == nil {
		log = slog.Default()
	}
	log.Error("web pages cannot be served", "err", err)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		http.Error(rw, "web pages cannot be served; the operator's log says why", http.StatusInternalServerError)
	})
}
