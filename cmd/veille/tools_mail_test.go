package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/digest"
	"veille/internal/smtptest"
)

// dkimpy looks the key up in a file instead of in the DNS.
const verifyDKIM = `import dkim, sys
mail, name, record = open(sys.argv[1], "rb").read(), sys.argv[2].encode(), sys.argv[3].encode()
print(dkim.verify(mail, dnsfunc=lambda n, timeout=5: record if n.rstrip(b".") == name else None))
`

func TestOthersVerifyOurSignatures(t *testing.T) {
	python := tool(t, "python3")
	if out, err := exec.CommandContext(t.Context(), python, "-c", "import dkim, nacl").CombinedOutput(); err != nil {
		t.Skipf("dkimpy is not installed: %s", out)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey := filepath.Join(t.TempDir(), "rsa.pem")
	output(t, tool(t, "openssl"), "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", rsaKey)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	edKey := filepath.Join(t.TempDir(), "ed.pem")
	if err := os.WriteFile(edKey, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{rsaKey, edKey} {
		server := smtptest.Start(t)
		smtp, err := digest.NewSMTP("smtp://"+server.Addr, "Veille <veille@example.org>")
		if err != nil {
			t.Fatal(err)
		}
		if smtp.DKIM, err = digest.LoadDKIM(file, "mail2026", "Veille <veille@example.org>"); err != nil {
			t.Fatal(err)
		}
		m := &digest.Mail{ID: 7, Kind: digest.KindDigest, To: "reader@example.org", Lang: "fr", Subject: "Veille : 3 changements – centres fermés",
			Text: "Été.\n.\n", HTML: "<p>Été.</p>", Created: time.Now(), MessageID: "veille.7@example.org", ListID: "veille.example.org", Stop: "https://example.org/stop/x"}
		if err := smtp.Send(t.Context(), m, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
		smtp.Close()
		mail := filepath.Join(t.TempDir(), "mail.eml")
		raw := server.Mails()[0].Raw
		name, record := smtp.DKIM.Record()
		for want, raw := range map[string]string{"True": raw, "False": strings.Replace(raw, "stop/x", "stop/y", 1)} {
			if err := os.WriteFile(mail, []byte(raw), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := output(t, python, "-c", verifyDKIM, mail, name, record); strings.TrimSpace(got) != want {
				t.Errorf("%s: dkimpy says %s, want %s\n%s", filepath.Base(file), got, want, raw)
			}
		}
	}
}
