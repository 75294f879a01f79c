package crawler

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"syscall"
	"time"

	"veille/archive"
)

// Limits of what is kept of an answer that is too large or came too slowly.
const (
	// DefaultMaxBody is the largest answer that is taken, 15 MB, on the wire
	// and decoded.
	DefaultMaxBody = 15 << 20
	// DefaultTimeout is how long a server may let us wait: for a connection, for
	// the head of an answer, and for each part of its body.
	DefaultTimeout = 30 * time.Second
	keptOfTooLarge = 64 << 10 // of the body; the head is kept
	maxHead        = 256 << 10
	// patience is how many times the time-out a whole answer may take, as long
	// as each part of it comes within the time-out.
	patience = 10
)

var (
	errTooLarge = errors.New("the answer is too large")
	errTimeout  = errors.New("time-out")
)

// A wireConn is a connection that keeps a copy of what crosses it, inside TLS,
// since it was last told to begin.
type wireConn struct {
	net.Conn
	limit int64
	tls   string // what was agreed on, "" without TLS

	mu      sync.Mutex
	sent    bytes.Buffer
	came    bytes.Buffer
	tooMuch bool
}

// begin forgets what crossed so far.
func (c *wireConn) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent.Reset()
	c.came.Reset()
	c.tooMuch = false
}

// crossed returns copies of what was sent and what came, and whether more came
// than is taken.
func (c *wireConn) crossed() (sent, came []byte, tooMuch bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.sent.Bytes()), bytes.Clone(withoutInterim(c.came.Bytes())), c.tooMuch
}

// withoutInterim cuts the interim answers (status 1xx) that may precede the
// final one: a record of an HTTP message holds one message.
func withoutInterim(b []byte) []byte {
	for len(b) > 12 && bytes.HasPrefix(b, []byte("HTTP/1.")) && b[9] == '1' {
		_, rest, found := bytes.Cut(b, []byte("\r\n\r\n"))
		if !found {
			break
		}
		b = rest
	}
	return b
}

func (c *wireConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent.Write(p[:n])
	return n, err
}

func (c *wireConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.came.Write(p[:n])
	if int64(c.came.Len()) > c.limit+c.limit/8+maxHead { // heads and chunk sizes come on top
		c.tooMuch = true
		return n, errTooLarge
	}
	return n, err
}

// newTransport is the last link of the chain: HTTP/1.1 over connections that
// remember their bytes and go only where the guard lets them.
func newTransport(g *guard, maxBody int64) *http.Transport {
	dialer := &net.Dialer{}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		d := *dialer
		d.Control = g.control(addr)
		return d.DialContext(ctx, network, addr)
	}
	return &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &wireConn{Conn: c, limit: maxBody}, nil
		},
		DialTLSContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			host, _, _ := net.SplitHostPort(addr)
			t := tls.Client(c, &tls.Config{ServerName: host, RootCAs: g.roots, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12})
			if err := t.HandshakeContext(ctx); err != nil {
				c.Close()
				return nil, fmt.Errorf("TLS with %s: %w", host, err)
			}
			return &wireConn{Conn: t, limit: maxBody, tls: agreed(t.ConnectionState())}, nil
		},
		DisableCompression:     true, // we ask for codings ourselves, and keep them
		MaxIdleConnsPerHost:    2,
		MaxIdleConns:           100,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: maxHead,
		ReadBufferSize:         32 << 10,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
}

// agreed says what two ends of a TLS connection agreed on, and whose
// certificate was shown.
func agreed(s tls.ConnectionState) string {
	text := tls.VersionName(s.Version) + " " + tls.CipherSuiteName(s.CipherSuite)
	if len(s.PeerCertificates) > 0 {
		text += fmt.Sprintf(" sha256:%x", sha256.Sum256(s.PeerCertificates[0].Raw))
	}
	return text
}

// A recorder sends one request, reads the whole answer, and keeps both byte
// for byte. The response it returns holds the decoded body.
type recorder struct {
	next    http.RoundTripper // may reach what the operator allows
	public  http.RoundTripper // may reach public addresses only
	timeout time.Duration
	maxBody int64
	now     func() time.Time
}

// A hop is one request with its answer.
type hop struct {
	archive.Exchange
	tls  string
	body []byte // decoded
}

// roundTrip makes one hop; it returns one even where there is an error. With
// publicOnly it goes to public addresses only: for where a public host led.
func (r *recorder) roundTrip(req *http.Request, publicOnly bool) (*http.Response, *hop, error) {
	ctx, stop := context.WithCancelCause(req.Context())
	defer stop(nil)
	part := time.AfterFunc(r.timeout, func() { stop(errTimeout) })
	defer part.Stop()
	whole := time.AfterFunc(patience*r.timeout, func() { stop(errTimeout) })
	defer whole.Stop()
	h := &hop{Exchange: archive.Exchange{URL: req.URL.String(), Time: r.now()}}
	var conn *wireConn
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if c, ok := i.Conn.(*wireConn); ok {
			c.begin()
			conn, h.tls = c, c.tls
			h.IP, _, _ = net.SplitHostPort(c.RemoteAddr().String())
		}
	}})
	next := r.next
	if publicOnly {
		next = r.public
	}
	res, err := next.RoundTrip(req.Clone(ctx))
	var raw []byte
	if err == nil {
		raw, err = io.ReadAll(&patientReader{res.Body, part, r.timeout})
		res.Body.Close()
	}
	tooMuch := int64(len(raw)) > r.maxBody
	if conn != nil {
		var over bool
		h.Request, h.Response, over = conn.crossed()
		tooMuch = tooMuch || over
	}
	if err != nil || tooMuch {
		return nil, h, r.explain(err, tooMuch, &h.Exchange, ctx)
	}
	if h.body, err = archive.DecodeBody(res.Header, raw, r.maxBody); errors.Is(err, archive.ErrTooLarge) {
		return nil, h, r.explain(err, true, &h.Exchange, ctx)
	} else if err != nil {
		return nil, h, err // the answer is whole, but nobody can read it
	}
	res.Body, res.ContentLength, res.Uncompressed = http.NoBody, 0, true
	res.Header.Del("Content-Encoding")
	res.Request = req
	return res, h, nil
}

// A patientReader gives each part of a body the full time-out.
type patientReader struct {
	io.Reader
	timer   *time.Timer
	timeout time.Duration
}

func (p *patientReader) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if n > 0 {
		p.timer.Reset(p.timeout)
	}
	return n, err
}

// explain says in plain words why there is no whole answer, and marks how what
// is kept of it was cut. ctx is the request's, with the cause of its end.
func (r *recorder) explain(err error, tooMuch bool, x *archive.Exchange, ctx context.Context) error {
	cut := func(why string) {
		if len(x.Response) > 0 {
			x.Truncated = why
		}
	}
	switch cause := context.Cause(ctx); {
	case tooMuch:
		cut("length")
		head := bytes.Index(x.Response, []byte("\r\n\r\n")) + 4
		x.Response = bytes.Clone(x.Response[:min(len(x.Response), head+keptOfTooLarge)])
		return fmt.Errorf("body over %s: nothing of it is read; if the page is worth it, watch a part of it", size(r.maxBody))
	case errors.Is(cause, errTimeout):
		cut("time")
		if len(x.Response) > 0 {
			return fmt.Errorf("no whole answer within %s", r.timeout)
		}
		return fmt.Errorf("no answer within %s", r.timeout)
	case cause != nil:
		return cause
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		cut("disconnect")
		return errors.New("the server hung up before the end of its answer")
	}
	cut("disconnect")
	return err
}

func size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d MB", n>>20)
}
