package server

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"veille/archive"
	"veille/source"
)

// Routes whose paths end in a whole address, "/web/2026/https://a.example/b?c",
// do not go through the multiplexer, which would tidy the address: what comes
// is kept as it was sent, with its doubled slashes, dots, codes and query.

// An addressed route is one of them.
type addressed struct {
	prefix, pattern string
	h               http.Handler
}

// whole adds a route: "GET /timegate/{address...}".
func (w *web) whole(pattern string, h handler) {
	prefix, _, _ := strings.Cut(strings.TrimPrefix(pattern, "GET "), "{")
	w.addressed = append(w.addressed, addressed{prefix, pattern, w.page(h)})
}

// serveAddressed answers a request for one of these routes; false if it is for
// none. The handler finds what stands behind the prefix, query and all, as path
// value "address", and no query: what is in it belongs to the address.
func (w *web) serveAddressed(rw http.ResponseWriter, r *http.Request) bool {
	path := r.URL.RawPath
	if path == "" {
		path = r.URL.EscapedPath()
	}
	for _, route := range w.addressed {
		rest, ok := strings.CutPrefix(path, route.prefix)
		if !ok {
			continue
		}
		r.Pattern = route.pattern
		if r.URL.RawQuery != "" || r.URL.ForceQuery {
			rest += "?" + r.URL.RawQuery
		}
		u := *r.URL
		u.RawQuery, u.ForceQuery = "", false
		plain := r.WithContext(r.Context())
		plain.URL = &u
		plain.SetPathValue("address", rest)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			rw.Header().Set("Allow", "GET, HEAD")
			w.fail(rw, plain, &methodError{"GET, HEAD"})
			return true
		}
		route.h.ServeHTTP(rw, plain)
		return true
	}
	return false
}

// self is the path of a request as it was sent, with its query.
func self(r *http.Request) string {
	if address := r.PathValue("address"); address != "" {
		prefix, _, _ := strings.Cut(strings.TrimPrefix(r.Pattern, "GET "), "{")
		return prefix + address
	}
	return r.URL.RequestURI()
}

// errNotArchived is for an address of which there is no memento.
type errNotArchived struct{ address string }

func (e *errNotArchived) Error() string { return "no copy of " + e.address + " is in the archive" }
func (e *errNotArchived) Unwrap() error { return fs.ErrNotExist }

var (
	escapedScheme = regexp.MustCompile(`^(?i:https?)%3A`)
	brokenScheme  = regexp.MustCompile(`^(?i:(https?):/*)`)
	otherScheme   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)
)

// mend undoes what proxies and programs do to an address within a path: it may
// be escaped as a whole, its slashes may be one, its scheme may be missing.
// bare says that there was none.
func mend(address string) (mended string, bare bool) {
	if escapedScheme.MatchString(address) {
		path, query, asked := strings.Cut(address, "?")
		if text, err := url.PathUnescape(path); err == nil {
			if address = text; asked {
				address += "?" + query
			}
		}
	}
	if m := brokenScheme.FindStringSubmatch(address); m != nil {
		return strings.ToLower(m[1]) + "://" + address[len(m[0]):], false
	}
	if otherScheme.MatchString(address) {
		return address, false
	}
	return "https://" + strings.TrimLeft(address, "/"), true
}

// archived finds the page that an address means. As is the custom of archives,
// http and https, and a host with and without www., are tried one for the
// other. Its errors are *[InputError] and *[errNotArchived].
func (w *web) archived(ctx context.Context, text string) (*archive.Page, error) {
	mended, _ := mend(text)
	canonical, err := w.Sources.Canonical(mended)
	if errors.Is(err, source.ErrRefused) {
		return nil, &errNotArchived{mended}
	}
	if err != nil {
		return nil, &InputError{"address", quote(text) + " is not an address of the web", "give a whole one, such as https://example.org/page"}
	}
	tries := spellings(canonical)
	if raw := unescaped(canonical); raw != canonical {
		tries = append(tries, spellings(raw)...)
	}
	for _, try := range tries {
		if try, err = w.Sources.Canonical(try); err != nil {
			continue
		}
		page, err := w.Archive.Page(ctx, try)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return page, err
		}
	}
	return nil, &errNotArchived{canonical}
}

// The URL Standard leaves these characters in addresses as they are; headers,
// HTML and many programs do not.
var escapedLoose = regexp.MustCompile(`%(?:5[Ee]|60|7[BbCcDd])`)

// unescaped gives them back to an address.
func unescaped(address string) string {
	return escapedLoose.ReplaceAllStringFunc(address, func(code string) string {
		b, _ := hex.DecodeString(code[1:]) // two hexadecimal digits
		return string(b)
	})
}

// spellings are an address and what archives take for the same.
func spellings(address string) []string {
	scheme, rest, _ := strings.Cut(address, "://")
	other := "http"
	if scheme == "http" {
		other = "https"
	}
	twin, cut := strings.CutPrefix(rest, "www.")
	if !cut {
		twin = "www." + rest
	}
	return []string{address, other + "://" + rest, scheme + "://" + twin, other + "://" + twin}
}

// moments are the forms of a point in time in archives' addresses, by length.
var moments = map[int]string{4: "2006", 6: "200601", 8: "20060102", 10: "2006010215", 12: "200601021504", 14: stampForm, 17: "20060102150405.000"}

const stampForm = "20060102150405"

// stamp is a point in time as it stands in addresses.
func stamp(t time.Time) string { return t.UTC().Format(stampForm) }

// parseMoment reads 4 to 14 digits, or 17: the last millisecond of the year,
// month, day, hour, minute or second they name. Its error is an *[InputError].
func parseMoment(digits string) (time.Time, error) {
	form, ok := moments[len(digits)]
	text := digits
	if len(digits) == 17 {
		text = digits[:14] + "." + digits[14:]
	}
	t, err := time.Parse(form, text)
	if !ok || err != nil || !plausible(t) {
		return time.Time{}, &InputError{"time", quote(digits) + " is not a time", "write year, month, day, hour, minute and second as digits, as many as you know: 20260303080000, or 2026"}
	}
	switch len(digits) {
	case 4:
		t = t.AddDate(1, 0, 0)
	case 6:
		t = t.AddDate(0, 1, 0)
	case 8:
		t = t.AddDate(0, 0, 1)
	case 10:
		t = t.Add(time.Hour)
	case 12:
		t = t.Add(time.Minute)
	case 14:
		t = t.Add(time.Second)
	case 17:
		return t, nil
	}
	return t.Add(-time.Millisecond), nil
}

// A replayRequest is what stands behind /web/.
type replayRequest struct {
	digits  string // of the time, "" if none is given
	raw     bool   // the bytes, not the page to read
	list    bool   // "*": the history
	address string
}

var behindWeb = regexp.MustCompile(`^(?:([0-9]+)([a-z]{2}_)?|([0-9]*)\*)/`)

// modifiers are the letters that archives put behind the time: true for those
// that ask for bytes.
var modifiers = map[string]bool{"": false, "id_": true, "im_": true, "cs_": true, "js_": true, "oe_": true, "mp_": false, "if_": false, "fw_": false, "bn_": false}

// parseReplay reads what stands behind /web/. Its error is an *[InputError].
func parseReplay(text string) (replayRequest, error) {
	m := behindWeb.FindStringSubmatch(text)
	if m == nil {
		return replayRequest{address: text}, nil
	}
	r := replayRequest{digits: m[1], address: text[len(m[0]):], list: m[1] == ""}
	raw, ok := modifiers[m[2]]
	if !ok {
		return r, &InputError{"time", quote(m[1]+m[2]) + " asks for a form there is not", "write the time alone to read the page, and id_ behind it for its bytes"}
	}
	r.raw = raw
	if r.digits != "" {
		if _, err := parseMoment(r.digits); err != nil {
			return r, err
		}
	}
	return r, nil
}

// inHeader makes an address fit to stand between < and > in a header.
func inHeader(address string) string {
	var b strings.Builder
	for i := 0; i < len(address); i++ {
		if c := address[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`<>"\^`+"`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
