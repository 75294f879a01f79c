package server

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"veille/archive"
)

const password = "four quiet words here"

// locked is a world whose operators log in.
func locked(t *testing.T, login *Login) *world {
	t.Helper()
	w := newWorld(t)
	w.server.Open, w.server.Login, w.server.BaseURL = false, login, ""
	w.web.Config.Handler = w.server.Handler()
	return w
}

// TestLoginWaitsForItsTurn: passwords are hashed one at a time, and who has left
// is not waited for.
func TestLoginWaitsForItsTurn(t *testing.T) {
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	l := newLogins(&Login{PasswordHash: hash}, false)
	l.hashing <- struct{}{} // somebody else's turn
	ctx, leave := context.WithCancel(t.Context())
	answered := make(chan error)
	go func() {
		_, err := l.right(ctx, password)
		answered <- err
	}()
	leave()
	if err := <-answered; !errors.Is(err, context.Canceled) {
		t.Errorf("who has left got %v", err)
	}
	<-l.hashing
	if _, err := l.right(ctx, password); !errors.Is(err, context.Canceled) {
		t.Errorf("hashed for who had left: %v", err)
	}
	if ok, err := l.right(t.Context(), password); !ok || err != nil {
		t.Errorf("the right password: %t, %v", ok, err)
	}
}

// TestLoginByPassword: the operator's pages are for who has logged in, from this
// machine too; the session ends with the log-out.
func TestLoginByPassword(t *testing.T) {
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	w := locked(t, &Login{PasswordHash: hash})
	for _, path := range []string{"/operator", "/operator/add", "/operator/try", "/outbox", "/outbox/1"} {
		if body := w.want(path, http.StatusOK, `type="password"`); strings.Contains(body, "<h1>Outbox") {
			t.Errorf("%s is shown to everyone", path)
		}
	}
	w.want("/outbox?state=SENT", http.StatusOK, `type="password"`)
	w.does(http.StatusForbidden, "/operator/login", url.Values{"password": {"four quiet words"}}, "not accepted")
	w.does(http.StatusOK, "/operator/login", url.Values{"password": {password}}, "<h1>Outbox") // where they wanted to go
	w.want("/operator", http.StatusOK, "Logged in as operator", "What cannot be seen")
	w.want("/", http.StatusOK, `href="/operator"`)
	at, _ := url.Parse(w.web.URL)
	for _, c := range w.client.Jar.Cookies(at) {
		if c.Name == sessionName && len(c.Value) < 32 {
			t.Errorf("the token %q can be guessed", c.Value)
		}
	}
	w.does(http.StatusOK, "/operator/logout", nil)
	w.want("/operator", http.StatusOK, `type="password"`)
}

// Asking for the operator's pages fills no memory of ours: where somebody wanted
// to go is remembered in their browser, and leads to the operator's pages only.
func TestWantedPagesAreRememberedInTheBrowser(t *testing.T) {
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	w := locked(t, &Login{PasswordHash: hash})
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, path := range []string{"/outbox?state=SENT", "/operator?x=" + strings.Repeat("x", 100_000)} {
		res, err := w.client.Get(w.web.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		if code, _ := w.answer(res, nil); code != http.StatusSeeOther {
			t.Errorf("%.20s: %d, want 303", path, code)
		}
		for _, c := range res.Cookies() {
			if c.Name == sessionName || len(c.Value) > maxNext {
				t.Errorf("%.20s: cookie %s of %d bytes", path, c.Name, len(c.Value))
			}
		}
	}
	at, _ := url.Parse(w.web.URL + "/operator/login")
	for _, c := range [][2]string{{"/operator/try?url=x", "/operator/try?url=x"}, {"https://evil.example/", "/operator"}, {"//evil.example/operator", "/operator"},
		{"\\\\evil.example", "/operator"}, {"/manage", "/operator"}} {
		w.client.Jar.SetCookies(at, []*http.Cookie{{Name: nextName, Value: url.QueryEscape(c[0]), Path: "/operator"}})
		res, err := w.client.PostForm(at.String(), url.Values{"password": {password}})
		if err != nil {
			t.Fatal(err)
		}
		if w.answer(res, nil); res.Header.Get("Location") != c[1] {
			t.Errorf("who wanted to go to %s is led to %s, want %s", c[0], res.Header.Get("Location"), c[1])
		}
	}
}

// A cookie is for this site only; behind TLS never in the clear.
func TestSessionCookies(t *testing.T) {
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	w := locked(t, &Login{PasswordHash: hash})
	w.server.BaseURL = "https://veille.example.org"
	w.web.Config.Handler = w.server.Handler()
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := w.client.PostForm(w.web.URL+"/operator/login", url.Values{"password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	w.answer(res, nil)
	got := res.Header.Get("Set-Cookie")
	for _, want := range []string{"__Host-veille_operator=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(got, want) {
			t.Errorf("the cookie %q has no %s", got, want)
		}
	}
	req, err := http.NewRequest(http.MethodPost, w.web.URL+"/operator/login", strings.NewReader("password=x"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if code, _ := w.answer(w.client.Do(req)); code != http.StatusForbidden {
		t.Errorf("another site's form: %d, want 403", code)
	}
}

// Guessing is slow; the right password is of no use to who has guessed too often.
func TestLoginsAreLimited(t *testing.T) {
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	w := locked(t, &Login{PasswordHash: hash})
	for range loginBurst {
		w.does(http.StatusForbidden, "/operator/login", url.Values{"password": {"wrong"}})
	}
	w.does(http.StatusTooManyRequests, "/operator/login", url.Values{"password": {password}}, "Too many attempts")
}

func TestWrongLogins(t *testing.T) {
	for name, l := range map[string]*Login{"nothing": {}, "no hash": {PasswordHash: "secret"}, "nobody": {Provider: &Provider{Issuer: "https://id.example", ClientID: "veille"}},
		"no client": {Provider: &Provider{Issuer: "https://id.example", Allow: []string{"a@example.org"}}}} {
		if err := l.Check(); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := HashPassword("short"); err == nil {
		t.Error("a short password is taken")
	}
}

// An issuer is a provider on this machine: everybody who comes is the one that
// it names.
type issuer struct {
	*httptest.Server
	key    *rsa.PrivateKey
	claims map[string]any
	asked  url.Values // of the last authorization request
}

func newIssuer(t *testing.T) *issuer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s := &issuer{key: key, claims: map[string]any{}}
	mux := http.NewServeMux()
	reply := func(rw http.ResponseWriter, v any) {
		rw.Header().Set("Content-Type", "application/json")
		json.NewEncoder(rw).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(rw http.ResponseWriter, r *http.Request) {
		reply(rw, map[string]any{"issuer": s.URL, "authorization_endpoint": s.URL + "/auth", "token_endpoint": s.URL + "/token", "jwks_uri": s.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(rw http.ResponseWriter, r *http.Request) {
		reply(rw, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("GET /auth", func(rw http.ResponseWriter, r *http.Request) {
		s.asked = r.URL.Query()
		http.Redirect(rw, r, s.asked.Get("redirect_uri")+"?code=good&state="+url.QueryEscape(s.asked.Get("state")), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(rw http.ResponseWriter, r *http.Request) {
		proof := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if r.PostFormValue("code") != "good" || base64.RawURLEncoding.EncodeToString(proof[:]) != s.asked.Get("code_challenge") {
			rw.WriteHeader(http.StatusBadRequest)
			reply(rw, map[string]string{"error": "invalid_grant"})
			return
		}
		reply(rw, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": s.token(t)})
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// token is a signed ID token (RFC 7519, RS256).
func (s *issuer) token(t *testing.T) string {
	claims := map[string]any{"iss": s.URL, "aud": "veille", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(), "nonce": s.asked.Get("nonce"), "sub": "42"}
	for k, v := range s.claims {
		claims[k] = v
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Error(err)
	}
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Error(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// TestLoginThroughAProvider: who is named and verified comes in, nobody else,
// and no token that was made for another login, another client or too long ago.
func TestLoginThroughAProvider(t *testing.T) {
	t.Parallel()
	id := newIssuer(t)
	for _, c := range []struct {
		name   string
		claims map[string]any
		code   int
		says   string
	}{
		{"verified", map[string]any{"email": "Officer@example.org", "email_verified": true}, 200, "Logged in as Officer@example.org"},
		{"subject", map[string]any{"sub": "7"}, 200, "Logged in as 7"},
		{"not verified", map[string]any{"email": "officer@example.org", "email_verified": false}, 403, "not accepted"},
		{"not named", map[string]any{"email": "other@example.org", "email_verified": true}, 403, "not accepted"},
		{"another login", map[string]any{"sub": "7", "nonce": "x"}, 403, "not accepted"},
		{"another client", map[string]any{"sub": "7", "aud": "x"}, 403, "not accepted"},
		{"another issuer", map[string]any{"sub": "7", "iss": "https://id.example"}, 403, "not accepted"},
		{"too late", map[string]any{"sub": "7", "exp": time.Now().Add(-time.Hour).Unix()}, 403, "not accepted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := locked(t, &Login{Provider: &Provider{Issuer: id.URL, ClientID: "veille", Allow: []string{"officer@example.org", "sub:7"}}})
			id.claims = c.claims
			w.want("/operator", http.StatusOK, `href="/operator/provider"`)
			w.want("/operator/provider", c.code, c.says)
			if id.asked.Get("code_challenge_method") != "S256" || id.asked.Get("state") == "" {
				t.Errorf("asked without PKCE or state: %v", id.asked)
			}
		})
	}
	w := locked(t, &Login{Provider: &Provider{Issuer: id.URL, ClientID: "veille", Allow: []string{"sub:7"}}})
	w.want("/operator/callback?code=good&state=forged", http.StatusBadRequest, "not begun here")
	id.Close()
	w.want("/operator/provider", http.StatusServiceUnavailable, "does not answer")
}

// upload posts a file as the form does.
func (w *world) upload(fields map[string]string, name, content string) (int, string) {
	w.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, v := range fields {
		m.WriteField(k, v)
	}
	if name != "" {
		f, err := m.CreateFormFile("file", name)
		if err != nil {
			w.t.Fatal(err)
		}
		f.Write([]byte(content))
	}
	m.Close()
	return w.answer(w.client.Post(w.web.URL+"/operator/add", m.FormDataContentType(), &b))
}

// TestAddingASavedPage: the form gives the file to the archive as it is, with the
// name of who is logged in; what is wrong is said above the form.
func TestAddingASavedPage(t *testing.T) {
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	w := locked(t, &Login{PasswordHash: hash})
	w.want("/operator/add", http.StatusOK, `type="password"`)
	var got SavedPage
	w.server.Add = func(_ context.Context, p SavedPage) (*AddedPage, error) {
		if got = p; p.URL == "" {
			return nil, errors.New("it does not say which page it is")
		}
		return &AddedPage{Capture: 7, URL: p.URL, Class: archive.Content, Page: 1}, nil
	}
	w.web.Config.Handler = w.server.Handler()
	w.client.Jar, _ = cookiejar.New(nil)
	if code, _ := w.upload(nil, "page.html", "x"); code != http.StatusOK || got.Name != "" {
		t.Errorf("a stranger's upload: %d, and %q was taken", code, got.Name)
	}
	w.does(http.StatusOK, "/operator/login", url.Values{"password": {password}})
	w.want("/operator/add?url=https://a.example/x", http.StatusOK, `value="https://a.example/x"`)
	for _, c := range []struct {
		name, file, content, url string
		code                     int
		says                     string
	}{
		{"good", "page.html", "<p>saved</p>", "https://a.example/x", 200, "Kept as capture 7"},
		{"no address", "page.html", "<p>saved</p>", "", 400, "which page it is"},
		{"no file", "", "", "https://a.example/x", 400, "choose the saved page"},
		{"too large", "page.html", strings.Repeat("x", maxUpload+1), "https://a.example/x", 413, "send less"},
	} {
		code, body := w.upload(map[string]string{"url": c.url, "reason": "robots.txt forbids programs"}, c.file, c.content)
		if code != c.code || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d, want %d and %q:\n%.3000s", c.name, code, c.code, c.says, body)
		}
		if c.code == 200 && (string(got.Body) != c.content || got.By != "operator" || got.Reason == "") {
			t.Errorf("%s: given as %+v", c.name, got)
		}
	}
}

// TestTryingAnAddress: what would be read is shown and nothing is kept; the
// program does not look for others on this machine.
func TestTryingAnAddress(t *testing.T) {
	w := newWorld(t)
	w.server.BaseURL = ""
	w.does(http.StatusOK, "/operator/try", url.Values{"url": {w.at + "/en/closed-centres"}}, "Read as", "content", "640 places", "Attach a saved copy")
	if s, err := w.server.Archive.Stats(t.Context()); err != nil || s.Captures != 0 {
		t.Errorf("%d captures were kept, %v", s.Captures, err)
	}
	asked := 0
	inner := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { asked++; fmt.Fprint(rw, "secret") }))
	defer inner.Close()
	for _, address := range []string{inner.URL, "ftp://a.example/", "", "javascript:alert(1)"} {
		code, body := w.post("/operator/try", url.Values{"url": {address}})
		if strings.Contains(body, "secret") || code >= 500 {
			t.Errorf("%s: %d\n%.2000s", address, code, body)
		}
	}
	if asked != 0 {
		t.Errorf("another server of this machine was asked %d times", asked)
	}
}
