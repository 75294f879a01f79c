package evidence

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"

	"veille/archive"
)

// This file is all that knows RFC 3161, and the library that reads it.

// Bounds of what an authority may cost.
const (
	stampTimeout = 20 * time.Second
	maxToken     = 64 << 10
)

// ErrNotStamped is wrapped by errors about a time-stamp that was not given, or
// that does not hold.
var ErrNotStamped = errors.New("not time-stamped")

// An Authority is a time-stamp authority (RFC 3161) that answers over HTTP
// (§3.4). Its methods may be called concurrently.
type Authority struct {
	URL string
	Now func() time.Time // nil: time.Now
}

// ParseAuthority makes the authority at an address, http or https.
func ParseAuthority(address string) (*Authority, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("the time-stamp authority %q is no http or https address", address)
	}
	return &Authority{URL: address}, nil
}

// Stamp has a signed checkpoint of the log stamped. It takes at most 20
// seconds. What comes is checked – status, imprint, nonce, signature, purpose
// of the certificate – but for whether the certificate can be trusted, which is
// for whoever checks a bundle. Errors wrap [ErrNotStamped].
func (t *Authority) Stamp(ctx context.Context, checkpoint []byte) (*archive.Stamp, error) {
	s := &archive.Stamp{Checkpoint: checkpoint}
	now := t.Now
	if now == nil {
		now = time.Now
	}
	s.Asked = now().UTC().Truncate(time.Second)
	sum := sha256.Sum256(checkpoint)
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotStamped, err)
	}
	ask := timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Certificates: true, Nonce: nonce}
	if s.Request, err = ask.Marshal(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotStamped, err)
	}
	if s.Response, err = t.post(ctx, s.Request); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotStamped, err)
	}
	_, err = checkStamp(s, nil)
	return s, err
}

// post sends a request and returns the answer. Redirects are not followed: an
// authority is where the operator said.
func (t *Authority) post(ctx context.Context, request []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, stampTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/timestamp-query")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", t.URL, res.Status)
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, maxToken+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.URL, err)
	}
	if len(b) > maxToken {
		return nil, fmt.Errorf("%s sent more than %d bytes", t.URL, maxToken)
	}
	return b, nil
}

// timeStampResp is TimeStampResp (RFC 3161 §2.4.2).
type timeStampResp struct {
	Status struct {
		Status  int
		Strings asn1.RawValue  `asn1:"optional,tag:16,class:0"`
		Fail    asn1.BitString `asn1:"optional"`
	}
	Token asn1.RawValue `asn1:"optional"`
}

// A signingCertificate names the certificate that signed (RFC 5035 §3; RFC
// 2634 §5.4 with SHA-1).
type signingCertificate struct {
	Certs []struct {
		Hash         pkix.AlgorithmIdentifier `asn1:"optional"`
		Sum          []byte
		IssuerSerial asn1.RawValue `asn1:"optional"`
	}
	Policies asn1.RawValue `asn1:"optional"`
}

var (
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidSigningCert   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidExtKeyUsage   = asn1.ObjectIdentifier{2, 5, 29, 37}
)

// checkStamp verifies that an authority stamped the checkpoint, and says when.
// With roots it verifies also that its certificate, as it was valid then, leads
// to one of them. Errors wrap [ErrNotStamped].
func checkStamp(s *archive.Stamp, roots *x509.CertPool) (at time.Time, err error) {
	defer func() {
		// The library reads what anybody may have written; a fault in it must
		// not be more than a stamp that does not hold.
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: the token cannot be read: %v", ErrNotStamped, p)
		}
	}()
	ask, err := timestamp.ParseRequest(s.Request)
	if err != nil {
		return at, fmt.Errorf("%w: the request: %w", ErrNotStamped, err)
	}
	var res timeStampResp
	if rest, err := asn1.Unmarshal(s.Response, &res); err != nil || len(rest) > 0 {
		return at, fmt.Errorf("%w: the answer is no TimeStampResp of RFC 3161", ErrNotStamped)
	}
	if res.Status.Status != 0 && res.Status.Status != 1 { // granted, grantedWithMods
		return at, fmt.Errorf("%w: the authority said: %s %s", ErrNotStamped, timestamp.Status(res.Status.Status), printable(res.Status.Strings.Bytes))
	}
	ts, err := timestamp.Parse(res.Token.FullBytes)
	if err != nil {
		return at, fmt.Errorf("%w: the token: %w", ErrNotStamped, err)
	}
	sum := sha256.Sum256(s.Checkpoint)
	switch {
	case ts.HashAlgorithm != crypto.SHA256 || !bytes.Equal(ts.HashedMessage, sum[:]):
		return at, fmt.Errorf("%w: the token is of something else than this checkpoint", ErrNotStamped)
	case ask.HashAlgorithm != crypto.SHA256 || !bytes.Equal(ask.HashedMessage, sum[:]):
		return at, fmt.Errorf("%w: the request is of something else than this checkpoint", ErrNotStamped)
	case ask.Nonce == nil || ts.Nonce == nil || ask.Nonce.Cmp(ts.Nonce) != 0:
		return at, fmt.Errorf("%w: the token does not bear the request's nonce", ErrNotStamped)
	}
	if err := checkSigner(res.Token.FullBytes, ts.Time, roots); err != nil {
		return at, fmt.Errorf("%w: %w", ErrNotStamped, err)
	}
	return ts.Time.UTC(), nil
}

// checkSigner verifies a token's signature and that its certificate is one for
// time-stamps (RFC 3161 §2.3), valid at that time.
func checkSigner(token []byte, at time.Time, roots *x509.CertPool) error {
	p7, err := pkcs7.Parse(token)
	if err != nil {
		return fmt.Errorf("the token: %w", err)
	}
	cert := p7.GetOnlySigner()
	if cert == nil {
		return errors.New("the token has no certificate, or not one signer")
	}
	if err := p7.Verify(); err != nil {
		return fmt.Errorf("the token: %w", err)
	}
	var kind asn1.ObjectIdentifier
	if err := p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeContentType, &kind); err != nil || !kind.Equal(oidTSTInfo) {
		return errors.New("what was signed is no time-stamp")
	}
	if !namesSigner(p7, cert) {
		return errors.New("the token was signed with another certificate than it names")
	}
	if len(cert.ExtKeyUsage) != 1 || cert.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(cert.UnknownExtKeyUsage) != 0 ||
		!slices.ContainsFunc(cert.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidExtKeyUsage) && e.Critical }) {
		return errors.New("the certificate is not for time-stamps alone (extended key usage, RFC 3161 §2.3)")
	}
	if at.Before(cert.NotBefore) || at.After(cert.NotAfter) {
		return fmt.Errorf("the certificate was not valid on %s", at.UTC().Format(time.RFC3339))
	}
	if roots == nil {
		return nil
	}
	between := x509.NewCertPool()
	for _, c := range p7.Certificates {
		between.AddCert(c)
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}}); err != nil {
		return fmt.Errorf("the authority's certificate: %w", err)
	}
	return nil
}

// namesSigner reports whether the signed attributes name the certificate.
func namesSigner(p7 *pkcs7.PKCS7, cert *x509.Certificate) bool {
	var s signingCertificate
	if err := p7.UnmarshalSignedAttribute(oidSigningCertV2, &s); err == nil && len(s.Certs) > 0 {
		sum := sha256.Sum256(cert.Raw)
		if alg := s.Certs[0].Hash.Algorithm; len(alg) > 0 && !alg.Equal(pkcs7.OIDDigestAlgorithmSHA256) {
			for _, h := range []struct {
				oid asn1.ObjectIdentifier
				h   crypto.Hash
			}{{pkcs7.OIDDigestAlgorithmSHA384, crypto.SHA384}, {pkcs7.OIDDigestAlgorithmSHA512, crypto.SHA512}} {
				if alg.Equal(h.oid) && h.h.Available() {
					w := h.h.New()
					w.Write(cert.Raw)
					return bytes.Equal(w.Sum(nil), s.Certs[0].Sum)
				}
			}
			return false
		}
		return bytes.Equal(sum[:], s.Certs[0].Sum)
	}
	if err := p7.UnmarshalSignedAttribute(oidSigningCert, &s); err == nil && len(s.Certs) > 0 {
		sum := sha1.Sum(cert.Raw)
		return bytes.Equal(sum[:], s.Certs[0].Sum)
	}
	return false
}

// printable is what can be read of an authority's own words.
func printable(b []byte) string {
	var out []rune
	for _, r := range string(b) {
		if r >= ' ' && r < 0x7f || r > 0xa0 && r != 0xfffd {
			out = append(out, r)
		}
	}
	return string(out[:min(len(out), 200)])
}
