package crawler

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"veille/archive"
)

// Limits of what is kept of an answer that is too large or came too slowly.
const (
	// DefaultMaxBody is the largest answer that is taken, 15 MB, on the wire
	// and decoded.
	DefaultMaxBody = 15 << 20
	// DefaultTimeout is how long one request with its answer may take.
	DefaultTimeout = 30 * time.Second
	keptOfTooLarge = 64 << 10
)

var errTooLarge = errors.New("the answer is too large")

// A wireConn is a connection that keeps a copy of what crosses it, inside TLS,
// since it was last told to begin.
type wireConn struct {
	net.Conn
	limit int64

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

// crossed returns copies of what was sent and what came.
func (c *wireConn) crossed() (sent, came []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.sent.Bytes()), bytes.Clone(c.came.Bytes())
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
	if int64(c.came.Len()) > c.limit+1<<16 { // headers come on top
		c.tooMuch = true
		return n, errTooLarge
	}
	return n, err
}

// newTransport is the last link of the chain: HTTP/1.1 over connections that
// remember their bytes and go only where the guard lets them.
func newTransport(g *guard, maxBody int64) *http.Transport {
	dialer := &net.Dialer{Timeout: 15 * time.Second}
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
			return &wireConn{Conn: t, limit: maxBody}, nil
		},
		DisableCompression:    true, // we ask for codings ourselves, and keep them
		MaxIdleConnsPerHost:   2,
		MaxIdleConns:          100,
		IdleConnTimeout:       30 * time.Second,
		ResponseHeaderTimeout: DefaultTimeout,
		TLSNextProto:          map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
}

// A recorder sends one request, reads the whole answer, and keeps both byte
// for byte. The response it returns holds the decoded body.
type recorder struct {
	next    http.RoundTripper
	timeout time.Duration
	maxBody int64
	now     func() time.Time
}

// roundTrip is one hop; it returns an exchange even where there is an error.
func (r *recorder) roundTrip(req *http.Request) (*http.Response, *archive.Exchange, error) {
	ctx, cancel := context.WithTimeout(req.Context(), r.timeout)
	defer cancel()
	x := &archive.Exchange{URL: req.URL.String(), Time: r.now()}
	var conn *wireConn
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if c, ok := i.Conn.(*wireConn); ok {
			c.begin()
			conn = c
			x.IP, _, _ = net.SplitHostPort(c.RemoteAddr().String())
		}
	}})
	res, err := r.next.RoundTrip(req.Clone(ctx))
	var raw []byte
	if err == nil {
		raw, err = io.ReadAll(res.Body)
		res.Body.Close()
	}
	if conn != nil {
		x.Request, x.Response = conn.crossed()
	}
	if err == nil && int64(len(raw)) > r.maxBody {
		err = errTooLarge
	}
	var body []byte
	if err == nil {
		if body, err = archive.DecodeBody(res.Header, raw, r.maxBody); errors.Is(err, archive.ErrTooLarge) {
			err = errTooLarge
		}
	}
	if err != nil {
		return nil, x, r.explain(err, x, conn, req.Context())
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res.Header.Del("Content-Encoding")
	res.Request = req
	return res, x, nil
}

// explain says in plain words why there is no usable answer, and cuts what is
// kept of it.
func (r *recorder) explain(err error, x *archive.Exchange, conn *wireConn, ctx context.Context) error {
	cut := func(why string) {
		if len(x.Response) > 0 {
			x.Truncated = why
		}
		x.Response = x.Response[:min(len(x.Response), keptOfTooLarge)]
	}
	var timeout net.Error
	switch {
	case errors.Is(err, errTooLarge), conn != nil && conn.tooMuch:
		cut("length")
		return fmt.Errorf("body over %d MB: nothing of it is read; if the page is worth it, watch a part of it", r.maxBody>>20)
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		cut("time")
		return fmt.Errorf("no whole answer within %s", r.timeout)
	case errors.Is(err, io.ErrUnexpectedEOF):
		cut("disconnect")
		return errors.New("the server hung up before the end of its answer")
	}
	cut("disconnect")
	return err
}
