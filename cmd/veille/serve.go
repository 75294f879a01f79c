package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"veille/crawler"
	"veille/digest"
	"veille/evidence"
	"veille/internal/courtesy"
	"veille/server"
)

type serveCmd struct {
	Listen string `default:":8080" placeholder:"ADDR" help:"Address to listen on."`
	mailFlags
	stampFlags
	operatorFlags
	ProfileListen string `placeholder:"ADDR" help:"Address of this machine under which Go's tools see what the program does: localhost:6060."`
}

// mailFlags say how mail is sent.
type mailFlags struct {
	SMTP         string `env:"VEILLE_SMTP" placeholder:"URL" help:"Mail server: smtp://[user:pass@]host:port. Without one, mails wait in the outbox."`
	From         string `env:"VEILLE_FROM" placeholder:"ADDR" help:"Sender of mails."`
	DKIMKey      string `name:"dkim-key" env:"VEILLE_DKIM_KEY" placeholder:"FILE" help:"Private key (PEM) to sign mails with, for the domain of the sender."`
	DKIMSelector string `name:"dkim-selector" env:"VEILLE_DKIM_SELECTOR" default:"veille" help:"Under which name its public half stands in the DNS."`
	PerDomain    int    `name:"mails-per-domain" env:"VEILLE_MAILS_PER_DOMAIN" default:"60" placeholder:"N" help:"How many mails at most go to one recipient domain in a minute; 0: no limit."`
	PrivateHooks bool   `name:"private-hooks" env:"VEILLE_PRIVATE_HOOKS" help:"Webhooks and chats may lead to this machine and to private networks."`
	BaseURL      string `name:"base-url" env:"VEILLE_BASE_URL" placeholder:"URL" help:"Public address of the web pages, for links in mails."`
}

// Run serves until it is told to stop; then it finishes what is under way.
func (c *serveCmd) Run(ctx context.Context, a *app) error {
	auth, err := c.authority(a)
	if err != nil {
		return err
	}
	login, err := c.login()
	if err != nil {
		return err
	}
	h, err := a.open(ctx)
	if err != nil {
		return a.explainLock(err)
	}
	s, err := a.newService(h, &c.mailFlags, c.Listen, func(web *server.Server) { web.Login, web.Stale = login, maxStale })
	if err != nil {
		return errors.Join(err, h.close())
	}
	s.stamps, s.house.indexEvery = auth, indexEvery
	stop := func() error { return nil }
	if c.ProfileListen != "" {
		if stop, err = serveProfiles(c.ProfileListen); err != nil {
			return errors.Join(err, s.close())
		}
	}
	return errors.Join(s.run(ctx), stop())
}

// maxStale is how old a page may be that readers get while a crawl writes.
const maxStale = 20 * time.Second

// A service is a running instance: web pages, schedule, digests.
type service struct {
	app      *app
	house    *house
	digest   *digest.Digester
	listener net.Listener
	server   *http.Server
	web      *server.Server
	// idle is the longest wait between two looks at what is due.
	idle    time.Duration
	stamps  *evidence.Authority // nil: the log is not time-stamped
	trouble trouble             // of the goroutine that works
	readers *courtesy.Gate      // who is being answered: work gives way to them
	// readEvery is how long captures wait at most to be read while a pass goes on.
	readEvery time.Duration
}

// newService opens the subscribers and the listener; set changes the web pages'
// server before it begins.
func (a *app) newService(h *house, m *mailFlags, listen string, set func(*server.Server)) (*service, error) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; choose another address with --listen", listen, err)
	}
	if m.BaseURL == "" {
		m.BaseURL = "http://" + localName(l.Addr())
	}
	d, err := a.openDigest(h, m)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	s := &service{app: a, house: h, digest: d, listener: l, idle: time.Minute, readers: &courtesy.Gate{}, readEvery: readEvery}
	web := &server.Server{Archive: h.archive, Index: h.index, Sources: h.sources, Thesaurus: h.thesaurus,
		Digest: d, Crawler: h.crawler, Readers: s.readers, BaseURL: m.BaseURL, Add: s.add, Log: a.log, Now: a.now}
	set(web)
	s.web = web
	s.server = &http.Server{
		Handler:           web.Handler(),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}
	return s, nil
}

// localName is the address by which this machine reaches a listener.
func localName(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err == nil && (ip == nil || ip.IsUnspecified() || ip.IsLoopback()) {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// run serves and works until ctx ends, then drains.
func (s *service) run(ctx context.Context) error {
	url := "http://" + localName(s.listener.Addr())
	note := filepath.Join(s.app.flags.Data, instanceFile)
	if err := writeInstance(note, url); err != nil {
		return errors.Join(err, s.close())
	}
	fmt.Fprintf(s.app.err, "veille: listening on %s\n", url)
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(s.listener) }()
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { s.work(courtesy.With(ctx, s.readers)) })
	work.Go(func() { s.web.KeepWarm(ctx) })
	work.Go(func() {
		if err := s.house.index.Warm(ctx); err != nil {
			s.app.log.Warn("the first searches take longer", "err", err)
		}
	})
	if os.Getenv("GOGC") == "" {
		work.Go(func() { tendHeap(ctx) })
	}
	if s.stamps != nil {
		work.Go(func() { s.stampDaily(ctx, s.stamps) })
	}
	if s.app.onboot != nil {
		s.app.onboot(url)
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-served:
	}
	cancel()
	drain, done := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer done()
	err = errors.Join(ignoreClosed(err), s.server.Shutdown(drain))
	work.Wait()
	return errors.Join(err, os.Remove(note), s.close())
}

func (s *service) close() error {
	return errors.Join(ignoreClosed(s.listener.Close()), s.digest.Store.Close(), s.house.close())
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// A trouble is what is wrong with passes: it is logged when it begins, when it
// becomes another and when it is over, and passes are made ever less often.
type trouble struct {
	what  string    // "" if the last pass was well
	times int       // passes that failed in a row
	until time.Time // no pass is made before
}

// longTrouble is the longest pause between passes that fail.
const longTrouble = time.Hour

// pass makes one pass unless it is too early after one that failed.
func (s *service) pass(ctx context.Context) {
	t, log := &s.trouble, s.app.log
	if s.app.now().Before(t.until) {
		return
	}
	stop := s.readMeanwhile(ctx)
	_, err := s.house.pass(ctx, s.app, crawler.Options{DueOnly: true})
	if failed := stop(); err == nil {
		err = failed
	}
	switch {
	case ctx.Err() != nil:
	case err == nil && t.what != "":
		log.Info("passes are well again", "failed", t.times)
		*t = trouble{}
	case err != nil:
		wait := min(s.idle<<min(t.times, 10), longTrouble)
		t.times, t.until = t.times+1, s.app.now().Add(wait)
		if what := err.Error(); what != t.what {
			t.what = what
			log.Error("pass; it is tried again after growing pauses, and this is not said again", "err", err, "next", t.until)
		}
	}
}

// readEvery is the [service.readEvery] of a running instance.
const readEvery = 30 * time.Second

// readMeanwhile reads and indexes, from time to time, what a pass has brought so
// far: nobody has to wait for the end of a long one. It ends with stop, or with
// the first error, which stop returns.
func (s *service) readMeanwhile(ctx context.Context) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		tick := time.NewTicker(s.readEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				ended <- nil
				return
			case <-tick.C:
			}
			if err := s.house.sync(context.WithoutCancel(ctx), s.app, &pass{}); err != nil {
				ended <- err
				return
			}
		}
	}()
	return func() error {
		cancel()
		return <-ended
	}
}

// owedIn is in how long a pass is wanted for what was read and not yet indexed; 0
// if none is. After passes that failed there is none before its time.
func (s *service) owedIn(now time.Time) time.Duration {
	in := s.house.indexIn(now)
	if in == 0 {
		return 0
	}
	return max(in, s.trouble.until.Sub(now))
}

// work makes a pass whenever a page is due, and sends what is to be told. A
// pass that fails is made again.
func (s *service) work(ctx context.Context) {
	for ctx.Err() == nil {
		s.pass(ctx)
		// A letter already begun is finished in any case.
		wait := s.idle
		if rep, err := s.digest.Sync(ctx, digest.Options{}); err != nil && ctx.Err() == nil {
			s.app.log.Error("digest", "err", err)
		} else if err == nil && !rep.Again.IsZero() {
			wait = min(wait, rep.Again.Sub(s.app.now()))
		}
		if in := s.owedIn(s.app.now()); in > 0 {
			wait = min(wait, in)
		}
		if _, err := s.digest.SyncHooks(ctx); err != nil && ctx.Err() == nil {
			s.app.log.Error("hooks", "err", err)
		}
		if next, err := s.house.crawler.NextDue(ctx); err != nil {
			s.app.log.Error("schedule", "err", err)
		} else if !next.IsZero() {
			if next.Before(s.trouble.until) {
				next = s.trouble.until
			}
			wait = min(wait, next.Sub(s.app.now()))
		}
		select {
		case <-ctx.Done():
		case <-time.After(max(wait, 100*time.Millisecond)):
		}
	}
}
