package digest

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

// keyFile writes a private key as openssl does.
func keyFile(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// What another program says of our signatures, with the key it finds under the
// name that Record gives.
func TestMailsAreSigned(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"rsa": rsaKey, "ed25519": edKey} {
		t.Run(name, func(t *testing.T) {
			server := startSMTP(t, nil)
			m := mailer(t, "smtp://"+server.addr)
			if m.DKIM, err = LoadDKIM(keyFile(t, key), "mail2026", "Veille <veille@Example.org>"); err != nil {
				t.Fatal(err)
			}
			if err := m.Send(t.Context(), letter(7), ready); err != nil {
				t.Fatal(err)
			}
			got := server.take()
			verify := func(raw []byte) error {
				vs, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
					name, text := m.DKIM.Record()
					if domain != name {
						return nil, fmt.Errorf("asked for %s", domain)
					}
					return []string{text}, nil
				}})
				if err != nil {
					return err
				}
				want(t, "signatures", len(vs), 1)
				want(t, "domain", vs[0].Domain, "example.org")
				for _, h := range []string{"From", "List-Unsubscribe", "List-Unsubscribe-Post"} {
					if !strings.Contains(strings.Join(vs[0].HeaderKeys, ":"), h) {
						t.Errorf("%s is not signed", h)
					}
				}
				return vs[0].Err
			}
			if err := verify(got[0].raw); err != nil {
				t.Errorf("not verified: %v\n%s", err, got[0].raw)
			}
			for what, forged := range map[string][]byte{
				"another way out": bytes.Replace(got[0].raw, []byte("stop/TOKEN"), []byte("stop/OTHER"), 1),
				"a second sender": append([]byte("From: x@example.org\r\n"), got[0].raw...),
				"another text":    bytes.Replace(got[0].raw, []byte("Texte."), []byte("Tekst."), 1),
			} {
				if bytes.Equal(forged, got[0].raw) {
					t.Fatalf("%s: nothing was forged", what)
				}
				if err := verify(forged); err == nil {
					t.Errorf("%s passes", what)
				}
			}
		})
	}
}

func TestKeysThatCannotSign(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, good, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, []byte("not a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, selector, from, says string }{
		{keyFile(t, small), "veille", "veille@example.org", "1024 bits"},
		{junk, "veille", "veille@example.org", "make one with: openssl"},
		{filepath.Join(t.TempDir(), "none"), "veille", "veille@example.org", "no such file"},
		{keyFile(t, good), "a b", "veille@example.org", "selector"},
		{keyFile(t, good), "veille", "nobody", "not a mail address"},
	} {
		if _, err := LoadDKIM(c.file, c.selector, c.from); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.says, err)
		}
	}
}
