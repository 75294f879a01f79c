package main

import (
	"bufio"
	"bytes"
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

// An SMTP server that takes mails only from who has passed STARTTLS and given a
// password, and keeps them in a folder. It says its port, then how each came.
const aiosmtpd = `import asyncio, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult
folder, cert, key = sys.argv[1:]
class Keep:
    count = 0
    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        open(f"{folder}/{self.count}.eml", "wb").write(envelope.original_content)
        print(self.count, session.ssl is not None, session.auth_data, envelope.rcpt_tos, flush=True)
        return "250 kept"
def check(server, session, envelope, mechanism, data):
    good = mechanism in ("PLAIN", "LOGIN") and data.login == b"veille" and data.password == b"p@ss word"
    return AuthResult(success=good, auth_data=data.login.decode(), handled=False)
async def main():
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(cert, key)
    keep = Keep()
    make = lambda: SMTP(keep, hostname="mail.example.org", tls_context=tls, require_starttls=True, authenticator=check, auth_required=True, auth_require_tls=True)
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
`

// A digest goes through a mail server that is none of ours, over STARTTLS and
// with a password; what arrived is whole, and its signature good.
func TestOthersTakeOurDigests(t *testing.T) {
	python := tool(t, "python3")
	if out, err := exec.CommandContext(t.Context(), python, "-c", "import aiosmtpd, dkim").CombinedOutput(); err != nil {
		t.Skipf("aiosmtpd or dkimpy is not installed: %s", out)
	}
	dir := t.TempDir()
	cert, key, sign := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "dkim.pem")
	output(t, tool(t, "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mail.example.org", "-keyout", key, "-out", cert)
	output(t, tool(t, "openssl"), "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", sign)
	cmd := exec.CommandContext(t.Context(), python, "-c", aiosmtpd, dir, cert, key)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	said := bufio.NewScanner(out)
	if !said.Scan() {
		t.Fatal("the mail server did not start")
	}
	port := said.Text()

	demo := watchDemo(t, "@every 1h")
	veille := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if code := (&app{out: &out, err: &out, now: time.Now}).run(t.Context(), demo.args(args...)); code != 0 {
			t.Fatalf("%q: exit status %d\n%s", args, code, &out)
		}
		return out.String()
	}
	send := func(user string) string {
		return veille("digest", "--now", "--smtp", "smtp://"+user+"@127.0.0.1:"+port, "--from", "Veille <veille@example.org>",
			"--base-url", "https://veille.example.org", "--dkim-key", sign, "--dkim-selector", "mail2026")
	}
	veille("crawl")
	veille("subscriptions", "add", "--email", "lecteur@example.org", "--lang", "fr", "--query", "815", "--density", "full", "--confirmed")
	demo.Advance()
	veille("crawl")
	if out := send("veille:wrong"); !strings.Contains(out, "0 sent") {
		t.Fatalf("the server took a wrong password: %s", out)
	}
	if out := send("veille:p%40ss%20word"); !strings.Contains(out, "1 sent") {
		t.Fatalf("the digest was not sent: %s", out)
	}
	if !said.Scan() || said.Text() != "1 True veille ['lecteur@example.org']" {
		t.Fatalf("the server says: %s", said.Text())
	}
	file := filepath.Join(dir, "1.eml")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	told := opened(t, string(raw))
	for _, say := range []string{"815", "/change/", "/manage/"} {
		if !strings.Contains(told.text, say) {
			t.Errorf("the mail that arrived lacks %q:\n%s", say, told.text)
		}
	}
	d, err := digest.LoadDKIM(sign, "mail2026", "Veille <veille@example.org>")
	if err != nil {
		t.Fatal(err)
	}
	name, record := d.Record()
	if got := strings.TrimSpace(output(t, python, "-c", verifyDKIM, file, name, record)); got != "True" {
		t.Errorf("dkimpy says %s of what arrived", got)
	}
}
