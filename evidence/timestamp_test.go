package evidence

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"veille/archive"
	"veille/internal/tsatest"
)

// A tsa is a time-stamp authority and the time it believes it is.
type tsa struct {
	*httptest.Server
	*tsatest.Authority
	now time.Time
}

func newTSA(t *testing.T, leaf func(*x509.Certificate)) *tsa {
	t.Helper()
	a := &tsa{now: t0.Add(24 * time.Hour)}
	var err error
	if a.Authority, err = tsatest.New(func() time.Time { return a.now }, leaf); err != nil {
		t.Fatal(err)
	}
	a.Server = httptest.NewServer(a.Authority)
	t.Cleanup(a.Close)
	return a
}

func (a *tsa) stamp(t *testing.T, checkpoint []byte) (*archive.Stamp, error) {
	t.Helper()
	return (&Authority{URL: a.URL, Now: func() time.Time { return a.now }}).Stamp(t.Context(), checkpoint)
}

// TestAStamp: what an authority gave is kept with its request, holds, and
// openssl finds so too.
func TestAStamp(t *testing.T) {
	auth := newTSA(t, nil)
	a := history(t)
	s, err := auth.stamp(t, a.Checkpoint())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.KeepStamp(s); err != nil {
		t.Fatal(err)
	}
	all, err := a.Stamps()
	if err != nil || len(all) != 1 || !all[0].Asked.Equal(auth.now) {
		t.Fatalf("%+v, %v", all, err)
	}
	if err := a.ReadStamp(&all[0]); err != nil || !bytes.Equal(all[0].Response, s.Response) {
		t.Fatal(err)
	}
	at, err := checkStamp(&all[0], auth.Roots())
	if err != nil || !at.Equal(auth.now) {
		t.Errorf("stamped %s, %v", at, err)
	}
	other := *s
	other.Checkpoint = append(bytes.Clone(s.Checkpoint), '\n')
	if _, err := checkStamp(&other, nil); !errors.Is(err, ErrNotStamped) {
		t.Errorf("a stamp of another checkpoint holds: %v", err)
	}
	if _, err := checkStamp(s, newTSA(t, nil).Roots()); !errors.Is(err, ErrNotStamped) || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("a stamp of another authority holds: %v", err)
	}
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"checkpoint": s.Checkpoint, "c.tsq": s.Request, "c.tsr": s.Response,
		"ca.pem": auth.PEM()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, of := range [][]string{{"-queryfile", "c.tsq"}, {"-data", "checkpoint"}} {
		cmd := exec.CommandContext(t.Context(), openssl, append([]string{"ts", "-verify", "-in", "c.tsr", "-CAfile", "ca.pem",
			"-attime", "1772800000"}, of...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("openssl ts -verify %v: %v\n%s", of, err, out)
		}
	}
}

// TestWhatIsNoStamp: whatever is wrong with an authority or its answer, it is
// said, in bounded time and memory.
func TestWhatIsNoStamp(t *testing.T) {
	checkpoint := history(t).Checkpoint()
	plain := func(f http.HandlerFunc) *tsa {
		a := newTSA(t, nil)
		a.Answer = f
		return a
	}
	changed := func(f func(*timestamp.Timestamp)) *tsa {
		a := newTSA(t, nil)
		a.Change = f
		return a
	}
	for want, auth := range map[string]*tsa{
		"of something else":          changed(func(ts *timestamp.Timestamp) { ts.HashedMessage = make([]byte, 32) }),
		"does not bear the request":  changed(func(ts *timestamp.Timestamp) { ts.Nonce = big.NewInt(1) }),
		"bear the request's nonce":   changed(func(ts *timestamp.Timestamp) { ts.Nonce = nil }),
		"has no certificate":         changed(func(ts *timestamp.Timestamp) { ts.AddTSACertificate = false }),
		"outside of certificate val": newTSA(t, func(c *x509.Certificate) { c.NotAfter = t0 }),
		"not for time-stamps alone":  newTSA(t, func(c *x509.Certificate) { c.ExtraExtensions = nil }),
		"stamps alone (extended key": newTSA(t, func(c *x509.Certificate) { c.ExtraExtensions[0].Critical = false }),
		"answered 500":               plain(func(rw http.ResponseWriter, r *http.Request) { http.Error(rw, "no", http.StatusInternalServerError) }),
		"answered 302": plain(func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://localhost:1/", http.StatusFound)
		}),
		"no TimeStampResp":      plain(func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, "<html>") }),
		"more than 65536 bytes": plain(func(rw http.ResponseWriter, r *http.Request) { rw.Write(make([]byte, 1<<20)) }),
		"the request is rejected": plain(func(rw http.ResponseWriter, r *http.Request) {
			b, err := timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.BadRequest)
			if err != nil {
				t.Error(err)
			}
			rw.Write(b)
		}),
	} {
		if _, err := auth.stamp(t, checkpoint); !errors.Is(err, ErrNotStamped) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := ParseAuthority("file:///etc/passwd"); err == nil {
		t.Error("a file is an authority")
	}
}

// TestAnAuthorityThatHangs is given up when nobody waits any more.
func TestAnAuthorityThatHangs(t *testing.T) {
	auth := newTSA(t, nil)
	asked, end := make(chan bool), make(chan bool)
	auth.Answer = func(rw http.ResponseWriter, r *http.Request) {
		close(asked)
		<-end
	}
	t.Cleanup(func() { close(end) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	_, err := (&Authority{URL: auth.URL}).Stamp(ctx, []byte("x"))
	if !errors.Is(err, ErrNotStamped) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// FuzzToken: no answer of an authority is more than an error.
func FuzzToken(f *testing.F) {
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x00}, []byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, response, request []byte) {
		if _, err := checkStamp(&archive.Stamp{Checkpoint: []byte("x"), Request: request, Response: response}, nil); err == nil {
			t.Error("it holds")
		}
	})
}
