package server

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"veille/digest"
)

// Whatever a reader may be refused is said in every language of the pages, and in
// each of them differently.
func TestRefusalsAreSaidInEveryLanguage(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range digest.Refusals() {
		said := map[string]string{}
		for _, lang := range Langs {
			text := tongues[lang].refused(&digest.RequestError{Code: code, Args: []string{"X"}})
			if strings.HasPrefix(text, "refused.") || strings.Contains(text, "{") {
				t.Errorf("%s: %q is not said: %s", lang, code, text)
			}
			if before := said[text]; before != "" {
				t.Errorf("%q is the same in %s and %s: %s", code, before, lang, text)
			}
			said[text] = lang
		}
	}
}

// A bad form, with the code of what is wrong, and which field is marked.
type badForm struct {
	code, field string
	form        url.Values
	args        []string
}

// refuses posts a bad form in each language: what is wrong is said in it, and the
// field is marked.
func (w *world) refuses(to string, c badForm) {
	w.t.Helper()
	tongues, err := loadTongues()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, lang := range Langs {
		code, body := w.post(to+"?ui="+lang, c.form)
		_, alert, _ := strings.Cut(html.UnescapeString(body), `role="alert"`)
		alert, _, _ = strings.Cut(alert, "</div>")
		if says := tongues[lang].refused(&digest.RequestError{Code: c.code, Args: c.args}); code != http.StatusBadRequest || !strings.Contains(alert, says) {
			w.t.Errorf("%s, %s: %d, does not say %q but %s", c.code, lang, code, says, alert)
		}
		_, field, _ := strings.Cut(body, ` name="`+c.field+`"`)
		if field, _, _ = strings.Cut(field, ">"); c.field != "" && !strings.Contains(field, `aria-invalid="true"`) {
			w.t.Errorf("%s, %s: the field %q is not marked", c.code, lang, c.field)
		}
	}
}

func TestBadAddressesAreAnsweredInTheReadersLanguage(t *testing.T) {
	w := newWorld(t)
	w.pass()
	for _, c := range []badForm{
		{"email-none", "email", url.Values{"email": {" "}}, nil},
		{"email-bare", "email", url.Values{"email": {"nobody"}}, nil},
		{"email-long", "email", url.Values{"email": {strings.Repeat("a", 65) + "@example.org"}}, nil},
		{"email-control", "email", url.Values{"email": {"a\r\nBcc: b@example.org"}}, nil},
		{"email-ascii", "email", url.Values{"email": {"é@example.org"}}, nil},
		{"email-quoted", "email", url.Values{"email": {"a@[192.0.2.1]"}}, nil},
		{"email-domain", "email", url.Values{"email": {"a@xn--a.example"}}, nil},
		{"email-throwaway", "email", url.Values{"email": {"a@mailinator.com"}}, nil},
	} {
		w.refuses("/subscribe", c)
	}
	w.refuses("/manage", badForm{"email-bare", "email", url.Values{"email": {"nobody"}}, nil})
}

// The form to change a subscription has all that the form to subscribe has.
func TestBadFormsAreAnsweredInTheReadersLanguage(t *testing.T) {
	w := newWorld(t)
	w.pass()
	for _, query := range []string{"closed centres", "appeal"} {
		w.does(http.StatusAccepted, "/subscribe", url.Values{"email": {"reader@example.org"}, "query": {query}})
		w.does(http.StatusOK, w.link("confirm"), nil)
	}
	w.does(http.StatusAccepted, "/manage", url.Values{"email": {"reader@example.org"}})
	manage := w.link("manage")
	form := manage + "/" + regexp.MustCompile(`id="s(\d+)"`).FindStringSubmatch(w.want(manage, http.StatusOK))[1]
	for _, c := range []badForm{
		{"query-link", "query", url.Values{"query": {"www.example.org"}}, nil},
		{"query-long", "query", url.Values{"query": {strings.Repeat("long", 126)}}, []string{"500"}},
		{"passage-link", "passage", url.Values{"passage": {"look at http://example.org now"}}, nil},
		{"passage-long", "passage", url.Values{"passage": {strings.Repeat("word ", 401)}}, []string{"2000"}},
		{"passage-short", "passage", url.Values{"passage": {"two words"}}, []string{"3"}},
		{"list-long", "", url.Values{"jurisdictions": {strings.Join(places(101), ",")}}, []string{"100"}},
		{"filter-long", "documents", url.Values{"documents": {strings.Join(places(90), strings.Repeat("d", 500)+"\n")}}, nil},
		{"kind", "", url.Values{"kinds": {"gossip"}}, []string{"gossip"}},
		{"weight", "", url.Values{"min_weight": {"9"}}, nil},
		{"weight", "", url.Values{"min_weight": {"heavy"}}, nil},
		{"topic", "", url.Values{"topics": {"weather"}}, []string{"weather"}},
		{"source", "", url.Values{"sources": {"nowhere"}}, []string{"nowhere"}},
		{"jurisdiction", "", url.Values{"jurisdictions": {"zz"}}, []string{"ZZ"}},
		{"document", "documents", url.Values{"documents": {"https://example.org/unknown"}}, []string{"https://example.org/unknown"}},
		{"name-link", "name", url.Values{"name": {"www.example.org"}}, nil},
		{"name-long", "name", url.Values{"name": {strings.Repeat("n", 81)}}, []string{"80"}},
		{"note-link", "note", url.Values{"note": {"see https://example.org"}}, nil},
		{"note-long", "note", url.Values{"note": {strings.Repeat("n", 501)}}, []string{"500"}},
		{"cadence", "", url.Values{"cadence": {"hourly"}}, []string{"hourly"}},
		{"density", "", url.Values{"density": {"some"}}, []string{"some"}},
		{"at", "at", url.Values{"at": {"25:00"}}, []string{"25:00"}},
		{"lang", "", url.Values{"lang": {"xx"}}, []string{"xx"}},
		{"zone", "zone", url.Values{"zone": {"Europe/Nowhere"}}, []string{"Europe/Nowhere"}},
		{"same", "query", url.Values{"query": {"appeal"}}, nil},
	} {
		w.refuses(form, c)
	}
	for lang, says := range map[string]string{"en": "quotation mark", "fr": "guillemet", "nl": "aanhalingsteken", "de": "Anführungszeichen"} {
		w.does(http.StatusBadRequest, form+"?ui="+lang, url.Values{"query": {`"unfinished`}}, says, `aria-invalid="true"`)
	}
}

// What else may stop a reader on the way is said in each language too.
func TestRequestsThatCannotBeAnsweredAreSaidInTheReadersLanguage(t *testing.T) {
	w := newWorld(t)
	w.pass()
	w.does(http.StatusAccepted, "/subscribe", url.Values{"email": {"reader@example.org"}})
	w.does(http.StatusOK, w.link("confirm"), nil)
	w.does(http.StatusAccepted, "/manage", url.Values{"email": {"reader@example.org"}})
	manage := w.link("manage")
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range Langs {
		for _, c := range []struct {
			code int
			path string
			form url.Values
			key  string
		}{
			{http.StatusBadRequest, manage, url.Values{"do": {"dance"}}, "error.400.action"},
			{http.StatusNotFound, "/confirm/unknown", nil, "error.token"},
			{http.StatusNotFound, "/stop/unknown", nil, "error.token"},
			{http.StatusNotFound, manage + "/99", url.Values{"query": {"x"}}, "error.token"},
		} {
			code, body := w.post(c.path+"?ui="+lang, c.form)
			if says := tongues[lang].T(c.key); code != c.code || says == c.key || !strings.Contains(html.UnescapeString(body), says) {
				t.Errorf("%s, POST %s: %d, does not say %q", lang, c.path, code, says)
			}
		}
		res, err := w.client.Post(w.web.URL+"/subscribe?ui="+lang, "application/x-www-form-urlencoded", strings.NewReader("email=%zz"))
		if code, body := w.answer(res, err); code != http.StatusBadRequest || !strings.Contains(html.UnescapeString(body), tongues[lang].T("error.400.form")) {
			t.Errorf("%s: what is no form: %d", lang, code)
		}
	}
	for _, lang := range Langs {
		code, body := 0, ""
		for range 300 { // more than may be asked at once
			if code, body = w.post("/manage?ui="+lang, url.Values{"email": {"nobody@example.org"}}); code == http.StatusTooManyRequests {
				break
			}
		}
		if code != http.StatusTooManyRequests || !strings.Contains(html.UnescapeString(body), tongues[lang].T("error.429.minute")) {
			t.Errorf("%s: too fast: %d\n%s", lang, code, body)
		}
	}
}

// places are names that nothing has.
func places(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("z%d", i))
	}
	return names
}
