package evidence

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
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
)

// A tsa is a time-stamp authority for tests: it is asked over HTTP and signs
// with a certificate that its own root issued.
type tsa struct {
	*httptest.Server
	root, cert *x509.Certificate
	key        *ecdsa.PrivateKey
	now        time.Time
	// change may alter what is signed; answer, if set, is sent instead.
	change func(*timestamp.Timestamp)
	answer http.HandlerFunc
}

// newTSA makes an authority; leaf may alter its certificate.
func newTSA(t *testing.T, leaf func(*x509.Certificate)) *tsa {
	t.Helper()
	a := &tsa{now: t0.Add(24 * time.Hour)}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test root"}, NotBefore: t0.AddDate(-1, 0, 0), NotAfter: t0.AddDate(90, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	must(err)
	a.root, err = x509.ParseCertificate(der)
	must(err)
	purpose, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	must(err)
	cert := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Test authority"}, NotBefore: t0.AddDate(-1, 0, 0), NotAfter: t0.AddDate(80, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{{Id: oidExtKeyUsage, Critical: true, Value: purpose}}}
	if leaf != nil {
		leaf(cert)
	}
	der, err = x509.CreateCertificate(rand.Reader, cert, a.root, &a.key.PublicKey, rootKey)
	must(err)
	a.cert, err = x509.ParseCertificate(der)
	must(err)
	a.Server = httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(a.Close)
	return a
}

func (a *tsa) serve(rw http.ResponseWriter, r *http.Request) {
	if a.answer != nil {
		a.answer(rw, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
		http.Error(rw, "no query", http.StatusBadRequest)
		return
	}
	ask, err := timestamp.ParseRequest(body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	ts := &timestamp.Timestamp{HashAlgorithm: ask.HashAlgorithm, HashedMessage: ask.HashedMessage, Time: a.now, Nonce: ask.Nonce,
		Policy: asn1.ObjectIdentifier{1, 2, 3, 4}, AddTSACertificate: ask.Certificates}
	if a.change != nil {
		a.change(ts)
	}
	res, err := ts.CreateResponseWithOpts(a.cert, a.key, crypto.SHA256)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "application/timestamp-reply")
	rw.Write(res)
}

func (a *tsa) roots() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.root)
	return p
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
	at, err := checkStamp(&all[0], auth.roots())
	if err != nil || !at.Equal(auth.now) {
		t.Errorf("stamped %s, %v", at, err)
	}
	other := *s
	other.Checkpoint = append(bytes.Clone(s.Checkpoint), '\n')
	if _, err := checkStamp(&other, nil); !errors.Is(err, ErrNotStamped) {
		t.Errorf("a stamp of another checkpoint holds: %v", err)
	}
	if _, err := checkStamp(s, newTSA(t, nil).roots()); !errors.Is(err, ErrNotStamped) || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("a stamp of another authority holds: %v", err)
	}
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"checkpoint": s.Checkpoint, "c.tsq": s.Request, "c.tsr": s.Response,
		"ca.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: auth.root.Raw})} {
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
		a.answer = f
		return a
	}
	changed := func(f func(*timestamp.Timestamp)) *tsa {
		a := newTSA(t, nil)
		a.change = f
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
	auth.answer = func(rw http.ResponseWriter, r *http.Request) {
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
