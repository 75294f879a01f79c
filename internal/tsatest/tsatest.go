// Package tsatest is a time-stamp authority (RFC 3161) for tests: it is asked
// over HTTP and signs with a certificate that its own root issued.
package tsatest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"time"

	"github.com/digitorus/timestamp"
)

// extKeyUsage is the extension that says what a certificate is for.
var extKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}

// An Authority is an [http.Handler] that stamps what it is asked to. Fields may
// be changed between requests.
type Authority struct {
	Root, Cert *x509.Certificate
	Now        func() time.Time
	// Change, if set, may alter what is signed; Answer, if set, answers instead.
	Change func(*timestamp.Timestamp)
	Answer http.HandlerFunc

	key *ecdsa.PrivateKey
}

// New makes an authority whose certificates are valid for ninety years around
// now. leaf, if not nil, may alter its certificate before it is issued.
func New(now func() time.Time, leaf func(*x509.Certificate)) (*Authority, error) {
	a := &Authority{Now: now}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	from, to := now().AddDate(-10, 0, 0), now().AddDate(80, 0, 0)
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test root"}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	if err != nil {
		return nil, err
	}
	if a.Root, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	purpose, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		return nil, err
	}
	cert := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Test authority"}, NotBefore: from, NotAfter: to,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{{Id: extKeyUsage, Critical: true, Value: purpose}}}
	if leaf != nil {
		leaf(cert)
	}
	if der, err = x509.CreateCertificate(rand.Reader, cert, a.Root, &a.key.PublicKey, rootKey); err != nil {
		return nil, err
	}
	a.Cert, err = x509.ParseCertificate(der)
	return a, err
}

// PEM is the root certificate as a file has it.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Root.Raw})
}

// Roots is a pool of the root certificate alone.
func (a *Authority) Roots() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Root)
	return p
}

// ServeHTTP implements [http.Handler].
func (a *Authority) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if a.Answer != nil {
		a.Answer(rw, r)
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
	ts := &timestamp.Timestamp{HashAlgorithm: ask.HashAlgorithm, HashedMessage: ask.HashedMessage, Time: a.Now(), Nonce: ask.Nonce,
		Policy: asn1.ObjectIdentifier{1, 2, 3, 4}, AddTSACertificate: ask.Certificates}
	if a.Change != nil {
		a.Change(ts)
	}
	res, err := ts.CreateResponseWithOpts(a.Cert, a.key, crypto.SHA256)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "application/timestamp-reply")
	rw.Write(res)
}
