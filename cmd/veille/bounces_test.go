package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"veille/internal/smtptest"
)

// A digest that was taken comes back: the command line suspends its address,
// and lifts that; then it is sent again.
func TestBounces(t *testing.T) {
	office := smtptest.Start(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sources.yaml"), []byte("sources: []\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	veille := func(code int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		a := &app{out: &out, err: &out, now: time.Now}
		if got := a.run(t.Context(), append(args, "--data", dir, "--sources", filepath.Join(dir, "sources.yaml"))); got != code {
			t.Fatalf("%q: exit status %d, want %d\n%s", args, got, code, &out)
		}
		return out.String()
	}
	veille(1, "bounces", "list", "--data", filepath.Join(dir, "nowhere"))
	veille(0, "subscriptions", "add", "--email", "reader@example.org", "--always", "--confirmed")
	send := []string{"digest", "--now", "--smtp", "smtp://" + office.Addr, "--from", "veille@example.org", "--base-url", "https://veille.example.org"}
	veille(0, send...)
	if len(office.Mails()) != 1 {
		t.Fatalf("%d mails", len(office.Mails()))
	}
	id := regexp.MustCompile(`Message-ID: (<\S+>)`).FindStringSubmatch(office.Mails()[0].Raw)[1]
	report := "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" +
		"Reporting-MTA: dns; mail.example.net\r\n\r\nFinal-Recipient: rfc822; reader@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n" +
		"Diagnostic-Code: smtp; 550 no such user\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: " + id + "\r\nSubject: x\r\n\r\nx\r\n--b--\r\n"
	file, forged := filepath.Join(dir, "1.eml"), filepath.Join(dir, "2.eml")
	for name, text := range map[string]string{file: report, forged: strings.Replace(report, "veille.1.", "veille.2.", 1)} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		code int
		args []string
		says string
	}{
		{1, []string{"bounces", forged}, "on no letter of ours"},
		{0, []string{"bounces", "list"}, "0 addresses suspended"},
		{1, []string{"bounces", file, forged}, "mail 1 did not arrive, its address is suspended: 550 no such user"},
		{0, []string{"bounces", file}, "was read before"},
		{0, []string{"bounces", "list"}, "reader@example.org"},
		{0, []string{"bounces", "list", "--json"}, `"suspended_why": "550 no such user"`},
		{0, send, "0 sent"},
		{1, []string{"bounces", "lift", "other@example.org"}, "no such address is suspended"},
		{0, []string{"bounces", "lift", "reader@example.org"}, "is sent mail again"},
		{0, []string{"bounces", "list"}, "0 addresses suspended"},
	} {
		if said := veille(step.code, step.args...); !strings.Contains(said, step.says) {
			t.Errorf("%q does not say %q:\n%s", step.args, step.says, said)
		}
	}
	veille(0, send...)
	if n := strings.Count(office.Mails()[1].Raw, id); len(office.Mails()) < 2 || n == 0 {
		t.Errorf("what came back was not sent again")
	}
}
