package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"veille/archive"
	"veille/server"
)

// operatorFlags say how operators log in to the web pages. Without any, their
// pages answer this machine only.
type operatorFlags struct {
	PasswordHash string   `name:"operator-password-hash" env:"VEILLE_OPERATOR_PASSWORD_HASH" placeholder:"HASH" help:"Operators log in with the password of this hash, which veille operator hash makes."`
	OIDCIssuer   string   `name:"oidc-issuer" env:"VEILLE_OIDC_ISSUER" placeholder:"URL" help:"Operators log in through this OpenID Connect provider."`
	OIDCClient   string   `name:"oidc-client" env:"VEILLE_OIDC_CLIENT" placeholder:"ID" help:"As which client Veille is known to the provider."`
	OIDCSecret   string   `name:"oidc-secret" env:"VEILLE_OIDC_SECRET" placeholder:"SECRET" help:"The client's secret; better given in the environment."`
	OIDCAllow    []string `name:"oidc-allow" env:"VEILLE_OIDC_ALLOW" placeholder:"WHO" help:"Who may log in through the provider: verified addresses, or sub:SUBJECT."`
}

// login is what the flags ask for, nil if they ask for nothing.
func (f *operatorFlags) login() (*server.Login, error) {
	if f.OIDCIssuer == "" && f.OIDCClient+f.OIDCSecret != "" {
		return nil, errors.New("--oidc-issuer: a client is given and no provider; say which")
	}
	l := &server.Login{PasswordHash: f.PasswordHash}
	if f.OIDCIssuer != "" {
		l.Provider = &server.Provider{Issuer: f.OIDCIssuer, ClientID: f.OIDCClient, Secret: f.OIDCSecret, Allow: f.OIDCAllow}
	}
	if l.PasswordHash == "" && l.Provider == nil {
		return nil, nil
	}
	return l, l.Check()
}

type operatorCmd struct {
	Hash hashCmd `cmd:"" help:"Ask for a password, or read it from standard input, and print the hash for --operator-password-hash."`
}

type hashCmd struct{}

// Run reads one line and prints its hash; the password is kept nowhere.
func (c *hashCmd) Run(a *app) error {
	line, err := a.secret("Password: ")
	if err != nil {
		return fmt.Errorf("read the password: %w", err)
	}
	hash, err := server.HashPassword(line)
	if err == nil {
		_, err = fmt.Fprintln(a.out, hash)
	}
	return err
}

// secret reads one line. On a terminal it asks for it, and what is typed is not
// shown.
func (a *app) secret(ask string) (string, error) {
	if f, ok := a.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(a.err, ask)
		typed, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(a.err)
		return string(typed), err
	}
	line, err := bufio.NewReader(io.LimitReader(a.in, 1024)).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

// add keeps a page that an operator saved, and reads it at once unless a pass is
// under way, which then does.
func (s *service) add(ctx context.Context, p server.SavedPage) (*server.AddedPage, error) {
	if len(p.Body) == 0 || len(p.Body) > maxSaved {
		return nil, fmt.Errorf("%s has %d bytes; a saved page has 1 to %d", p.Name, len(p.Body), maxSaved)
	}
	c := &addCmd{Page: p.Name, URL: p.URL, At: p.At, Source: p.Source, By: p.By, Reason: p.Reason}
	capture, err := c.captureOf(ctx, s.app, s.house, newSaved(p.Name, p.Body))
	if err != nil {
		return nil, err
	}
	capture.Notes["added-by"] = p.By
	held, err := already(ctx, s.house.archive, capture)
	if err != nil {
		return nil, err
	}
	if held != 0 {
		capture.Seq = held
	} else if err := s.house.archive.Add(ctx, capture); err != nil {
		return nil, err
	}
	added := &server.AddedPage{Capture: capture.Seq, URL: capture.URL, At: capture.Time, Held: held != 0}
	return added, s.read(context.WithoutCancel(ctx), added)
}

// read reads what was added, and says as what.
func (s *service) read(ctx context.Context, added *server.AddedPage) error {
	if !s.house.reading.TryLock() {
		added.Pending = true
		return nil
	}
	defer s.house.reading.Unlock()
	if err := s.house.syncNow(ctx, s.app, &pass{}); err != nil {
		return err
	}
	look, err := s.house.archive.Look(ctx, added.Capture)
	if err != nil {
		return err
	}
	page, err := s.house.archive.Page(ctx, added.URL)
	if err != nil {
		return err
	}
	added.Class, added.Reason = look.Class, look.Reason
	if look.Class == archive.Content {
		added.Page = page.ID
	}
	return nil
}
