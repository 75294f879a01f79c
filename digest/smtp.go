package digest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/textproto"
	"net/url"
	"strconv"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// SMTPTimeout is how long one exchange with a mail server may take.
const SMTPTimeout = 30 * time.Second

// SMTP hands mails to a server (RFC 5321). It keeps its connection until it is
// closed, and opens another when it is used again. It may be used by several
// goroutines; they wait for one another.
type SMTP struct {
	// DKIM signs each mail; nil: they leave unsigned, or the mail server signs
	// them. It is set before the first Send.
	DKIM *DKIM

	server smtpServer
	from   string

	mu     sync.Mutex // guards what follows
	client *gomail.Client
	conn   *smtp.Client // nil when there is none
	raw    *boundedConn // beneath conn
}

// A smtpServer is what an SMTP address says.
type smtpServer struct {
	host     string
	port     int
	tls      bool // from the first byte on (smtps)
	user     string
	password string
	local    bool // on this machine: its certificate is not checked, and passwords need no TLS
}

// NewSMTP reads the address of a mail server, and the sender of mails that name
// none. It does not connect.
//
//	smtp://host:port                 STARTTLS where the server offers it
//	smtp://user:password@host:port   STARTTLS, or no mail; not asked of the machine's own server
//	smtps://…                        TLS from the first byte on (RFC 8314)
//
// The port is 587, or 465 for smtps, where none is given. Characters of the
// password that an address cannot hold are written as %XX.
func NewSMTP(address, from string) (*SMTP, error) {
	server, err := parseSMTP(address)
	if err != nil {
		return nil, err
	}
	sender, err := parseFrom(from)
	if err != nil {
		return nil, err
	}
	s := &SMTP{server: server, from: sender.String()}
	s.client, err = gomail.NewClient(server.host, s.options()...)
	if err != nil {
		return nil, fmt.Errorf("mail server %s: %w", server.host, err)
	}
	return s, nil
}

// parseSMTP reads the address of a mail server. Its errors never show the password.
func parseSMTP(address string) (smtpServer, error) {
	wrong := func(what string) (smtpServer, error) {
		return smtpServer{}, fmt.Errorf("mail server: %s; give an address such as smtp://user:password@mail.example.org:587", what)
	}
	u, err := url.Parse(address)
	if err != nil {
		return wrong("the address cannot be read (write characters such as / and @ in a password as %2F and %40)")
	}
	s := smtpServer{host: u.Hostname(), tls: u.Scheme == "smtps", port: 587, user: u.User.Username()}
	s.password, _ = u.User.Password()
	switch {
	case u.Scheme != "smtp" && u.Scheme != "smtps":
		return wrong("the address does not begin with smtp:// or smtps://")
	case s.host == "":
		return wrong("the address names no host")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return wrong("the address has something after host and port")
	case (s.user == "") != (s.password == ""):
		return wrong("the address has a user without a password, or the other way round")
	}
	if s.tls {
		s.port = 465
	}
	if p := u.Port(); p != "" {
		if s.port, err = strconv.Atoi(p); err != nil || s.port < 1 || s.port > 65535 {
			return wrong("the port is not a number from 1 to 65535")
		}
	}
	ip, err := netip.ParseAddr(s.host)
	s.local = s.host == "localhost" || err == nil && ip.IsLoopback()
	return s, nil
}

// parseFrom reads the sender of mails.
func parseFrom(from string) (*mail.Address, error) {
	a, err := mail.ParseAddress(from)
	if err != nil || oneLine(from, 1000) != from {
		return nil, fmt.Errorf("sender %s: this is not a mail address; give one such as \"Veille <veille@example.org>\"", quote(from))
	}
	return a, nil
}

func (s *SMTP) options() []gomail.Option {
	config := &tls.Config{ServerName: s.server.host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.server.local} // what never leaves the machine needs no certificate
	o := []gomail.Option{gomail.WithPort(s.server.port), gomail.WithTimeout(SMTPTimeout), gomail.WithTLSConfig(config),
		gomail.WithDialContextFunc(s.dial(config)), gomail.WithTLSPolicy(gomail.TLSOpportunistic)}
	if s.server.tls {
		o = append(o, gomail.WithSSL())
	}
	if s.server.user == "" {
		return o
	}
	plain, login := gomail.SMTPAuthPlain, gomail.SMTPAuthLogin
	if s.server.local {
		plain, login = gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc
	} else if !s.server.tls {
		o = append(o, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	return append(o, gomail.WithUsername(s.server.user), gomail.WithPassword(s.server.password),
		gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, plain, login))
}

// dial connects, and remembers the connection so that it can be closed
// whatever happens above it.
func (s *SMTP) dial(config *tls.Config) gomail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		s.raw = &boundedConn{Conn: conn}
		if !s.server.tls {
			return s.raw, nil
		}
		secure := tls.Client(s.raw, config)
		return secure, secure.HandshakeContext(ctx)
	}
}

// Send hands one mail over. See [Mailer] for its errors.
func (s *SMTP) Send(ctx context.Context, m *Mail, last func() error) error {
	e, err := envelop(m, s.from, s.DKIM)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// A server that has closed an idle connection has not seen the mail.
	if s.conn != nil && (s.conn.UpdateDeadline(SMTPTimeout) != nil || s.conn.Noop() != nil) {
		s.hangUp()
	}
	if s.conn == nil {
		if s.conn, err = s.client.DialToSMTPClientWithContext(ctx); err != nil {
			s.hangUp()
			return fmt.Errorf("%w: %s:%d: %w", ErrUnreachable, s.server.host, s.server.port, err)
		}
	}
	at, err := s.exchange(e, last)
	if err == nil {
		return nil
	}
	return s.judge(at, err)
}

// A stage is how far an exchange has come.
type stage int

const (
	atSender    stage = iota // MAIL FROM
	atRecipient              // RCPT TO
	atText                   // DATA, and the text but its end
	atEnd                    // the last line, and the answer to it
)

// exchange sends a mail over the connection, and says at which stage it failed.
// Until last has been called the server cannot have taken the mail: it has not
// seen its end (RFC 5321, 4.1.1.4). s.mu is held.
func (s *SMTP) exchange(e *envelope, last func() error) (stage, error) {
	s.raw.again()
	if err := s.conn.UpdateDeadline(SMTPTimeout); err != nil {
		return atSender, err
	}
	if err := s.conn.Mail(e.from); err != nil {
		return atSender, err
	}
	if err := s.conn.Rcpt(e.to); err != nil {
		return atRecipient, err
	}
	w, err := s.conn.Data()
	if err != nil {
		return atText, err
	}
	if _, err := w.Write(e.raw); err != nil {
		return atText, err
	}
	if err := last(); err != nil {
		s.hangUp() // before the end
		return atText, err
	}
	return atEnd, w.Close()
}

// judge says which kind of failure an error is, and makes the connection fit
// for the next mail, or drops it.
func (s *SMTP) judge(at stage, err error) error {
	code, text := 0, ""
	if e := (*textproto.Error)(nil); errors.As(err, &e) {
		code, text = e.Code, e.Msg
	}
	kind := ErrUnreachable // ours is the fault, or the server's; or broken off before the mail was complete
	switch {
	case code == 421 || at == atSender && code/100 != 4:
	case code/100 == 5 && aboutAddress(text):
		kind = ErrAddress
	case code/100 == 5:
		kind = ErrRefused
	case code/100 == 4:
		kind = ErrTemporary
	case at == atEnd:
		kind = ErrUncertain
	}
	if s.conn != nil && (kind == ErrUnreachable || kind == ErrUncertain || s.conn.Reset() != nil) {
		s.hangUp()
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// hangUp drops the connection. s.mu is held.
func (s *SMTP) hangUp() {
	if s.raw != nil {
		s.raw.Close()
	}
	s.conn, s.raw = nil, nil
}

// Close takes leave of the server. The next Send connects again.
func (s *SMTP) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return nil
	}
	err := s.client.CloseWithSMTPClient(s.conn)
	s.hangUp()
	if err != nil {
		return fmt.Errorf("take leave of mail server: %w", err)
	}
	return nil
}
