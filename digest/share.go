package digest

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
)

// shareTime is the time in which a mail domain gets its share of mails.
const shareTime = time.Minute

// shares are when each mail domain was handed mails of late. They begin with
// what the outbox says, so that a restart brings no domain more than its share.
type shares struct {
	most int // 0: no limit
	at   map[string][]time.Time
}

func (d *Digester) shares(ctx context.Context) (*shares, error) {
	s := &shares{most: d.PerDomain, at: map[string][]time.Time{}}
	if s.most <= 0 {
		return s, nil
	}
	type sent struct {
		to string
		at int64
	}
	rows, err := d.Store.read.QueryContext(ctx, `SELECT recipient, sent FROM letter WHERE sent > $1 ORDER BY sent`, ms(d.Store.now().Add(-shareTime)))
	list, err := collect(rows, err, func(rows *sql.Rows) (x sent, err error) { return x, rows.Scan(&x.to, &x.at) })
	if err != nil {
		return nil, fmt.Errorf("count what mail domains were sent: %w", err)
	}
	for _, x := range list {
		s.take(x.to, at(x.at))
	}
	return s, nil
}

// take counts a mail that is handed over.
func (s *shares) take(to string, now time.Time) {
	if s.most > 0 {
		domain := mailDomain(to)
		s.at[domain] = append(s.at[domain], now)
	}
}

// full lists the domains that have had their share, in order.
func (s *shares) full(now time.Time) (list []string) {
	for domain, times := range s.at {
		times = slices.DeleteFunc(times, func(t time.Time) bool { return !t.After(now.Add(-shareTime)) })
		if s.at[domain] = times; len(times) >= s.most {
			list = append(list, domain)
		}
	}
	slices.Sort(list)
	return list
}

// later says in the report when the first of the letters may leave that wait
// for their domain's share, if any does.
func (d *Digester) later(ctx context.Context, s *shares, full []string, force bool, r *Report) error {
	r.Again = time.Time{}
	domains, err := d.Store.waiting(ctx, full, force)
	for _, domain := range domains {
		times := s.at[domain]
		if t := times[len(times)-s.most].Add(shareTime); r.Again.IsZero() || t.Before(r.Again) {
			r.Again = t
		}
	}
	return err
}

// mailDomain is the domain of an address, in lower case.
func mailDomain(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
