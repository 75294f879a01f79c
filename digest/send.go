package digest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// How long a letter waits after a failure: twice as long each time.
const (
	firstWait = time.Minute
	longWait  = 4 * time.Hour
)

// backoff is how long to wait after so many attempts.
func backoff(attempts int) time.Duration {
	if attempts > 10 {
		return longWait
	}
	return min(firstWait<<max(attempts-1, 0), longWait)
}

// send hands over what waits in the outbox, each letter once, until there is
// none left, the server cannot be used, or ctx ends. A letter that has been
// begun is brought to its end even if ctx has ended: its mailer has its own
// time limit. s.sending is held.
func (d *Digester) send(ctx context.Context, force bool, r *Report) error {
	if d.Mailer == nil {
		return nil
	}
	if c, ok := d.Mailer.(io.Closer); ok {
		defer c.Close() // a lost farewell loses nothing
	}
	if err := d.Store.expire(ctx); err != nil {
		return err
	}
	shares, err := d.shares(ctx)
	if err != nil {
		return err
	}
	var after int64
	for ctx.Err() == nil {
		d.at("next")
		full := shares.full(d.Store.now())
		m, err := d.Store.next(ctx, after, force, full)
		if err == nil && m == nil && len(full) > 0 {
			err = d.later(ctx, shares, full, force, r)
		}
		if err != nil || m == nil {
			return err
		}
		after = m.ID
		shares.take(m.To, d.Store.now())
		d.address(m)
		begun := false
		sendErr := d.Mailer.Send(context.WithoutCancel(ctx), m, func() error {
			d.at("ready")
			begun = true
			err := d.Store.begin(context.WithoutCancel(ctx), m)
			d.at("begun")
			return err
		})
		d.at("handed over")
		if sendErr != nil && !begun && !errors.Is(sendErr, ErrRefused) && !errors.Is(sendErr, ErrTemporary) && !errors.Is(sendErr, errWithdrawn) {
			sendErr = fmt.Errorf("%w: %w", ErrUnreachable, sendErr) // nothing has left
		}
		if err := d.settle(ctx, m, sendErr, r); err != nil {
			return err
		}
		d.at("settled")
		if errors.Is(sendErr, ErrUnreachable) && !errors.Is(sendErr, errWithdrawn) {
			return nil
		}
	}
	return ctx.Err()
}

// address fills what a letter needs on its way and is not stored.
func (d *Digester) address(m *Mail) {
	m.From = d.From
	base, err := baseURL(d.BaseURL)
	if err != nil {
		return // checked when the letter was composed
	}
	m.MessageID = d.Store.messageID(m.ID) + "@" + base.Hostname()
	if m.Kind == KindDigest {
		m.Root = d.Store.threadID(m.Person) + "@" + base.Hostname()
	}
	m.ListID = "veille." + base.Hostname()
	m.Stop = base.JoinPath("stop", d.Store.token(forLeave, m.Person)).String()
	if m.Kind == KindConfirm {
		m.Stop = base.JoinPath("stop", d.Store.token(forStop, m.Subscription)).String()
	}
}

// settle writes down what became of a letter, and logs what is not as it should be.
func (d *Digester) settle(ctx context.Context, m *Mail, sendErr error, r *Report) error {
	log := d.Log.With("letter", m.ID, "kind", m.Kind, "attempt", m.Attempts)
	if sendErr == nil {
		r.Sent++
		log.Info("sent")
		return d.Store.settled(ctx, m, Sent, "", time.Time{}, time.Time{})
	}
	if errors.Is(sendErr, errWithdrawn) {
		return nil // and stays as whoever withdrew it has left it
	}
	why := oneLine(sendErr.Error(), 1000)
	again := d.Store.now().Add(backoff(m.Attempts))
	switch {
	case errors.Is(sendErr, ErrUnreachable):
		r.Waiting++
		log.Warn("mail server cannot be used", "retry", again, "err", sendErr)
		return d.Store.settled(ctx, m, Queued, why, again, again)
	case errors.Is(sendErr, ErrTemporary):
		r.Waiting++
		log.Warn("not accepted yet", "retry", again, "err", sendErr)
		return d.Store.settled(ctx, m, Queued, why, again, time.Time{})
	case errors.Is(sendErr, ErrAddress):
		r.Failed++
		log.Error("refused; the address is suspended", "err", sendErr)
		return d.Store.refused(ctx, m, why)
	case errors.Is(sendErr, ErrRefused):
		r.Failed++
		log.Error("refused", "err", sendErr)
		return d.Store.settled(ctx, m, Failed, why, time.Time{}, time.Time{})
	}
	r.Uncertain++
	log.Error("uncertain", "err", sendErr)
	return d.Store.settled(ctx, m, Uncertain, why, time.Time{}, time.Time{})
}
