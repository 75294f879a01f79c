package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"veille/archive"
	"veille/evidence"
)

// stampFlags name a time-stamp authority.
type stampFlags struct {
	TSA string `name:"tsa" env:"VEILLE_TSA" placeholder:"URL" help:"Time-stamp authority (RFC 3161) that confirms when the log was as it is. None, if it is not given."`
}

// authority is the time-stamp authority, nil if none was named.
func (f *stampFlags) authority(a *app) (*evidence.Authority, error) {
	if f.TSA == "" {
		return nil, nil
	}
	auth, err := evidence.ParseAuthority(f.TSA)
	if err != nil {
		return nil, fmt.Errorf("--tsa: %w", err)
	}
	auth.Now = a.now
	return auth, nil
}

// errNothing is returned when the log has no entry to stamp.
var errNothing = errors.New("the log is empty")

// stampNow has the latest checkpoint stamped, unless it has been.
func stampNow(ctx context.Context, ar *archive.Archive, auth *evidence.Authority) error {
	checkpoint := ar.Checkpoint()
	c, err := archive.ParseCheckpoint(checkpoint, ar.LogKey())
	if err != nil {
		return err
	}
	have, err := ar.Stamps()
	if err != nil {
		return err
	}
	if c.Size == 0 {
		return errNothing
	}
	if len(have) > 0 && have[len(have)-1].Size == c.Size {
		return nil
	}
	s, err := auth.Stamp(ctx, checkpoint)
	if err != nil {
		return err
	}
	return ar.KeepStamp(s)
}

// When the log is stamped: once a day, an hour later if that failed, and soon
// after the first look of a new archive.
const (
	stampEvery = 24 * time.Hour
	stampRetry = time.Hour
	stampFirst = time.Minute
)

// stampDaily has the log's checkpoint stamped once a day, until ctx ends. An
// authority that fails is logged and asked again; nothing waits for it.
func (s *service) stampDaily(ctx context.Context, auth *evidence.Authority) {
	for ctx.Err() == nil {
		wait := time.Duration(0)
		if have, err := s.house.archive.Stamps(); err != nil {
			s.app.log.Error("time-stamps", "err", err)
		} else {
			for _, h := range have {
				wait = max(wait, stampEvery-s.app.now().Sub(h.Asked))
			}
		}
		if wait <= 0 {
			wait = stampEvery
			switch err := stampNow(ctx, s.house.archive, auth); {
			case errors.Is(err, errNothing):
				wait = stampFirst
			case err != nil && ctx.Err() == nil:
				s.app.log.Warn("the log was not time-stamped; the authority is asked again in an hour", "err", err)
				wait = stampRetry
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// roots reads the certificates of time-stamp authorities to trust, PEM.
func roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--tsa-ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, errors.New("--tsa-ca: " + file + " holds no certificate in PEM form")
	}
	return pool, nil
}
