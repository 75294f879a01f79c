package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"veille/archive"
	"veille/source"
)

// Bounds of one rendering.
const (
	renderTime     = 5 * time.Minute // with the pauses between its requests
	renderRequests = 60              // of scripts and data
	renderQuiet    = 600 * time.Millisecond
)

// errNoBrowser is the error about a source that asks for a browser where there
// is none.
var errNoBrowser = errors.New("render: js asks for a browser, and there is none: install Chromium, or leave the key out")

// findBrowser is the path of the system's Chromium, "" if there is none.
func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// A rendering has a browser make a page of what was fetched. The browser has no
// network of its own: each of its requests is handed to us, and made – or
// refused – by the same rules as any other: robots.txt, the host's pauses, the
// guarded dialer, our own User-Agent. Only scripts and data are fetched for it;
// the page itself is what the visit has brought.
type rendering struct {
	l    *line
	page string // address of the page

	mu   sync.Mutex // one request at a time
	made int

	state   sync.Mutex
	refused int
	changed time.Time // when the last request ended
	pending int
}

// mustRender reports whether a visit has brought a page of which its source
// says that it is empty without a browser.
func (l *line) mustRender(j *job) bool {
	if j.source == nil || j.source.Render != "js" || j.purpose != archive.PurposePage || l.visit.status != http.StatusOK {
		return false
	}
	kind, _, _ := strings.Cut(l.visit.header.Get("Content-Type"), ";")
	return kind == "" || strings.Contains(kind, "html")
}

// render makes the page of the visit that has ended and adds it as an exchange
// of its own: what a reader would have seen, which is what is read.
func (l *line) render() error {
	path := l.run.c.Browser
	if path == "" {
		path = findBrowser()
	}
	if path == "" {
		return errNoBrowser
	}
	dir, err := os.MkdirTemp("", "veille-browser-")
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	defer os.RemoveAll(dir)
	ctx, stop := context.WithTimeout(l.ctx, renderTime)
	defer stop()
	allocated, free := chromedp.NewExecAllocator(ctx, l.browserOptions(path, dir)...)
	defer free()
	tab, closeTab := chromedp.NewContext(allocated)
	defer closeTab()
	r := &rendering{l: l, page: l.visit.hops[len(l.visit.hops)-1].URL, changed: time.Now()}
	err = chromedp.Listen(tab, func(ev any) {
		if e, ok := ev.(*fetch.EventRequestPaused); ok {
			r.expect()
			go r.answer(tab, e)
		}
	})
	var dom, product string
	if err == nil {
		dom, product, err = r.make(tab)
	}
	if err != nil {
		return fmt.Errorf("render: the browser did not make the page: %w", err)
	}
	return l.rendered(dom, fmt.Sprintf("%s; %d requests, %d refused", product, r.made, r.refused))
}

// make has the browser make the page, and returns it with the browser's name.
func (r *rendering) make(tab context.Context) (dom, product string, err error) {
	if _, err = chromedp.Call(tab, fetch.Enable, fetch.EnableParams{}); err != nil {
		return "", "", err
	}
	if _, err = chromedp.Call(tab, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true}); err != nil {
		return "", "", err
	}
	v, err := chromedp.Call(tab, browser.GetVersion, cdp.Empty{})
	if err != nil {
		return "", "", err
	}
	if err = chromedp.Do(tab, chromedp.Navigate(r.page)); err != nil {
		return "", "", err
	}
	if err = r.settle(tab); err != nil {
		return "", "", err
	}
	dom, err = chromedp.Run(tab, chromedp.OuterHTML(chromedp.CSS("html")))
	return dom, v.Product, err
}

// browserOptions give the browser no way out: names do not resolve, and what
// is not intercepted goes to a proxy that is not there.
func (l *line) browserOptions(path, dir string) []chromedp.ExecAllocatorOption {
	o := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.UserDataDir(dir),
		chromedp.UserAgent(l.run.c.userAgent()), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"),
		chromedp.Flag("proxy-server", "http://127.0.0.1:1"), chromedp.Flag("proxy-bypass-list", "<-loopback>"),
		chromedp.Flag("force-webrtc-ip-handling-policy", "disable_non_proxied_udp"), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("dns-prefetch-disable", true))
	if os.Geteuid() == 0 { // Chromium will not run in its sandbox as root
		o = append(o, chromedp.NoSandbox)
	}
	return o
}

// rendered adds what the browser made to the visit.
func (l *line) rendered(dom, how string) error {
	if int64(len(dom)) > l.run.recorder.maxBody {
		return fmt.Errorf("render: the page that the browser made is over %s", size(l.run.recorder.maxBody))
	}
	body := "<!DOCTYPE html>\n" + dom
	last := l.visit.hops[len(l.visit.hops)-1]
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\nVeille-Rendered: %s\r\n\r\n", len(body), how)
	l.visit.hops = append(l.visit.hops, archive.Exchange{URL: last.URL, Time: l.run.c.now(), Rendered: true, Response: []byte(head + body)})
	l.visit.body = []byte(body)
	l.visit.header = http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	l.visit.notes["rendered"] = how
	return nil
}

// settle waits until the page has asked for nothing for a while.
func (r *rendering) settle(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		r.state.Lock()
		quiet := r.pending == 0 && time.Since(r.changed) > renderQuiet
		r.state.Unlock()
		if quiet {
			return nil
		}
	}
}

// expect notes that the browser waits for an answer.
func (r *rendering) expect() {
	r.state.Lock()
	r.pending++
	r.state.Unlock()
}

// answer answers one request of the browser.
func (r *rendering) answer(tab context.Context, e *fetch.EventRequestPaused) {
	// An error here means that the browser is gone, which render will say.
	_ = r.reply(tab, e)
	r.state.Lock()
	r.pending--
	r.changed = time.Now()
	r.state.Unlock()
}

var errNotForBrowser = errors.New("not fetched for a browser")

// reply is what the browser is told.
func (r *rendering) reply(tab context.Context, e *fetch.EventRequestPaused) error {
	if e.ResourceType == network.ResourceTypeDocument && e.Request.URL == r.page {
		return fulfil(tab, e, http.StatusOK, r.l.visit.header, r.l.visit.body)
	}
	res, body, err := r.get(e)
	if err != nil {
		r.state.Lock()
		r.refused++
		r.state.Unlock()
		_, err = chromedp.Call(tab, fetch.FailRequest, fetch.FailRequestParams{RequestID: e.RequestID, ErrorReason: network.ErrorReasonBlockedByClient})
		return err
	}
	return fulfil(tab, e, res.StatusCode, res.Header, body)
}

// get makes a request for the browser, if it may be made.
func (r *rendering) get(e *fetch.EventRequestPaused) (*http.Response, []byte, error) {
	switch e.ResourceType {
	case network.ResourceTypeScript, network.ResourceTypeXHR, network.ResourceTypeFetch, network.ResourceTypeDocument:
	default:
		return nil, nil, errNotForBrowser
	}
	u, err := url.Parse(e.Request.URL)
	if err != nil || e.Request.Method != http.MethodGet || u.Scheme != "http" && u.Scheme != "https" {
		return nil, nil, errNotForBrowser
	}
	l := r.l
	if source.Loopback(u.Host) && !source.Loopback(hostOf(l.visit.job.url)) {
		return nil, nil, errNotForBrowser
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.made >= renderRequests {
		return nil, nil, errNotForBrowser
	}
	robots := l.visit.notes["robots"] // of the page: that of a script is not told
	delay, err := l.askRobots(u)
	l.visit.notes["robots"] = robots
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(l.ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("User-Agent", l.run.c.userAgent())
	req.Header.Set("Accept-Encoding", "gzip, br")
	if accept, ok := e.Request.Headers["Accept"].(string); ok {
		req.Header.Set("Accept", accept)
	}
	r.made++
	res, h, err := l.run.request(l.ctx, req, delay, l.visit.public)
	if err != nil {
		return nil, nil, err
	}
	l.visit.public = l.visit.public || isPublic(h.IP)
	return res, h.body, nil
}

// fulfil gives the browser an answer without what was said about its coding,
// which is undone, and without cookies.
func fulfil(tab context.Context, e *fetch.EventRequestPaused, status int, h http.Header, body []byte) error {
	var headers []*fetch.HeaderEntry
	for name, values := range h {
		switch strings.ToLower(name) {
		case "content-encoding", "content-length", "transfer-encoding", "set-cookie", "content-security-policy":
			continue
		}
		for _, v := range values {
			headers = append(headers, &fetch.HeaderEntry{Name: name, Value: v})
		}
	}
	_, err := chromedp.Call(tab, fetch.FulfillRequest, fetch.FulfillRequestParams{RequestID: e.RequestID, ResponseCode: int64(status), ResponseHeaders: headers, Body: body})
	return err
}
