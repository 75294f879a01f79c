package digest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"
)

func code(n int) func(string) error {
	return func(string) error {
		return &smtp.SMTPError{Code: n, EnhancedCode: smtp.EnhancedCode{n / 100, 0, 0}, Message: "says the server"}
	}
}

// ready lets a mail go.
func ready() error { return nil }

func mailer(t *testing.T, address string) *SMTP {
	t.Helper()
	m, err := NewSMTP(address, "Veille <veille@example.org>")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func letter(id int64) *Mail {
	return &Mail{ID: id, Kind: KindDigest, To: "reader@example.org", Lang: "fr", Subject: "Veille : 3 changements – centres fermés", Text: "Texte.\n.\nÉté.\n",
		HTML: "<p>Été.</p>", Created: monday, MessageID: "veille.7.abc@veille.example.org", ListID: "veille.veille.example.org", Stop: "https://veille.example.org/stop/TOKEN"}
}

func TestTheRawMail(t *testing.T) {
	server := startSMTP(t, nil)
	m := mailer(t, "smtp://"+server.addr)
	for range 2 {
		if err := m.Send(t.Context(), letter(7), ready); err != nil {
			t.Fatal(err)
		}
	}
	got := server.take()
	if !bytes.Equal(got[0].raw, got[1].raw) {
		t.Error("the same letter gives different mails")
	}
	want(t, "connections", server.sessions, 1)
	msg, err := mail.ReadMessage(bytes.NewReader(got[0].raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || subject != "Veille : 3 changements – centres fermés" {
		t.Errorf("subject %q, %v", subject, err)
	}
	for name, value := range map[string]string{
		"From":                  `"Veille" <veille@example.org>`,
		"To":                    "<reader@example.org>",
		"Date":                  "Mon, 02 Mar 2026 08:00:00 +0000",
		"Message-Id":            "<veille.7.abc@veille.example.org>",
		"List-Unsubscribe":      "<https://veille.example.org/stop/TOKEN>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"List-Id":               "Veille <veille.veille.example.org>",
		"Auto-Submitted":        "auto-generated",
		"Content-Language":      "fr",
		"Mime-Version":          "1.0",
	} {
		if v := msg.Header[name]; len(v) != 1 || v[0] != value {
			t.Errorf("%s: got %q, want one %q", name, v, value)
		}
	}
	for _, name := range []string{"User-Agent", "X-Mailer"} {
		if v := msg.Header.Get(name); v != "" {
			t.Errorf("%s: %s", name, v)
		}
	}
	for _, line := range []string{"\r\nList-Unsubscribe: <https://veille.example.org/stop/TOKEN>\r\n", "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"} {
		if !bytes.Contains(got[0].raw, []byte(line)) {
			t.Errorf("the mail lacks %q:\n%s", line, got[0].raw)
		}
	}
	bodies(t, msg)
}

// bodies checks the two parts of a mail.
func bodies(t *testing.T, msg *mail.Message) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for _, expect := range []struct{ kind, body string }{{"text/plain; charset=UTF-8", "Texte.\r\n.\r\nÉté.\r\n"}, {"text/html; charset=UTF-8", "<p>Été.</p>"}} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(part)
		want(t, "type", part.Header.Get("Content-Type"), expect.kind)
		want(t, "body", strings.ReplaceAll(string(body), "\r\n", "\n"), strings.ReplaceAll(expect.body, "\r\n", "\n"))
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("a third part: %v", err)
	}
}

func TestHeadersCannotBeInjected(t *testing.T) {
	for _, change := range []func(*Mail){
		func(m *Mail) { m.To = "reader@example.org\r\nBcc: x@example.org" },
		func(m *Mail) { m.Subject = "a\r\nBcc: x@example.org" },
		func(m *Mail) { m.Stop = "https://x/\nBcc: x@example.org" },
		func(m *Mail) { m.To = "" },
	} {
		m := letter(1)
		change(m)
		if msg, err := message(m, "veille@example.org"); err == nil {
			t.Errorf("to %q, subject %q: %v", m.To, m.Subject, msg)
		}
	}
	w := start(t)
	server := startSMTP(t, nil)
	w.digest.Mailer = mailer(t, "smtp://"+server.addr)
	if _, err := w.digest.Subscribe(t.Context(), Request{Email: "reader@example.org", Filter: Filter{Query: "a\r\nBcc: a@b.c"}, Settings: Settings{Name: "x\r\nBcc: a@b.c\r\n\r\nbody"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.digest.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	msg, err := mail.ReadMessage(bytes.NewReader(server.take()[0].raw))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "Bcc", msg.Header.Get("Bcc"), "")
	want(t, "From", msg.Header.Get("From"), `"Veille" <veille@example.org>`)
}

func TestOneClickOnlyWithTLS(t *testing.T) {
	m := letter(1)
	m.Stop = "http://veille.example.org/stop/TOKEN"
	msg, err := message(m, "veille@example.org")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	msg.WriteTo(&b)
	if !strings.Contains(b.String(), "List-Unsubscribe: <http://veille.example.org/stop/TOKEN>") || strings.Contains(b.String(), "List-Unsubscribe-Post") {
		t.Errorf("headers:\n%s", b.String())
	}
}

// What a server answers, and what is made of it.
func TestAnswersOfAServer(t *testing.T) {
	for name, c := range map[string]struct {
		rcpt, data func(string) error
		want       error
	}{
		"unknown user":       {code(550), nil, ErrAddress},
		"a mailbox is full":  {nil, func(string) error { return &smtp.SMTPError{Code: 552, EnhancedCode: smtp.EnhancedCode{5, 2, 2}} }, ErrAddress},
		"policy":             {func(string) error { return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}} }, nil, ErrRefused},
		"mailbox busy":       {code(450), nil, ErrTemporary},
		"shutting down":      {code(421), nil, ErrUnreachable},
		"content refused":    {nil, code(554), ErrRefused},
		"disk full":          {nil, code(452), ErrTemporary},
		"line broken at end": {nil, func(string) error { return errDrop }, ErrUncertain},
		"all well":           {nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			server := startSMTP(t, nil)
			m := mailer(t, "smtp://"+server.addr)
			if err := m.Send(t.Context(), letter(1), ready); err != nil {
				t.Fatal(err)
			}
			server.answer(c.rcpt, c.data)
			err := m.Send(t.Context(), letter(2), ready)
			if c.want == nil && err != nil || !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if name == "policy" && errors.Is(err, ErrAddress) {
				t.Errorf("the address is blamed: %v", err)
			}
			// Whatever happened, the next mail goes through.
			server.answer(nil, nil)
			if err := m.Send(t.Context(), letter(3), ready); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestAServerThatHungUpOrIsNotThere(t *testing.T) {
	server := startSMTP(t, nil)
	m := mailer(t, "smtp://"+server.addr)
	if err := m.Send(t.Context(), letter(1), ready); err != nil {
		t.Fatal(err)
	}
	m.raw.Close() // as after a long rest
	if err := m.Send(t.Context(), letter(2), ready); err != nil {
		t.Errorf("after the line was cut: %v", err)
	}
	m.Close()
	m.Close()
	server.server.Close()
	if err := m.Send(t.Context(), letter(3), ready); !errors.Is(err, ErrUnreachable) {
		t.Errorf("without a server: %v", err)
	}
	want(t, "mails", len(server.take()), 2)
}

// A server that never ends its answer is left before it fills the memory.
func TestAServerThatNeverStopsTalking(t *testing.T) {
	for name, script := range map[string]string{"greeting": "", "first answer": "220 hello\r\n"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		said := make(chan int, 1)
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			io.WriteString(conn, script)
			code, n := "220-", 0
			if script != "" {
				code = "250-"
			}
			for err == nil {
				var wrote int
				wrote, err = io.WriteString(conn, code+strings.Repeat("x", 900)+"\r\n")
				n += wrote
			}
			said <- n
		}()
		if err := mailer(t, "smtp://"+l.Addr().String()).Send(t.Context(), letter(1), ready); !errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: %v", name, err)
		}
		if n := <-said; n > 32<<20 { // what lies between the two ends is not read
			t.Errorf("%s: %d bytes were taken", name, n)
		}
	}
}

func TestPasswords(t *testing.T) {
	open := startSMTP(t, func(s *smtp.Server) { s.AllowInsecureAuth = true })
	if err := mailer(t, "smtp://me:p%40ss%2Fword@"+open.addr).Send(t.Context(), letter(1), ready); err != nil {
		t.Error(err)
	}
	want(t, "user", strings.Join(open.users, " "), "me")
	err := mailer(t, "smtp://me:wrong@"+open.addr).Send(t.Context(), letter(1), ready)
	if !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("wrong password: %v", err)
	}
	// To another machine a password never goes in the clear.
	m := mailer(t, "smtp://me:p%40ss%2Fword@"+open.addr)
	m.server.local = false
	if m, err = remake(m); err != nil {
		t.Fatal(err)
	}
	if err := m.Send(t.Context(), letter(1), ready); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "STARTTLS") {
		t.Errorf("in the clear: %v", err)
	}
	want(t, "users", len(open.users), 1)
}

func TestTLS(t *testing.T) {
	config := &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
	starttls := startSMTP(t, func(s *smtp.Server) { s.TLSConfig = config })
	if err := mailer(t, "smtp://me:p%40ss%2Fword@"+starttls.addr).Send(t.Context(), letter(1), ready); err != nil {
		t.Error(err) // the server takes passwords over TLS only
	}
	want(t, "user", strings.Join(starttls.users, " "), "me")

	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	direct := startSMTP(t, nil)
	go direct.server.Serve(l)
	address := "smtps://" + l.Addr().String()
	if err := mailer(t, address).Send(t.Context(), letter(1), ready); err != nil {
		t.Error(err)
	}
	m := mailer(t, address)
	m.server.local = false
	if m, err = remake(m); err != nil {
		t.Fatal(err)
	}
	if err := m.Send(t.Context(), letter(1), ready); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("unknown certificate of another machine: %v", err)
	}
}

func TestParseSMTP(t *testing.T) {
	for address, want := range map[string]smtpServer{
		"smtp://mail.example.org":                    {host: "mail.example.org", port: 587},
		"smtp://mail.example.org:25/":                {host: "mail.example.org", port: 25},
		"smtps://me:p%40ss%2F@mail.example.org":      {host: "mail.example.org", port: 465, tls: true, user: "me", password: "p@ss/"},
		"smtp://me%40example.org:x@[2001:db8::1]:25": {host: "2001:db8::1", port: 25, user: "me@example.org", password: "x"},
		"smtp://localhost:1025":                      {host: "localhost", port: 1025, local: true},
		"smtp://[::1]:1025":                          {host: "::1", port: 1025, local: true},
	} {
		if got, err := parseSMTP(address); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", address, got, err)
		}
	}
	for _, address := range []string{"", "mail.example.org:25", "http://mail.example.org", "smtp://", "smtp://x:0", "smtp://x:99999", "smtp://x/path", "smtp://x?tls=no",
		"smtp://secret@x", "smtp://:secret@x", "smtp://me:sec/ret@x", "smtp://me:secret@x:port", "smtp://me:secret%zz@x"} {
		_, err := parseSMTP(address)
		if err == nil || strings.Contains(err.Error(), "sec") || !strings.Contains(err.Error(), "give an address such as") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, from := range []string{"", "veille", "Veille <v@x.org>\r\nBcc: a@b.c", "a@b.c, d@e.f"} {
		if _, err := NewSMTP("smtp://localhost", from); err == nil {
			t.Errorf("sender %q is taken", from)
		}
	}
}

func FuzzParseSMTP(f *testing.F) {
	for _, s := range []string{"smtp://u:p@h:25", "smtps://h", "smtp://[::1]:1", "smtp://h:99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := parseSMTP(s); err == nil && (p.host == "" || p.port < 1 || p.port > 65535 || (p.user == "") != (p.password == "")) {
			t.Errorf("%q: %+v", s, p)
		}
	})
}

// The whole way: asked for, confirmed, told, through a real server.
func TestThroughARealServer(t *testing.T) {
	w := start(t)
	server := startSMTP(t, nil)
	w.digest.Mailer = mailer(t, "smtp://"+server.addr)
	w.publish(centres, places("751")...)
	if _, err := w.digest.Subscribe(t.Context(), Request{Email: "reader@example.org", Lang: "de", Settings: Settings{Cadence: Now}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.digest.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := server.take()
	want(t, "confirmations", len(got), 1)
	m, _ := w.store.Mail(t.Context(), 1)
	if _, err := w.digest.Confirm(t.Context(), token(t, m.Text, "confirm")); err != nil {
		t.Fatal(err)
	}
	w.publish(centres, places("1 145")...)
	server.answer(nil, code(451))
	w.sync()
	server.answer(nil, nil)
	w.pass(time.Hour)
	w.sync()
	w.sync()
	got = server.take()
	want(t, "digests", len(got), 1)
	want(t, "from", got[0].from, "veille@example.org")
	if os.Getenv("VEILLE_SHOW_MAIL") != "" {
		t.Logf("%s", got[0].raw)
	}
	msg, err := mail.ReadMessage(bytes.NewReader(got[0].raw))
	if err != nil {
		t.Fatal(err)
	}
	s, _ := w.store.List(t.Context())
	want(t, "stop", msg.Header.Get("List-Unsubscribe"), "<https://veille.example.org/stop/"+w.store.token(forLeave, s[0].Person)+">")
	want(t, "Message-ID", msg.Header.Get("Message-ID"), "<"+w.store.messageID(2)+"@veille.example.org>")
}

// remake applies changed facts about a server.
func remake(m *SMTP) (*SMTP, error) {
	var err error
	m.client, err = gomail.NewClient(m.server.host, m.options()...)
	return m, err
}
