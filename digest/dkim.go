package digest

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	gomail "github.com/wneessen/go-mail"
)

// signedHeaders are what a signature covers. RFC 8058, 4 wants both
// List-Unsubscribe headers in it: an address that takes one's leave must not be
// anyone else's. Those named twice are signed once more than they occur, so that
// a second one of the name breaks the signature (RFC 6376, 5.4.2).
var signedHeaders = []string{"From", "From", "To", "To", "Subject", "Subject", "Date", "Message-ID", "References", "MIME-Version", "Content-Type",
	"Content-Language", "Auto-Submitted", "List-Id", "List-Unsubscribe", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Unsubscribe-Post"}

// selectorForm is RFC 6376's selector: labels as in a host name.
var selectorForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`)

// A DKIM signs mails (RFC 6376; RFC 8463 for Ed25519) for the domain of their
// sender. It does not change and may be used by several goroutines.
type DKIM struct {
	domain, selector string
	key              crypto.Signer
}

// LoadDKIM reads a private key, RSA of at least 2,048 bits or Ed25519, in PEM
// (PKCS #1 or #8), and the domain from the sender's address.
func LoadDKIM(file, selector, from string) (*DKIM, error) {
	wrong := func(err error) (*DKIM, error) { return nil, fmt.Errorf("DKIM key %s: %w", file, err) }
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("DKIM key: %w", err)
	}
	if !selectorForm.MatchString(selector) {
		return nil, fmt.Errorf("DKIM selector %s: letters, digits and hyphens, such as \"veille\" or \"mail2026\"", quote(selector))
	}
	sender, err := parseFrom(from)
	if err != nil {
		return nil, err
	}
	key, err := gomail.PrivKeyFromPEM(pem)
	if err != nil {
		return wrong(fmt.Errorf("%w; make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048", err))
	}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < 2048 {
			return wrong(fmt.Errorf("it has %d bits; mail services want 2048", k.N.BitLen()))
		}
	case ed25519.PrivateKey:
	default:
		return wrong(errors.New("it is neither RSA nor Ed25519"))
	}
	_, domain, _ := strings.Cut(sender.Address, "@")
	return &DKIM{domain: strings.ToLower(domain), selector: selector, key: key}, nil
}

// Record is the name and the text of the TXT record that the sender's domain
// has to publish, for receivers to check signatures with.
func (d *DKIM) Record() (name, text string) {
	name = d.selector + "._domainkey." + d.domain
	if k, ok := d.key.Public().(ed25519.PublicKey); ok {
		return name, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(k)
	}
	der, err := x509.MarshalPKIXPublicKey(d.key.Public())
	if err != nil {
		panic(err) // LoadDKIM has let pass what it knows only
	}
	return name, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

// sign puts a signature before a mail as it crosses the wire.
func (d *DKIM) sign(raw []byte) ([]byte, error) {
	var b bytes.Buffer
	err := dkim.Sign(&b, bytes.NewReader(raw), &dkim.SignOptions{Domain: d.domain, Selector: d.selector, Signer: d.key, Hash: crypto.SHA256,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed, HeaderKeys: signedHeaders})
	if err != nil {
		return nil, fmt.Errorf("sign for %s: %w", d.domain, err)
	}
	return b.Bytes(), nil
}
