package digest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
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
	server smtpServer
	from   string

	mu     sync.Mutex // guards what follows
	client *gomail.Client
	conn   *smtp.Client // nil when there is none
	raw    net.Conn     // beneath conn
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
	return func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		if s.server.tls {
			conn, err = (&tls.Dialer{Config: config}).DialContext(ctx, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		}
		s.raw = conn
		return conn, err
	}
}

// Send hands one mail over. See [Mailer] for its errors.
func (s *SMTP) Send(ctx context.Context, m *Mail) error {
	msg, err := message(m, s.from)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.conn == nil
	err = s.exchange(ctx, msg)
	// A server that has closed an idle connection has not seen the mail.
	if reason, ok := failure(err); ok && !fresh && (reason == gomail.ErrConnCheck || reason == gomail.ErrSMTPMailFrom && !answered(err)) {
		err = s.exchange(ctx, msg)
	}
	if err == nil || msg.IsDelivered() {
		if err != nil {
			s.hangUp() // delivered, but the connection is of no more use
		}
		return nil
	}
	return s.judge(err)
}

// exchange connects if need be and sends. s.mu is held.
func (s *SMTP) exchange(ctx context.Context, msg *gomail.Msg) error {
	if s.conn == nil {
		conn, err := s.client.DialToSMTPClientWithContext(ctx)
		if err != nil {
			s.hangUp()
			return fmt.Errorf("%w: %s:%d: %w", ErrUnreachable, s.server.host, s.server.port, err)
		}
		s.conn = conn
	}
	err := s.client.SendWithSMTPClient(s.conn, msg)
	if err != nil && !answered(err) {
		s.hangUp()
	}
	return err
}

// judge says which kind of failure an error is.
func (s *SMTP) judge(err error) error {
	if errors.Is(err, ErrUnreachable) {
		return err
	}
	reason, _ := failure(err)
	code := 0
	if e := (*gomail.SendError)(nil); errors.As(err, &e) {
		code = e.ErrorCode()
	}
	kind := ErrUncertain
	switch {
	case reason == gomail.ErrConnCheck || reason == gomail.ErrSMTPMailFrom && code/100 != 4 || code == 421:
		kind = ErrUnreachable // ours is the fault, or the server's; not this mail's
	case code/100 == 5:
		kind = ErrRefused
	case code/100 == 4:
		kind = ErrTemporary
	case reason == gomail.ErrSMTPRcptTo || reason == gomail.ErrSMTPData || reason == gomail.ErrWriteContent:
		kind = ErrUnreachable // broken off before the mail was complete
	}
	if kind == ErrUnreachable || kind == ErrUncertain || reason == gomail.ErrSMTPData {
		s.hangUp() // the server may be in the middle of something
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// failure is at which step sending failed.
func failure(err error) (gomail.SendErrReason, bool) {
	var e *gomail.SendError
	if !errors.As(err, &e) {
		return gomail.ErrAmbiguous, false
	}
	return e.Reason, true
}

// answered reports whether the server has answered, if only with a refusal.
func answered(err error) bool {
	var e *gomail.SendError
	return errors.As(err, &e) && e.ErrorCode() != 0
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
