package server

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// A Provider is an OpenID Connect provider (OpenID Connect Core 1.0) by which
// operators log in, with the authorization code flow, PKCE, state and nonce. It
// is asked for its configuration when somebody first logs in.
type Provider struct {
	Issuer   string // its address; /.well-known/openid-configuration is below it
	ClientID string
	Secret   string // of the client; "" for a public client
	// Allow lists who is an operator: addresses of mail that the provider has
	// verified, or subjects as "sub:…". Nobody else is.
	Allow []string

	mu    sync.Mutex // guards found
	found *oidc.Provider
}

func (p *Provider) check() error {
	switch {
	case p.Issuer == "" || p.ClientID == "":
		return errors.New("operators' login: a provider needs both its issuer and the client's id")
	case len(p.Allow) == 0:
		return errors.New("operators' login: nobody is named who may log in through the provider; name them with --oidc-allow")
	}
	return nil
}

// discover asks the provider for its configuration, until it has answered once.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// The provider fetches its keys later on, so its context must not end with
	// the request's.
	client := &http.Client{Timeout: 10 * time.Second}
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), client), p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("log in: %w", err)
	}
	p.found = found
	return found, nil
}

// config is how we speak to the provider.
func (p *Provider) config(found *oidc.Provider, base string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: found.Endpoint(), RedirectURL: base + "/operator/callback",
		Scopes: []string{oidc.ScopeOpenID, "email"}}
}

// What a session remembers while somebody is at the provider's.
const (
	keyState    = "state"
	keyNonce    = "nonce"
	keyVerifier = "verifier"
)

// toProvider sends somebody to the provider: "/operator/provider". It
// is a link, because our policy lets forms lead to ourselves only.
func (w *web) toProvider(rw http.ResponseWriter, r *http.Request) error {
	if w.logins == nil || w.logins.login.Provider == nil {
		return errOperator
	}
	if !w.logins.tries.allow(askerOf(r)) {
		return errLogins
	}
	p := w.logins.login.Provider
	found, err := p.discover(r.Context())
	if err != nil {
		w.Log.Error("provider", "err", err)
		return errProvider
	}
	state, nonce, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	for key, value := range map[string]string{keyState: state, keyNonce: nonce, keyVerifier: verifier} {
		w.logins.sessions.Put(r.Context(), key, value)
	}
	to := p.config(found, w.baseURL(r)).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))
	http.Redirect(rw, r, to, http.StatusSeeOther)
	return nil
}

// fromProvider takes who comes back: "/operator/callback".
func (w *web) fromProvider(rw http.ResponseWriter, r *http.Request) error {
	if w.logins == nil || w.logins.login.Provider == nil {
		return errOperator
	}
	ctx, s, p := r.Context(), w.logins.sessions, w.logins.login.Provider
	state, nonce, verifier := s.PopString(ctx, keyState), s.PopString(ctx, keyNonce), s.PopString(ctx, keyVerifier)
	query := r.URL.Query()
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(query.Get("state"))) != 1 {
		return &InputError{"login", "it was not begun here, or too long ago", "log in again"}
	}
	who, err := p.who(ctx, w.baseURL(r), query.Get("code"), nonce, verifier)
	if err != nil {
		w.Log.Warn("operator login refused", "from", askerOf(r).String(), "provider", p.Issuer, "err", err)
		return w.showLogin(rw, r, http.StatusForbidden)
	}
	return w.welcome(rw, r, who, slog.String("by", p.Issuer))
}

// who asks the provider whom a code stands for; the error says why that is no
// operator.
func (p *Provider) who(ctx context.Context, base, code, nonce, verifier string) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	token, err := p.config(found, base).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return "", fmt.Errorf("the provider does not take the code: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: p.ClientID}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("the provider's token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return "", errors.New("the provider's token is for another login")
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := id.Claims(&claims); err != nil {
		return "", fmt.Errorf("the provider's token: %w", err)
	}
	if slices.Contains(p.Allow, "sub:"+id.Subject) {
		return or(claims.Email, id.Subject), nil
	}
	if claims.Verified && claims.Email != "" && slices.ContainsFunc(p.Allow, func(a string) bool { return strings.EqualFold(a, claims.Email) }) {
		return claims.Email, nil
	}
	return "", fmt.Errorf("%s (sub:%s) is not among those who may log in, or the address is not verified", claims.Email, id.Subject)
}
