package digest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
	webhook "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// hookTimeout is how long a receiver may take for one message, all told.
const hookTimeout = 15 * time.Second

// errPrivate is the error of an address that leads where nothing may be sent.
var errPrivate = errors.New("it leads to an address of a private network; start with --private-hooks if it is yours")

// A Postman hands messages to webhooks as Standard Webhooks 1.0 has it: POST,
// JSON, signed with webhook-id, webhook-timestamp and webhook-signature (v1,
// HMAC-SHA-256), and lines to chats. Receivers have 15 seconds; any 2xx means
// that the message was taken; redirects of webhooks are not followed, answers not
// read. It connects to public addresses only, whatever name or redirect leads to
// them. It may be used by several goroutines.
type Postman struct {
	private bool
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	client  *http.Client
}

// NewPostman makes a postman; private ones go to private addresses and this
// machine too. timeout is how long a receiver may take; 0 means 15 seconds.
func NewPostman(private bool, timeout time.Duration) *Postman {
	return newPostman(private, timeout, nil)
}

// newPostman makes a postman that asks a resolver for names; nil is this machine's.
func newPostman(private bool, timeout time.Duration, names *net.Resolver) *Postman {
	dialer := &net.Dialer{Timeout: hookTimeout, Resolver: names}
	if !private {
		safe := ssrf.New(ssrf.WithAnyPort())
		dialer.Control = func(network, address string, c syscall.RawConn) error {
			if err := safe.Safe(network, address, c); err != nil {
				return errPrivate
			}
			return nil
		}
	}
	return &Postman{private, dialer.DialContext, &http.Client{
		Timeout:       or(timeout, hookTimeout),
		Transport:     &http.Transport{DialContext: dialer.DialContext, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// post hands one message over. Its error is errGone for a receiver that wants
// nothing more; any other means that the message is to be tried again.
func (p *Postman) post(ctx context.Context, address, secret, id string, now time.Time, body []byte) error {
	signer, err := webhook.NewWebhook(secret)
	if err != nil {
		return err
	}
	signature, err := signer.Sign(id, now, body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Veille")
	req.Header.Set(webhook.HeaderWebhookID, id)
	req.Header.Set(webhook.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(webhook.HeaderWebhookSignature, signature)
	res, err := p.client.Do(req)
	if err != nil {
		if u := (*url.Error)(nil); errors.As(err, &u) {
			err = u.Err // the address may hold a password
		}
		return err
	}
	defer res.Body.Close()
	if _, err := io.CopyN(io.Discard, res.Body, 4<<10); err != nil && !errors.Is(err, io.EOF) && res.StatusCode/100 != 2 {
		return err
	}
	switch {
	case res.StatusCode == http.StatusGone:
		return errGone
	case res.StatusCode/100 != 2:
		return fmt.Errorf("the receiver answers %s", http.StatusText(res.StatusCode)+" ("+strconv.Itoa(res.StatusCode)+")")
	}
	return nil
}
